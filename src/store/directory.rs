//! The directory of a store: the engine's files, and the head file beside them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::fjall::Fjall;
use super::guarded::unavailable;
use super::kv::{Engine, KvStore};
use super::sled::Sled;
use super::verify::{self, Report};
use super::witness::Witness;
use crate::pubsub::fault::Fault;

/// A store's directory, and whose files are in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory<'a> {
    pub(super) path: &'a Path,
    pub(super) kind: Kind,
}

/// An engine that keeps its records in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sled,
    Fjall,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Sled, Self::Fjall];

    /// Its name, which is that of the folder of its files too.
    fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Fjall => "fjall",
        }
    }
}

impl Directory<'_> {
    /// Opens the store, or creates it.
    pub(super) fn open(self) -> Result<KvStore<Box<dyn Engine>>, Fault> {
        self.open_or_create().map_err(|fault| self.advise(fault))
    }

    /// Walks a store that need not be whole.
    pub(super) fn verify(self) -> Result<Report, Fault> {
        self.must_be_ours().map_err(|fault| self.advise(fault))?;
        let known = Witness::open(&self.head())?.head();
        verify::report(&self.engine()?, known)
    }

    fn open_or_create(self) -> Result<KvStore<Box<dyn Engine>>, Fault> {
        self.must_be_ours()?;
        fs::create_dir_all(self.path).map_err(|error| unavailable(&error))?;
        // The head file comes first: a store without one is refused, so a crash must not leave one.
        let (files, head) = (self.files(), self.head());
        let witness =
            if files.exists() || head.exists() { Witness::open(&head)? } else { Witness::create(&head)? };
        let is_new = witness.head().commit == 0;
        let store = KvStore::open(self.engine()?, Some(witness))?;
        if is_new {
            sync_names(self.path, &files).map_err(|error| unavailable(&error))?;
        }
        Ok(store)
    }

    /// A store of another engine is not taken for one that has nothing in it.
    fn must_be_ours(self) -> Result<(), Fault> {
        let others = Kind::ALL.into_iter().filter(|kind| *kind != self.kind);
        match others.map(Kind::name).find(|name| self.path.join(name).exists()) {
            None => Ok(()),
            Some(other) => Err(Fault::Unavailable(format!(
                "the store there is one of {other} and the configuration asks for {}; write engine = \"{other}\"",
                self.kind.name()
            ))),
        }
    }

    fn engine(self) -> Result<Box<dyn Engine>, Fault> {
        Ok(match self.kind {
            Kind::Sled => Box::new(Sled::open(&self.files())?),
            Kind::Fjall => Box::new(Fjall::open(&self.files())?),
        })
    }

    fn files(self) -> PathBuf {
        self.path.join(self.kind.name())
    }

    fn head(self) -> PathBuf {
        self.path.join("head")
    }

    /// Says what to do.
    fn advise(self, fault: Fault) -> Fault {
        let store = self.path.display();
        match fault {
            Fault::Corrupt(what) => Fault::Corrupt(format!(
                "{what}. The store is in {store}: put a backup in its place, or move it away to begin anew; \
                 `atomsub verify` lists what is wrong with it"
            )),
            Fault::Unavailable(what) => Fault::Unavailable(format!("{store}: {what}")),
            Fault::Bug(what) => Fault::Bug(what),
        }
    }
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
