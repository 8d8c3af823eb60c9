//! Reading a page of a node's items as a range of places, bounded in number and in bytes.
//!
//! A walk from page to page goes on at a place and not at an item, so it neither loses nor repeats anything while
//! others retract, and also when a page was cut because of its bytes. An item that is published again during a walk
//! in the order of modification has a new place at the newest end: a walk toward that end meets it there, a walk away
//! from it does not meet it again. In the order of creation every item is met once.

use crate::limits::{
    BYTES_SCANNED_MAX, ITEMS_PAGE_MAX, ITEMS_READ_AT_ONCE, ITEMS_SCANNED_MAX, RESULT_BYTES_MAX,
};

use super::expiry::Living;
use super::fault::{Failure, Fault};
use super::item::{Direction, Item, ItemRange};
use super::node::NodeKey;
use super::paging::{Cursor, Order, OrderBy, PageInfo, Rsm, Span, Stock};
use super::refusal::Why;
use super::tx::Tx;

/// One page of a node's items. An item costs as many bytes of the answer as `weight` says.
pub(super) fn page(
    tx: &dyn Tx,
    living: &Living,
    order: Order,
    rsm: &Rsm,
    weight: &dyn Fn(&Item) -> usize,
) -> Result<(Vec<Item>, PageInfo), Failure> {
    let stock = Stock { count: living.count(tx)?, newest: tx.newest_place(living.key)? };
    let limit = rsm.max.unwrap_or(ITEMS_PAGE_MAX).min(ITEMS_PAGE_MAX);
    if limit == 0 {
        return Ok((Vec::new(), PageInfo { span: None, count: Some(stock.count) }));
    }
    let cursor = rsm.cursor().map(|text| resolve(tx, living, order.by, text)).transpose()?;
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
    let range = living.among(range, order.by);
    let keep = |item: &Item| living.has(item);
    let wanted = Wanted { by: order.by, range, direction, limit, keep: &keep, weight };
    let Reading { mut items, is_rest, given_up } = read(tx, living.key, &wanted)?;

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
    let span = span(order, &items, given_up.as_ref(), below, stock);
    Ok((items, PageInfo { span, count: Some(stock.count) }))
}

/// The cursors of a page that has so many items below it. Where the search was given up, it goes on from there.
fn span(
    order: Order,
    items: &[Item],
    given_up: Option<&Item>,
    below: Option<u64>,
    stock: Stock,
) -> Option<Span> {
    let ends = || [items.first(), items.last(), given_up].into_iter().flatten();
    let places = || ends().map(|item| order.by.place(item));
    let len = items.len() as u64;
    let cursor = Cursor {
        by: order.by,
        low: places().min()?,
        high: places().max()?,
        len,
        older: below.map(|below| (below, stock)),
    };
    let (first, last) = cursor.ends();
    let above = |below: u64| stock.count.saturating_sub(below).saturating_sub(len);
    let index = if order.descending { below.map(above) } else { below };
    Some(Span { first, last, index })
}

/// A cursor of ours, or the ItemID of an item, which clients without a page of ours take for one.
fn resolve(tx: &dyn Tx, living: &Living, by: OrderBy, text: &str) -> Result<Cursor, Failure> {
    match Cursor::decode(text) {
        Some(cursor) if cursor.by == by => return Ok(cursor),
        Some(_) => {
            return Err(Why::ItemNotFound.because(format!("{text:?} is a cursor of another order")).into());
        }
        None => {}
    }
    let Some(item) = living.item(tx, text)? else {
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

/// Which items to read.
pub(super) struct Wanted<'a> {
    pub(super) by: OrderBy,
    pub(super) range: ItemRange,
    pub(super) direction: Direction,
    pub(super) limit: usize,
    /// Whether an item is one of them.
    pub(super) keep: &'a dyn Fn(&Item) -> bool,
    /// What an item costs in the answer.
    pub(super) weight: &'a dyn Fn(&Item) -> usize,
}

/// Items as they were read, in the direction of reading.
pub(super) struct Reading {
    pub(super) items: Vec<Item>,
    /// Whether these are all that there are from the start in this direction.
    pub(super) is_rest: bool,
    /// The last item looked at, where too many were looked at.
    pub(super) given_up: Option<Item>,
}

/// Reads items until there are enough, or the answer is large enough, or the search was long enough.
pub(super) fn read(tx: &dyn Tx, key: NodeKey, wanted: &Wanted<'_>) -> Result<Reading, Fault> {
    let Wanted { by, mut range, direction, limit, keep, weight } = *wanted;
    let mut reading = Reading { items: Vec::new(), is_rest: false, given_up: None };
    let (mut bytes, mut scanned, mut bytes_scanned) = (0, 0, 0);
    loop {
        // One more than fits, to know whether there is one.
        let portion = (limit + 1 - reading.items.len()).min(ITEMS_READ_AT_ONCE);
        let read = match by {
            OrderBy::Creation => tx.items_by_creation(key, range, direction, portion)?,
            OrderBy::Modification => tx.items(key, range, direction, portion)?,
        };
        let is_rest = read.len() < portion;
        for item in read {
            match direction {
                Direction::OldestFirst => range.after = Some(by.place(&item)),
                Direction::NewestFirst => range.before = Some(by.place(&item)),
            }
            scanned += 1;
            bytes_scanned += item.payload.as_ref().map_or(0, String::len);
            if keep(&item) {
                bytes += weight(&item);
                let is_full = bytes > RESULT_BYTES_MAX && !reading.items.is_empty();
                if is_full || reading.items.len() == limit {
                    return Ok(reading);
                }
                reading.items.push(item);
            } else if scanned >= ITEMS_SCANNED_MAX || bytes_scanned >= BYTES_SCANNED_MAX {
                return Ok(Reading { given_up: Some(item), ..reading });
            }
        }
        if is_rest {
            return Ok(Reading { is_rest, ..reading });
        }
    }
}

/// As much of a list of items as fits into an answer.
pub(super) fn cut(items: Vec<Item>, wanted: &Wanted<'_>) -> Reading {
    let mut reading = Reading { items: Vec::new(), is_rest: false, given_up: None };
    let mut bytes = 0;
    for item in items {
        bytes += (wanted.weight)(&item);
        let is_full = bytes > RESULT_BYTES_MAX && !reading.items.is_empty();
        if is_full || reading.items.len() == wanted.limit {
            return reading;
        }
        reading.items.push(item);
    }
    Reading { is_rest: true, ..reading }
}
