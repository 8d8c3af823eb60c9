//! Manage subscriptions — XEP-0060 [#owner-subscriptions].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request` (no JID, no such state), `not-acceptable` where a change
//! cannot be made: all are made or none.
//! Features: `manage-subscriptions`, `subscription-notifications`.

use crate::limits::SUBSCRIPTIONS_LISTED_MAX;
use crate::pubsub::access::{find, may, stored_affiliation};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::refusal::Why;
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Context, Failure, Response, Timestamp, Tx, public_subscribers, tell};

/// The request for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriptions {
    /// The NodeID.
    pub node: String,
}

/// The request for changes: all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSubscriptions {
    /// The NodeID.
    pub node: String,
    /// What to change.
    pub changes: Vec<Change>,
}

/// One change, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose subscription.
    pub jid: String,
    /// The new state.
    pub state: String,
    /// Which of several.
    pub subid: Option<String>,
}

/// Lists the subscriptions to a node, but for those that wait for approval.
pub fn subscriptions(ctx: &Context<'_>, tx: &dyn Tx, request: &Subscriptions) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    let mut list = tx.subscriptions_page(node.key, None, SUBSCRIPTIONS_LISTED_MAX)?;
    list.retain(|subscription| subscription.state != State::Pending);
    Ok(Response::Subscriptions { node: request.node.clone(), list })
}

/// Approves, adds and ends subscriptions. Who is affected is told.
pub fn change_subscriptions(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    request: &ChangeSubscriptions,
) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    let mut failed = Vec::new();
    for change in &request.changes {
        let jid = Jid::parse(&change.jid)
            .ok_or_else(|| Why::BadRequest.because(format!("{:?} is no JID", change.jid)))?;
        let mut held = tx.subscriptions(node.key, jid.bare())?;
        held.retain(|held| held.jid == jid && change.subid.as_ref().is_none_or(|id| *id == held.subid));
        let possible = match change.state.as_str() {
            "none" => end(tx, &node, &held)?,
            "subscribed" => approve(tx, &node, &jid, &held, ctx.now)?,
            _ => false,
        };
        if !possible {
            failed.extend(held);
        }
        if !possible && failed.is_empty() {
            let text = format!("{jid} has no subscription that could become {:?}", change.state);
            return Err(Why::NotAcceptable.because(text).into());
        }
    }
    if failed.is_empty() {
        return Ok(Response::Done);
    }
    let unchanged = Response::Subscriptions { node: request.node.clone(), list: failed };
    Err(Why::NotAcceptable.because("nothing was changed: these could not be").along_with(unchanged).into())
}

/// Ends subscriptions; false when there is none.
fn end(tx: &mut dyn Tx, node: &Node, held: &[Subscription]) -> Result<bool, Failure> {
    for subscription in held {
        public_subscribers::remove(tx, node, subscription)?;
        tell::subscriber(tx, node, subscription, None)?;
    }
    Ok(!held.is_empty())
}

/// Approves subscriptions that were asked for; false when none was. Nobody is made to hear what he did not ask for.
fn approve(
    tx: &mut dyn Tx,
    node: &Node,
    jid: &Jid,
    held: &[Subscription],
    now: Timestamp,
) -> Result<bool, Failure> {
    if held.is_empty() || stored_affiliation(tx, node, jid)? == Affiliation::Outcast {
        return Ok(false);
    }
    for subscription in held.iter().filter(|held| held.state != State::Subscribed) {
        let mut approved = Subscription { state: State::Subscribed, ..subscription.clone() };
        public_subscribers::put(tx, node, &mut approved, now)?;
        tell::subscriber(tx, node, &approved, Some(State::Subscribed))?;
    }
    Ok(true)
}
