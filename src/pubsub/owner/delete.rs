//! Delete a node — XEP-0060 [#owner-delete].
//!
//! Refuses: `item-not-found`, `forbidden`.
//! Features: `delete-nodes`. Subscribers hear of it whatever `pubsub#notify_delete` says, as the specification asks.

use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::notice::Event;
use crate::pubsub::{Context, Failure, Response, Tx, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// The NodeID.
    pub node: String,
    /// Where to go instead: an `xmpp:` URI.
    pub redirect: Option<String>,
}

/// Takes a node out of sight. What belonged to it is swept once its subscribers have been told.
pub fn delete(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Delete) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;

    tx.remove_node(node.key)?;
    tell::bereaved(tx, &node, Event::Deleted { redirect: request.redirect.clone() })?;
    Ok(Response::Done)
}
