//! Reading a page of a node's items as a range of places, bounded in number and in bytes.
//!
//! A walk from page to page goes on at a place and not at an item, so it neither loses nor repeats anything while
//! others retract, and also when a page was cut because of its bytes. An item that is published again during a walk
//! in the order of modification has a new place at the newest end: a walk toward that end meets it there, a walk away
//! from it does not meet it again. In the order of creation every item is met once.

use crate::limits::{ITEMS_PAGE_MAX, ITEMS_READ_AT_ONCE, RESULT_BYTES_MAX};

use super::fault::{Failure, Fault};
use super::item::{Direction, Item, ItemRange};
use super::node::NodeKey;
use super::paging::{Cursor, Order, OrderBy, PageInfo, Rsm, Span, Stock};
use super::refusal::Why;
use super::tx::Tx;

/// One page of a node's items. An item costs as many bytes of the answer as `weight` says.
pub(super) fn page(
    tx: &dyn Tx,
    key: NodeKey,
    order: Order,
    rsm: &Rsm,
    weight: &dyn Fn(&Item) -> usize,
) -> Result<(Vec<Item>, PageInfo), Failure> {
    let stock = Stock { count: tx.counts(key)?.items, newest: tx.newest_place(key)? };
    let limit = rsm.max.unwrap_or(ITEMS_PAGE_MAX).min(ITEMS_PAGE_MAX);
    if limit == 0 {
        return Ok((Vec::new(), PageInfo { span: None, count: Some(stock.count) }));
    }
    let cursor = rsm.cursor().map(|text| resolve(tx, key, order.by, text)).transpose()?;
    let upward = rsm.is_backward() == order.descending;
    // Where to begin, and how many items are older than that.
    let (range, start) = match (cursor, upward) {
        (None, true) => (ItemRange::ALL, Some(0)),
        (None, false) => (ItemRange::ALL, Some(stock.count)),
        (Some(cursor), true) => {
            let range = ItemRange { after: Some(cursor.high), before: None };
            (range, cursor.older_now(stock).map(|older| older.saturating_add(cursor.len)))
        }
        (Some(cursor), false) => {
            (ItemRange { after: None, before: Some(cursor.low) }, cursor.older_now(stock))
        }
    };
    let direction = if upward { Direction::OldestFirst } else { Direction::NewestFirst };
    let Reading { mut items, is_rest } = read(tx, key, order.by, range, direction, limit, weight)?;

    let len = items.len() as u64;
    // At either end of the node it is known even where the cursor could not tell.
    let below = match (upward, is_rest) {
        (true, true) => Some(stock.count.saturating_sub(len)),
        (true, false) => start,
        (false, true) => Some(0),
        (false, false) => start.map(|start| start.saturating_sub(len)),
    };
    if upward == order.descending {
        items.reverse();
    }
    let span = span(order, &items, below, stock);
    Ok((items, PageInfo { span, count: Some(stock.count) }))
}

/// The cursors of a page that has so many items below it.
fn span(order: Order, items: &[Item], below: Option<u64>, stock: Stock) -> Option<Span> {
    let (first, last) = (order.by.place(items.first()?), order.by.place(items.last()?));
    let len = items.len() as u64;
    let cursor = Cursor {
        by: order.by,
        low: first.min(last),
        high: first.max(last),
        len,
        older: below.map(|below| (below, stock)),
    };
    let (first, last) = cursor.ends();
    let above = |below: u64| stock.count.saturating_sub(below).saturating_sub(len);
    let index = if order.descending { below.map(above) } else { below };
    Some(Span { first, last, index })
}

/// A cursor of ours, or the ItemID of an item, which clients without a page of ours take for one.
fn resolve(tx: &dyn Tx, key: NodeKey, by: OrderBy, text: &str) -> Result<Cursor, Failure> {
    match Cursor::decode(text) {
        Some(cursor) if cursor.by == by => return Ok(cursor),
        Some(_) => {
            return Err(Why::ItemNotFound.because(format!("{text:?} is a cursor of another order")).into());
        }
        None => {}
    }
    let Some(item) = tx.item(key, text)? else {
        return Err(Why::ItemNotFound.because(format!("{text:?} is neither a cursor nor an item")).into());
    };
    let place = by.place(&item);
    Ok(Cursor { by, low: place, high: place, len: 1, older: None })
}

/// The bytes of a name in an answer, where some characters have to be written as references.
pub(super) fn written(name: &str) -> usize {
    const REFERENCE: usize = "&apos;".len();
    name.bytes().map(|byte| if byte.is_ascii_alphanumeric() || byte > 0x7F { 1 } else { REFERENCE }).sum()
}

/// Items as they were read.
struct Reading {
    items: Vec<Item>,
    /// Whether these are all that there are from the start in this direction.
    is_rest: bool,
}

fn read(
    tx: &dyn Tx,
    key: NodeKey,
    by: OrderBy,
    mut range: ItemRange,
    direction: Direction,
    limit: usize,
    weight: &dyn Fn(&Item) -> usize,
) -> Result<Reading, Fault> {
    let mut items: Vec<Item> = Vec::new();
    let mut bytes = 0;
    loop {
        // One more than fits, to know whether there is one.
        let wanted = (limit + 1 - items.len()).min(ITEMS_READ_AT_ONCE);
        let read = match by {
            OrderBy::Creation => tx.items_by_creation(key, range, direction, wanted)?,
            OrderBy::Modification => tx.items(key, range, direction, wanted)?,
        };
        let is_rest = read.len() < wanted;
        for item in read {
            match direction {
                Direction::OldestFirst => range.after = Some(by.place(&item)),
                Direction::NewestFirst => range.before = Some(by.place(&item)),
            }
            bytes += weight(&item);
            if items.len() == limit || bytes > RESULT_BYTES_MAX && !items.is_empty() {
                return Ok(Reading { items, is_rest: false });
            }
            items.push(item);
        }
        if is_rest {
            return Ok(Reading { items, is_rest });
        }
    }
}
