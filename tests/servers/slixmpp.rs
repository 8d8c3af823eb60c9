//! slixmpp, a client library that many programs use, behind real servers: its own calls, not ours, in
//! `slixmpp_client.py`.
//!
//! It comes from the Python package index into a directory under `target/`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::harness::server::Kind;
use crate::harness::skip;
use crate::library::{obtain, pip, play, python, script};
use crate::stage::{Stage, on_both_servers};

/// The version that this was written for.
const VERSION: &str = "1.17.0";
const PYTHON: &str = "python3";

on_both_servers!(every_call_of_its_pubsub_plugin);

fn every_call_of_its_pubsub_plugin(stage: &Stage) {
    let Some(library) = library() else { return skip("slixmpp") };
    let port = stage.server.c2s().port().to_string();
    let node = format!("slixmpp-{:?}", stage.server.kind()).to_lowercase();
    play(python(PYTHON, library).arg(script("slixmpp_client.py")).args([&port, &node]));
}

/// Where slixmpp is, installed if need be; none where that cannot be.
fn library() -> Option<&'static Path> {
    static LIBRARY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let probe = |library: &Path| {
            let mut python = python(PYTHON, library);
            python.args(["-c", "import slixmpp.clientxmpp"]);
            python
        };
        let install = |library: &Path| pip(PYTHON, library, &[&format!("slixmpp=={VERSION}")]);
        obtain(&format!("slixmpp-{VERSION}"), probe, install)
    });
    LIBRARY.as_deref()
}
