//! Unsubscribe from a node — XEP-0060 [#subscriber-unsubscribe].
//!
//! Refuses: `bad-request + subid-required`, `unexpected-request + not-subscribed`, `forbidden`, `item-not-found`,
//! `not-acceptable + invalid-subid`.

use crate::pubsub::access::find;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::jid::Jid;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::subscription::Subscription;
use crate::pubsub::{Context, Failure, Response, Tx, public_subscribers, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// The NodeID.
    pub node: String,
    /// Whom to unsubscribe, as written.
    pub jid: String,
    /// Which subscription.
    pub subid: Option<String>,
}

/// Ends a subscription of the sender.
pub fn unsubscribe(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    request: &Unsubscribe,
) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    let jid = Jid::parse(&request.jid).filter(|jid| jid.bare() == ctx.from.bare());
    let jid = jid.ok_or_else(|| Why::Forbidden.because("only your own subscriptions are yours to end"))?;

    let held = tx.subscriptions(node.key, jid.bare())?;
    let ended = pick(held, &jid, request.subid.as_deref(), Why::NotSubscribed)?;
    public_subscribers::remove(tx, &node, &ended)?;
    if affiliation != Affiliation::Owner {
        tell::owners(tx, &node, &ended, None)?;
    }
    Ok(Response::Done)
}

/// The one subscription of a JID that is meant. A SubID is needed only where there are several.
pub(super) fn pick(
    held: Vec<Subscription>,
    jid: &Jid,
    subid: Option<&str>,
    absent: Why,
) -> Result<Subscription, Refusal> {
    let mut own: Vec<_> = held.into_iter().filter(|subscription| subscription.jid == *jid).collect();
    if own.is_empty() {
        return Err(absent.because(format!("{jid} is not subscribed to this node")));
    }
    if let Some(subid) = subid {
        own.retain(|subscription| subscription.subid == subid);
    } else if own.len() > 1 {
        return Err(Why::SubidRequired.because("there are several subscriptions of this JID: name one"));
    }
    own.pop().ok_or_else(|| Why::InvalidSubid.because("there is no subscription with this SubID"))
}
