//! Items: by publication, by first publication, by ItemID, by atom:id, and by the node of their comments.

use super::{Key, Span, Table};
use crate::pubsub::item::{Item, ItemRange};
use crate::pubsub::node::{NodeId, NodeKey};
use crate::store::rows::{Comments, ItemPlace};

/// An item by its place.
pub fn item(key: NodeKey, seq: u64) -> Key<Item> {
    Key::new(Table::Item).number(key.0).number(seq)
}

/// The items of a node between two places.
pub fn items(key: NodeKey, range: ItemRange) -> Span<Item> {
    let mut span = Key::new(Table::Item).number(key.0).within();
    if let Some(after) = range.after {
        span = span.after(item(key, after));
    }
    if let Some(before) = range.before {
        span = span.before(item(key, before));
    }
    span
}

/// The items of all nodes.
pub fn all_items() -> Span<Item> {
    Key::new(Table::Item).within()
}

/// The place of an item by its first place.
pub fn item_created(key: NodeKey, created_seq: u64) -> Key<u64> {
    Key::new(Table::ItemCreated).number(key.0).number(created_seq)
}

/// The places of a node's items between two first places.
pub fn items_created(key: NodeKey, range: ItemRange) -> Span<u64> {
    let mut span = Key::new(Table::ItemCreated).number(key.0).within();
    if let Some(after) = range.after {
        span = span.after(item_created(key, after));
    }
    if let Some(before) = range.before {
        span = span.before(item_created(key, before));
    }
    span
}

/// The first places of the items of all nodes.
pub fn all_items_created() -> Span<u64> {
    Key::new(Table::ItemCreated).within()
}

/// The place of an item by its id.
pub fn item_id(key: NodeKey, id: &str) -> Key<ItemPlace> {
    Key::new(Table::ItemId).number(key.0).text(id)
}

/// The ids of the items of all nodes.
pub fn all_item_ids() -> Span<ItemPlace> {
    Key::new(Table::ItemId).within()
}

/// The id of an item by its atom:id.
pub fn item_atom_id(key: NodeKey, atom_id: &str, id: &str) -> Key<String> {
    Key::new(Table::ItemAtomId).number(key.0).text(atom_id).text(id)
}

/// The ids of a node's items with one atom:id.
pub fn items_with_atom_id(key: NodeKey, atom_id: &str) -> Span<String> {
    Key::new(Table::ItemAtomId).number(key.0).text(atom_id).within()
}

/// The ids of all items that have an atom:id.
pub fn all_item_atom_ids() -> Span<String> {
    Key::new(Table::ItemAtomId).within()
}

/// An item by the node that it names for its comments, and by its publisher.
pub fn item_comments(comments: &Comments, key: NodeKey, id: &str) -> Key<(NodeKey, String)> {
    let (comments, publisher) = comments;
    of_comments(comments, publisher.as_str()).number(key.0).text(id)
}

/// The items of one publisher that name one node for their comments.
pub fn items_with_comments(comments: &NodeId, publisher: &str) -> Span<(NodeKey, String)> {
    of_comments(comments, publisher).within()
}

/// All items that name a node for their comments.
pub fn all_item_comments() -> Span<(NodeKey, String)> {
    Key::new(Table::ItemComments).within()
}

fn of_comments(comments: &NodeId, publisher: &str) -> Key<(NodeKey, String)> {
    Key::new(Table::ItemComments).text(&comments.service).text(&comments.name).text(publisher)
}
