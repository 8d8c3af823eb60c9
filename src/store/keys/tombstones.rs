//! Tombstones: by their place, and by ItemID.

use super::{Key, Span, Table};
use crate::pubsub::item::ItemRange;
use crate::pubsub::node::NodeKey;
use crate::pubsub::tombstone::Tombstone;

/// A tombstone by its place.
pub fn tombstone(key: NodeKey, place: u64) -> Key<Tombstone> {
    Key::new(Table::Tombstone).number(key.0).number(place)
}

/// The tombstones of a node between two places.
pub fn tombstones(key: NodeKey, range: ItemRange) -> Span<Tombstone> {
    let mut span = Key::new(Table::Tombstone).number(key.0).within();
    if let Some(after) = range.after {
        span = span.after(tombstone(key, after));
    }
    if let Some(before) = range.before {
        span = span.before(tombstone(key, before));
    }
    span
}

/// The tombstones of all nodes.
pub fn all_tombstones() -> Span<Tombstone> {
    Key::new(Table::Tombstone).within()
}

/// The place of a tombstone by its ItemID.
pub fn tombstone_id(key: NodeKey, id: &str) -> Key<u64> {
    Key::new(Table::TombstoneId).number(key.0).text(id)
}

/// The places of all tombstones.
pub fn all_tombstone_ids() -> Span<u64> {
    Key::new(Table::TombstoneId).within()
}
