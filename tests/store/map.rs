//! An engine in memory that fails when it is told to.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use atomsub::pubsub::fault::Fault;
use atomsub::store::kv::{Engine, Order, Visit, Writes};

/// What goes wrong, shared with the test.
#[derive(Clone, Default)]
pub struct Trouble {
    /// Counts the calls down; the one that finds a 1 fails.
    pub countdown: Arc<AtomicI64>,
    /// Whether all calls fail now.
    pub away: Arc<AtomicBool>,
    /// Whether a batch that fails is there nevertheless.
    pub late: bool,
    /// Whether calls go on failing until the trouble is over.
    pub stays: bool,
}

impl Trouble {
    /// The call after so many fails, once.
    pub fn after(&self, calls: i64) {
        self.countdown.store(calls + 1, Ordering::SeqCst);
    }

    /// Whether that failure has come.
    pub fn came(&self) -> bool {
        self.countdown.load(Ordering::SeqCst) <= 0
    }

    /// Lets calls succeed again.
    pub fn is_over(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    fn call(&self) -> Result<(), Fault> {
        let now = self.countdown.fetch_sub(1, Ordering::SeqCst) == 1;
        if now && self.stays {
            self.away.store(true, Ordering::SeqCst);
        }
        if now || self.away.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable("trouble".to_owned()));
        }
        Ok(())
    }
}

/// The engine. Its clones are the same disk.
#[derive(Clone, Default)]
pub struct Map {
    pub values: Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>,
    pub trouble: Trouble,
    pub lost: bool,
}

impl Map {
    fn may_read(&self) -> Result<(), Fault> {
        assert!(!self.lost, "read before recovery");
        self.trouble.call()
    }
}

impl Engine for Map {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.may_read()?;
        Ok(self.values.lock().unwrap().get(key).cloned())
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault> {
        self.may_read()?;
        let values = self.values.lock().unwrap().clone();
        let mut range = values.range(from.to_vec()..to.to_vec());
        while let Some((key, value)) = match order {
            Order::Ascending => range.next(),
            Order::Descending => range.next_back(),
        } {
            if let ControlFlow::Break(()) = visit(key, value)? {
                break;
            }
        }
        Ok(())
    }

    fn apply(&mut self, writes: &Writes) -> Result<(), Fault> {
        assert!(!self.lost, "written before recovery");
        let failure = self.trouble.call();
        if failure.is_ok() || self.trouble.late {
            let mut values = self.values.lock().unwrap();
            for (key, change) in writes {
                match change {
                    Some(value) => values.insert(key.clone(), value.clone()),
                    None => values.remove(key),
                };
            }
        }
        self.lost = failure.is_err();
        failure
    }

    fn recover(&mut self) -> Result<(), Fault> {
        self.trouble.call()?;
        self.lost = false;
        Ok(())
    }
}
