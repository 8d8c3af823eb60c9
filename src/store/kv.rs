//! A store over an ordered key-value engine: transactions gather in memory, a commit is one durable batch.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::head::Head;
use super::overlay::Overlay;
use super::tx::KvTx;
use super::verify::{self, Report};
use super::witness::Witness;
use super::{Store, keys, record};
use crate::pubsub::fault::{Failure, Fault};
use crate::pubsub::node::NodeKey;
use crate::pubsub::tx::Tx;

/// The version of the layout that this program writes. A store with a newer one is refused.
pub const SCHEMA: u32 = 2;

/// Writes of one batch: what each key holds afterwards.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Sees one key and its value, and says whether to go on.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault> + 'a;

/// What a store needs of an ordered key-value engine.
pub trait Engine: Send {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
    /// Visits the keys from the first, included, to the last, excluded.
    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault>;
    /// Writes a batch as a whole and makes it durable. After an error nothing is read before `recover`.
    fn apply(&mut self, writes: &Writes) -> Result<(), Fault>;
    /// After a failed `apply`: goes back to what is durable, which is either all of its batch or nothing of it.
    fn recover(&mut self) -> Result<(), Fault>;
}

/// In which order keys are visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the lowest up.
    Ascending,
    /// From the highest down.
    Descending,
}

impl Order {
    /// Whether one key is visited before another.
    pub fn precedes(self, one: &[u8], other: &[u8]) -> bool {
        match self {
            Self::Ascending => one < other,
            Self::Descending => one > other,
        }
    }
}

/// A store over an engine.
pub struct KvStore<E> {
    engine: E,
    overlay: Overlay,
    head: Head,
    witness: Option<Witness>,
    /// Whether the engine failed in a way that leaves open what it holds.
    unsettled: bool,
    changed: BTreeSet<NodeKey>,
}

impl<E: Engine> KvStore<E> {
    /// Opens what the engine holds, or creates a store in it, and proves that it is whole.
    pub fn open(engine: E, witness: Option<Witness>) -> Result<Self, Fault> {
        let known = witness.as_ref().map_or_else(Head::default, Witness::head);
        let mut store = Self {
            engine,
            overlay: Overlay::default(),
            head: known,
            witness,
            unsettled: false,
            changed: BTreeSet::new(),
        };
        if known.commit == 0 && Head::scan(&store.engine)? == Head::default() {
            let schema = keys::schema();
            store.overlay.put(schema.bytes(), Some(record::encode(&schema, &SCHEMA)?));
            store.overlay.keep();
            store.commit()?;
        } else {
            store.check_schema()?;
            store.head = Head::prove(&store.engine, known)?;
        }
        Ok(store)
    }

    fn check_schema(&self) -> Result<(), Fault> {
        let key = keys::schema();
        let stored = self.engine.get(key.bytes())?;
        match stored.map(|stored| record::decode(key.bytes(), &stored)).transpose()? {
            Some(SCHEMA) => Ok(()),
            Some(other) => Err(Fault::Unavailable(format!(
                "its layout is version {other} and this program knows version {SCHEMA}; \
                 use the program that wrote it, or a newer one"
            ))),
            None => Err(Fault::Corrupt(format!(
                "the version of its layout is missing after {} commits",
                self.head.commit
            ))),
        }
    }

    /// The head after a batch.
    fn next_head(&self, writes: &Writes) -> Result<Head, Fault> {
        let mut head = Head { commit: self.head.commit + 1, ..self.head };
        for (key, change) in writes {
            if let Some(old) = self.engine.get(key)? {
                head.subtract(key, &old)?;
            }
            if let Some(new) = change {
                head.add(key, new)?;
            }
        }
        Ok(head)
    }

    /// Applies a batch together with its head. An error means that it did not happen and will not.
    fn apply(&mut self, mut writes: Writes) -> Result<(), Fault> {
        let head = self.next_head(&writes)?;
        let key = keys::head();
        writes.insert(key.bytes().to_vec(), Some(record::encode(&key, &head)?));
        if let Err(fault) = self.engine.apply(&writes) {
            self.unsettled = true;
            self.settle()?;
            if self.head != head {
                return Err(fault);
            }
        }
        self.head = head;
        Ok(())
    }

    /// After a failed batch: finds out whether it is in the engine. Where the engine cannot be opened again at
    /// once, the commit has failed, and this is tried again before the next transaction: then it may turn out to be.
    fn settle(&mut self) -> Result<(), Fault> {
        if !self.unsettled {
            return Ok(());
        }
        self.engine.recover()?;
        let found = match self.head.commit {
            0 if Head::scan(&self.engine)? == Head::default() => Head::default(),
            _ => Head::stored(&self.engine)?,
        };
        if found.commit < self.head.commit {
            return Err(Fault::Corrupt(format!("commit {} is gone", self.head.commit)));
        }
        self.head = found;
        self.unsettled = false;
        Ok(())
    }

    fn ready(&mut self) -> Result<(), Fault> {
        self.settle()?;
        // A transaction that ended in a panic left these.
        self.overlay.roll_back();
        match &mut self.witness {
            Some(witness) if witness.head() != self.head => witness.record(self.head),
            Some(_) | None => Ok(()),
        }
    }
}

impl<E: Engine> Store for KvStore<E> {
    fn transact(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Failure>) -> Result<(), Failure> {
        self.ready()?;
        let done = work(&mut KvTx::new(&self.engine, &mut self.overlay));
        match done {
            Ok(()) => self.overlay.keep(),
            Err(_) => self.overlay.roll_back(),
        }
        done
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.overlay.roll_back();
        let writes = self.overlay.take();
        if writes.is_empty() {
            return Ok(());
        }
        self.ready()?;
        let changed: Vec<NodeKey> = writes.keys().filter_map(|key| keys::changed_node(key)).collect();
        self.apply(writes)?;
        self.changed.extend(changed);
        // The batch is durable whatever comes of this. A failure stops the next transaction, not this commit.
        let _ = self.ready();
        Ok(())
    }

    fn changed(&mut self) -> BTreeSet<NodeKey> {
        std::mem::take(&mut self.changed)
    }

    fn verify(&mut self) -> Result<Report, Fault> {
        self.ready()?;
        verify::report(&self.engine, self.head)
    }
}
