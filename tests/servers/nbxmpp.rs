//! nbxmpp, the library under Gajim, behind real servers: its own calls, events and parsers, in `nbxmpp_client.py`.
//!
//! It comes from the Python package index into a directory under `target/`; the bindings of `GLib` and libsoup that it
//! stands on are Debian's, and so is the Python that has them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::harness::server::Kind;
use crate::harness::skip;
use crate::library::{obtain, pip, play, python, script};
use crate::stage::{Stage, on_both_servers};

/// The version that this was written for.
const VERSION: &str = "7.4.0";
/// What it needs beside Debian's packages, which are not to be built again.
const NEEDS: [&str; 4] = ["--no-deps", "precis-i18n==1.1.2", "packaging==26.4", "idna==3.20"];
/// Debian's, whatever other Python comes first.
const PYTHON: &str = "/usr/bin/python3";

on_both_servers!(its_calls_and_events);

fn its_calls_and_events(stage: &Stage) {
    let Some(library) = library() else { return skip("nbxmpp") };
    let port = stage.server.c2s().port().to_string();
    let node = format!("nbxmpp-{:?}", stage.server.kind()).to_lowercase();
    play(python(PYTHON, library).arg(script("nbxmpp_client.py")).args([&port, &node]));
}

fn library() -> Option<&'static Path> {
    static LIBRARY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let probe = |library: &Path| {
            let mut python = python(PYTHON, library);
            python.args(["-c", "import nbxmpp.client"]);
            python
        };
        let install = |library: &Path| {
            let itself = format!("nbxmpp=={VERSION}");
            // Any Python's pip does: these packages are the same files for all of them.
            pip("python3", library, &[&NEEDS[..], &[&itself]].concat())
        };
        obtain(&format!("nbxmpp-{VERSION}"), probe, install)
    });
    LIBRARY.as_deref()
}
