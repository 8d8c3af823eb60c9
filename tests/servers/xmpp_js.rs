//! `@xmpp/client`, the client library of JavaScript, behind real servers: what its own parser makes of what the service
//! says, in `xmpp_js/client.js`.
//!
//! It comes from the npm registry, as `xmpp_js/package-lock.json` says, into a directory under `target/`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::harness::server::Kind;
use crate::harness::skip;
use crate::library::{node_in, npm, play};
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
    static LIBRARY: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| npm("@xmpp/client", VERSION, "xmpp_js", "client.js"));
    LIBRARY.as_deref()
}
