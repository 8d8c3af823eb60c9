//! Discover the nodes of the service — XEP-0060 [#entity-nodes].
//!
//! Features: `meta-data` makes each of them tell about itself. Nodes that the sender may not see are left out.

use crate::limits::{NODES_PAGE_MAX, NODES_SCANNED_MAX};
use crate::pubsub::access::{affiliation, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::paging::{PageInfo, Rsm, Span};
use crate::pubsub::{Context, Failure, Response, Tx};

/// The request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoverNodes {
    /// Which page.
    pub rsm: Rsm,
}

/// A node in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEntry {
    /// The NodeID.
    pub name: String,
    /// Its title, if it has one.
    pub title: String,
}

/// Lists the nodes in the order of their names.
pub fn discover_nodes(ctx: &Context<'_>, tx: &dyn Tx, request: &DiscoverNodes) -> Result<Response, Failure> {
    let limit = request.rsm.max.unwrap_or(NODES_PAGE_MAX).min(NODES_PAGE_MAX);
    let mut after = request.rsm.after.clone();
    let mut found = Vec::new();
    let mut scanned = 0;
    while found.len() < limit && scanned < NODES_SCANNED_MAX {
        let nodes = tx.nodes(&ctx.service.jid, after.as_deref(), limit)?;
        let Some(last) = nodes.last() else { break };
        after = Some(last.id.name.clone());
        scanned += nodes.len();
        for node in nodes {
            let visible = may(ctx, tx, &node, affiliation(ctx, tx, &node)?, Action::Discover);
            match visible {
                Ok(()) => found.push(NodeEntry { name: node.id.name, title: node.config.title }),
                // Whoever wants to know about a node whose rosters are not known yet asks about that node.
                Err(Failure::Refused(_) | Failure::Missing(_)) => {}
                Err(fault @ Failure::Faulted(_)) => return Err(fault),
            }
        }
    }
    found.truncate(limit);
    let span = match (found.first(), found.last()) {
        (Some(first), Some(last)) => {
            Some(Span { first: first.name.clone(), last: last.name.clone(), index: None })
        }
        _ => None,
    };
    Ok(Response::Nodes(found, PageInfo { span, count: None }))
}
