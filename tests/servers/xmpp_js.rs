//! `@xmpp/client`, the client library of JavaScript, behind real servers: what its own parser makes of what the service
//! says, in `xmpp_js/client.js`.
//!
//! It comes from the npm registry, as `xmpp_js/package-lock.json` says, into a directory under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::harness::server::Kind;
use crate::harness::skip;
use crate::library::{obtain, play, script};
use crate::stage::{Stage, on_both_servers};

/// The version that is in `package-lock.json`.
const VERSION: &str = "0.14.0";

on_both_servers!(what_its_parser_makes_of_the_service);

fn what_its_parser_makes_of_the_service(stage: &Stage) {
    let Some(library) = library() else { return skip("@xmpp/client") };
    let port = stage.server.c2s().port().to_string();
    let node = format!("xmpp-js-{:?}", stage.server.kind()).to_lowercase();
    play(node_in(library).args(["client.js", &port, &node]));
}

fn library() -> Option<&'static Path> {
    static LIBRARY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let probe = |library: &Path| {
            let mut node = node_in(library);
            node.args(["--input-type=module", "--eval", "import '@xmpp/client'"]);
            node
        };
        let library = obtain(&format!("xmpp-js-{VERSION}"), probe, |library| {
            bring(library, "package.json");
            bring(library, "package-lock.json");
            let mut npm = Command::new("npm");
            // Nothing but the files of the packages: none of their scripts is needed.
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(library);
            npm
        })?;
        // A module looks for libraries where it is itself.
        bring(&library, "client.js");
        Some(library)
    });
    LIBRARY.as_deref()
}

fn bring(library: &Path, name: &str) {
    std::fs::copy(script("xmpp_js").join(name), library.join(name)).unwrap();
}

fn node_in(library: &Path) -> Command {
    let mut node = Command::new("node");
    node.current_dir(library);
    node
}
