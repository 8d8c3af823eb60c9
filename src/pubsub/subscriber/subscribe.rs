//! Subscribe to a node, with options if wanted — XEP-0060 [#subscriber-subscribe], [#subscriber-subscribe-multi].
//!
//! Refuses: `bad-request + invalid-jid`, `item-not-found`, `forbidden`, `not-allowed + closed-node`,
//! `not-authorized + pending-subscription`, `bad-request + invalid-options`,
//! `feature-not-implemented + unsupported(subscribe)`, `policy-violation + too-many-subscriptions`.
//! Features: `subscribe`, `multi-subscribe`, `subscription-options`.
//!
//! Clients subscribe again whenever a person follows a feed again, so a plain request for a JID that is subscribed
//! answers with the subscription it has. A second one is made for other options than the first one's. Each request says
//! anew whether everybody may know of it (XEP-0465).

use crate::limits::SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX;
use crate::pubsub::access::may;
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::config::{AccessModel, SendLast};
use crate::pubsub::form::Form;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::presence::ask;
use crate::pubsub::public_subscribers::find_or_make;
use crate::pubsub::refusal::{Feature, Refusal, Why};
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::subscription_options::{self, SubscriptionOptions};
use crate::pubsub::{Context, Failure, Response, Timestamp, Tx, last, public_subscribers, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// The NodeID.
    pub node: String,
    /// Whom to subscribe, as written.
    pub jid: String,
    /// How, where it differs from the default.
    pub options: Option<Form>,
    /// Whether everybody may know of it — XEP-0465.
    pub public: bool,
}

/// Subscribes the sender.
pub fn subscribe(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Subscribe) -> Result<Response, Failure> {
    let jid = own_jid(ctx, &request.jid)?;
    let (node, affiliation) = find_or_make(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Subscribe)?;
    if !node.config.subscribe {
        return Err(Why::Unsupported(Feature::Subscribe).because("this node takes no subscriptions").into());
    }
    let base = SubscriptionOptions::default();
    let options = match &request.options {
        Some(form) if !form.cancelled => subscription_options::apply(&base, form, ctx.now)?,
        _ => base,
    };

    let mut held = tx.subscriptions(node.key, jid.bare())?;
    let pending = held.iter().find(|held| held.jid == jid && held.state == State::Pending);
    if pending.is_some_and(|pending| pending.public == request.public) {
        return Err(Why::PendingSubscription.because("an owner has yet to approve your subscription").into());
    }
    if !request.public {
        public_subscribers::withdraw(tx, &node, &mut held)?;
    }
    let is_same = |held: &&mut Subscription| {
        held.jid == jid
            && (held.state == State::Pending || request.options.is_none() || held.options == options)
    };
    if let Some(known) = held.iter_mut().find(is_same) {
        if known.public != request.public {
            known.public = request.public;
            public_subscribers::put(tx, &node, known, ctx.now)?;
        }
        let subscription = known.clone();
        return Ok(Response::Subscribed { node: request.node.clone(), subscription });
    }
    if held.len() >= SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX {
        return Err(Why::TooManySubscriptions.because("you have too many subscriptions to this node").into());
    }

    let is_known =
        affiliation != Affiliation::None || held.iter().any(|held| held.state == State::Subscribed);
    let needs_approval = node.config.access_model == AccessModel::Authorize && !is_known;
    let state = if needs_approval {
        State::Pending
    } else if node.config.options_required && request.options.is_none() {
        State::Unconfigured
    } else {
        State::Subscribed
    };
    let mut subscription = Subscription::new(jid, ctx.ids.next(), state, options, ctx.now);
    subscription.digested = tx.newest_place(node.key)?;
    subscription.public = request.public;
    public_subscribers::put(tx, &node, &mut subscription, ctx.now)?;
    ask::for_subscription(tx, &node, &subscription)?;
    told(tx, &node, affiliation, &subscription, ctx.now)?;
    Ok(Response::Subscribed { node: request.node.clone(), subscription })
}

/// Tells the owners of a subscription that is complete or waits for them, and sends the newest item to the subscriber where the node does that.
pub(super) fn told(
    tx: &mut dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    subscription: &Subscription,
    now: Timestamp,
) -> Result<(), Failure> {
    if subscription.state == State::Pending {
        let event = Event::authorization(subscription);
        return Ok(tell::all_owners(tx, node, event)?);
    }
    if subscription.state == State::Unconfigured {
        return Ok(());
    }
    if affiliation != Affiliation::Owner {
        tell::owners(tx, node, subscription, Some(subscription.state))?;
    }
    if node.config.send_last != SendLast::Never {
        last::send(tx, node, &subscription.jid, std::slice::from_ref(subscription), now)?;
    }
    Ok(())
}

/// Only oneself may be subscribed: the sender's own JID, bare or full.
pub(super) fn own_jid(ctx: &Context<'_>, written: &str) -> Result<Jid, Refusal> {
    let refused = || Why::InvalidJid.because(format!("only {} itself may be subscribed", ctx.from.bare()));
    let jid = Jid::parse(written).ok_or_else(refused)?;
    if jid.bare() == ctx.from.bare() { Ok(jid) } else { Err(refused()) }
}
