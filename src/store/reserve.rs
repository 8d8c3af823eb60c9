//! Disk space kept back: sled needs some to open again after the disk was full, and reading should go on meanwhile.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::limits::STORE_RESERVE_BYTES;

/// A file that is there only to be removed.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// The reserve in a directory, whether it is there or not.
    pub fn at(directory: &Path) -> Self {
        Self { path: directory.join("reserve") }
    }

    /// Takes the space, if it is not taken yet.
    pub fn take(&self) -> io::Result<()> {
        if self.path.exists() {
            return Ok(());
        }
        // Under another name until it is whole: half of it would be of no use.
        let partial = self.path.with_extension("partial");
        let taken = fill(&partial).and_then(|()| fs::rename(&partial, &self.path));
        if taken.is_err() {
            let _ = fs::remove_file(&partial);
        }
        taken
    }

    /// Gives the space back; false when it was not taken.
    pub fn release(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}

fn fill(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    // Not zeros, which some file systems do not store.
    let piece: Vec<u8> = (0..=u8::MAX).cycle().take(64 * 1024).collect();
    for _ in 0..STORE_RESERVE_BYTES / piece.len() {
        file.write_all(&piece)?;
    }
    Ok(())
}
