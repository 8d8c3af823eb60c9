//! slixmpp, a client library that many programs use, behind real servers: its own calls, not ours, in
//! `slixmpp_client.py`.
//!
//! It comes from the Python package index into a directory under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::harness::server::Kind;
use crate::harness::skip;
use crate::stage::{Stage, on_both_servers};

/// The version that this was written for.
const VERSION: &str = "1.17.0";

on_both_servers!(every_call_of_its_pubsub_plugin);

fn every_call_of_its_pubsub_plugin(stage: &Stage) {
    let Some(library) = library() else { return skip("slixmpp") };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/slixmpp_client.py");
    let port = stage.server.c2s().port().to_string();
    let node = format!("slixmpp-{:?}", stage.server.kind()).to_lowercase();
    let run = python(library).arg(script).args([&port, &node]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// Where slixmpp is, installed if need be; none where that cannot be.
fn library() -> Option<&'static Path> {
    static LIBRARY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("slixmpp-{VERSION}"));
        if is_there(&library) {
            return Some(library);
        }
        let what = format!("slixmpp=={VERSION}");
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &what, "--target"];
        let installed = python(&library).args(install).arg(&library).output();
        if is_there(&library) {
            return Some(library);
        }
        let why = installed.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
        eprintln!("slixmpp cannot be installed: {why:?}");
        None
    });
    LIBRARY.as_deref()
}

fn is_there(library: &Path) -> bool {
    let import = python(library).args(["-c", "import slixmpp.clientxmpp"]).output();
    library.is_dir() && import.is_ok_and(|output| output.status.success())
}

fn python(library: &Path) -> Command {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", library).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}
