//! A store over an ordered key-value engine: transactions gather in memory, a commit is one durable batch.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::head::Head;
use super::overlay::Overlay;
use super::proof::Proof;
use super::queue::Queue;
use super::tx::KvTx;
use super::verify::{self, Report};
use super::witness::Witness;
use super::{Store, keys, record};
use crate::limits::{STORE_TIDY_COMMITS, STORE_WITNESS_EVERY};
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
    /// Is told now and then how many records there are, and may begin to give back the space of those that were.
    fn tidy(&mut self, _records: u64) {}
}

impl<E: Engine + ?Sized> Engine for Box<E> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        (**self).get(key)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault> {
        (**self).scan(from, to, order, visit)
    }

    fn apply(&mut self, writes: &Writes) -> Result<(), Fault> {
        (**self).apply(writes)
    }

    fn recover(&mut self) -> Result<(), Fault> {
        (**self).recover()
    }

    fn tidy(&mut self, records: u64) {
        (**self).tidy(records);
    }
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
    queue: Queue,
    head: Head,
    witness: Option<Witness>,
    /// The proof that it is whole, until that is complete.
    proof: Option<Proof>,
    /// Whether the engine failed in a way that leaves open what it holds, or what of it is known here.
    unsettled: bool,
    changed: BTreeSet<NodeKey>,
}

impl<E: Engine> KvStore<E> {
    /// Opens what the engine holds, or creates a store in it. That all is there up to the last commit is proved later.
    pub fn open(engine: E, witness: Option<Witness>) -> Result<Self, Fault> {
        let known = witness.as_ref().map_or_else(Head::default, Witness::head);
        let mut store = Self {
            engine,
            overlay: Overlay::default(),
            queue: Queue::default(),
            head: known,
            witness,
            proof: None,
            unsettled: false,
            changed: BTreeSet::new(),
        };
        if known.commit == 0 && is_empty(&store.engine)? {
            let schema = keys::schema();
            store.overlay.put(schema.bytes(), Some(record::encode(&schema, &SCHEMA)?));
            store.overlay.keep();
            store.commit()?;
        } else {
            check_schema(&store.engine, known.commit)?;
            store.head = Head::stored_since(&store.engine, known)?;
            store.queue = Queue::read(&store.engine)?;
            store.proof = Some(Proof::default());
        }
        Ok(store)
    }

    /// The head and the proof after a batch.
    fn after(&self, writes: &Writes) -> Result<(Head, Option<Proof>), Fault> {
        let mut head = Head { commit: self.head.commit + 1, ..self.head };
        let mut proof = self.proof.clone();
        for (key, change) in writes {
            let old = self.engine.get(key)?;
            if let Some(old) = &old {
                head.subtract(key, old)?;
            }
            if let Some(new) = change {
                head.add(key, new)?;
            }
            if let Some(proof) = &mut proof {
                proof.follow(key, old.as_deref(), change.as_deref())?;
            }
        }
        Ok((head, proof))
    }

    /// Applies a batch together with its head. An error means that it did not happen and will not.
    fn apply(&mut self, mut writes: Writes) -> Result<(), Fault> {
        let (head, proof) = self.after(&writes)?;
        let key = keys::head();
        writes.insert(key.bytes().to_vec(), Some(record::encode(&key, &head)?));
        if let Err(fault) = self.engine.apply(&writes) {
            self.unsettled = true;
            self.settle()?;
            return if self.head == head { Ok(()) } else { Err(fault) };
        }
        (self.head, self.proof) = (head, proof);
        // The batch is durable. What could not be followed is read anew.
        self.unsettled = self.queue.follow(&self.engine, &writes).is_err();
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
            0 if is_empty(&self.engine)? => Head::default(),
            _ => Head::stored(&self.engine)?,
        };
        if found.commit < self.head.commit {
            return Err(Fault::Corrupt(format!("commit {} is gone", self.head.commit)));
        }
        if found != self.head {
            // It has not followed what happened.
            self.proof = self.proof.take().map(|_| Proof::default());
        }
        self.queue = Queue::read(&self.engine)?;
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
            Some(witness) => witness.settle(STORE_WITNESS_EVERY),
            None => Ok(()),
        }
    }
}

impl<E: Engine> Store for KvStore<E> {
    fn transact(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Failure>) -> Result<(), Failure> {
        self.ready()?;
        let done = work(&mut KvTx::new(&self.engine, &mut self.overlay, &self.queue));
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
        if self.head.commit.is_multiple_of(STORE_TIDY_COMMITS) && !self.unsettled {
            self.engine.tidy(self.head.records);
        }
        Ok(())
    }

    fn changed(&mut self) -> BTreeSet<NodeKey> {
        std::mem::take(&mut self.changed)
    }

    fn prove(&mut self, patience: Duration) -> Result<bool, Fault> {
        let until = Instant::now() + patience;
        self.settle()?;
        let Some(proof) = &mut self.proof else { return Ok(true) };
        match (proof.go_on(&self.engine, self.head, until), &self.witness) {
            (Ok(is_complete), _) => {
                if is_complete {
                    self.proof = None;
                }
                Ok(is_complete)
            }
            (Err(Fault::Corrupt(what)), Some(witness)) => Err(witness.condemn(what)),
            (Err(fault), _) => Err(fault),
        }
    }

    fn verify(&mut self) -> Result<Report, Fault> {
        self.ready()?;
        verify::report(&self.engine, self.head)
    }
}

fn is_empty(engine: &dyn Engine) -> Result<bool, Fault> {
    let mut is_empty = true;
    engine.scan(&[], &[0xFF], Order::Ascending, &mut |_, _| {
        is_empty = false;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(is_empty)
}

/// Insists that an engine holds the layout that this program knows, after so many commits.
pub(super) fn check_schema(engine: &dyn Engine, commits: u64) -> Result<(), Fault> {
    let key = keys::schema();
    let stored = engine.get(key.bytes())?;
    match stored.map(|stored| record::decode(key.bytes(), &stored)).transpose()? {
        Some(SCHEMA) => Ok(()),
        Some(other) => Err(Fault::Unavailable(format!(
            "its layout is version {other} and this program knows version {SCHEMA}; \
             use the program that wrote it, or a newer one"
        ))),
        None => Err(Fault::Corrupt(format!("the version of its layout is missing after {commits} commits"))),
    }
}
