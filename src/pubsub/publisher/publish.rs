//! Publish an item to a node — XEP-0060 [#publisher-publish].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request + invalid-payload | item-required | item-forbidden |
//! payload-required | invalid-options`, `not-acceptable + payload-too-big`, `not-acceptable` (another author than the
//! publisher, where the node does not allow it), `conflict + node-full | precondition-not-met` (XEP-0395: with
//! `compare-and-publish-failed`), `conflict` (another atom:id, where entries are to be valid), `not-allowed +
//! max-items-exceeded`, and where it would create the node what creating refuses.
//! Features: `publish`, `item-ids`, `persistent-items`, `publisher-affiliation`, `publish-options`, `auto-create`,
//! `multi-items`, `publish-node-full`.

use std::borrow::Cow;

use crate::atom::Entry;
use crate::limits::{ITEM_ID_BYTES_MAX, ITEMS_PER_REQUEST_MAX};
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::{Action, Affiliation, Verdict};
use crate::pubsub::companion::Companion;
use crate::pubsub::config::{NodeConfig, OverwritePolicy};
use crate::pubsub::expiry::{self, Living};
use crate::pubsub::form::Form;
use crate::pubsub::item::Item;
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::owner::create::{initial, make};
use crate::pubsub::presence::ask;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{
    Context, Failure, Response, Tx, attachments, comments, options, probe, relations, removal, tell,
};
use crate::xml::Element;

use super::entry::{self, Prepared};
use super::{identity, room};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The NodeID.
    pub node: String,
    /// What to publish.
    pub items: Vec<NewItem>,
    /// How the node has to be configured.
    pub options: Option<Form>,
}

/// An item as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// The ItemID, unless one is to be generated.
    pub id: Option<String>,
    /// The ItemID to generate, if it is free.
    pub wish: Option<String>,
    /// The child elements: one is right.
    pub payloads: Vec<Payload>,
}

/// A child element of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The local name of its root.
    pub name: String,
    /// The namespace of its root.
    pub ns: String,
    /// What it says, if it is an Atom entry.
    pub entry: Option<Box<Entry>>,
    /// Whether it holds nothing.
    pub is_empty: bool,
    /// The element as it was sent, made self-contained.
    pub xml: String,
}

impl Payload {
    /// An element as a payload.
    pub fn of(element: Element<'_>) -> Self {
        Self {
            name: element.name().to_owned(),
            ns: element.ns().to_owned(),
            entry: Entry::read(element).map(Box::new),
            is_empty: element.nodes().next().is_none(),
            xml: element.self_contained(),
        }
    }
}

/// Publishes: a new ItemID creates, a known one modifies. All items of a request or none.
pub fn publish(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Publish) -> Result<Response, Failure> {
    publish_and(ctx, tx, request, Told::Subscribers)
}

/// The same, and nobody is told.
pub(in crate::pubsub) fn publish_quietly(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    request: &Publish,
) -> Result<Response, Failure> {
    publish_and(ctx, tx, request, Told::Nobody)
}

/// Who is told what is published.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Subscribers,
    Nobody,
}

fn publish_and(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    request: &Publish,
    told: Told,
) -> Result<Response, Failure> {
    if attachments::is_reserved(&request.node) {
        return attachments::attach(ctx, tx, request);
    }
    let (node, affiliation) = find_or_create(ctx, tx, request)?;
    may(ctx, tx, &node, affiliation, Action::Publish)?;
    if let Some(form) = &request.options {
        let (cap, form) = compared(form);
        options::require(&*relations::shown(tx, &node)?, &form, ctx.service.payload_bytes_max as u64)?;
        if let Some(cap) = cap {
            compare(ctx, tx, &node, &cap)?;
        }
    }
    check_number(&node.config, request.items.len())?;

    let node_name = request.node.clone();
    if request.items.is_empty() {
        if told == Told::Subscribers && node.config.deliver_notifications {
            let event =
                Event::Published { id: None, publisher: None, payload: None, delayed: None, uid: None };
            tell::subscribers(tx, &node, event)?;
        }
        return Ok(Response::Published { node: node_name, ids: Vec::new() });
    }
    let mut ids = Vec::with_capacity(request.items.len());
    for item in &request.items {
        let published = publish_item(ctx, tx, &node, affiliation, item, told);
        ids.push(published.map_err(|failure| of_batch(failure, request.items.len()))?);
    }
    expiry::schedule(tx, &node, ctx.now)?;
    Ok(Response::Published { node: node_name, ids })
}

/// The node, made with the publish-options as its configuration where the sender may create it — XEP-0060
/// [#publisher-publish-autocreate].
fn find_or_create(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    request: &Publish,
) -> Result<(Node, Affiliation), Failure> {
    match find(ctx, tx, &request.node) {
        Err(Failure::Refused(refusal))
            if refusal.why == Why::ItemNotFound && ctx.may_create(&request.node) =>
        {
            let form = request.options.as_ref().map(|form| compared(form).1);
            let config = initial(ctx, &request.node, form.as_deref()).map_err(of_options)?;
            Ok((make(ctx, tx, &request.node, config)?, Affiliation::Owner))
        }
        found => found,
    }
}

/// What cannot be a configuration is refused as the precondition that it was sent as.
fn of_options(refusal: Refusal) -> Refusal {
    let why = if refusal.why == Why::InvalidConfiguration { Why::InvalidOptions } else { refusal.why };
    Refusal { why, ..refusal }
}

/// The value that the publisher takes for that of the newest item, and the other options.
fn compared(form: &Form) -> (Option<String>, Cow<'_, Form>) {
    let place = form.fields.iter().position(|(var, _)| var == "pubsub#prev_item_cap_value");
    let Some(place) = place else { return (None, Cow::Borrowed(form)) };
    let mut form = form.clone();
    let (_, cap) = form.fields.remove(place);
    (Some(cap.concat()), Cow::Owned(form))
}

/// Publishes only if nobody has published meanwhile — XEP-0395: the value of an item is its place, which every
/// publication changes; that of a node without items is 0.
fn compare(ctx: &Context<'_>, tx: &dyn Tx, node: &Node, cap: &str) -> Result<(), Failure> {
    let newest = Living::of(tx, node, ctx.now)?.newest(tx)?.map_or(0, |item| item.seq);
    if cap.trim() == newest.to_string() {
        return Ok(());
    }
    let text = "somebody else has published meanwhile: read the newest item and try again";
    Err(Why::CompareAndPublishFailed(newest).because(text).into())
}

fn publish_item(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    sent: &NewItem,
    told: Told,
) -> Result<String, Failure> {
    let payload = entry::payload(ctx, &node.config, sent)?;
    let living = Living::of(tx, node, ctx.now)?;
    let id = match sent.id.clone().filter(|id| !id.is_empty()) {
        Some(id) => checked_id(id)?,
        None => identity::item_id(ctx, tx, node, &living, payload, sent.wish.as_deref())?,
    };
    if probe::is_published(&node.config, &id, payload) {
        return Ok(id);
    }
    let companion = payload.and_then(|payload| Companion::of(&node.config, &id, payload));
    if let Some(companion) = companion {
        companion.may_publish(affiliation)?;
    }
    let known = if node.config.persist_items { living.item(tx, &id)? } else { None };
    if let Some(known) = &known {
        may_overwrite(ctx, tx, node, affiliation, known)?;
    }
    let comments = payload.and_then(|payload| payload.entry.as_deref()).and_then(comments::named_by);
    let Prepared { payload, added, atom_id } = match payload {
        Some(payload) if companion.is_none() => entry::prepare(ctx, node, &id, payload, known.as_ref())?,
        payload => Prepared::as_it_is(payload),
    };
    let mut item = Item {
        added,
        companion: companion.is_some(),
        atom_id,
        comments,
        as_published: known.as_ref().is_some_and(|known| known.as_published),
        ..Item::new(id.clone(), ctx.from.to_bare(), payload, ctx.now)
    };
    if node.config.persist_items {
        if known.is_none() && living.leaves_some_out() {
            // One of this id may have expired and still be there.
            removal::item(tx, node.key, &id)?;
        }
        if !item.companion && known.as_ref().is_none_or(|known| known.companion) {
            room::make(tx, node, &living)?;
        }
        identity::changed(ctx, tx, node, &item, known.as_ref())?;
        tx.put_item(node.key, &mut item)?;
        comments::follow(tx, node, &item, known.as_ref())?;
        if node.config.purge_offline {
            ask::ask(tx, node, &item.publisher)?;
        }
    }
    if told == Told::Subscribers && node.config.deliver_notifications {
        tell::published(tx, node, item)?;
    }
    Ok(id)
}

/// Nobody overwrites what somebody else published, but an owner, or a publisher where the node lets them.
fn may_overwrite(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    known: &Item,
) -> Result<(), Failure> {
    let among_publishers = node.config.overwrite_policy == OverwritePolicy::AnyPublisher
        && affiliation.allows(Action::Publish) == Verdict::Yes;
    if known.publisher.bare() == ctx.from.bare() || among_publishers {
        return Ok(());
    }
    may(ctx, tx, node, affiliation, Action::Moderate)
}

/// A node on which not all items of a batch find room has another error than one without room for a single item.
fn of_batch(mut failure: Failure, len: usize) -> Failure {
    if let Failure::Refused(refusal) = &mut failure
        && refusal.why == Why::NodeFull
        && len > 1
    {
        refusal.why = Why::MaxItemsExceeded;
    }
    failure
}

/// How many items a request may have, as the kind of node asks for it — XEP-0060
/// [#publisher-publish-error-badrequest], [#impl-batch].
fn check_number(config: &NodeConfig, len: usize) -> Result<(), Refusal> {
    let transient_notification = !config.persist_items && !config.deliver_payloads;
    let too_many = |most| Why::MaxItemsExceeded.because(format!("at most {most} items in one request"));
    match len {
        0 if transient_notification => Ok(()),
        0 if !config.persist_items => {
            Err(Why::PayloadRequired.because("there is nothing to tell: send an <item/> with an entry"))
        }
        0 => Err(Why::ItemRequired.because("there is nothing to publish: send an <item/>")),
        _ if transient_notification => {
            Err(Why::ItemForbidden.because("this node only notifies: publish without an <item/>"))
        }
        1 => Ok(()),
        2..=ITEMS_PER_REQUEST_MAX if !config.persist_items || len as u64 <= config.items_max() => Ok(()),
        2..=ITEMS_PER_REQUEST_MAX => Err(too_many(config.items_max())),
        _ => Err(too_many(ITEMS_PER_REQUEST_MAX as u64)),
    }
}

fn checked_id(id: String) -> Result<String, Refusal> {
    if id.len() <= ITEM_ID_BYTES_MAX {
        return Ok(id);
    }
    Err(Why::NotAcceptable.because(format!("an ItemID has at most {ITEM_ID_BYTES_MAX} bytes")))
}
