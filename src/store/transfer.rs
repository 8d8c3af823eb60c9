//! Export and import: a whole store into an archive, and back into an empty place.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::ops::ControlFlow;

use super::archive::{Next, Reader, TransferError, Writer};
use super::directory::Directory;
use super::guarded::unavailable;
use super::head::Head;
use super::kv::{self, Engine, Order, Writes};
use super::witness::Witness;
use super::{keys, record, verdict};
use crate::limits::STORE_IMPORT_BYTES;
use crate::pubsub::fault::Fault;

/// Is told now and then how many records are done.
pub type Progress<'a> = dyn FnMut(u64) + 'a;

impl Directory<'_> {
    /// Writes all records to an archive, and ends it only when they were all there.
    pub(super) fn export(
        self,
        out: &mut dyn Write,
        progress: &mut Progress<'_>,
    ) -> Result<u64, TransferError> {
        let exported = self.write(out, progress);
        self.give_back();
        exported
    }

    fn write(self, out: &mut dyn Write, progress: &mut Progress<'_>) -> Result<u64, TransferError> {
        let (engine, stored) = self.open_to_read().map_err(|fault| self.advise(fault))?;
        let mut archive = Writer::begin(out)?;
        let (mut found, own) = (Head { commit: stored.commit, ..Head::default() }, keys::head());
        let mut written = Ok(());
        let read = engine.scan(&[], &[0xFF], Order::Ascending, &mut |key, value| {
            if key == own.bytes() {
                return Ok(ControlFlow::Continue(()));
            }
            found.add(key, value)?;
            written = archive.record(key, value);
            progress(found.records);
            Ok(if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        });
        written?;
        read.and_then(|()| found.must_be(stored)).map_err(|fault| self.advise(fault))?;
        archive.end(stored)?;
        Ok(stored.records)
    }

    fn open_to_read(self) -> Result<(Box<dyn Engine>, Head), Fault> {
        self.must_be_ours()?;
        if !self.files().exists() && !self.head().exists() {
            return Err(Fault::Unavailable("there is no store".to_owned()));
        }
        let known = Witness::open(&self.head())?.head();
        let engine = self.engine()?;
        kv::check_schema(&engine, known.commit)?;
        let stored = Head::stored_since(&engine, known)?;
        Ok((engine, stored))
    }

    /// Makes a store of an archive, where there is none. What is there before the end is not taken for a store.
    pub(super) fn import(
        self,
        input: &mut dyn Read,
        progress: &mut Progress<'_>,
    ) -> Result<u64, TransferError> {
        let mut archive = Reader::begin(input)?;
        self.make_way().map_err(|fault| self.advise(fault))?;
        let imported = self.fill(&mut archive, progress);
        if imported.is_err() {
            // Where this fails, the mark stays and tells.
            let _ = self.clear();
        }
        self.give_back();
        imported
    }

    /// Insists that no store is there, and marks the place.
    fn make_way(self) -> Result<(), Fault> {
        self.must_not_be_of_another()?;
        if self.mark().exists() {
            self.clear()?;
        }
        if self.files().exists() || self.head().exists() || verdict::read(self.path).is_some() {
            return Err(Fault::Unavailable(
                "there is a store already; move it away, or import to another store.path".to_owned(),
            ));
        }
        fs::create_dir_all(self.path).map_err(|error| unavailable(&error))?;
        let marked = File::create(self.mark()).and_then(|mark| mark.sync_all());
        marked.and_then(|()| File::open(self.path)?.sync_all()).map_err(|error| unavailable(&error))
    }

    /// Removes what an import has left, the mark last.
    fn clear(self) -> Result<(), Fault> {
        let (files, head) = (self.files(), self.head());
        let removed = if files.exists() { fs::remove_dir_all(files) } else { Ok(()) };
        let removed = removed.and_then(|()| if head.exists() { fs::remove_file(head) } else { Ok(()) });
        let removed = removed.and_then(|()| File::open(self.path)?.sync_all());
        removed.and_then(|()| fs::remove_file(self.mark())).map_err(|error| unavailable(&error))
    }

    fn fill(self, archive: &mut Reader<'_>, progress: &mut Progress<'_>) -> Result<u64, TransferError> {
        let mut engine = self.engine()?;
        let head = copy(archive, &mut engine, progress)?;
        kv::check_schema(&engine, head.commit).map_err(of_archive)?;
        // What was written, as it is read again.
        Head::prove(&engine, head)?;
        drop(engine);
        Witness::create(&self.head(), head)?;
        self.sync_names()?;
        let unmarked = fs::remove_file(self.mark()).and_then(|()| File::open(self.path)?.sync_all());
        unmarked.map_err(|error| unavailable(&error))?;
        Ok(head.records)
    }
}

/// Writes the records of an archive, and at its end their head.
fn copy(
    archive: &mut Reader<'_>,
    engine: &mut dyn Engine,
    progress: &mut Progress<'_>,
) -> Result<Head, TransferError> {
    let (mut found, mut writes, mut bytes) = (Head::default(), Writes::new(), 0);
    let mut last = Vec::new();
    loop {
        match archive.next()? {
            Next::Record(key, value) => {
                if key <= last || key == keys::head().bytes() {
                    return Err(TransferError::Damaged("its records are not in order".to_owned()));
                }
                found.add(&key, &value).map_err(of_archive)?;
                progress(found.records);
                bytes += key.len() + value.len();
                last.clone_from(&key);
                writes.insert(key, Some(value));
            }
            Next::End(head) => {
                Head { commit: head.commit, ..found }.must_be(head).map_err(of_archive)?;
                let key = keys::head();
                writes.insert(key.bytes().to_vec(), Some(record::encode(&key, &head)?));
                engine.apply(&writes)?;
                return Ok(head);
            }
        }
        if bytes > STORE_IMPORT_BYTES {
            engine.apply(&std::mem::take(&mut writes))?;
            bytes = 0;
        }
    }
}

/// What is wrong is not the store's fault.
fn of_archive(fault: Fault) -> TransferError {
    match fault {
        Fault::Corrupt(what) => TransferError::Damaged(what),
        other @ (Fault::Unavailable(_) | Fault::Bug(_)) => TransferError::Store(other),
    }
}
