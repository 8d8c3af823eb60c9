//! Items and nodes that go, and with them what is tied to them.

use super::attachments;
use super::fault::Fault;
use super::import;
use super::item::Item;
use super::node::{Node, NodeId, NodeKey};
use super::notice::Event;
use super::time::Timestamp;
use super::tx::Tx;
use super::{relations, tell, tombstone};

/// How many tied nodes are read at once. An item has one or two.
const TIED_AT_ONCE: usize = 16;

/// Removes an item; false when there was none.
pub(super) fn item(tx: &mut dyn Tx, key: NodeKey, id: &str) -> Result<bool, Fault> {
    loop {
        let went = tied(tx, key, Some(id), TIED_AT_ONCE)?;
        for node in &went {
            attachments::target_is_gone(tx, node, key, id)?;
        }
        if went.len() < TIED_AT_ONCE {
            break;
        }
    }
    tx.remove_item(key, id)
}

/// Removes an item that somebody may look for afterwards on the web; see [`tombstone::bury`].
pub(super) fn entry(
    tx: &mut dyn Tx,
    node: &Node,
    entry: &Item,
    when: Option<Timestamp>,
) -> Result<(), Fault> {
    item(tx, node.key, &entry.id)?;
    tombstone::bury(tx, node, entry, when)
}

/// Takes a node out of sight. What belongs to it is swept once those who were subscribed to it have been told.
pub(super) fn node(tx: &mut dyn Tx, node: &Node, redirect: Option<String>) -> Result<(), Fault> {
    import::end_all(tx, node.key)?;
    tx.remove_node(node.key)?;
    tell::bereaved(tx, node, Event::Deleted { redirect })
}

/// The node of this name, if one is there and stays. What only is not gone yet makes way for a new one.
pub(super) fn make_way(tx: &mut dyn Tx, id: &NodeId) -> Result<Option<Node>, Fault> {
    let Some(left) = tx.node(id)? else { return Ok(None) };
    if left.moved.is_some() {
        tx.remove_node(left.key)?;
    } else if relations::is_doomed(tx, &left)? {
        node(tx, &left, None)?;
    } else {
        return Ok(Some(left));
    }
    Ok(None)
}

/// Removes up to `limit` of what is left of a removed node, first the nodes that are tied to it; true when nothing is
/// left.
pub fn sweep(tx: &mut dyn Tx, key: NodeKey, limit: usize) -> Result<bool, Fault> {
    let removed = tied(tx, key, None, limit)?.len();
    if removed == limit { Ok(false) } else { tx.sweep(key, limit - removed) }
}

/// Removes up to `limit` nodes that are tied to an item, or to a node and its items; those.
fn tied(tx: &mut dyn Tx, key: NodeKey, item: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
    let found = tx.tied(key, item, limit)?;
    for tied in &found {
        // A node that is tied twice is found twice.
        if tx.node_by_key(tied.key)?.is_some() {
            node(tx, tied, None)?;
        }
    }
    Ok(found)
}
