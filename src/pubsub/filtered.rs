//! Filters at work: which subscriptions of an address a publication is for — XEP-0060 [#impl-content].
//!
//! Only publications are filtered, and what is sent of them later because of a subscription: digests, the last item,
//! what somebody missed. That an item was retracted is told to all, also to those who never heard of it. Of an item that
//! is modified hear those whose filters let its new form through. Whoever asks for items gets them unfiltered.

use std::cell::LazyCell;

use crate::atom::filter::Facets;
use crate::limits::{BYTES_FILTERED_MAX, ITEMS_FILTERED_MAX, ITEMS_READ_AT_ONCE};

use super::expiry::Living;
use super::fault::Fault;
use super::item::{Direction, Item, ItemRange};
use super::jid::Jid;
use super::node::Node;
use super::notice::{Event, Notice};
use super::paging::OrderBy;
use super::subscription::Subscription;
use super::time::Timestamp;
use super::tx::Tx;

/// What filters see of a queued publication. Where its node delivers no payloads, the item is looked up. Nothing is
/// there to be seen when there is no item, or when it is not any more what it was: then a later notice tells of it.
pub fn facets_of(tx: &dyn Tx, notice: &Notice) -> Result<Option<Facets>, Fault> {
    let Event::Published { publisher, payload, .. } = &notice.event else { return Ok(None) };
    let language = tx.node_by_key(notice.key)?.map(|node| node.config.language).unwrap_or_default();
    let facets = |payload: Option<&str>| Facets::of(payload, publisher.as_deref(), &language);
    if payload.is_some() {
        return Ok(Some(facets(payload.as_deref())));
    }
    Ok(notice.item(tx)?.map(|item| facets(item.payload.as_deref())))
}

/// The subscriptions among these that an item is for.
pub(super) fn wanting<'s>(node: &Node, item: &Item, held: &'s [Subscription]) -> Vec<&'s Subscription> {
    let facets = LazyCell::new(|| {
        // Who published can be asked for where the node tells.
        let publisher = node.config.told_publisher(item).map(Jid::as_str);
        Facets::of(item.payload.as_deref(), publisher, &node.config.language)
    });
    let wants = |one: &&Subscription| {
        let filter = &one.options.filter;
        one.options.deliver && (filter.is_all() || filter.matches(&facets))
    };
    held.iter().filter(wants).collect()
}

/// How much may still be looked at in search of what filters let through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    items: usize,
    bytes: usize,
}

impl Patience {
    /// For one search, of several nodes if need be.
    pub(super) const fn for_one_search() -> Self {
        Self { items: ITEMS_FILTERED_MAX, bytes: BYTES_FILTERED_MAX }
    }

    /// Whether there is enough of it for one more item.
    fn allows(&mut self, item: &Item) -> bool {
        let bytes = item.payload.as_ref().map_or(0, String::len);
        let left = self.items.checked_sub(1).zip(self.bytes.checked_sub(bytes));
        (self.items, self.bytes) = left.unwrap_or((0, 0));
        left.is_some()
    }
}

/// Which of a node's items are looked for.
pub(super) struct Search<'a> {
    /// The node.
    pub(super) node: &'a Node,
    /// Whether an item is new enough. All that are older than one that is not are not either.
    pub(super) is_new: &'a dyn Fn(&Item) -> bool,
    /// How many.
    pub(super) most: usize,
}

impl Search<'_> {
    /// The newest items that are for some of the subscriptions, newest first, each with those that it is for.
    pub(super) fn newest<'s>(
        &self,
        tx: &dyn Tx,
        now: Timestamp,
        held: &'s [Subscription],
        patience: &mut Patience,
    ) -> Result<Vec<(Item, Vec<&'s Subscription>)>, Fault> {
        let &Self { node, is_new, most } = self;
        // Without a filter nothing is looked at in vain.
        let is_filtered = held.iter().all(|one| !one.options.filter.is_all());
        let living = Living::of(tx, node, now)?;
        let mut range = living.among(ItemRange::ALL, OrderBy::Modification);
        let mut found = Vec::new();
        while found.len() < most {
            let read = tx.items(node.key, range, Direction::NewestFirst, ITEMS_READ_AT_ONCE.min(most))?;
            let Some(oldest) = read.last() else { break };
            range.before = Some(oldest.seq);
            for item in read.into_iter().filter(|item| living.has(item)) {
                if found.len() == most || !is_new(&item) || is_filtered && !patience.allows(&item) {
                    return Ok(found);
                }
                let wanting = wanting(node, &item, held);
                if !wanting.is_empty() {
                    found.push((item, wanting));
                }
            }
        }
        Ok(found)
    }
}
