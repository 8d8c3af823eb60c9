//! Removing what a removed node left, in bounded pieces.

use super::keys::{self, Span};
use super::kv::Order;
use super::rows::ItemPlace;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::item::ItemRange;
use crate::pubsub::node::NodeKey;

impl KvTx<'_> {
    /// Removes up to `limit` items, subscriptions, affiliations and tombstones of a removed node; true when nothing is left.
    pub(super) fn sweep_node(&mut self, key: NodeKey, limit: usize) -> Result<bool, Fault> {
        if self.is_there(key)? {
            return Err(Fault::Bug(format!("node {} is still there", key.0)));
        }
        let swept = self.sweep_items(key, limit)?;
        let swept = swept + self.sweep_subscriptions(key, limit.saturating_sub(swept))?;
        let swept = swept + self.sweep_affiliations(key, limit.saturating_sub(swept))?;
        self.take_tombstones(key, limit.saturating_sub(swept))?;
        let empty = self.is_empty(&keys::items(key, ItemRange::ALL))?
            && self.is_empty(&keys::subscriptions(key, None))?
            && self.is_empty(&keys::affiliations(key))?
            && self.is_empty(&keys::tombstones(key, ItemRange::ALL))?;
        if empty {
            self.remove(&keys::counts(key));
        }
        Ok(empty)
    }

    fn sweep_items(&mut self, key: NodeKey, limit: usize) -> Result<usize, Fault> {
        let items = self.page(&keys::items(key, ItemRange::ALL), Order::Ascending, limit)?;
        for item in &items {
            self.remove(&keys::item(key, item.seq));
            self.remove(&keys::item_id(key, &item.id));
            self.remove_names(key, &ItemPlace::of(item), &item.id);
            self.remove(&keys::item_created(key, item.created_seq));
        }
        let swept = items.len() as u64;
        let companions = items.iter().filter(|item| item.companion).count() as u64;
        self.count(key, |counted| {
            counted.counts.items -= swept;
            counted.counts.companions -= companions;
        })?;
        Ok(items.len())
    }

    fn sweep_subscriptions(&mut self, key: NodeKey, limit: usize) -> Result<usize, Fault> {
        let subscriptions = self.page(&keys::subscriptions(key, None), Order::Ascending, limit)?;
        for subscription in &subscriptions {
            let which = subscription.key();
            self.remove(&keys::subscription(key, &which));
            self.change_held(key, &which.bare, |held| held.retain(|held| *held != which))?;
            self.remove_due(key, subscription);
        }
        let swept = subscriptions.len() as u64;
        self.count(key, |counted| {
            counted.counts.subscriptions -= swept;
            counted.audience += swept;
        })?;
        Ok(subscriptions.len())
    }

    fn sweep_affiliations(&mut self, key: NodeKey, limit: usize) -> Result<usize, Fault> {
        let affiliations = self.page(&keys::affiliations(key), Order::Ascending, limit)?;
        let mut barred = 0;
        for (jid, affiliation) in &affiliations {
            self.remove(&keys::affiliation(key, jid.as_str()));
            self.remove(&keys::affiliation_of(key, jid.as_str()));
            barred += u64::from(!affiliation.hears());
        }
        self.count(key, |counted| counted.counts.barred -= barred)?;
        Ok(affiliations.len())
    }

    fn is_empty<T: serde::de::DeserializeOwned>(&self, span: &Span<T>) -> Result<bool, Fault> {
        Ok(self.page(span, Order::Ascending, 1)?.is_empty())
    }
}
