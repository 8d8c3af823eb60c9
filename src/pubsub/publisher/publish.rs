//! Publish an item to a node — XEP-0060 [#publisher-publish].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request + invalid-payload | item-required | item-forbidden |
//! payload-required`, `not-acceptable + payload-too-big`, `conflict + node-full`,
//! `not-allowed + max-items-exceeded`.
//! Features: `publish`, `item-ids`, `persistent-items`, `publisher-affiliation`.

use crate::atom;
use crate::limits::ITEM_ID_BYTES_MAX;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::config::{ItemReply, NodeConfig, NodeFull};
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::presence::ask;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Fault, Response, Tx, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The NodeID.
    pub node: String,
    /// What to publish.
    pub items: Vec<NewItem>,
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

/// Publishes: a new ItemID creates, a known one modifies.
pub fn publish(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Publish) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Publish)?;
    let sent = single(&node.config, &request.items)?;
    let payload = check_payload(ctx, &node.config, sent)?;
    let id = match sent.and_then(|item| item.id.clone()).filter(|id| !id.is_empty()) {
        Some(id) => checked_id(id)?,
        None => ctx.ids.next(),
    };

    let publisher = ctx.from.to_bare();
    let event = Event::Published {
        id: sent.map(|_| id.clone()),
        publisher: (node.config.itemreply == ItemReply::Publisher).then(|| publisher.as_str().to_owned()),
        payload: payload.filter(|_| node.config.deliver_payloads).map(|payload| payload.xml.clone()),
        delayed: None,
    };
    if node.config.persist_items {
        let known = tx.item(node.key, &id)?;
        if let Some(known) = &known
            && known.publisher.bare() != publisher.bare()
            && affiliation != Affiliation::Owner
        {
            may(ctx, tx, &node, affiliation, Action::Moderate)?;
        }
        if known.is_none() {
            make_room(tx, &node)?;
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
            ask::ask(tx, &node, &item.publisher)?;
        }
    }
    if node.config.deliver_notifications {
        tell::subscribers(tx, &node, event)?;
    }
    Ok(Response::Published { node: request.node.clone(), ids: vec![id] })
}

/// The one item of a request, as the kind of node asks for it.
fn single<'a>(config: &NodeConfig, items: &'a [NewItem]) -> Result<Option<&'a NewItem>, Refusal> {
    let transient_notification = !config.persist_items && !config.deliver_payloads;
    match items {
        [] if transient_notification => Ok(None),
        [] => Err(Why::ItemRequired.because("there is nothing to publish: send one <item/>")),
        [_] if transient_notification => {
            Err(Why::ItemForbidden.because("this node only notifies: publish without an <item/>"))
        }
        [item] => Ok(Some(item)),
        _ => Err(Why::MaxItemsExceeded.because("one <item/> per request")),
    }
}

/// The payload of an item, if it is one that the node takes.
fn check_payload<'a>(
    ctx: &Context<'_>,
    config: &NodeConfig,
    item: Option<&'a NewItem>,
) -> Result<Option<&'a Payload>, Refusal> {
    let Some(item) = item else { return Ok(None) };
    let payload = match item.payloads.as_slice() {
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
