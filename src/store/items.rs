//! Items and the places where they are found: by publication, by first publication, by ItemID, by atom:id, and by the node of
//! their comments.

use super::keys;
use super::rows::ItemPlace;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::item::Item;
use crate::pubsub::node::NodeKey;

impl KvTx<'_> {
    pub(super) fn place_item(&mut self, key: NodeKey, item: &mut Item) -> Result<(), Fault> {
        self.must_be_there(key)?;
        let mut counted = self.get(&keys::counts(key))?.unwrap_or_default();
        item.seq = counted.next_item;
        counted.next_item += 1;
        item.updated = item.updated.max(counted.newest);
        counted.newest = item.updated;
        if let Some(old) = self.get(&keys::item_id(key, &item.id))? {
            self.remove(&keys::item(key, old.seq));
            self.remove_names(key, &old, &item.id);
            counted.counts.companions -= u64::from(old.companion);
            item.created = old.created;
            item.created_seq = old.created_seq;
        } else {
            counted.counts.items += 1;
            item.created = item.created.max(item.updated);
            item.created_seq = item.seq;
        }
        counted.counts.companions += u64::from(item.companion);
        let place = ItemPlace::of(item);
        if let Some(atom_id) = &place.atom_id {
            self.put(&keys::item_atom_id(key, atom_id, &item.id), &item.id)?;
        }
        if let Some(comments) = &place.comments {
            self.put(&keys::item_comments(comments, key, &item.id), &(key, item.id.clone()))?;
        }
        self.put(&keys::counts(key), &counted)?;
        self.put(&keys::item_id(key, &item.id), &place)?;
        self.put(&keys::item_created(key, item.created_seq), &item.seq)?;
        self.put(&keys::item(key, item.seq), item)
    }

    pub(super) fn take_item(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        let Some(place) = self.get(&keys::item_id(key, id))? else {
            return Ok(false);
        };
        self.remove(&keys::item_id(key, id));
        self.remove_names(key, &place, id);
        self.remove(&keys::item_created(key, place.created_seq));
        self.remove(&keys::item(key, place.seq));
        self.count(key, |counted| {
            counted.counts.items -= 1;
            counted.counts.companions -= u64::from(place.companion);
        })?;
        Ok(true)
    }

    /// Removes what an item is found by besides its places and its ItemID.
    pub(super) fn remove_names(&mut self, key: NodeKey, place: &ItemPlace, id: &str) {
        if let Some(atom_id) = &place.atom_id {
            self.remove(&keys::item_atom_id(key, atom_id, id));
        }
        if let Some(comments) = &place.comments {
            self.remove(&keys::item_comments(comments, key, id));
        }
    }
}
