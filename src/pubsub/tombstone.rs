//! Tombstones: what is known of items that are gone, for those who did not hear of it (RFC 6721).
//!
//! They are only for readers on the web; subscribers are told. So they are kept of nodes that are on the web, of items
//! that were removed and did not just make room for others, for some time and in some number.

use serde::{Deserialize, Serialize};

use crate::limits::{TOMBSTONE_SECONDS_MAX, TOMBSTONES_PER_NODE_MAX};

use super::fault::Fault;
use super::item::{Direction, Item, ItemRange};
use super::node::{Node, NodeKey};
use super::reader;
use super::time::Timestamp;
use super::tx::Tx;

/// What is known of an item that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The ItemID.
    pub id: String,
    /// The atom:id that its entry had.
    pub atom_id: Option<String>,
    /// When it was removed.
    pub when: Timestamp,
    /// The place of its removal among the places of the node's publications. Set by the store.
    pub place: u64,
}

impl Tombstone {
    /// Whether it is still of interest.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.when.plus_seconds(TOMBSTONE_SECONDS_MAX) > now
    }
}

/// What the engine needs of a store for tombstones; a part of [`Tx`].
pub trait Tombstones {
    /// Stores a tombstone, in place of the one with its ItemID, and gives it a place; where there are more than `most`,
    /// the oldest goes.
    fn put_tombstone(&mut self, key: NodeKey, tombstone: &mut Tombstone, most: u64) -> Result<(), Fault>;
    /// Removes a tombstone; false when there was none.
    fn remove_tombstone(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault>;
    /// The tombstone with this ItemID.
    fn tombstone(&self, key: NodeKey, id: &str) -> Result<Option<Tombstone>, Fault>;
    /// Up to `limit` tombstones whose places are in a range, read from one of its ends.
    fn tombstones(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Tombstone>, Fault>;
}

/// Notes that an item, or the entry that it was, is gone, where somebody may look for it on the web; `when` says when,
/// where there is a web side.
pub(super) fn bury(tx: &mut dyn Tx, node: &Node, item: &Item, when: Option<Timestamp>) -> Result<(), Fault> {
    let Some(when) = when.filter(|_| !item.companion && reader::may_be_public(node)) else { return Ok(()) };
    let oldest = tx.tombstones(node.key, ItemRange::ALL, Direction::OldestFirst, 2)?;
    for past in oldest.iter().filter(|oldest| !oldest.lasts(when)) {
        tx.remove_tombstone(node.key, &past.id)?;
    }
    let (id, atom_id) = (item.id.clone(), item.atom_id.clone());
    tx.put_tombstone(node.key, &mut Tombstone { id, atom_id, when, place: 0 }, TOMBSTONES_PER_NODE_MAX)
}
