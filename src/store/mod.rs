//! The only code that knows bytes on disk.
//!
//! A store runs transactions one after the other and makes those since the last commit durable together. There are
//! two: `memory`, plain maps that other stores are compared with, and `kv`, over an ordered key-value engine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

mod creators;
mod due;
mod feeds;
pub mod head;
mod items;
pub mod keys;
pub mod kv;
pub mod memory;
pub mod overlay;
pub mod record;
pub mod reserve;
pub mod rows;
pub mod sled;
mod sweep;
mod ties;
pub mod tx;
pub mod verify;
pub mod witness;

use crate::pubsub::fault::{Failure, Fault};
use crate::pubsub::tx::Tx;
use kv::KvStore;
use memory::Memory;
use sled::Sled;
use verify::Report;
use witness::Witness;

/// A store: transactions one after the other, made durable together.
pub trait Store: Send {
    /// Runs `work` in one transaction on top of the earlier ones. On an error it leaves no trace.
    fn transact(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Failure>) -> Result<(), Failure>;
    /// Makes every successful transaction so far durable, in one batch and one sync. On an error none of those
    /// since the last commit happened.
    fn commit(&mut self) -> Result<(), Fault>;
    /// Walks everything that is durable and checks it.
    fn verify(&mut self) -> Result<Report, Fault>;
}

/// Runs `work` in one transaction and gives what it gives.
pub fn transact<R>(
    store: &mut dyn Store,
    mut work: impl FnMut(&mut dyn Tx) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let mut given = None;
    store.transact(&mut |tx| {
        given = Some(work(tx)?);
        Ok(())
    })?;
    given.ok_or_else(|| Fault::Bug("the store ran no transaction".to_owned()).into())
}

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In memory, until the program ends.
    Memory,
    /// In sled's files, in this directory.
    Sled(PathBuf),
}

/// Opens a store, or creates it.
pub fn open(place: &Place) -> Result<Box<dyn Store>, Fault> {
    match place {
        Place::Memory => Ok(Box::new(Memory::default())),
        Place::Sled(directory) => {
            let store = open_sled(directory).map_err(|fault| advise(directory, fault))?;
            Ok(Box::new(store))
        }
    }
}

/// Walks a store that need not be whole, and says what is wrong with it.
pub fn verify(place: &Place) -> Result<Report, Fault> {
    match place {
        Place::Memory => Ok(Report::default()),
        Place::Sled(directory) => {
            let known = Witness::open(&directory.join(HEAD))?.head();
            verify::report(&Sled::open(&directory.join(SLED))?, known)
        }
    }
}

const HEAD: &str = "head";
const SLED: &str = "sled";

fn open_sled(directory: &Path) -> Result<KvStore<Sled>, Fault> {
    let (files, head) = (directory.join(SLED), directory.join(HEAD));
    fs::create_dir_all(directory).map_err(|error| unusable(&error))?;
    // The head file comes first: a store without one is refused, so a crash must not leave one.
    let witness =
        if files.exists() || head.exists() { Witness::open(&head)? } else { Witness::create(&head)? };
    let is_new = witness.head().commit == 0;
    let store = KvStore::open(Sled::open(&files)?, Some(witness))?;
    if is_new {
        sync_names(directory, &files).map_err(|error| unusable(&error))?;
    }
    Ok(store)
}

/// Makes durable that the files of a new store exist.
fn sync_names(directory: &Path, files: &Path) -> io::Result<()> {
    for entry in fs::read_dir(files)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(files)?.sync_all()?;
    File::open(directory)?.sync_all()?;
    match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        Some(_) | None => File::open(".")?.sync_all(),
    }
}

/// Says what to do.
fn advise(directory: &Path, fault: Fault) -> Fault {
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

fn unusable(error: &io::Error) -> Fault {
    Fault::Unavailable(error.to_string())
}
