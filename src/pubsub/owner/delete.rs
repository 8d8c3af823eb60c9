//! Delete a node — XEP-0060 [#owner-delete].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request` (a redirect that is no `xmpp:` URI).
//! Features: `delete-nodes`. Where the owner names another place, whoever asks for the node later is told `gone` and
//! where to go, until somebody creates a node of that name. Subscribers hear of it whatever `pubsub#notify_delete` says, as the specification asks.

use crate::limits::URI_BYTES_MAX;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::node::Node;
use crate::pubsub::refusal::Why;
use crate::pubsub::{Context, Failure, Response, Tx, probe, removal};

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
    let (node, affiliation) = match find(ctx, tx, &request.node) {
        Err(Failure::Refused(refusal))
            if refusal.why == Why::ItemNotFound
                && probe::is_deleted(&request.node)
                && ctx.may_create(&request.node) =>
        {
            return Ok(Response::Done);
        }
        found => found?,
    };
    may(ctx, tx, &node, affiliation, Action::Administer)?;

    if request.redirect.as_ref().is_some_and(|uri| !uri.starts_with("xmpp:") || uri.len() > URI_BYTES_MAX) {
        return Err(Why::BadRequest.because("a node redirects to an xmpp: URI").into());
    }
    removal::node(tx, &node, request.redirect.clone())?;
    if request.redirect.is_some() {
        let (key, moved) = (tx.new_node_key()?, request.redirect.clone());
        tx.put_node(&Node { key, moved, expiry: None, ties: Vec::new(), ..node })?;
    }
    Ok(Response::Done)
}
