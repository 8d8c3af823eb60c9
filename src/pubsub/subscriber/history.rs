//! Query the history of a node — XEP-0442, XEP-0313 [#query], in an order of XEP-0413 if wanted.
//!
//! Refuses: what retrieving items refuses, `item-not-found` for an unknown id, `feature-not-implemented` for an unknown
//! field, `bad-request` for one that cannot be understood.
//! Features: `urn:xmpp:mam:2`, `urn:xmpp:mam:2#extended`, `urn:xmpp:order-by:1@urn:xmpp:mam:2`.
//!
//! The history is made of the node's items in the order of their last publication: there is no second store that could
//! disagree with the first. So an item comes once, as it is now, with the time of its last publication; what was
//! modified or retracted does not come back, and is still a place to go on from. Payloads come also where a node's
//! notices have none: whoever asks for the history wants them.

use crate::limits::HISTORY_PAGE_MAX;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::config::NotificationType;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::notice::Event;
use crate::pubsub::pages::{self, Reading, Wanted, written};
use crate::pubsub::paging::{Order, OrderBy, PageInfo, Rsm, Span};
use crate::pubsub::refusal::{Feature, Why};
use crate::pubsub::uid::Uid;
use crate::pubsub::{Context, Failure, Response, Timestamp, Tx};

use super::history_filter::{HistoryFilter, first_after};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The NodeID.
    pub node: String,
    /// What the sender calls the query.
    pub queryid: Option<String>,
    /// Which publications.
    pub filter: HistoryFilter,
    /// In which order.
    pub order: Order,
    /// Which page.
    pub rsm: Rsm,
    /// Whether the page shall be sent from its end to its beginning.
    pub flip: bool,
}

/// A request for the first and the last publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEnds {
    /// The NodeID.
    pub node: String,
}

/// A page of a node's history.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The NodeID.
    pub node: String,
    /// What the sender calls the query.
    pub queryid: Option<String>,
    /// Whether the node's notices are of type `normal` rather than `headline`.
    pub normal: bool,
    /// The results, in the order in which they are sent.
    pub results: Vec<Publication>,
    /// Whether nothing is left in the direction of the query.
    pub is_complete: bool,
    /// Where the page is in the whole result.
    pub info: PageInfo,
}

/// A publication of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// Its id.
    pub uid: String,
    /// When it was.
    pub stamp: Timestamp,
    /// What was told.
    pub event: Event,
}

/// Gives a page of a node's history.
pub fn history(ctx: &Context<'_>, tx: &dyn Tx, request: &History) -> Result<Response, Failure> {
    let node = readable(ctx, tx, &request.node)?;
    let Order { by, descending } = request.order;
    let upward = request.rsm.is_backward() == descending;
    let direction = if upward { Direction::OldestFirst } else { Direction::NewestFirst };
    let living = Living::of(tx, &node, ctx.now)?;
    let range = living.among(range(tx, node.key, request, upward)?, by);
    let limit = request.rsm.max.unwrap_or(HISTORY_PAGE_MAX).min(HISTORY_PAGE_MAX);
    let keep = |item: &Item| living.has(item) && request.filter.matches(ctx, &node, item);
    let frame = frame(ctx, request);
    let weight = |item: &Item| frame + weight(item);
    let wanted = Wanted { by, range, direction, limit, keep: &keep, weight: &weight };
    let mut reading = match &request.filter.ids {
        ids if ids.is_empty() => pages::read(tx, node.key, &wanted)?,
        ids => by_id(tx, node.key, ids, &wanted)?,
    };
    if upward == descending {
        reading.items.reverse();
    }
    let count = request.filter.is_all().then_some(living.count(tx)?);
    let info = PageInfo { span: span(node.key, request, &reading, count), count }.to_walk(&request.rsm);
    let is_complete = reading.is_rest;
    let mut results: Vec<Publication> =
        reading.items.into_iter().map(|item| publication(&node, item)).collect();
    if request.flip {
        results.reverse();
    }
    Ok(Response::History(Box::new(HistoryPage {
        node: request.node.clone(),
        queryid: request.queryid.clone(),
        normal: node.config.notification_type == NotificationType::Normal,
        results,
        is_complete,
        info,
    })))
}

/// Gives the ids and times of a node's first and last publication — XEP-0313 [#archive-metadata].
pub fn history_ends(ctx: &Context<'_>, tx: &dyn Tx, request: &HistoryEnds) -> Result<Response, Failure> {
    let node = readable(ctx, tx, &request.node)?;
    let living = Living::of(tx, &node, ctx.now)?;
    let end = |direction| -> Result<Option<(String, Timestamp)>, Failure> {
        let item = living.end(tx, direction)?;
        Ok(item.map(|item| (Uid::of(node.key, &item).to_string(), item.updated)))
    };
    let ends = end(Direction::OldestFirst)?.zip(end(Direction::NewestFirst)?).map(<[_; 2]>::from);
    Ok(Response::HistoryEnds { node: request.node.clone(), ends })
}

/// The node, if the sender may read it and it keeps its items.
fn readable(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<Node, Failure> {
    let (node, affiliation) = find(ctx, tx, name)?;
    may(ctx, tx, &node, affiliation, Action::Retrieve)?;
    if !node.config.persist_items {
        let unsupported = Why::Unsupported(Feature::PersistentItems);
        return Err(unsupported.because("this node does not keep its items").into());
    }
    Ok(node)
}

/// The places between which the page is, as far as they are known without a look at the items.
fn range(tx: &dyn Tx, key: NodeKey, request: &History, upward: bool) -> Result<ItemRange, Failure> {
    let (filter, by) = (&request.filter, request.order.by);
    let place = |id: &Option<String>| -> Result<Option<u64>, Failure> {
        Ok(id.as_deref().map(|id| known(tx, key, id)).transpose()?.map(|(uid, _)| uid.place(by)))
    };
    let mut range = ItemRange { after: place(&filter.after_id)?, before: place(&filter.before_id)? };
    if by == OrderBy::Modification {
        if let Some(start) = filter.start {
            range.after = range.after.max(Some(first_after(tx, key, start)?));
        }
        if let Some(end) = filter.end {
            let later = first_after(tx, key, Timestamp(end.0.saturating_add(1)))?.saturating_add(1);
            range.before = Some(range.before.map_or(later, |before| before.min(later)));
        }
    }
    if let Some(cursor) = request.rsm.cursor() {
        let (uid, _) = known(tx, key, cursor)?;
        let here = uid.place(by);
        if upward {
            range.after = range.after.max(Some(here));
        } else {
            range.before = Some(range.before.map_or(here, |before| before.min(here)));
        }
    }
    Ok(range)
}

fn known(tx: &dyn Tx, key: NodeKey, id: &str) -> Result<(Uid, Option<Item>), Failure> {
    let found = Uid::find(tx, key, id)?;
    found.ok_or_else(|| Why::ItemNotFound.because(format!("{id:?} was never in the node's history")).into())
}

/// The publications of these ids, all of which have to be there.
fn by_id(tx: &dyn Tx, key: NodeKey, ids: &[String], wanted: &Wanted<'_>) -> Result<Reading, Failure> {
    if ids.len() > HISTORY_PAGE_MAX {
        let text = format!("at most {HISTORY_PAGE_MAX} ids are looked up in one query");
        return Err(Why::NotAcceptable.because(text).into());
    }
    let mut items = Vec::new();
    for id in ids {
        let (_, Some(item)) = known(tx, key, id)? else {
            return Err(Why::ItemNotFound.because(format!("{id:?} is not in the node's history")).into());
        };
        let place = wanted.by.place(&item);
        if wanted.range.has(place) && (wanted.keep)(&item) {
            items.push(item);
        }
    }
    items.sort_by_key(|item| wanted.by.place(item));
    items.dedup_by_key(|item| item.seq);
    if wanted.direction == Direction::NewestFirst {
        items.reverse();
    }
    Ok(pages::cut(items, wanted))
}

/// The ends of a page; where the search was given up, the place where it goes on is one of them.
fn span(key: NodeKey, request: &History, reading: &Reading, count: Option<u64>) -> Option<Span> {
    let uid = |item: &Item| Uid::of(key, item).to_string();
    let far = reading.given_up.as_ref().map(uid);
    let first = reading.items.first().map(uid).or_else(|| far.clone())?;
    let last = reading.items.last().map(uid).or_else(|| far.clone())?;
    let len = reading.items.len() as u64;
    let index = match (request.rsm.is_backward(), request.rsm.cursor()) {
        (false, None) => count.map(|_| 0),
        (true, _) if reading.is_rest => count.map(|_| 0),
        (false, Some(_)) if reading.is_rest => count.map(|count| count.saturating_sub(len)),
        (_, _) => None,
    };
    Some(match far {
        Some(far) if request.rsm.is_backward() => Span { first: far, last, index },
        Some(far) => Span { first, last: far, index },
        None => Span { first, last, index },
    })
}

fn publication(node: &Node, item: Item) -> Publication {
    let uid = Uid::of(node.key, &item).to_string();
    let publisher = node.config.told_publisher(&item).map(|jid| jid.as_str().to_owned());
    // The result around it says the id and the date.
    let (id, stamp) = (Some(item.id.clone()), item.updated);
    let event = Event::Published { id, publisher, payload: item.into_given(), delayed: None, uid: None };
    Publication { uid, stamp, event }
}

/// What a result costs besides its item.
fn frame(ctx: &Context<'_>, request: &History) -> usize {
    const ELEMENTS: usize = 640;
    let names = [request.queryid.as_deref().unwrap_or_default(), &request.node, ctx.from.as_str()];
    let twice = 2 * ctx.service.jid.len();
    ELEMENTS + twice + names.into_iter().map(written).sum::<usize>()
}

fn weight(item: &Item) -> usize {
    written(&item.id) + item.publisher.as_str().len() + item.payload.as_ref().map_or(0, String::len)
}
