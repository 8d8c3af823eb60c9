//! The engine for large stores: fjall 3, a log-structured merge tree.
//!
//! A commit is one batch in its journal and one `fdatasync` of that, which `PersistMode::SyncData` waits for before the
//! batch can be read; tables that are written later are synced before the journal of what is in them goes. Its reads
//! check every block, and it says so where bytes are not what it wrote; where its own files contradict each other it
//! panics, so all calls are guarded. After a failed write it takes no more until it is opened again.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use ::fjall::compaction::Leveled;
use ::fjall::{AbstractTree, Database, Error, Keyspace, KeyspaceCreateOptions, PersistMode};

use super::guarded::{self, LOCKED, unavailable};
use super::kv::{Engine, Order, Visit, Writes};
use super::opened::Opened;
use super::reserve::Reserve;
use crate::limits::{
    STORE_CACHE_BYTES, STORE_JOURNAL_BYTES, STORE_MEMTABLE_BYTES, STORE_MEMTABLES_WAITING_MAX,
    STORE_TABLES_WAITING_MAX, STORE_TIDY_RECORDS, STORE_WRITE_PATIENCE, STORE_WRITE_PAUSE, STORE_WRITERS,
};
use crate::pubsub::fault::Fault;

/// The name of the one keyspace, where all records are. Never to be changed.
const RECORDS: &str = "records";

/// An open fjall database.
pub struct Fjall(Opened<Open>);

struct Open {
    records: Keyspace,
    db: Database,
    tidying: Option<JoinHandle<()>>,
    /// How many records were left when that was done last.
    tidied: u64,
}

impl Fjall {
    /// Opens or creates the database in a directory. A second process that does so gets an error.
    pub fn open(directory: &Path) -> Result<Self, Fault> {
        Opened::open(directory, open_at_any_cost).map(Self)
    }
}

impl Engine for Fjall {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let open = self.0.get()?;
        guarded(|| Ok(open.records.get(key).map_err(fault)?.map(|value| value.to_vec())))
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault> {
        if from >= to {
            return Ok(());
        }
        let open = self.0.get()?;
        let mut range = guarded(|| Ok(open.records.range(from..to)))?;
        loop {
            // Only fjall is guarded: a panic of the visitor is not the store's.
            let next = guarded(|| {
                let next = match order {
                    Order::Ascending => range.next(),
                    Order::Descending => range.next_back(),
                };
                next.map(|found| found.into_inner().map_err(fault)).transpose()
            })?;
            let Some((key, value)) = next else { return Ok(()) };
            if let ControlFlow::Break(()) = visit(&key, &value)? {
                return Ok(());
            }
        }
    }

    fn apply(&mut self, writes: &Writes) -> Result<(), Fault> {
        let write = |open: &Open| {
            open.await_room()?;
            let mut batch = open.db.batch().durability(Some(PersistMode::SyncData));
            for (key, change) in writes {
                match change {
                    Some(value) => batch.insert(&open.records, key.as_slice(), value.as_slice()),
                    None => batch.remove(&open.records, key.as_slice()),
                }
            }
            batch.commit().map_err(fault)
        };
        self.0.write(|open| guarded(|| write(open)))
    }

    fn recover(&mut self) -> Result<(), Fault> {
        self.0.recover()
    }

    fn tidy(&mut self, records: u64) {
        if let Some(open) = self.0.get_mut() {
            // What fails here is tried again.
            let _ = guarded(|| open.tidy(records));
        }
    }
}

impl Open {
    /// Merges all tables into the lowest level, where as much in them is of no use as is. By itself fjall does that with
    /// what was removed only when as much is written again.
    fn tidy(&mut self, records: u64) -> Result<(), Fault> {
        if self.tidying.as_ref().is_some_and(|tidying| !tidying.is_finished()) {
            return Ok(());
        }
        let found = self.records.approximate_len() as u64;
        if let Some(done) = self.tidying.take() {
            // A panic in it is as good as an error.
            let _ = done.join();
            self.tidied = found;
        }
        if found / 2 < records.max(self.tidied) + STORE_TIDY_RECORDS / 2 {
            return Ok(());
        }
        let records = self.records.clone();
        let tidying = thread::Builder::new().name("tidy".to_owned()).spawn(move || {
            // What cannot be done, since the disk is full for example, is tried again later.
            let _ = records.major_compact();
        });
        self.tidying = Some(tidying.map_err(|error| unavailable(&error))?);
        Ok(())
    }

    /// Sees to it that no more than so much is in memory. A commit would wait by itself, but for ever where fjall's
    /// thread has given up, as it does when the disk is full; and it leaves to that thread when a table begins.
    fn await_room(&self) -> Result<(), Fault> {
        if self.records.tree.active_memtable().size() > STORE_MEMTABLE_BYTES {
            self.records.rotate_memtable().map_err(fault)?;
        }
        let start = Instant::now();
        while self.records.sealed_memtable_count() >= STORE_MEMTABLES_WAITING_MAX
            || self.records.l0_table_count() >= STORE_TABLES_WAITING_MAX
        {
            // Writes nothing that is not written anyway, and fails when the thread has given up.
            self.db.persist(PersistMode::Buffer).map_err(fault)?;
            if start.elapsed() > STORE_WRITE_PATIENCE {
                return Err(Fault::Unavailable("the disk does not keep up with what is written".to_owned()));
            }
            thread::sleep(STORE_WRITE_PAUSE);
        }
        Ok(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(tidying) = self.tidying.take() {
            // It holds the lock, and cannot be stopped.
            let _ = tidying.join();
        }
    }
}

/// Opens the database. Where it cannot be written, the reserve is given up.
fn open_at_any_cost(directory: &Path, reserve: &Reserve) -> Result<Open, Fault> {
    match guarded(|| open(directory)) {
        Err(Fault::Unavailable(what)) if what != LOCKED && reserve.release() => guarded(|| open(directory)),
        other => other,
    }
}

fn open(directory: &Path) -> Result<Open, Fault> {
    let database = Database::builder(directory)
        .cache_size(STORE_CACHE_BYTES)
        .max_journaling_size(STORE_JOURNAL_BYTES)
        .worker_threads(STORE_WRITERS);
    let db = database.open().map_err(fault)?;
    let options = || {
        let merging = Leveled::default().with_table_target_size(STORE_MEMTABLE_BYTES);
        let options = KeyspaceCreateOptions::default().max_memtable_size(STORE_MEMTABLE_BYTES);
        options.compaction_strategy(Arc::new(merging))
    };
    let records = db.keyspace(RECORDS, options).map_err(fault)?;
    Ok(Open { records, db, tidying: None, tidied: 0 })
}

/// Calls fjall.
fn guarded<T>(call: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    guarded::guarded("fjall", call)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn fault(error: Error) -> Fault {
    if let Error::Io(error) | Error::Storage(::fjall::LsmError::Io(error)) = &error {
        return fault_of_file(error);
    }
    if matches!(error, Error::Locked) {
        return Fault::Unavailable(LOCKED.to_owned());
    }
    if matches!(error, Error::Poisoned) {
        return Fault::Unavailable("fjall takes no more after an earlier fault".to_owned());
    }
    Fault::Corrupt(format!("fjall read bytes that it has not written: {error}"))
}

fn fault_of_file(error: &io::Error) -> Fault {
    use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
    if matches!(error.kind(), InvalidData | NotFound | UnexpectedEof) {
        return Fault::Corrupt(format!("a file of fjall is cut or missing: {error}"));
    }
    unavailable(error)
}
