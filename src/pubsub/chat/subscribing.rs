//! The words that change something: `subscribe` and `unsubscribe`. They are about the bare JID: what somebody writes
//! from one of his clients is to reach him on all of them.

use crate::pubsub::access::find;
use crate::pubsub::form::Form;
use crate::pubsub::subscriber::options::{Options, SetOptions, set_options};
use crate::pubsub::subscriber::subscribe::{Subscribe, subscribe as subscribe_to};
use crate::pubsub::subscriber::unsubscribe::{Unsubscribe, unsubscribe as unsubscribe_from};
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Context, Failure, Response, Tx};

use super::line;

/// Subscribes the sender, or turns the text on in the subscription that he has.
pub(super) fn subscribe(ctx: &mut Context<'_>, tx: &mut dyn Tx, name: &str) -> Result<String, Failure> {
    let mut held = own(ctx, tx, name)?;
    held.retain(|held| held.state != State::Pending);
    let is_readable = |held: &Subscription| held.options.include_body && held.options.deliver;
    let (node, jid, form) = (name.to_owned(), ctx.from.bare().to_owned(), with_text());
    let shown = line(name);
    match held.first() {
        Some(_) if held.iter().any(is_readable) => {}
        Some(silent) => {
            let which = Options { node, jid, subid: Some(silent.subid.clone()) };
            set_options(ctx, tx, &SetOptions { which, form })?;
        }
        None => {
            let subscribed =
                subscribe_to(ctx, tx, &Subscribe { node, jid, options: Some(form), public: false })?;
            if matches!(subscribed, Response::Subscribed { subscription, .. } if subscription.state == State::Pending)
            {
                return Ok(format!("An owner of {shown} has to approve that, and is asked to."));
            }
        }
    }
    Ok(format!("You are subscribed to {shown}. To end that, write: unsubscribe {shown}"))
}

/// Ends all subscriptions that the sender has under his bare JID.
pub(super) fn unsubscribe(ctx: &mut Context<'_>, tx: &mut dyn Tx, name: &str) -> Result<String, Failure> {
    let own = own(ctx, tx, name)?;
    let jid = ctx.from.bare().to_owned();
    let mut subids: Vec<_> = own.into_iter().map(|held| Some(held.subid)).collect();
    if subids.is_empty() {
        // It knows how to refuse that.
        subids.push(None);
    }
    for subid in subids {
        unsubscribe_from(ctx, tx, &Unsubscribe { node: name.to_owned(), jid: jid.clone(), subid })?;
    }
    Ok(format!("You are not subscribed to {} any more.", line(name)))
}

fn own(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<Vec<Subscription>, Failure> {
    let (node, _) = find(ctx, tx, name)?;
    let mut own = tx.subscriptions(node.key, ctx.from.bare())?;
    own.retain(|held| held.jid.is_bare());
    Ok(own)
}

/// A text, for clients that show nothing else.
fn with_text() -> Form {
    let yes = |var: &str| (var.to_owned(), vec!["1".to_owned()]);
    Form { fields: vec![yes("pubsub#deliver"), yes("pubsub#include_body")], ..Form::default() }
}
