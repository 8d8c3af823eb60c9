//! Reminders: what has to be done without anybody asking is found by when, and not by a walk over everything.

use super::keys;
use super::kv::Order;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::subscription::Subscription;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;

impl KvTx<'_> {
    /// The nodes whose oldest item is to be looked at by now.
    pub(super) fn due_nodes(&self, now: Timestamp, limit: usize) -> Result<Vec<Node>, Fault> {
        let due = self.page(&keys::nodes_due(now), Order::Ascending, limit)?;
        due.into_iter().filter_map(|(_, key)| self.node_by_key(key).transpose()).collect()
    }

    /// Puts the reminder of a node.
    pub(super) fn put_node_due(&mut self, node: &Node) -> Result<(), Fault> {
        match node.expiry {
            Some(due) => self.put(&keys::node_due(due, node.key), &(due, node.key)),
            None => Ok(()),
        }
    }

    /// Removes the reminder of a node.
    pub(super) fn remove_node_due(&mut self, node: &Node) {
        if let Some(due) = node.expiry {
            self.remove(&keys::node_due(due, node.key));
        }
    }

    /// The subscriptions about which something has to be done by now.
    pub(super) fn due_subscriptions(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(NodeKey, Subscription)>, Fault> {
        let mut found = Vec::new();
        let mut after = None;
        // Reminders of removed nodes stay until those are swept.
        while found.len() < limit {
            let due = self.page(&keys::subscriptions_due(now, after.as_ref()), Order::Ascending, 1)?;
            let Some((time, key, which)) = due.into_iter().next() else { break };
            if self.is_there(key)?
                && let Some(subscription) = self.get(&keys::subscription(key, &which))?
            {
                found.push((key, subscription));
            }
            after = Some((time, key, which));
        }
        Ok(found)
    }

    /// Puts the reminder of a subscription.
    pub(super) fn put_due(&mut self, key: NodeKey, subscription: &Subscription) -> Result<(), Fault> {
        let which = subscription.key();
        match subscription.due() {
            Some(due) => self.put(&keys::subscription_due(due, key, &which), &(due, key, which)),
            None => Ok(()),
        }
    }

    /// Removes the reminder of a subscription.
    pub(super) fn remove_due(&mut self, key: NodeKey, subscription: &Subscription) {
        if let Some(due) = subscription.due() {
            self.remove(&keys::subscription_due(due, key, &subscription.key()));
        }
    }
}
