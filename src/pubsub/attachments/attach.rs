//! Attach something to an item — XEP-0470, XEP-0060 [#publisher-publish].
//!
//! Refuses: `item-not-found` (the item, its node, or a name that is no URI of an item here), `gone`, `not-allowed` (to a
//! summary node, or to attachments), `forbidden` and what the access model says, `bad-request + item-required |
//! invalid-jid | payload-required | invalid-payload`, `not-allowed + max-items-exceeded`, `not-acceptable +
//! payload-too-big`, `not-acceptable` (more kinds of reactions than fit into a summary), `conflict + node-full`.

use crate::atom::validation::{self, check_xml};
use crate::pubsub::access::find;
use crate::pubsub::affiliation::{Action, Verdict};
use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::node::Node;
use crate::pubsub::publisher::publish::{NewItem, Payload, Publish};
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Response, Tx, tell};

use super::names::{Target, is_reserved};
use super::rights::may_attach;
use super::share::Share;
use super::{NS, nodes, summary};

/// Attaches, in place of what the sender has attached before. Publish-options are ignored, as the specification asks.
pub(in crate::pubsub) fn attach(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    request: &Publish,
) -> Result<Response, Failure> {
    let Some(target) = Target::of(&ctx.service.jid, &request.node) else {
        let service = &ctx.service.jid;
        let text = format!("this names no item of {service}: xmpp:{service}?;node=…;item=… is expected");
        return Err(Why::ItemNotFound.because(text).into());
    };
    let (node, affiliation) = find(ctx, tx, &target.node)?;
    if is_reserved(&node.id.name) {
        return Err(Why::NotAllowed.because("nothing can be attached to attachments").into());
    }
    may_attach(ctx, tx, &node, affiliation)?;
    let Some(target_item) = Living::of(tx, &node, ctx.now)?.item(tx, &target.item)? else {
        return Err(Why::ItemNotFound.because(format!("there is no item {:?}", target.item)).into());
    };
    let payload = payload(ctx, &request.items)?;

    let attachments = nodes::attachments(ctx, tx, &node, &target)?;
    let id = ctx.from.bare().to_owned();
    let last = tx.item(attachments.key, &id)?;
    if last.is_none() {
        make_room(tx, &attachments)?;
    }
    let mut item = Item::new(id.clone(), ctx.from.to_bare(), Some(payload.xml.clone()), ctx.now);
    tx.put_item(attachments.key, &mut item)?;
    let (last, new) = (last.as_ref().map(Share::of).unwrap_or_default(), Share::of(&item));
    tell::published(tx, &attachments, item)?;
    summary::update(ctx, tx, &node, &target.item, &last, &new)?;
    // Its author signs what he published; others sign what they were given.
    let is_author = target_item.publisher.bare() == id || affiliation.allows(Action::Publish) == Verdict::Yes;
    if new.signer.is_some() && is_author && !target_item.as_published {
        tx.give_as_published(node.key, &target.item)?;
    }
    Ok(Response::Published { node: request.node.clone(), ids: vec![id] })
}

/// The attachments, if they are the sender's and such.
fn payload<'a>(ctx: &Context<'_>, items: &'a [NewItem]) -> Result<&'a Payload, Refusal> {
    let own = ctx.from.bare();
    let item = match items {
        [] => return Err(Why::ItemRequired.because(format!("send <item id='{own}'/> with your attachments"))),
        [item] => item,
        _ => return Err(Why::MaxItemsExceeded.because("everybody has one item with all that he attaches")),
    };
    if item.id.as_deref() != Some(own) {
        let text = format!("the id of the item has to be your bare JID, {own}");
        return Err(Why::InvalidJid.because(text));
    }
    let payload = match item.payloads.as_slice() {
        [] => return Err(Why::PayloadRequired.because(format!("the <item/> is empty: {EXPECTED}"))),
        [payload] => payload,
        _ => {
            return Err(
                Why::InvalidPayload.because(format!("the <item/> holds several elements: {EXPECTED}"))
            );
        }
    };
    if (payload.ns.as_str(), payload.name.as_str()) != (NS, "attachments") {
        let text = format!("{{{}}}{} is not attachments: {EXPECTED}", payload.ns, payload.name);
        return Err(Why::InvalidPayload.because(text));
    }
    let (bytes, most) = (payload.xml.len(), ctx.service.payload_bytes_max);
    if bytes > most {
        let text = format!("the payload has {bytes} bytes, at most {most} are taken");
        return Err(Why::PayloadTooBig.because(text));
    }
    check_xml(&payload.xml).map_err(|flaw| Why::InvalidPayload.because(validation::text(flaw)))?;
    Ok(payload)
}

const EXPECTED: &str = "put <attachments xmlns='urn:xmpp:pubsub-attachments:1'/> into it";

fn make_room(tx: &dyn Tx, attachments: &Node) -> Result<(), Failure> {
    let most = attachments.config.items_max();
    if tx.counts(attachments.key)?.items < most {
        return Ok(());
    }
    Err(Why::NodeFull
        .because(format!("{most} people have attached something, and there is no room for more"))
        .into())
}
