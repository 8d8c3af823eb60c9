//! Configure a subscription — XEP-0060 [#subscriber-configure]; the defaults — [#subscribe-default].
//!
//! Refuses: `item-not-found`, `forbidden`, `unexpected-request + not-subscribed`, `bad-request + jid-required |
//! subid-required | invalid-options`, `not-acceptable + invalid-subid`.
//! Features: `subscription-options`, `retrieve-default-sub`, `leased-subscription`.

use crate::pubsub::access::find;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::form::Form;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::presence::ask;
use crate::pubsub::refusal::Why;
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Context, Failure, Response, Tx, public_subscribers, subscription_options};

use super::subscribe::told;
use super::unsubscribe::pick;

/// Which subscription is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The NodeID.
    pub node: String,
    /// Whose, as written.
    pub jid: String,
    /// Which of several.
    pub subid: Option<String>,
}

/// The submitted form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetOptions {
    /// Which subscription.
    pub which: Options,
    /// What to change.
    pub form: Form,
}

/// The request for the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultOptions {
    /// Of this node.
    pub node: Option<String>,
}

/// Shows the options of a subscription of the sender.
pub fn options(ctx: &Context<'_>, tx: &dyn Tx, request: &Options) -> Result<Response, Failure> {
    let (_, _, subscription) = own(ctx, tx, request)?;
    Ok(Response::Options { node: request.node.clone(), subscription: Box::new(subscription) })
}

/// Changes the options of a subscription of the sender; a subscription that waited for it is complete now.
pub fn set_options(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    request: &SetOptions,
) -> Result<Response, Failure> {
    let (node, affiliation, mut subscription) = own(ctx, tx, &request.which)?;
    if request.form.cancelled {
        return Ok(Response::Done);
    }
    subscription.options = subscription_options::apply(&subscription.options, &request.form, ctx.now)?;
    let is_complete_now = subscription.state == State::Unconfigured;
    if is_complete_now {
        subscription.state = State::Subscribed;
    }
    subscription.schedule_digest(ctx.now);
    subscription.digested = tx.newest_place(node.key)?;
    public_subscribers::put(tx, &node, &mut subscription, ctx.now)?;
    ask::for_subscription(tx, &node, &subscription)?;
    if is_complete_now {
        told(tx, &node, affiliation, &subscription, ctx.now)?;
    }
    Ok(Response::Done)
}

/// Shows the options of a new subscription.
pub fn default_options(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    request: &DefaultOptions,
) -> Result<Response, Failure> {
    if let Some(name) = &request.node {
        find(ctx, tx, name)?;
    }
    Ok(Response::DefaultOptions { node: request.node.clone() })
}

fn own(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    which: &Options,
) -> Result<(Node, Affiliation, Subscription), Failure> {
    let (node, affiliation) = find(ctx, tx, &which.node)?;
    let jid = Jid::parse(&which.jid).filter(|jid| jid.bare() == ctx.from.bare());
    let jid =
        jid.ok_or_else(|| Why::Forbidden.because("only your own subscriptions are yours to configure"))?;
    let held = tx.subscriptions(node.key, jid.bare())?;
    let subscription = pick(held, &jid, which.subid.as_deref(), Why::NotSubscribedToConfigure)?;
    Ok((node, affiliation, subscription))
}
