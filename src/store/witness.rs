//! The head file: a second place, beside the engine's files, that knows how far the store had come.
//!
//! An engine that lost its tail looks like one that never had it. The head file is written after each commit is
//! durable, so a store that is behind it has lost something. Two slots are written in turn: a torn write costs one.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::head::Head;
use super::keys;
use super::record;
use crate::pubsub::fault::Fault;

/// Bytes of a slot: no sector of a disk holds a part of two.
const SLOT: u64 = 4096;

/// The head file of a store.
#[derive(Debug)]
pub struct Witness {
    file: File,
    head: Head,
}

impl Witness {
    /// Creates the head file of a store, as a whole or not at all.
    pub fn create(path: &Path, head: Head) -> Result<Self, Fault> {
        let new = path.with_extension("new");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new);
        let mut witness = Self { file: file.map_err(|error| unusable(&error))?, head };
        witness.file.set_len(2 * SLOT).map_err(|error| unusable(&error))?;
        witness.record(head)?;
        witness.file.sync_all().and_then(|()| fs::rename(&new, path)).map_err(|error| unusable(&error))?;
        Ok(witness)
    }

    /// Opens the head file of a store.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| unusable(&error))?;
        let newest = [0, 1].into_iter().filter_map(|slot| read(&file, slot)).max_by_key(|head| head.commit);
        let head = newest.ok_or_else(|| Fault::Corrupt("its head file is not readable".to_owned()))?;
        Ok(Self { file, head })
    }

    /// The head it knows.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Makes a newer head durable.
    pub fn record(&mut self, head: Head) -> Result<(), Fault> {
        let record = record::encode(&keys::head(), &head)?;
        let mut slot = vec![u8::try_from(record.len()).unwrap_or_default()];
        slot.extend_from_slice(&record);
        let written = self.file.write_all_at(&slot, head.commit % 2 * SLOT);
        written.and_then(|()| self.file.sync_data()).map_err(|error| unusable(&error))?;
        self.head = head;
        Ok(())
    }
}

fn read(file: &File, slot: u64) -> Option<Head> {
    let mut bytes = [0; 256];
    file.read_exact_at(&mut bytes, slot * SLOT).ok()?;
    let (length, rest) = bytes.split_first()?;
    record::decode(keys::head().bytes(), rest.get(..usize::from(*length))?).ok()
}

fn unusable(error: &std::io::Error) -> Fault {
    Fault::Unavailable(format!("its head file: {error}"))
}
