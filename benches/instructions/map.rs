//! The least engine there is: a map.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use atomsub::pubsub::Fault;
use atomsub::store::kv::{Engine, Order, Visit, Writes};

/// Forgets all when it is dropped.
#[derive(Default)]
pub(crate) struct Map(BTreeMap<Vec<u8>, Vec<u8>>);

impl Engine for Map {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.get(key).cloned())
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let mut range = self.0.range(from.to_vec()..to.to_vec());
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
        for (key, change) in writes {
            match change {
                Some(value) => self.0.insert(key.clone(), value.clone()),
                None => self.0.remove(key),
            };
        }
        Ok(())
    }

    fn recover(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}
