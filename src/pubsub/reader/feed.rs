//! A feed: what a node holds, in parts that a reader can walk (RFC 5005).
//!
//! Places are cut into ranges of [`WEB_RANGE`]. Once all places of a range are given out, what was first published there is
//! an archive of its own for ever. The feed itself holds the rest, and what was published or modified last, wherever it
//! was first published, so that a reader of the feed also learns of changes in the archives.

use std::collections::BTreeMap;

use crate::limits::{ITEMS_READ_AT_ONCE, WEB_NEWEST, WEB_RANGE, WEB_TOMBSTONES_MAX};
use crate::pubsub::expiry::Living;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::tombstone::Tombstone;
use crate::pubsub::{Context, Failure, Fault, Timestamp, Tx};

use super::{PublicNode, public_node};

/// The ItemID of what a node says about itself as a feed.
const ABOUT: &str = "0";

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The NodeID.
    pub node: String,
    /// Which archive, counted from 1; the feed itself without a number.
    pub archive: Option<u64>,
}

/// A feed or one of its archives.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedPart {
    /// The node.
    pub public: PublicNode,
    /// What it says about itself, if it does.
    pub about: Option<Item>,
    /// The entries, those first published last at the beginning.
    pub items: Vec<Item>,
    /// What is gone, the last at the beginning; only in the feed itself.
    pub tombstones: Vec<Tombstone>,
    /// The next older archive that holds something.
    pub older: Option<u64>,
    /// The next newer archive that holds something.
    pub newer: Option<u64>,
    /// The newest place of the node.
    pub place: u64,
}

/// Shows a feed.
pub fn feed(ctx: &Context<'_>, tx: &dyn Tx, request: &Feed) -> Result<Option<FeedPart>, Failure> {
    let Some(public) = public_node(ctx, tx, &request.node)? else { return Ok(None) };
    let node = &public.node;
    let reader = Reader { tx, living: Living::of(tx, node, ctx.now)? };
    let place = tx.newest_place(node.key)?;
    let closed = place / WEB_RANGE;
    let items = match request.archive {
        None => reader.current(closed)?,
        Some(number) if (1..=closed).contains(&number) => reader.range(number)?,
        Some(_) => return Ok(None),
    };
    let number = request.archive.unwrap_or(closed + 1);
    let older = reader.neighbour(number, Direction::NewestFirst)?;
    let newer = reader.neighbour(number, Direction::OldestFirst)?.filter(|newer| *newer <= closed);
    let tombstones = match request.archive {
        None => tx.tombstones(node.key, ItemRange::ALL, Direction::NewestFirst, WEB_TOMBSTONES_MAX)?,
        Some(_) => Vec::new(),
    };
    let tombstones = reader.lasting(tombstones, ctx.now)?;
    let about = reader.living.item(tx, ABOUT)?.filter(|about| about.companion);
    let items = items.into_values().rev().collect();
    Ok(Some(FeedPart { public, about, items, tombstones, older, newer, place }))
}

/// Reads the entries of one node.
struct Reader<'a> {
    tx: &'a dyn Tx,
    living: Living,
}

/// Entries by where they were first published.
type Entries = BTreeMap<u64, Item>;

impl Reader<'_> {
    fn is_shown(&self, item: &Item) -> bool {
        self.living.has(item) && !item.companion
    }

    /// Tombstones that still count: some are of entries that are there again, published while there was no web side.
    fn lasting(&self, mut tombstones: Vec<Tombstone>, now: Timestamp) -> Result<Vec<Tombstone>, Fault> {
        let mut there = Vec::new();
        for tombstone in &tombstones {
            let known = self.living.item(self.tx, &tombstone.id)?;
            if known.is_some_and(|known| known.atom_id == tombstone.atom_id) {
                there.push(tombstone.place);
            }
        }
        tombstones.retain(|tombstone| tombstone.lasts(now) && !there.contains(&tombstone.place));
        Ok(tombstones)
    }

    /// What no archive holds, and what is new.
    fn current(&self, closed: u64) -> Result<Entries, Fault> {
        let mut entries = self.range(closed + 1)?;
        let newest = self.tx.items(self.living.key, ItemRange::ALL, Direction::NewestFirst, WEB_NEWEST)?;
        let newest = newest.into_iter().filter(|item| self.is_shown(item));
        entries.extend(newest.map(|item| (item.created_seq, item)));
        Ok(entries)
    }

    /// What was first published in a range of places.
    fn range(&self, number: u64) -> Result<Entries, Fault> {
        let last = number.saturating_mul(WEB_RANGE);
        let range = ItemRange { after: Some(last - WEB_RANGE), before: Some(last + 1) };
        let limit = usize::try_from(WEB_RANGE).unwrap_or(usize::MAX);
        let found = self.tx.items_by_creation(self.living.key, range, Direction::OldestFirst, limit)?;
        let shown = found.into_iter().filter(|item| self.is_shown(item));
        Ok(shown.map(|item| (item.created_seq, item)).collect())
    }

    /// The number of the next range, downward or upward, in which something is.
    fn neighbour(&self, number: u64, direction: Direction) -> Result<Option<u64>, Fault> {
        let last = number.saturating_mul(WEB_RANGE);
        let mut range = match direction {
            Direction::NewestFirst => ItemRange { after: None, before: Some(last - WEB_RANGE + 1) },
            Direction::OldestFirst => ItemRange { after: Some(last), before: None },
        };
        // More than one is only read where items have expired and are about to be removed.
        let mut limit = 1;
        loop {
            let found = self.tx.items_by_creation(self.living.key, range, direction, limit)?;
            let place = |item: &Item| (item.created_seq - 1) / WEB_RANGE + 1;
            if let Some(shown) = found.iter().find(|item| self.is_shown(item)) {
                return Ok(Some(place(shown)));
            }
            match found.last() {
                Some(last) if found.len() == limit => match direction {
                    Direction::NewestFirst => range.before = Some(last.created_seq),
                    Direction::OldestFirst => range.after = Some(last.created_seq),
                },
                Some(_) | None => return Ok(None),
            }
            limit = ITEMS_READ_AT_ONCE;
        }
    }
}
