//! The only code that knows bytes on disk.
//!
//! A store runs transactions one after the other and makes those since the last commit durable together. There are
//! two: `memory`, plain maps that other stores are compared with, and `kv`, over an ordered key-value engine.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

mod archive;
mod callbacks;
mod creators;
mod directory;
mod due;
mod feeds;
pub mod fjall;
mod guarded;
pub mod head;
mod items;
pub mod keys;
pub mod kv;
pub mod memory;
mod opened;
pub mod overlay;
mod owner;
pub mod proof;
mod queue;
pub mod record;
pub mod reserve;
pub mod rows;
pub mod sled;
mod subscriptions;
mod sweep;
mod ties;
mod tokens;
mod tombstones;
mod transfer;
pub mod tx;
mod verdict;
pub mod verify;
pub mod witness;

use crate::pubsub::fault::{Failure, Fault};
use crate::pubsub::node::NodeKey;
use crate::pubsub::tx::Tx;
pub use archive::TransferError;
use directory::{Directory, Kind};
use memory::Memory;
pub use transfer::Progress;
use verify::Report;

/// A store: transactions one after the other, made durable together.
pub trait Store: Send {
    /// Runs `work` in one transaction on top of the earlier ones. On an error it leaves no trace.
    fn transact(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Failure>) -> Result<(), Failure>;
    /// Makes every successful transaction so far durable, in one batch and one sync. On an error none of those
    /// since the last commit happened.
    fn commit(&mut self) -> Result<(), Fault>;
    /// The nodes that the commits since it was last asked have changed: their configuration, items or affiliations.
    fn changed(&mut self) -> BTreeSet<NodeKey>;
    /// Goes on for that long with the proof that all is there that was written; true when it is complete. A store is
    /// open before it was proved; one that turns out to be damaged is not opened again.
    fn prove(&mut self, patience: Duration) -> Result<bool, Fault>;
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
    /// In fjall's files, in this directory.
    Fjall(PathBuf),
}

impl Place {
    /// Whether what is there outlives the program.
    pub fn is_kept(&self) -> bool {
        self.directory().is_some()
    }

    fn directory(&self) -> Option<Directory<'_>> {
        match self {
            Self::Memory => None,
            Self::Sled(path) => Some(Directory { path, kind: Kind::Sled }),
            Self::Fjall(path) => Some(Directory { path, kind: Kind::Fjall }),
        }
    }
}

/// Opens a store, or creates it.
pub fn open(place: &Place) -> Result<Box<dyn Store>, Fault> {
    Ok(match place.directory() {
        None => Box::new(Memory::default()),
        Some(directory) => Box::new(directory.open()?),
    })
}

/// Walks a store that need not be whole, and says what is wrong with it.
pub fn verify(place: &Place) -> Result<Report, Fault> {
    place.directory().map_or_else(|| Ok(Report::default()), Directory::verify)
}

/// Writes a whole store to an archive, and gives the number of its records.
pub fn export(place: &Place, out: &mut dyn Write, progress: &mut Progress<'_>) -> Result<u64, TransferError> {
    place.directory().ok_or_else(not_kept)?.export(out, progress)
}

/// Makes a store of an archive where there is none, and gives the number of its records. Before its end there is
/// nothing that would be opened.
pub fn import(
    place: &Place,
    archive: &mut dyn Read,
    progress: &mut Progress<'_>,
) -> Result<u64, TransferError> {
    place.directory().ok_or_else(not_kept)?.import(archive, progress)
}

fn not_kept() -> Fault {
    Fault::Unavailable("it is in memory and not kept; write engine = \"sled\" or \"fjall\"".to_owned())
}
