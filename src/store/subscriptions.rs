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
            self.put(&keys::subscription_of(key, &which), &(key, which.clone()))?;
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
        self.remove(&keys::subscription_of(key, which));
        self.count(key, |counted| {
            counted.counts.subscriptions -= 1;
            counted.audience += 1;
        })?;
        Ok(true)
    }
}
