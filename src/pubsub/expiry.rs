//! The end of items: `pubsub#item_expire` counts from the last publication of an item.
//!
//! A modified item is the newest of its node, so items end in the order of their places, and one reminder per node, of
//! its oldest item, is enough.

use crate::limits::ITEMS_READ_AT_ONCE;

use super::fault::Fault;
use super::item::{Direction, Item, ItemRange};
use super::node::Node;
use super::notice::Event;
use super::tell;
use super::time::Timestamp;
use super::tx::Tx;

/// Sets the reminder of a node: when its oldest item ends.
pub(super) fn schedule(tx: &mut dyn Tx, node: &Node) -> Result<(), Fault> {
    let oldest = match node.config.item_expire {
        Some(_) => tx.items(node.key, ItemRange::ALL, Direction::OldestFirst, 1)?.pop(),
        None => None,
    };
    let due = oldest.and_then(|item| end(node, &item));
    tx.remind_of_items(node.key, due)
}

/// Removes items that have ended, up to a bound; subscribers hear of it as of any deleted item.
pub(super) fn expire(tx: &mut dyn Tx, node: &Node, now: Timestamp) -> Result<(), Fault> {
    for item in tx.items(node.key, ItemRange::ALL, Direction::OldestFirst, ITEMS_READ_AT_ONCE)? {
        if end(node, &item).is_none_or(|end| end > now) {
            break;
        }
        tx.remove_item(node.key, &item.id)?;
        if node.config.notify_retract {
            tell::subscribers(tx, node, Event::Retracted { id: item.id })?;
        }
    }
    schedule(tx, node)
}

fn end(node: &Node, item: &Item) -> Option<Timestamp> {
    node.config.item_expire.map(|seconds| item.updated.plus_seconds(seconds))
}
