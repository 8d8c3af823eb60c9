//! The directory of a store: the engine's files, and the head file beside them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::fjall::Fjall;
use super::guarded::unavailable;
use super::head::Head;
use super::kv::{Engine, KvStore};
use super::owner::give_to_owner;
use super::sled::Sled;
use super::verdict;
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
        let report = self.engine().and_then(|engine| verify::report(&engine, known));
        if report.as_ref().is_ok_and(|report| report.findings.is_empty()) {
            verdict::revoke(self.path);
        }
        self.give_back();
        report
    }

    fn open_or_create(self) -> Result<KvStore<Box<dyn Engine>>, Fault> {
        self.must_be_ours()?;
        if let Some(found) = verdict::read(self.path) {
            return Err(Fault::Corrupt(format!("it was found before that {found}")));
        }
        fs::create_dir_all(self.path).map_err(|error| unavailable(&error))?;
        // The head file comes first: a store without one is refused, so a crash must not leave one.
        let (files, head) = (self.files(), self.head());
        let witness = if files.exists() || head.exists() {
            Witness::open(&head)?
        } else {
            Witness::create(&head, Head::default())?
        };
        let is_new = witness.head().commit == 0;
        let store = KvStore::open(self.engine()?, Some(witness))?;
        if is_new {
            self.sync_names()?;
        }
        Ok(store)
    }

    /// Insists that what is there, if anything, is a store of this engine and not a part of one.
    pub(super) fn must_be_ours(self) -> Result<(), Fault> {
        self.must_not_be_of_another()?;
        if self.mark().exists() {
            return Err(Fault::Unavailable(
                "an import did not come to its end there; repeat it, or remove what it left".to_owned(),
            ));
        }
        Ok(())
    }

    /// A store of another engine is not taken for one that has nothing in it.
    pub(super) fn must_not_be_of_another(self) -> Result<(), Fault> {
        let others = Kind::ALL.into_iter().filter(|kind| *kind != self.kind);
        match others.map(Kind::name).find(|name| self.path.join(name).exists()) {
            None => Ok(()),
            Some(other) => Err(Fault::Unavailable(format!(
                "the store there is one of {other} and the configuration asks for {}; write engine = \"{other}\", \
                 or export it with that and import it elsewhere",
                self.kind.name()
            ))),
        }
    }

    /// Opens or creates the engine's files.
    pub(super) fn engine(self) -> Result<Box<dyn Engine>, Fault> {
        Ok(match self.kind {
            Kind::Sled => Box::new(Sled::open(&self.files())?),
            Kind::Fjall => Box::new(Fjall::open(&self.files())?),
        })
    }

    /// Leaves all files to the service, after root has opened them.
    pub(super) fn give_back(self) {
        // Where nobody but their owner may do that, they are his anyway.
        let _ = give_to_owner(self.path);
    }

    /// The folder of the engine's files.
    pub(super) fn files(self) -> PathBuf {
        self.path.join(self.kind.name())
    }

    /// The head file.
    pub(super) fn head(self) -> PathBuf {
        self.path.join("head")
    }

    /// What is there as long as an import is not done.
    pub(super) fn mark(self) -> PathBuf {
        self.path.join("importing")
    }

    /// Makes durable that the files of a new store exist.
    pub(super) fn sync_names(self) -> Result<(), Fault> {
        sync_names(self.path, &self.files()).map_err(|error| unavailable(&error))
    }

    /// Says what to do.
    pub(super) fn advise(self, fault: Fault) -> Fault {
        verdict::advise(self.path, fault)
    }
}

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
