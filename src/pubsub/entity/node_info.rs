//! Discover what a node is — XEP-0060 [#entity-info], [#entity-metadata].
//!
//! Refuses: `item-not-found` for nodes that do not exist and for nodes that the sender may not see.
//! Features: `meta-data`.

use crate::pubsub::access::{absent, affiliations, find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
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
    /// How much is in it.
    pub counts: Counts,
    /// Bare JIDs of the owners: only told to those with an affiliation.
    pub owners: Vec<String>,
    /// Bare JIDs of the publishers: likewise.
    pub publishers: Vec<String>,
}

/// Describes a node.
pub fn node_info(ctx: &Context<'_>, tx: &dyn Tx, request: &NodeInfo) -> Result<Response, Failure> {
    let (mut node, affiliation) = find(ctx, tx, &request.node)?;
    see(ctx, tx, &node, affiliation)?;
    let counts = tx.counts(node.key)?;
    let listed = |wanted| -> Result<Vec<String>, Failure> {
        if affiliation == Affiliation::None {
            return Ok(Vec::new());
        }
        let all = affiliations(tx, &node)?.into_iter();
        Ok(all.filter(|(_, a)| *a == wanted).map(|(jid, _)| jid.as_str().to_owned()).collect())
    };
    let owners = listed(Affiliation::Owner)?;
    let publishers = listed(Affiliation::Publisher)?;
    node.config = attachments::shown(tx, &node)?.into_owned();
    node.id.name.clone_from(&request.node);
    let description = NodeDescription { node, counts, owners, publishers };
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
