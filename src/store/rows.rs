//! The bodies of records that only the store knows.

use serde::{Deserialize, Serialize};

use crate::pubsub::item::Item;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Counts, NodeId, NodeKey};
use crate::pubsub::subscription::SubscriptionKey;
use crate::pubsub::time::Timestamp;

/// Where an item is, and what outlives its modification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemPlace {
    /// Its place.
    pub seq: u64,
    /// Its first place.
    pub created_seq: u64,
    /// When it was first published.
    pub created: Timestamp,
    /// Whether it is a companion.
    pub companion: bool,
    /// By what else it is found.
    pub atom_id: Option<String>,
    /// The node that it names for its comments.
    pub comments: Option<Comments>,
}

/// The node that an item names for its comments, and who published the item: a bare JID.
pub type Comments = (NodeId, Jid);

impl ItemPlace {
    /// The place of an item that has one.
    pub fn of(item: &Item) -> Self {
        let Item { seq, created_seq, created, companion, .. } = *item;
        let comments = item.comments.clone().map(|comments| (comments, item.publisher.to_bare()));
        Self { seq, created_seq, created, companion, atom_id: item.atom_id.clone(), comments }
    }
}

/// What is counted of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCounts {
    /// What belongs to it.
    pub counts: Counts,
    /// Its tombstones.
    pub tombstones: u64,
    /// The place of its next item or tombstone: never used again.
    pub next_item: u64,
    /// How often its subscriptions have changed.
    pub audience: u64,
    /// The date of the item published last, also when it is gone: the next is not dated before it.
    pub newest: Timestamp,
}

impl Default for NodeCounts {
    /// Of a node that has had nothing yet. Places begin with 1, so that "after 0" is everything.
    fn default() -> Self {
        let newest = Timestamp(i64::MIN);
        Self { counts: Counts::default(), tombstones: 0, next_item: 1, audience: 0, newest }
    }
}

/// The subscriptions of one entity to a node.
pub type Held = (NodeKey, Vec<SubscriptionKey>);
