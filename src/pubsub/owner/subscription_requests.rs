//! Manage subscription requests — XEP-0060 [#owner-subreq].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request` (a form that does not say what it is about).
//! Features: `get-pending`, `subscription-notifications`.

use crate::limits::PENDING_TOLD_MAX;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::command::{Field, Sheet, Stage};
use crate::pubsub::form::{Form, boolean};
use crate::pubsub::jid::Jid;
use crate::pubsub::notice::Event;
use crate::pubsub::refusal::Why;
use crate::pubsub::subscription::{State, SubscriptionKey};
use crate::pubsub::{Context, Failure, Response, Tx, public_subscribers, tell};

/// An owner's answer: the form of the authorization request, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorize {
    /// The form.
    pub form: Form,
}

/// Approves or denies a pending subscription. A cancelled form leaves it pending.
pub fn authorize(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Authorize) -> Result<Response, Failure> {
    let form = &request.form;
    if form.cancelled {
        return Ok(Response::Done);
    }
    let missing = |what| Why::BadRequest.because(format!("the form does not say {what}"));
    let name = form.value("pubsub#node").ok_or_else(|| missing("pubsub#node"))?;
    let jid = form.value("pubsub#subscriber_jid").and_then(Jid::parse);
    let jid = jid.ok_or_else(|| missing("pubsub#subscriber_jid"))?;
    let allow = form.value("pubsub#allow").and_then(boolean).ok_or_else(|| missing("pubsub#allow"))?;
    let (node, affiliation) = find(ctx, tx, name)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;

    let subid = form.value("pubsub#subid");
    let held = tx.subscriptions(node.key, jid.bare())?.into_iter();
    let pending = held.filter(|held| held.jid == jid && held.state == State::Pending);
    let mut pending = pending.filter(|held| subid.is_none_or(|subid| held.subid == subid));
    let Some(mut subscription) = pending.next() else {
        return Err(Why::ItemNotFound.because(format!("{jid} has no pending subscription")).into());
    };
    if allow {
        subscription.state = State::Subscribed;
        public_subscribers::put(tx, &node, &mut subscription, ctx.now)?;
        tell::subscriber(tx, &node, &subscription, Some(State::Subscribed))?;
    } else {
        public_subscribers::remove(tx, &node, &subscription)?;
        tell::subscriber(tx, &node, &subscription, None)?;
    }
    Ok(Response::Done)
}

/// Sends the sender an authorization request for everybody who waits at a node of his; asks which node, if he does not
/// say.
pub fn get_pending(ctx: &mut Context<'_>, tx: &mut dyn Tx, form: Option<&Form>) -> Result<Stage, Failure> {
    let Some(name) = form.and_then(|form| form.value("pubsub#node")) else {
        return Ok(which_node(own_nodes(ctx, tx)?));
    };
    let (node, affiliation) = find(ctx, tx, name)?;
    if may(ctx, tx, &node, affiliation, Action::Administer).is_err() {
        return Err(Why::ForbiddenCommand.because("only an owner of the node may do this").into());
    }
    let (mut after, mut told): (Option<SubscriptionKey>, usize) = (None, 0);
    while told < PENDING_TOLD_MAX {
        let page = tx.subscriptions_page(node.key, after.as_ref(), PENDING_TOLD_MAX)?;
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        for pending in page.iter().filter(|held| held.state == State::Pending) {
            tell::one(tx, &node, ctx.from, Event::authorization(pending))?;
            told += 1;
        }
    }
    Ok(Stage::Done { note: None, shown: None })
}

/// The form that asks for the node.
fn which_node(nodes: Vec<String>) -> Stage {
    Stage::Asks(Sheet {
        form_type: Some("http://jabber.org/protocol/pubsub#subscribe_authorization"),
        fields: vec![Field {
            var: "pubsub#node",
            kind: "list-single",
            label: "The node",
            options: nodes.into_iter().map(|node| (node.clone(), node)).collect(),
            ..Field::default()
        }],
        ..Sheet::default()
    })
}

/// The nodes that the sender owns.
pub(in crate::pubsub) fn own_nodes(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for (key, affiliation) in tx.affiliations_of(ctx.from.bare())? {
        if affiliation == Affiliation::Owner
            && let Some(node) = tx.node_by_key(key)?
            && node.id.service == ctx.service.jid
        {
            names.push(node.id.name);
        }
    }
    Ok(names)
}
