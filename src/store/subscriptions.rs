//! Subscriptions and the places where they are found: by node, by subscriber, and by when they are due.

use super::keys;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::NodeKey;
use crate::pubsub::subscription::{Subscription, SubscriptionKey};

impl KvTx<'_> {
    pub(super) fn place_subscription(
        &mut self,
        key: NodeKey,
        subscription: &mut Subscription,
    ) -> Result<(), Fault> {
        self.must_be_there(key)?;
        let which = subscription.key();
        let place = keys::subscription(key, &which);
        let old = self.get(&place)?;
        let is_new = old.is_none();
        if let Some(old) = old {
            subscription.since = old.since;
            self.remove_due(key, &old);
        } else {
            subscription.since = self.get(&keys::next_notice())?.unwrap_or(1);
            self.change_held(key, &which.bare, |held| {
                let place = held.partition_point(|other| *other < which);
                held.insert(place, which.clone());
            })?;
        }
        self.count(key, |counted| {
            counted.counts.subscriptions += u64::from(is_new);
            counted.audience += 1;
        })?;
        self.put_due(key, subscription)?;
        self.put(&place, subscription)
    }

    pub(super) fn take_subscription(&mut self, key: NodeKey, which: &SubscriptionKey) -> Result<bool, Fault> {
        let place = keys::subscription(key, which);
        let Some(old) = self.get(&place)? else { return Ok(false) };
        self.remove(&place);
        self.remove_due(key, &old);
        self.change_held(key, &which.bare, |held| held.retain(|held| held != which))?;
        self.count(key, |counted| {
            counted.counts.subscriptions -= 1;
            counted.audience += 1;
        })?;
        Ok(true)
    }

    /// The subscriptions of one entity to a node, found without a search: who came and went often left much to step over.
    pub(super) fn held(&self, key: NodeKey, bare: &str) -> Result<Vec<Subscription>, Fault> {
        let held = self.get(&keys::subscriptions_held(key, bare))?;
        let held = held.map_or_else(Vec::new, |(_, held)| held);
        let found = held.iter().map(|which| self.get(&keys::subscription(key, which)));
        found.filter_map(Result::transpose).collect()
    }

    /// Changes the list of them.
    pub(super) fn change_held(
        &mut self,
        key: NodeKey,
        bare: &str,
        change: impl FnOnce(&mut Vec<SubscriptionKey>),
    ) -> Result<(), Fault> {
        let place = keys::subscriptions_held(key, bare);
        let mut held = self.get(&place)?.map_or_else(Vec::new, |(_, held)| held);
        change(&mut held);
        if held.is_empty() {
            self.remove(&place);
            return Ok(());
        }
        self.put(&place, &(key, held))
    }
}
