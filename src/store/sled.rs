//! The default engine: sled 0.34.7, with what it takes to be durable and to notice damage.
//!
//! Its `flush` hands the pages to the kernel but does not wait for the disk, so each commit syncs the file itself.
//! Its own flusher is off: the commit is the one place that flushes. It panics over damaged files, so all calls are
//! guarded. Large segments keep all records out of its blob files, which nothing syncs.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use super::guarded::{self, LOCKED, unavailable};
use super::kv::{Engine, Order, Visit, Writes};
use super::opened::Opened;
use super::reserve::Reserve;
use crate::limits::{STORE_LOCK_ATTEMPTS, STORE_LOCK_PAUSE, STORE_SEGMENT_BYTES, STORE_SLED_CACHE_BYTES};
use crate::pubsub::fault::Fault;

/// An open sled database.
pub struct Sled(Opened<Open>);

struct Open {
    db: ::sled::Db,
    /// Sled's own file, to sync it.
    file: File,
}

impl Sled {
    /// Opens or creates the database in a directory. A second process that does so gets an error.
    pub fn open(directory: &Path) -> Result<Self, Fault> {
        Opened::open(directory, open_patiently).map(Self)
    }
}

impl Engine for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let db = &self.0.get()?.db;
        guarded(|| Ok(db.get(key).map_err(fault)?.map(|value| value.to_vec())))
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault> {
        if from >= to {
            return Ok(());
        }
        let mut range = self.0.get()?.db.range(from..to);
        loop {
            // Only sled is guarded: a panic of the visitor is not the store's.
            let next = guarded(|| {
                let next = match order {
                    Order::Ascending => range.next(),
                    Order::Descending => range.next_back(),
                };
                next.transpose().map_err(fault)
            })?;
            let Some((key, value)) = next else { return Ok(()) };
            if let ControlFlow::Break(()) = visit(&key, &value)? {
                return Ok(());
            }
        }
    }

    fn apply(&mut self, writes: &Writes) -> Result<(), Fault> {
        let mut batch = ::sled::Batch::default();
        for (key, change) in writes {
            match change {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        self.0.write(|open| {
            guarded(|| {
                open.db.apply_batch(batch).map_err(fault)?;
                open.db.flush().map_err(fault)?;
                open.file.sync_data().map_err(|error| unavailable(&error))
            })
        })
    }

    fn recover(&mut self) -> Result<(), Fault> {
        self.0.recover()
    }
}

/// Opens the database, and waits a little for its lock: sled's threads keep it for a moment after a closing. Where
/// it cannot be written, the reserve is given up.
fn open_patiently(directory: &Path, reserve: &Reserve) -> Result<Open, Fault> {
    for _ in 1..STORE_LOCK_ATTEMPTS {
        match guarded(|| open(directory)) {
            Err(Fault::Unavailable(what)) if what == LOCKED => thread::sleep(STORE_LOCK_PAUSE),
            Err(Fault::Unavailable(_)) if reserve.release() => {}
            other => return other,
        }
    }
    guarded(|| open(directory))
}

fn open(directory: &Path) -> Result<Open, Fault> {
    let config = ::sled::Config::new()
        .path(directory)
        .flush_every_ms(None)
        .cache_capacity(STORE_SLED_CACHE_BYTES)
        .segment_size(STORE_SEGMENT_BYTES);
    let db = config.open().map_err(fault)?;
    let file = File::open(directory.join("db")).map_err(|error| unavailable(&error))?;
    Ok(Open { db, file })
}

/// Calls sled.
fn guarded<T>(call: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    guarded::guarded("sled", call)
}

fn fault(error: ::sled::Error) -> Fault {
    match error {
        ::sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
            Fault::Unavailable(LOCKED.to_owned())
        }
        ::sled::Error::Io(error) => unavailable(&error),
        ::sled::Error::Unsupported(text) | ::sled::Error::ReportableBug(text) => Fault::Corrupt(text),
        ::sled::Error::Corruption { at, .. } => {
            let at = at.map_or_else(String::new, |at| format!(" at {at}"));
            Fault::Corrupt(format!("sled read bytes{at} that it has not written"))
        }
        ::sled::Error::CollectionNotFound(_) => Fault::Corrupt(error.to_string()),
    }
}
