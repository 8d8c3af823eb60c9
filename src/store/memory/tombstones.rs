//! Tombstones in memory.

use super::State;
use crate::pubsub::fault::Fault;
use crate::pubsub::item::{Direction, ItemRange};
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tombstone::{Tombstone, Tombstones};

impl Tombstones for State {
    fn put_tombstone(&mut self, key: NodeKey, tombstone: &mut Tombstone, most: u64) -> Result<(), Fault> {
        self.must_be_there(key)?;
        self.remove_tombstone(key, &tombstone.id)?;
        let (last, newest) = self.last_items.get(&key).copied().unwrap_or((0, Timestamp(i64::MIN)));
        tombstone.place = last + 1;
        self.last_items.insert(key, (tombstone.place, newest));
        self.tombstones.insert((key, tombstone.place), tombstone.clone());
        let there = self.tombstones_of(key).count() as u64;
        self.take_tombstones(key, usize::try_from(there.saturating_sub(most)).unwrap_or(usize::MAX));
        Ok(())
    }

    fn remove_tombstone(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        let place = self.tombstone(key, id)?.map(|tombstone| tombstone.place);
        Ok(place.and_then(|place| self.tombstones.remove(&(key, place))).is_some())
    }

    fn tombstone(&self, key: NodeKey, id: &str) -> Result<Option<Tombstone>, Fault> {
        Ok(self.tombstones_of(key).find(|tombstone| tombstone.id == id).cloned())
    }

    fn tombstones(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Tombstone>, Fault> {
        let inside = self.tombstones_of(key).filter(|tombstone| range.has(tombstone.place));
        Ok(match direction {
            Direction::OldestFirst => inside.take(limit).cloned().collect(),
            Direction::NewestFirst => inside.rev().take(limit).cloned().collect(),
        })
    }
}

impl State {
    pub(super) fn tombstones_of(&self, key: NodeKey) -> impl DoubleEndedIterator<Item = &Tombstone> {
        self.tombstones.range((key, 0)..=(key, u64::MAX)).map(|(_, tombstone)| tombstone)
    }

    /// Removes up to `limit` tombstones of a node, the oldest first.
    pub(super) fn take_tombstones(&mut self, key: NodeKey, limit: usize) {
        let places: Vec<u64> = self.tombstones_of(key).take(limit).map(|oldest| oldest.place).collect();
        for place in places {
            self.tombstones.remove(&(key, place));
        }
    }
}
