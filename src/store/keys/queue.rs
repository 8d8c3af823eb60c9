//! The keys of the outbox: what is queued for subscribers, and how far its delivery has come.

use super::{Key, Span, Table, node_of};
use crate::pubsub::fault::Fault;
use crate::pubsub::node::NodeKey;
use crate::pubsub::notice::Notice;
use crate::pubsub::subscription::SubscriptionKey;

/// The place of the next notice in the outbox.
pub fn next_notice() -> Key<u64> {
    Key::new(Table::Meta).text("next notice")
}

/// A queued notice.
pub fn notice(key: NodeKey, seq: u64) -> Key<(u64, Notice)> {
    Key::new(Table::Notice).number(key.0).number(seq)
}

/// The queued notices of a node after a place.
pub fn notices(key: NodeKey, after: u64) -> Span<(u64, Notice)> {
    Key::new(Table::Notice).number(key.0).within().after(notice(key, after))
}

/// The queued notices of all nodes after one.
pub fn notices_after(after: Option<NodeKey>) -> Span<(u64, Notice)> {
    let all = Key::new(Table::Notice).within();
    match after {
        Some(after) => all.after(notice(after, u64::MAX)),
        None => all,
    }
}

/// The node and the place of a queued notice whose key this is.
pub fn place_of_notice(key: &[u8]) -> Result<(NodeKey, u64), Fault> {
    let place = key.get(9..).and_then(|rest| rest.try_into().ok()).map(u64::from_be_bytes);
    let unreadable = || Fault::Corrupt(format!("the key {} is none of a notice", key.escape_ascii()));
    node_of(key).zip(place).ok_or_else(unreadable)
}

/// How far the delivery of a queued notice has come.
pub fn served(key: NodeKey, seq: u64) -> Key<SubscriptionKey> {
    Key::new(Table::Served).number(key.0).number(seq)
}
