//! Tombstones, by their place and by ItemID.

use super::keys;
use super::kv::Order;
use super::tx::{KvTx, order};
use crate::pubsub::fault::Fault;
use crate::pubsub::item::{Direction, ItemRange};
use crate::pubsub::node::NodeKey;
use crate::pubsub::tombstone::{Tombstone, Tombstones};

impl Tombstones for KvTx<'_> {
    fn put_tombstone(&mut self, key: NodeKey, tombstone: &mut Tombstone, most: u64) -> Result<(), Fault> {
        self.must_be_there(key)?;
        self.remove_tombstone(key, &tombstone.id)?;
        let mut counted = self.get(&keys::counts(key))?.unwrap_or_default();
        tombstone.place = counted.next_item;
        counted.next_item += 1;
        counted.tombstones += 1;
        let surplus = counted.tombstones.saturating_sub(most);
        self.put(&keys::counts(key), &counted)?;
        self.put(&keys::tombstone_id(key, &tombstone.id), &tombstone.place)?;
        self.put(&keys::tombstone(key, tombstone.place), tombstone)?;
        self.take_tombstones(key, usize::try_from(surplus).unwrap_or(usize::MAX))?;
        Ok(())
    }

    fn remove_tombstone(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        let Some(place) = self.get(&keys::tombstone_id(key, id))? else { return Ok(false) };
        self.remove(&keys::tombstone_id(key, id));
        self.remove(&keys::tombstone(key, place));
        self.count(key, |counted| counted.tombstones -= 1)?;
        Ok(true)
    }

    fn tombstone(&self, key: NodeKey, id: &str) -> Result<Option<Tombstone>, Fault> {
        match self.get(&keys::tombstone_id(key, id))? {
            Some(place) => self.get(&keys::tombstone(key, place)),
            None => Ok(None),
        }
    }

    fn tombstones(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Tombstone>, Fault> {
        self.page(&keys::tombstones(key, range), order(direction), limit)
    }
}

impl KvTx<'_> {
    /// Removes up to `limit` tombstones of a node, the oldest first; how many.
    pub(super) fn take_tombstones(&mut self, key: NodeKey, limit: usize) -> Result<usize, Fault> {
        let oldest = self.page(&keys::tombstones(key, ItemRange::ALL), Order::Ascending, limit)?;
        for tombstone in &oldest {
            self.remove_tombstone(key, &tombstone.id)?;
        }
        Ok(oldest.len())
    }
}
