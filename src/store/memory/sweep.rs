//! What a removed node left, in bounded pieces.

use super::State;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::{Counts, NodeKey};
use crate::pubsub::tx::Tx as _;

impl State {
    pub(super) fn sweep_node(&mut self, key: NodeKey, limit: usize) -> Result<bool, Fault> {
        if self.nodes.contains_key(&key) {
            return Err(Fault::Bug(format!("node {} is still there", key.0)));
        }
        let items: Vec<_> = self.items_of(key).take(limit).map(|item| item.id.clone()).collect();
        let left = limit - items.len();
        let subscriptions: Vec<_> =
            self.subscriptions_to(key).take(left).map(|(which, _)| which.clone()).collect();
        let left = left - subscriptions.len();
        let affiliations: Vec<_> =
            self.affiliations_with(key).take(left).map(|(bare, _)| bare.clone()).collect();
        self.take_tombstones(key, left - affiliations.len());
        for id in items {
            self.remove_item(key, &id)?;
        }
        for which in subscriptions {
            self.remove_subscription(key, &which)?;
        }
        for bare in affiliations {
            self.affiliations.remove(&(key, bare));
        }
        let empty = self.counts(key)? == Counts::default() && self.affiliations_with(key).next().is_none();
        let empty = empty && self.tombstones_of(key).next().is_none();
        if empty {
            self.last_items.remove(&key);
            self.audiences.remove(&key);
        }
        Ok(empty)
    }
}
