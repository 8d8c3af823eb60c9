//! Comments go with the entry that they are about — XEP-0277, XEP-0496: a node that its creator has not related to
//! another one is tied to the item that names it in a `replies` link.
//!
//! Either may come first, the node or the entry. Only an entry that was published by the creator of the node counts: nobody
//! can have somebody else's comments deleted by naming them. Where several entries name a node, it goes with the first of
//! them that was there together with it. The node may be one of another service of this program; one of another program
//! is not found.

use crate::atom::{Entry, uri};
use crate::limits::{NAMED_FOR_COMMENTS_MAX, NODE_NAME_BYTES_MAX};

use super::expiry::Living;
use super::fault::Fault;
use super::item::Item;
use super::jid::Jid;
use super::node::{Node, NodeId, Tie};
use super::profile::is_comments;
use super::relations::depends_on;
use super::time::Timestamp;
use super::tx::Tx;

/// The node that an entry names for its comments.
pub(super) fn named_by(entry: &Entry) -> Option<NodeId> {
    let links = entry.links("replies").filter_map(|link| uri::parse(&link.href));
    let mut nodes =
        links.filter(|named| named.item.is_none()).filter_map(|named| Some((named.jid, named.node?)));
    let (jid, name) = nodes.find(|(_, name)| is_comments(name) && name.len() <= NODE_NAME_BYTES_MAX)?;
    Some(NodeId { service: Jid::parse(&jid)?.bare().to_owned(), name })
}

/// What a new node is tied to, if it is a comments node whose entry is there already.
pub(super) fn ties_of_new(
    tx: &dyn Tx,
    id: &NodeId,
    creator: &Jid,
    now: Timestamp,
) -> Result<Vec<Tie>, Fault> {
    if !is_comments(&id.name) {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for (key, item) in tx.items_with_comments(id, creator.bare(), NAMED_FOR_COMMENTS_MAX)? {
        if let Some(node) = tx.node_by_key(key)?
            && let Some(item) = Living::of(tx, &node, now)?.item(tx, &item)?
        {
            entries.push((item.created, key, item.id));
        }
    }
    let first = entries.into_iter().min_by_key(|(created, ..)| *created);
    Ok(first.into_iter().map(|(_, node, item)| Tie { node, item: Some(item) }).collect())
}

/// Ties the comments node of an item that was published, and lets go the one that the item named before.
pub(super) fn follow(tx: &mut dyn Tx, node: &Node, item: &Item, before: Option<&Item>) -> Result<(), Fault> {
    let named = item.comments.as_ref();
    let tie = Tie::to_item(node, &item.id);
    if let Some(before) = before.and_then(|before| before.comments.as_ref()).filter(|id| Some(*id) != named)
        && let Some(mut comments) = tx.node(before)?
        && comments.ties.contains(&tie)
    {
        comments.ties.retain(|other| *other != tie);
        tx.put_node(&comments)?;
    }
    if let Some(named) = named
        && let Some(comments) = tx.node(named)?
        && comments.moved.is_none()
        && comments.ties.is_empty()
        && comments.creator == item.publisher
        && !depends_on(tx, node, comments.key)?
    {
        tx.put_node(&Node { ties: vec![tie], ..comments })?;
    }
    Ok(())
}
