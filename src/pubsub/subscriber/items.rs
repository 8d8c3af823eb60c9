//! Retrieve items — XEP-0060 [#subscriber-retrieve].
//!
//! Refuses: `item-not-found` (node, or a cursor that names nothing), `forbidden`, `not-allowed + closed-node`,
//! `feature-not-implemented + unsupported(persistent-items)`, `bad-request` (max_items that is no number).
//! Features: `retrieve-items`, `persistent-items`, `item-ids`.

use crate::limits::{ITEMS_PAGE_MAX, ITEMS_READ_AT_ONCE, RESULT_BYTES_MAX};
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::config::ItemReply;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::node::NodeKey;
use crate::pubsub::paging::{Cursor, PageInfo, Rsm, Span};
use crate::pubsub::refusal::{Feature, Why};
use crate::pubsub::{Context, Failure, Response, Tx};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// The NodeID.
    pub node: String,
    /// Only these items.
    pub ids: Vec<String>,
    /// Only so many, the newest.
    pub max_items: Option<usize>,
    /// Which page.
    pub rsm: Option<Rsm>,
}

/// Retrieves items, oldest first; where not all fit, the newest of them.
pub fn items(ctx: &Context<'_>, tx: &dyn Tx, request: &Items) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Retrieve)?;
    if !node.config.persist_items {
        let unsupported = Why::Unsupported(Feature::PersistentItems);
        return Err(unsupported.because("this node does not keep its items").into());
    }

    let (items, info) = if request.ids.is_empty() {
        page(tx, node.key, &paging(request))?
    } else {
        by_id(tx, node.key, &request.ids)?
    };
    let with_publisher = node.config.itemreply == ItemReply::Publisher;
    Ok(Response::Items { node: request.node.clone(), items, with_publisher, info })
}

/// `max_items` alone asks for the last page of that size; so does a request without any of it.
fn paging(request: &Items) -> Rsm {
    match &request.rsm {
        Some(rsm) => Rsm { max: rsm.max.or(request.max_items), ..rsm.clone() },
        None => Rsm { max: request.max_items, after: None, before: Some(String::new()) },
    }
}

fn by_id(tx: &dyn Tx, key: NodeKey, ids: &[String]) -> Result<(Vec<Item>, PageInfo), Failure> {
    let mut items = Vec::new();
    let mut bytes = 0;
    for id in ids.iter().take(ITEMS_PAGE_MAX) {
        if let Some(item) = tx.item(key, id)? {
            bytes += weight(&item);
            if bytes > RESULT_BYTES_MAX && !items.is_empty() {
                break;
            }
            items.push(item);
        }
    }
    Ok((items, PageInfo { span: None, count: Some(tx.counts(key)?.items) }))
}

/// One page of a node's items, oldest first, bounded in number and in bytes.
pub(in crate::pubsub) fn page(
    tx: &dyn Tx,
    key: NodeKey,
    rsm: &Rsm,
) -> Result<(Vec<Item>, PageInfo), Failure> {
    let count = tx.counts(key)?.items;
    let limit = rsm.max.unwrap_or(ITEMS_PAGE_MAX).min(ITEMS_PAGE_MAX);
    if limit == 0 {
        return Ok((Vec::new(), PageInfo { span: None, count: Some(count) }));
    }

    let (range, direction, from) = match (&rsm.after, &rsm.before) {
        (Some(after), _) => {
            let cursor = resolve(tx, key, after)?;
            let range = ItemRange { after: Some(cursor.high), before: None };
            (range, Direction::OldestFirst, cursor.index.map(|index| index + cursor.len))
        }
        (None, Some(before)) if !before.is_empty() => {
            let cursor = resolve(tx, key, before)?;
            let range = ItemRange { after: None, before: Some(cursor.low) };
            (range, Direction::NewestFirst, cursor.index)
        }
        (None, Some(_)) => (ItemRange::ALL, Direction::NewestFirst, Some(count)),
        (None, None) => (ItemRange::ALL, Direction::OldestFirst, Some(0)),
    };
    let mut items = read(tx, key, range, direction, limit)?;
    if direction == Direction::NewestFirst {
        items.reverse();
    }

    let len = items.len() as u64;
    let index = match direction {
        Direction::OldestFirst => from,
        Direction::NewestFirst => from.map(|end| end.saturating_sub(len)),
    };
    let span = items.first().zip(items.last()).map(|(first, last)| {
        let cursor = Cursor { low: first.seq, high: last.seq, index, len };
        Span { first: cursor.encode('a'), last: cursor.encode('z'), index }
    });
    Ok((items, PageInfo { span, count: Some(count) }))
}

/// A cursor of ours, or the ItemID of an item as clients without RSM of their own take it.
fn resolve(tx: &dyn Tx, key: NodeKey, text: &str) -> Result<Cursor, Failure> {
    if let Some(cursor) = Cursor::decode(text) {
        return Ok(cursor);
    }
    let Some(item) = tx.item(key, text)? else {
        return Err(Why::ItemNotFound.because(format!("{text:?} is neither a cursor nor an item")).into());
    };
    Ok(Cursor { low: item.seq, high: item.seq, index: None, len: 1 })
}

fn read(
    tx: &dyn Tx,
    key: NodeKey,
    mut range: ItemRange,
    direction: Direction,
    limit: usize,
) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = Vec::new();
    let mut bytes = 0;
    while items.len() < limit {
        let wanted = (limit - items.len()).min(ITEMS_READ_AT_ONCE);
        let read = tx.items(key, range, direction, wanted)?;
        let Some(last) = read.last() else { break };
        match direction {
            Direction::OldestFirst => range.after = Some(last.seq),
            Direction::NewestFirst => range.before = Some(last.seq),
        }
        let was_last = read.len() < wanted;
        for item in read {
            bytes += weight(&item);
            if bytes > RESULT_BYTES_MAX && !items.is_empty() {
                return Ok(items);
            }
            items.push(item);
        }
        if was_last {
            break;
        }
    }
    Ok(items)
}

/// What an item costs in a result.
fn weight(item: &Item) -> usize {
    const ELEMENT: usize = 64;
    ELEMENT + item.id.len() + item.publisher.as_str().len() + item.payload.as_ref().map_or(0, String::len)
}
