//! The keys of reminders: what has to be done without anybody asking, by when.

use super::{Key, Span, Table};
use crate::pubsub::node::NodeKey;
use crate::pubsub::subscription::SubscriptionKey;
use crate::pubsub::time::Timestamp;

/// A node by when its oldest item is to be looked at.
pub fn node_due(due: Timestamp, key: NodeKey) -> Key<(Timestamp, NodeKey)> {
    Key::new(Table::NodeDue).time(due).number(key.0)
}

/// The nodes whose oldest item is to be looked at by now.
pub fn nodes_due(now: Timestamp) -> Span<(Timestamp, NodeKey)> {
    let next = Timestamp(now.0.saturating_add(1));
    Key::new(Table::NodeDue).within().before(Key::new(Table::NodeDue).time(next))
}

/// All nodes whose oldest item will have to be looked at.
pub fn all_nodes_due() -> Span<(Timestamp, NodeKey)> {
    Key::new(Table::NodeDue).within()
}

/// When something has to be done about which subscription.
pub type Due = (Timestamp, NodeKey, SubscriptionKey);

/// A subscription by when something has to be done about it.
pub fn subscription_due(due: Timestamp, key: NodeKey, which: &SubscriptionKey) -> Key<Due> {
    Key::new(Table::SubscriptionDue).time(due).number(key.0).subscription(which)
}

/// The subscriptions about which something has to be done by now, after one.
pub fn subscriptions_due(now: Timestamp, after: Option<&Due>) -> Span<Due> {
    let next = Timestamp(now.0.saturating_add(1));
    let all = Key::new(Table::SubscriptionDue).within().before(Key::new(Table::SubscriptionDue).time(next));
    match after {
        Some((due, key, which)) => all.after(subscription_due(*due, *key, which)),
        None => all,
    }
}

/// All subscriptions about which something will have to be done.
pub fn all_subscriptions_due() -> Span<Due> {
    Key::new(Table::SubscriptionDue).within()
}
