//! Discover what a node is, and what clients may cache of it — XEP-0060 [#entity-info], [#entity-metadata], XEP-0460.
//!
//! Refuses: `item-not-found` for nodes that do not exist and for nodes that the sender may not see.
//! Features: `meta-data`, `urn:xmpp:pubsub-caching:0`.

use crate::pubsub::access::{absent, affiliations, find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::caching::{self, Hint};
use crate::pubsub::config::AccessModel;
use crate::pubsub::node::{Counts, Node};
use crate::pubsub::{Context, Failure, Response, Tx, attachments};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// The NodeID.
    pub node: String,
}

/// What is told.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDescription {
    /// The node.
    pub node: Node,
    /// What clients may cache of it.
    pub hints: Vec<Hint>,
    /// How much is in it.
    pub counts: Counts,
    /// Bare JIDs of the owners: told to everybody where the node is open, else to those with an affiliation.
    pub owners: Vec<String>,
    /// Bare JIDs of the publishers: only told to those with an affiliation.
    pub publishers: Vec<String>,
}

/// Describes a node.
pub fn node_info(ctx: &Context<'_>, tx: &dyn Tx, request: &NodeInfo) -> Result<Response, Failure> {
    let (mut node, affiliation) = find(ctx, tx, &request.node)?;
    see(ctx, tx, &node, affiliation)?;
    node.config = attachments::shown(tx, &node)?.into_owned();
    node.id.name.clone_from(&request.node);
    let counts = tx.counts(node.key)?;
    let is_member = affiliation != Affiliation::None;
    let is_open = node.config.access_model == AccessModel::Open;
    let all = if is_member || is_open { affiliations(tx, &node)? } else { Vec::new() };
    let listed = |wanted| {
        all.iter().filter(move |(_, is)| *is == wanted).map(|(jid, _)| jid.as_str().to_owned()).collect()
    };
    let owners = listed(Affiliation::Owner);
    let publishers = if is_member { listed(Affiliation::Publisher) } else { Vec::new() };
    let hints = caching::hints(&node.config, ctx.service.is_durable);
    let description = NodeDescription { node, hints, counts, owners, publishers };
    Ok(Response::NodeInfo(Box::new(description)))
}

/// Answers as if the node were absent when the sender may not see it.
pub(super) fn see(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    affiliation: Affiliation,
) -> Result<(), Failure> {
    may(ctx, tx, node, affiliation, Action::Discover).map_err(|failure| match failure {
        Failure::Refused(_) => absent(&node.id.name).into(),
        other @ (Failure::Faulted(_) | Failure::Missing(_)) => other,
    })
}
