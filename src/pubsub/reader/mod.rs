//! What anyone may read, without an account: how the web side sees the nodes.
//!
//! Whoever comes over the web is [`ANYONE`], a stranger like any other, but with a stricter rule: only nodes whose access
//! model is open, which keep their items, and which hold entries are there for him. Of all others he is told that they
//! are not there. An owner who makes [`ANYONE`] an outcast keeps a node off the web.

pub mod changes;
pub mod feed;
pub mod item;
pub mod nodes;

use changes::{Changes, Since, changes};
use feed::{Feed, FeedPart, feed};
use item::{ItemSight, OneItem, item};
use nodes::{NodePage, Nodes, nodes};

use super::access::{find, may};
use super::affiliation::Action;
use super::config::AccessModel;
use super::node::{Node, NodeKey};
use super::relations::Lineage;
use super::{Context, Failure, Tx};
use crate::atom;

/// The address of whoever has none. No host has this name (RFC 6761).
pub const ANYONE: &str = "anonymous.invalid";

/// What the web side wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its use case")]
pub enum Look {
    Nodes(Nodes),
    Feed(Feed),
    Item(OneItem),
    Changes(Since),
}

/// What it is shown; nothing where there is nothing for everybody.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is named after its use case")]
pub enum Sight {
    Nodes(NodePage),
    Feed(Option<Box<FeedPart>>),
    Item(Option<ItemSight>),
    Changes(Option<Box<Changes>>),
}

/// Shows something. It changes nothing.
pub fn look(ctx: &Context<'_>, tx: &dyn Tx, look: &Look) -> Result<Sight, Failure> {
    match look {
        Look::Nodes(look) => Ok(Sight::Nodes(nodes(ctx, tx, look)?)),
        Look::Feed(look) => Ok(Sight::Feed(feed(ctx, tx, look)?.map(Box::new))),
        Look::Item(look) => Ok(Sight::Item(item(ctx, tx, look)?)),
        Look::Changes(look) => Ok(Sight::Changes(changes(ctx, tx, look)?.map(Box::new))),
    }
}

/// A node that anyone may read.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicNode {
    /// The node.
    pub node: Node,
    /// The nodes that it depends on: where one of them changes, it may not be public any more.
    pub relatives: Vec<NodeKey>,
}

/// The node of this name, if anyone may read it.
fn public_node(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<Option<PublicNode>, Failure> {
    let found = find(ctx, tx, name).and_then(|(node, affiliation)| {
        let allowed = may(ctx, tx, &node, affiliation, Action::Retrieve);
        allowed.map(|()| node)
    });
    let node = match found {
        Ok(node) if may_be_public(&node) => node,
        Ok(_) | Err(Failure::Refused(_) | Failure::Missing(_)) => return Ok(None),
        Err(fault @ Failure::Faulted(_)) => return Err(fault),
    };
    let relatives = Lineage::of(tx, &node)?.map(|lineage| lineage.keys()).unwrap_or_default();
    Ok(Some(PublicNode { node, relatives }))
}

/// Whether a node can be seen on the web, unless somebody keeps strangers out of it or of a node above it.
pub(super) fn may_be_public(node: &Node) -> bool {
    let holds_entries = atom::is_atom(&node.config.payload_type) || node.config.payload_type.is_empty();
    let is_open = node.config.access_model == AccessModel::Open;
    is_open && holds_entries && node.config.persist_items && node.moved.is_none()
}
