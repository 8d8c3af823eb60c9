//! Items that expire: never shown from the moment on, and removed soon after — `pubsub#item_expire` of XEP-0060
//! [#registrar-formtypes-config].
//!
//! An item lasts for as long as the configuration of the present says, counted from its last publication: a new value
//! is for items that are there already too. Items are in the order of their dates, so those that have expired are the
//! oldest of a node, and a look at the oldest tells all. Companions among them do not expire. The specification does not say how subscribers hear of it;
//! they are told as of any other item that is deleted, where the node tells of those.

use crate::limits::ITEMS_READ_AT_ONCE;

use super::companion;
use super::fault::Fault;
use super::item::{Direction, Item, ItemRange};
use super::node::{Node, NodeKey};
use super::notice::Event;
use super::paging::OrderBy;
use super::publisher::room::trim;
use super::removal;
use super::tell;
use super::time::Timestamp;
use super::tx::Tx;

/// The items of a node that have not expired, whether or not those that have were removed already.
#[derive(Clone, Debug)]
pub struct Living {
    /// The node.
    pub key: NodeKey,
    /// All items up to this place have expired, but for companions.
    floor: u64,
    /// How many have.
    expired: u64,
    /// The companions up to this place, oldest first.
    spared: Vec<Item>,
}

impl Living {
    /// Those of a node at this time.
    pub fn of(tx: &dyn Tx, node: &Node, now: Timestamp) -> Result<Self, Fault> {
        let mut living = Self { key: node.key, floor: 0, expired: 0, spared: Vec::new() };
        if node.expiry.is_none_or(|due| due > now) {
            return Ok(living);
        }
        let (mut range, mut companions) = (ItemRange::ALL, Vec::new());
        loop {
            let oldest = tx.items(node.key, range, Direction::OldestFirst, ITEMS_READ_AT_ONCE)?;
            let is_rest = oldest.len() < ITEMS_READ_AT_ONCE;
            for item in oldest {
                range.after = Some(item.seq);
                if item.companion {
                    companions.push(item);
                    continue;
                }
                if item.expires(&node.config).is_none_or(|end| end > now) {
                    return Ok(living);
                }
                living.floor = item.seq;
                living.expired += 1;
                living.spared.append(&mut companions);
            }
            if is_rest {
                return Ok(living);
            }
        }
    }

    /// Whether there are others, which have expired and are still stored.
    pub fn leaves_some_out(&self) -> bool {
        self.expired > 0
    }

    /// Whether an item of the node is one of them.
    pub fn has(&self, item: &Item) -> bool {
        item.companion || item.seq > self.floor
    }

    /// A range of places without those that are known to be only of others.
    pub(super) fn among(&self, range: ItemRange, by: OrderBy) -> ItemRange {
        match by {
            OrderBy::Modification => {
                let lowest = self.spared.iter().map(|item| item.seq).find(|seq| range.has(*seq));
                let after = lowest.map_or(self.floor, |lowest| lowest.saturating_sub(1));
                ItemRange { after: range.after.max(Some(after)), ..range }
            }
            OrderBy::Creation => range,
        }
    }

    /// The one of this id.
    pub fn item(&self, tx: &dyn Tx, id: &str) -> Result<Option<Item>, Fault> {
        Ok(tx.item(self.key, id)?.filter(|item| self.has(item)))
    }

    /// The one that was published last.
    pub fn newest(&self, tx: &dyn Tx) -> Result<Option<Item>, Fault> {
        self.end(tx, Direction::NewestFirst)
    }

    /// The one that was published last and is no companion.
    pub fn newest_entry(&self, tx: &dyn Tx) -> Result<Option<Item>, Fault> {
        let range = ItemRange { after: Some(self.floor), before: None };
        let newest = tx.items(self.key, range, Direction::NewestFirst, companion::MOST + 1)?;
        Ok(newest.into_iter().find(|item| !item.companion))
    }

    /// The first or the last in the order of publication.
    pub(super) fn end(&self, tx: &dyn Tx, direction: Direction) -> Result<Option<Item>, Fault> {
        let above = ItemRange { after: Some(self.floor), before: None };
        let above = || Ok(tx.items(self.key, above, direction, 1)?.pop());
        match direction {
            Direction::OldestFirst => {
                self.spared.first().cloned().map_or_else(above, |first| Ok(Some(first)))
            }
            Direction::NewestFirst => Ok(above()?.or_else(|| self.spared.last().cloned())),
        }
    }

    /// How many there are.
    pub fn count(&self, tx: &dyn Tx) -> Result<u64, Fault> {
        Ok(tx.counts(self.key)?.items.saturating_sub(self.expired))
    }

    /// How many there are that are no companions.
    pub fn entries(&self, tx: &dyn Tx) -> Result<u64, Fault> {
        Ok(self.count(tx)?.saturating_sub(tx.counts(self.key)?.companions))
    }
}

/// Sees to it that a node is looked at when what was just published expires, unless it is looked at before.
pub(super) fn schedule(tx: &mut dyn Tx, node: &Node, now: Timestamp) -> Result<(), Fault> {
    match node.config.item_expire {
        Some(seconds) if node.config.persist_items && node.expiry.is_none() => {
            tx.put_node(&Node { expiry: Some(now.plus_seconds(seconds)), ..node.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

/// Removes what has expired; how many nodes and items were seen to, of which there are at most `most`.
pub(super) fn expire(tx: &mut dyn Tx, now: Timestamp, on_web: bool, most: usize) -> Result<usize, Fault> {
    let mut seen = 0;
    while seen < most {
        let Some(node) = tx.nodes_due(now, 1)?.pop() else { break };
        seen += 1;
        seen += expire_node(tx, node, now, on_web, most - seen)?;
    }
    Ok(seen)
}

fn expire_node(
    tx: &mut dyn Tx,
    mut node: Node,
    now: Timestamp,
    on_web: bool,
    most: usize,
) -> Result<usize, Fault> {
    let (mut removed, mut range) = (0, ItemRange::ALL);
    node.expiry = 'looking: loop {
        let oldest = tx.items(node.key, range, Direction::OldestFirst, ITEMS_READ_AT_ONCE)?;
        if oldest.is_empty() {
            break None;
        }
        for item in oldest {
            range.after = Some(item.seq);
            if item.companion {
                continue;
            }
            let end = item.expires(&node.config);
            if end.is_none_or(|end| end > now) || removed == most {
                break 'looking end;
            }
            removal::entry(tx, &node, &item, on_web.then_some(now))?;
            if node.config.notify_retract {
                tell::subscribers(tx, &node, Event::Retracted { id: item.id })?;
            }
            removed += 1;
        }
    };
    // Also here because it keeps fewer items than it has.
    let surplus = trim(tx, &node, 0, most - removed)?;
    if removed + surplus == most {
        node.expiry = Some(now);
    }
    tx.put_node(&node)?;
    Ok(removed + surplus)
}
