//! The list of the nodes that anyone may read.

use crate::limits::{NODES_READ_AT_ONCE, WEB_NODES_PAGE, WEB_NODES_SCANNED_MAX};
use crate::pubsub::node::Node;
use crate::pubsub::{Context, Failure, Tx};

use super::{may_be_public, public_node};

/// The request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// Only those after this name.
    pub after: Option<String>,
}

/// A part of the list, in the order of the names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodePage {
    /// The nodes; there may be none, and more of them later.
    pub nodes: Vec<Node>,
    /// The name after which to go on, which may be that of a hidden node; none at the end.
    pub next: Option<String>,
}

/// Lists a page of nodes.
pub fn nodes(ctx: &Context<'_>, tx: &dyn Tx, request: &Nodes) -> Result<NodePage, Failure> {
    let mut page = NodePage { nodes: Vec::new(), next: request.after.clone() };
    let mut scanned = 0;
    while scanned < WEB_NODES_SCANNED_MAX {
        let found = tx.nodes(&ctx.service.jid, page.next.as_deref(), NODES_READ_AT_ONCE)?;
        scanned += found.len();
        let is_rest = found.len() < NODES_READ_AT_ONCE;
        for node in found {
            page.next = Some(node.id.name.clone());
            if may_be_public(&node) {
                page.nodes.extend(public_node(ctx, tx, &node.id.name)?.map(|public| public.node));
            }
            if page.nodes.len() == WEB_NODES_PAGE {
                return Ok(page);
            }
        }
        if is_rest {
            page.next = None;
            break;
        }
    }
    Ok(page)
}
