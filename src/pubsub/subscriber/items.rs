//! Retrieve items — XEP-0060 [#subscriber-retrieve], in an order of XEP-0413 if wanted.
//!
//! Refuses: `item-not-found` (node, or a cursor that names nothing), `forbidden`, `not-allowed + closed-node`,
//! `not-authorized + not-subscribed`, `bad-request + subid-required`, `not-acceptable + invalid-subid`,
//! `feature-not-implemented + unsupported(persistent-items)`, `bad-request` (max_items that is no number).
//! Features: `retrieve-items`, `persistent-items`, `item-ids`, `rsm`.
//!
//! Subscriptions do not change what is retrieved, so a SubID is only asked of those who have several for one JID.

use crate::limits::{ITEMS_PAGE_MAX, RESULT_BYTES_MAX};
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::config::ItemReply;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::node::Node;
use crate::pubsub::pages;
use crate::pubsub::paging::{Order, PageInfo, Rsm};
use crate::pubsub::refusal::{Feature, Why};
use crate::pubsub::{Context, Failure, Response, Tx};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// The NodeID.
    pub node: String,
    /// The sender's subscription, if it names one.
    pub subid: Option<String>,
    /// Only these items.
    pub ids: Vec<String>,
    /// Only so many, the newest.
    pub max_items: Option<usize>,
    /// In which order, if not in that of their publication.
    pub order: Option<Order>,
    /// Which page.
    pub rsm: Option<Rsm>,
}

/// Retrieves items, oldest first unless asked otherwise; where not all fit, the newest of them.
pub fn items(ctx: &Context<'_>, tx: &dyn Tx, request: &Items) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Retrieve)?;
    which_subscription(ctx, tx, &node, request.subid.as_deref())?;
    if !node.config.persist_items {
        let unsupported = Why::Unsupported(Feature::PersistentItems);
        return Err(unsupported.because("this node does not keep its items").into());
    }

    let living = Living::of(tx, &node, ctx.now)?;
    let (items, info) = if request.ids.is_empty() {
        let order = request.order.unwrap_or_default();
        pages::page(tx, &living, order, &paging(request), &weight)?
    } else {
        by_id(tx, &living, &request.ids)?
    };
    let info = match &request.rsm {
        Some(rsm) => info.to_walk(rsm),
        None => info,
    };
    let with_publisher = node.config.itemreply == ItemReply::Publisher;
    let with_cap_values = node.config.cap_values;
    Ok(Response::Items { node: request.node.clone(), items, with_publisher, with_cap_values, info })
}

/// A SubID has to be one of the sender's.
fn which_subscription(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    subid: Option<&str>,
) -> Result<(), Failure> {
    let held = tx.subscriptions(node.key, ctx.from.bare())?;
    match subid {
        Some(subid) if held.iter().any(|held| held.subid == subid) => Ok(()),
        Some(subid) => {
            Err(Why::InvalidSubid.because(format!("you have no subscription {subid:?} to this node")).into())
        }
        // They are in the order of their JIDs.
        None if held.iter().zip(held.iter().skip(1)).any(|(one, next)| one.jid == next.jid) => {
            Err(Why::SubidRequired.because("you have several subscriptions to this node: name one").into())
        }
        None => Ok(()),
    }
}

/// `max_items` asks for the most recent ones: at the end of a list, or at its beginning if the newest comes first. So
/// does a request that says nothing. Whoever asks for an order begins where it begins.
fn paging(request: &Items) -> Rsm {
    let newest_last = !request.order.is_some_and(|order| order.descending);
    match &request.rsm {
        Some(rsm) => Rsm { max: rsm.max.or(request.max_items), ..rsm.clone() },
        None if newest_last && (request.max_items.is_some() || request.order.is_none()) => {
            Rsm { max: request.max_items, after: None, before: Some(String::new()) }
        }
        None => Rsm { max: request.max_items, ..Rsm::default() },
    }
}

/// The items that are asked for by name, in the order of the request, as far as they fit.
fn by_id(tx: &dyn Tx, living: &Living, ids: &[String]) -> Result<(Vec<Item>, PageInfo), Failure> {
    let mut items = Vec::new();
    let (mut bytes, mut count) = (0, 0);
    for id in ids.iter().take(ITEMS_PAGE_MAX) {
        if let Some(item) = living.item(tx, id)? {
            count += 1;
            bytes += weight(&item);
            if bytes <= RESULT_BYTES_MAX || items.is_empty() {
                items.push(item);
            }
        }
    }
    Ok((items, PageInfo { span: None, count: Some(count) }))
}

/// What an item costs in a result.
fn weight(item: &Item) -> usize {
    // The element, and what XEP-0395 says of it, where the id is written again.
    const ELEMENT: usize = 160;
    let payload = item.payload.as_ref().map_or(0, String::len);
    ELEMENT + 2 * pages::written(&item.id) + item.publisher.as_str().len() + payload
}
