//! Publish an item to a node — XEP-0060 [#publisher-publish].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request + invalid-payload | item-required | item-forbidden |
//! payload-required | invalid-options`, `not-acceptable + payload-too-big`, `conflict + node-full |
//! precondition-not-met`, `not-allowed + max-items-exceeded`.
//! Features: `publish`, `item-ids`, `persistent-items`, `publisher-affiliation`, `publish-options`, `auto-create`,
//! `multi-items`, `publish-node-full`.

use crate::atom;
use crate::limits::{ITEM_ID_BYTES_MAX, ITEMS_PER_REQUEST_MAX};
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::{Action, Affiliation, Verdict};
use crate::pubsub::config::{ItemReply, NodeConfig, NodeFull, OverwritePolicy};
use crate::pubsub::form::Form;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::owner::create::{configuration, make};
use crate::pubsub::presence::ask;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Fault, Response, Tx, options, tell};

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
    /// The element as it was sent, made self-contained.
    pub xml: String,
}

/// Publishes: a new ItemID creates, a known one modifies. All items of a request or none.
pub fn publish(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Publish) -> Result<Response, Failure> {
    let (node, affiliation) = find_or_create(ctx, tx, request)?;
    may(ctx, tx, &node, affiliation, Action::Publish)?;
    if let Some(form) = &request.options {
        options::require(&node.config, form)?;
    }
    check_number(&node.config, &request.items)?;

    let node_name = request.node.clone();
    if request.items.is_empty() {
        let event = Event::Published { id: None, publisher: None, payload: None, delayed: None };
        tell_subscribers(tx, &node, event)?;
        return Ok(Response::Published { node: node_name, ids: Vec::new() });
    }
    let mut ids = Vec::with_capacity(request.items.len());
    for item in &request.items {
        ids.push(publish_item(ctx, tx, &node, affiliation, item)?);
    }
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
        Err(Failure::Refused(refusal)) if refusal.why == Why::ItemNotFound && ctx.may_create() => {
            let base = NodeConfig::default();
            let config = match &request.options {
                Some(form) => configuration(ctx, &base, form)?,
                None => base,
            };
            Ok((make(ctx, tx, request.node.clone(), config)?, Affiliation::Owner))
        }
        found => found,
    }
}

fn publish_item(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    sent: &NewItem,
) -> Result<String, Failure> {
    let payload = check_payload(ctx, &node.config, sent)?;
    let id = match sent.id.clone().filter(|id| !id.is_empty()) {
        Some(id) => checked_id(id)?,
        None => ctx.ids.next(),
    };
    let publisher = ctx.from.to_bare();
    let event = Event::Published {
        id: Some(id.clone()),
        publisher: (node.config.itemreply == ItemReply::Publisher).then(|| publisher.as_str().to_owned()),
        payload: payload.filter(|_| node.config.deliver_payloads).map(|payload| payload.xml.clone()),
        delayed: None,
    };
    if node.config.persist_items {
        match tx.item(node.key, &id)? {
            Some(known) => may_overwrite(ctx, tx, node, affiliation, &known)?,
            None => make_room(tx, node)?,
        }
        let mut item = Item {
            id: id.clone(),
            publisher,
            created: ctx.now,
            updated: ctx.now,
            seq: 0,
            created_seq: 0,
            payload: payload.map(|payload| payload.xml.clone()),
        };
        tx.put_item(node.key, &mut item)?;
        if node.config.purge_offline {
            ask::ask(tx, node, &item.publisher)?;
        }
    }
    tell_subscribers(tx, node, event)?;
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

fn tell_subscribers(tx: &mut dyn Tx, node: &Node, event: Event) -> Result<(), Failure> {
    if node.config.deliver_notifications {
        tell::subscribers(tx, node, event)?;
    }
    Ok(())
}

/// How many items a request may have, as the kind of node asks for it — XEP-0060 [#publisher-publish-request].
fn check_number(config: &NodeConfig, items: &[NewItem]) -> Result<(), Refusal> {
    let transient_notification = !config.persist_items && !config.deliver_payloads;
    match items.len() {
        0 if transient_notification => Ok(()),
        0 => Err(Why::ItemRequired.because("there is nothing to publish: send an <item/>")),
        _ if transient_notification => {
            Err(Why::ItemForbidden.because("this node only notifies: publish without an <item/>"))
        }
        1..=ITEMS_PER_REQUEST_MAX => Ok(()),
        _ => {
            let text = format!("at most {ITEMS_PER_REQUEST_MAX} items in one request");
            Err(Why::MaxItemsExceeded.because(text))
        }
    }
}

/// The payload of an item, if it is one that the node takes.
fn check_payload<'a>(
    ctx: &Context<'_>,
    config: &NodeConfig,
    item: &'a NewItem,
) -> Result<Option<&'a Payload>, Refusal> {
    let payload = match item.payloads.as_slice() {
        // Kept, but not delivered: the item's id says it all, if that is what the publisher wants.
        [] if !config.deliver_payloads && !atom::is_atom(&config.payload_type) => return Ok(None),
        [] => return Err(Why::PayloadRequired.because("the <item/> is empty: put the entry into it")),
        [payload] => payload,
        _ => return Err(Why::InvalidPayload.because("an <item/> holds one element, the entry")),
    };
    let own = config.max_payload_size.and_then(|bytes| usize::try_from(bytes).ok());
    let most = own.unwrap_or(usize::MAX).min(ctx.service.payload_bytes_max);
    if payload.xml.len() > most {
        let text = format!("the payload has {} bytes, at most {most} are taken", payload.xml.len());
        return Err(Why::PayloadTooBig.because(text));
    }
    atom::accept(&config.payload_type, &payload.ns, &payload.name)
        .map_err(|reason| Why::InvalidPayload.because(reason))?;
    Ok(Some(payload))
}

fn checked_id(id: String) -> Result<String, Refusal> {
    if id.len() <= ITEM_ID_BYTES_MAX {
        return Ok(id);
    }
    Err(Why::NotAcceptable.because(format!("an ItemID has at most {ITEM_ID_BYTES_MAX} bytes")))
}

/// Refuses the publisher where the node is full and says so, else lets the oldest items go.
fn make_room(tx: &mut dyn Tx, node: &Node) -> Result<(), Failure> {
    if let Some(most) = node.config.max_items
        && node.config.node_full == NodeFull::Reject
        && tx.counts(node.key)?.items >= most
    {
        return Err(Why::NodeFull.because(format!("the node is full: it keeps {most} items")).into());
    }
    Ok(trim(tx, node, 1)?)
}

/// Lets the oldest items go until so many more fit into `max_items`.
pub(in crate::pubsub) fn trim(tx: &mut dyn Tx, node: &Node, more: u64) -> Result<(), Fault> {
    let Some(most) = node.config.max_items else { return Ok(()) };
    let count = tx.counts(node.key)?.items + more;
    let surplus = usize::try_from(count.saturating_sub(most.max(more))).unwrap_or(usize::MAX);
    if surplus == 0 {
        return Ok(());
    }
    for oldest in tx.items(node.key, ItemRange::ALL, Direction::OldestFirst, surplus)? {
        tx.remove_item(node.key, &oldest.id)?;
        if node.config.node_full == NodeFull::RetractOldest && node.config.notify_retract {
            tell::subscribers(tx, node, Event::Retracted { id: oldest.id })?;
        }
    }
    Ok(())
}
