//! Which nodes are tied to which: by what they are tied to.

use super::{Key, Span, Table};
use crate::pubsub::node::{NodeKey, Tie};

/// A node that is tied to something.
pub fn tied(tie: &Tie, node: NodeKey) -> Key<NodeKey> {
    let key = Key::new(Table::Tied).number(tie.node.0);
    match &tie.item {
        None => key.flag(false),
        Some(item) => key.flag(true).text(item),
    }
    .number(node.0)
}

/// The nodes that are tied to an item.
pub fn tied_to_item(key: NodeKey, item: &str) -> Span<NodeKey> {
    Key::new(Table::Tied).number(key.0).flag(true).text(item).within()
}

/// The nodes that are tied to a node or to its items.
pub fn tied_to_node(key: NodeKey) -> Span<NodeKey> {
    Key::new(Table::Tied).number(key.0).within()
}

/// All nodes that are tied to something, once for each tie.
pub fn all_tied() -> Span<NodeKey> {
    Key::new(Table::Tied).within()
}
