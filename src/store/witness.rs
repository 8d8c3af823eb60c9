//! The head file: a second place, beside the engine's files, that knows how far the store had come.
//!
//! An engine that lost its tail looks like one that never had it. The head file is written after each commit is
//! durable, so a store that is behind it has lost something. No commit waits for it: it is synced once in a while, and
//! when the power fails it may be behind the store, which is fine, and never before it. Of its two slots one is as it was
//! synced while the other is written, so that a torn write costs nothing that was synced.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::head::Head;
use super::{keys, record, verdict};
use crate::limits::STORE_WITNESS_EVERY;
use crate::pubsub::fault::Fault;

/// Bytes of a slot: no sector of a disk holds a part of two.
const SLOT: u64 = 4096;

/// The head file of a store.
#[derive(Debug)]
pub struct Witness {
    path: PathBuf,
    file: File,
    head: Head,
    /// The slot that is written.
    slot: u64,
    /// Since when it has something that is not synced.
    unsynced: Option<Instant>,
}

impl Witness {
    /// Creates the head file of a store, as a whole or not at all.
    pub fn create(path: &Path, head: Head) -> Result<Self, Fault> {
        let new = path.with_extension("new");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new);
        let file = file.map_err(|error| unusable(&error))?;
        let mut witness = Self { path: path.to_owned(), file, head, slot: 0, unsynced: None };
        witness.file.set_len(2 * SLOT).map_err(|error| unusable(&error))?;
        witness.record(head)?;
        witness.settle(Duration::ZERO)?;
        let named = witness.file.sync_all().and_then(|()| fs::rename(&new, path));
        named.map(|()| witness).map_err(|error| unusable(&error))
    }

    /// Opens the head file of a store.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| unusable(&error))?;
        let slots = [0, 1].into_iter().filter_map(|slot| Some((read(&file, slot)?, slot)));
        let newest = slots.max_by_key(|(head, _)| head.commit);
        let (head, slot) =
            newest.ok_or_else(|| Fault::Corrupt("its head file is not readable".to_owned()))?;
        // Whoever wrote it may have been killed before the sync, and now the other slot is written.
        file.sync_data().map_err(|error| unusable(&error))?;
        Ok(Self { path: path.to_owned(), file, head, slot: 1 - slot, unsynced: None })
    }

    /// The head it knows.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Writes a newer head, which is durable in the engine.
    pub fn record(&mut self, head: Head) -> Result<(), Fault> {
        let record = record::encode(&keys::head(), &head)?;
        let mut slot = vec![u8::try_from(record.len()).unwrap_or_default()];
        slot.extend_from_slice(&record);
        self.file.write_all_at(&slot, self.slot * SLOT).map_err(|error| unusable(&error))?;
        self.head = head;
        self.unsynced.get_or_insert_with(Instant::now);
        self.settle(STORE_WITNESS_EVERY)
    }

    /// Syncs what is written for that long.
    pub fn settle(&mut self, age: Duration) -> Result<(), Fault> {
        if self.unsynced.is_none_or(|since| since.elapsed() < age) {
            return Ok(());
        }
        self.file.sync_data().map_err(|error| unusable(&error))?;
        (self.slot, self.unsynced) = (1 - self.slot, None);
        Ok(())
    }

    /// Keeps it that the store is damaged, and says what to do.
    pub fn condemn(&self, what: String) -> Fault {
        let directory = self.path.parent().unwrap_or(&self.path);
        let what = match verdict::keep(directory, &what) {
            Ok(()) => what,
            Err(error) => format!("{what} (for the next start this could not be kept: {error})"),
        };
        verdict::advise(directory, Fault::Corrupt(what))
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // What is lost with it is known to be durable.
        let _ = self.settle(Duration::ZERO);
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
