//! The verdict: a store that was found to be damaged while it was used is not opened again before somebody has seen to
//! it. What was found is kept in a file beside the store's.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::limits::STORE_VERDICT_BYTES;
use crate::pubsub::fault::Fault;

/// What was found earlier of the store in a directory, if anything.
pub(super) fn read(directory: &Path) -> Option<String> {
    let file = File::open(place(directory)).ok()?;
    let mut text = Vec::new();
    // Even where it cannot be read, it is there.
    let _ = file.take(STORE_VERDICT_BYTES).read_to_end(&mut text);
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Keeps what was found.
pub(super) fn keep(directory: &Path, what: &str) -> io::Result<()> {
    let mut file = File::create(place(directory))?;
    file.write_all(what.as_bytes())?;
    file.sync_all()?;
    File::open(directory)?.sync_all()
}

/// Forgets it, since the store turned out to be whole.
pub(super) fn revoke(directory: &Path) {
    // Mostly there is none.
    let _ = fs::remove_file(place(directory));
}

/// Says what to do about a fault of the store in a directory.
pub(super) fn advise(directory: &Path, fault: Fault) -> Fault {
    let store = directory.display();
    match fault {
        Fault::Corrupt(what) => Fault::Corrupt(format!(
            "{what}. The store is in {store}: put a backup in its place, or move it away to begin anew; \
             `atomsub verify` lists what is wrong with it"
        )),
        Fault::Unavailable(what) => Fault::Unavailable(format!("{store}: {what}")),
        Fault::Bug(what) => Fault::Bug(what),
    }
}

fn place(directory: &Path) -> PathBuf {
    directory.join("damaged")
}
