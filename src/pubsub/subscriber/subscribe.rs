//! Subscribe to a node — XEP-0060 [#subscriber-subscribe].
//!
//! Refuses: `bad-request + invalid-jid`, `item-not-found`, `forbidden`, `not-allowed + closed-node`,
//! `feature-not-implemented + unsupported(subscribe)`, `policy-violation + too-many-subscriptions`.
//! Features: `subscribe`.

use crate::limits::SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::jid::Jid;
use crate::pubsub::refusal::{Feature, Refusal, Why};
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Context, Failure, Response, Tx, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// The NodeID.
    pub node: String,
    /// Whom to subscribe, as written.
    pub jid: String,
}

/// Subscribes the sender.
pub fn subscribe(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Subscribe) -> Result<Response, Failure> {
    let jid = own_jid(ctx, &request.jid)?;
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Subscribe)?;
    if !node.config.subscribe {
        return Err(Why::Unsupported(Feature::Subscribe).because("this node takes no subscriptions").into());
    }

    let held = tx.subscriptions(node.key, jid.bare())?;
    if let Some(same) = held.iter().find(|subscription| subscription.jid == jid) {
        let subscription = same.clone();
        return Ok(Response::Subscribed { node: request.node.clone(), subscription });
    }
    if held.len() >= SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX {
        return Err(Why::TooManySubscriptions.because("you have too many subscriptions to this node").into());
    }

    let mut subscription =
        Subscription { jid, subid: ctx.ids.next(), state: State::Subscribed, created: ctx.now, since: 0 };
    tx.put_subscription(node.key, &mut subscription)?;
    if affiliation != Affiliation::Owner {
        tell::owners(tx, &node, &subscription, Some(subscription.state))?;
    }
    Ok(Response::Subscribed { node: request.node.clone(), subscription })
}

/// Only oneself may be subscribed: the sender's own JID, bare or full.
pub(super) fn own_jid(ctx: &Context<'_>, written: &str) -> Result<Jid, Refusal> {
    let refused = || Why::InvalidJid.because(format!("only {} itself may be subscribed", ctx.from.bare()));
    let jid = Jid::parse(written).ok_or_else(refused)?;
    if jid.bare() == ctx.from.bare() { Ok(jid) } else { Err(refused()) }
}
