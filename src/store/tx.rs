//! A transaction over an ordered key-value engine.

use std::ops::ControlFlow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::{self, Key, Span};
use super::kv::{Engine, Order};
use super::overlay::Overlay;
use super::queue::Queue;
use super::record;
use super::rows::NodeCounts;
use crate::limits::STORE_KEY_BYTES_MAX;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::fault::Fault;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Counts, Node, NodeId, NodeKey};
use crate::pubsub::notice::{Notice, Queued};
use crate::pubsub::presence::contact::Contact;
use crate::pubsub::subscription::{Subscription, SubscriptionKey};
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;

/// One transaction: reads see its own writes and those of the transactions before it.
pub struct KvTx<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) overlay: &'a mut Overlay,
    pub(super) queue: &'a Queue,
}

impl<'a> KvTx<'a> {
    /// Begins on top of what the overlay holds.
    pub fn new(engine: &'a dyn Engine, overlay: &'a mut Overlay, queue: &'a Queue) -> Self {
        Self { engine, overlay, queue }
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &Key<T>) -> Result<Option<T>, Fault> {
        let stored = self.overlay.get(self.engine, key.bytes())?;
        stored.map(|stored| record::decode(key.bytes(), &stored)).transpose()
    }

    pub(super) fn put<T: Serialize>(&mut self, key: &Key<T>, body: &T) -> Result<(), Fault> {
        let length = key.bytes().len();
        if length > STORE_KEY_BYTES_MAX {
            return Err(Fault::Bug(format!("a key of {length} bytes")));
        }
        self.overlay.put(key.bytes(), Some(record::encode(key, body)?));
        Ok(())
    }

    pub(super) fn remove<T>(&mut self, key: &Key<T>) {
        self.overlay.put(key.bytes(), None);
    }

    /// Up to `limit` bodies of a range.
    pub(super) fn page<T: DeserializeOwned>(
        &self,
        span: &Span<T>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<T>, Fault> {
        let mut page = Vec::new();
        if limit == 0 {
            return Ok(page);
        }
        self.overlay.scan(self.engine, span.from(), span.to(), order, &mut |key, stored| {
            page.push(record::decode(key, stored)?);
            Ok(if page.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(page)
    }

    fn all<T: DeserializeOwned>(&self, span: &Span<T>) -> Result<Vec<T>, Fault> {
        self.page(span, Order::Ascending, usize::MAX)
    }

    /// The next number of a counter.
    fn next(&mut self, counter: &Key<u64>) -> Result<u64, Fault> {
        let next = self.get(counter)?.unwrap_or(1);
        self.put(counter, &(next + 1))?;
        Ok(next)
    }

    pub(super) fn count(&mut self, key: NodeKey, change: impl FnOnce(&mut NodeCounts)) -> Result<(), Fault> {
        let mut counted = self.get(&keys::counts(key))?.unwrap_or_default();
        change(&mut counted);
        self.put(&keys::counts(key), &counted)
    }

    pub(super) fn is_there(&self, key: NodeKey) -> Result<bool, Fault> {
        Ok(self.overlay.get(self.engine, keys::node(key).bytes())?.is_some())
    }

    pub(super) fn must_be_there(&self, key: NodeKey) -> Result<(), Fault> {
        if self.is_there(key)? { Ok(()) } else { Err(no_such_node(key)) }
    }
}

pub(super) fn order(direction: Direction) -> Order {
    match direction {
        Direction::OldestFirst => Order::Ascending,
        Direction::NewestFirst => Order::Descending,
    }
}

/// Something was stored for a node that is not there.
pub(super) fn no_such_node(key: NodeKey) -> Fault {
    Fault::Bug(format!("there is no node {}", key.0))
}

/// A name was given to a second node.
pub(super) fn other_name(node: &Node) -> Fault {
    Fault::Bug(format!("node {} changed its name, or its name has another node", node.key.0))
}

impl Tx for KvTx<'_> {
    fn node(&self, id: &NodeId) -> Result<Option<Node>, Fault> {
        match self.get(&keys::name(id))? {
            Some(key) => self.node_by_key(key),
            None => Ok(None),
        }
    }

    fn node_by_key(&self, key: NodeKey) -> Result<Option<Node>, Fault> {
        self.get(&keys::node(key))
    }

    fn nodes(&self, service: &str, after: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
        let found = self.page(&keys::names(service, after), Order::Ascending, limit)?;
        found.into_iter().filter_map(|key| self.node_by_key(key).transpose()).collect()
    }

    fn nodes_before(&self, service: &str, before: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
        let found = self.page(&keys::names_before(service, before), Order::Descending, limit)?;
        found.into_iter().filter_map(|key| self.node_by_key(key).transpose()).collect()
    }

    fn nodes_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Node>, Fault> {
        self.due_nodes(now, limit)
    }

    fn tied(&self, key: NodeKey, item: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
        self.tied_nodes(key, item, limit)
    }

    fn new_node_key(&mut self) -> Result<NodeKey, Fault> {
        self.next(&keys::next_node()).map(NodeKey)
    }

    fn nodes_created(&self, service: &str, creator: &str) -> Result<u64, Fault> {
        self.created_by(service, creator)
    }

    fn put_node(&mut self, node: &Node) -> Result<(), Fault> {
        if node.key.0 >= self.get(&keys::next_node())?.unwrap_or(1) {
            return Err(no_such_node(node.key));
        }
        let named = self.get(&keys::name(&node.id))?;
        let old = self.node_by_key(node.key)?;
        if named != old.as_ref().map(|old| old.key) {
            return Err(other_name(node));
        }
        if let Some(old) = &old {
            self.remove_node_due(old);
            self.remove_ties(old);
        }
        self.count_node(old.as_ref(), Some(node))?;
        self.put_node_due(node)?;
        self.put_ties(node)?;
        self.put(&keys::name(&node.id), &node.key)?;
        self.put(&keys::node(node.key), node)
    }

    fn remove_node(&mut self, key: NodeKey) -> Result<(), Fault> {
        let node = self.node_by_key(key)?.ok_or_else(|| no_such_node(key))?;
        self.count_node(Some(&node), None)?;
        self.remove(&keys::name(&node.id));
        self.remove(&keys::node(key));
        self.remove_node_due(&node);
        self.remove_ties(&node);
        Ok(())
    }

    fn sweep(&mut self, key: NodeKey, limit: usize) -> Result<bool, Fault> {
        self.sweep_node(key, limit)
    }

    fn counts(&self, key: NodeKey) -> Result<Counts, Fault> {
        Ok(self.get(&keys::counts(key))?.unwrap_or_default().counts)
    }

    fn item(&self, key: NodeKey, id: &str) -> Result<Option<Item>, Fault> {
        match self.get(&keys::item_id(key, id))? {
            Some(place) => self.get(&keys::item(key, place.seq)),
            None => Ok(None),
        }
    }

    fn items_with_atom_id(&self, key: NodeKey, atom_id: &str, limit: usize) -> Result<Vec<String>, Fault> {
        self.page(&keys::items_with_atom_id(key, atom_id), Order::Ascending, limit)
    }

    fn items_with_comments(
        &self,
        comments: &NodeId,
        publisher: &str,
        limit: usize,
    ) -> Result<Vec<(NodeKey, String)>, Fault> {
        self.page(&keys::items_with_comments(comments, publisher), Order::Ascending, limit)
    }

    fn items(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, Fault> {
        self.page(&keys::items(key, range), order(direction), limit)
    }

    fn items_by_creation(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, Fault> {
        let places = self.page(&keys::items_created(key, range), order(direction), limit)?;
        places.into_iter().filter_map(|seq| self.get(&keys::item(key, seq)).transpose()).collect()
    }

    fn put_item(&mut self, key: NodeKey, item: &mut Item) -> Result<(), Fault> {
        self.place_item(key, item)
    }

    fn give_as_published(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        let Some(item) = self.item(key, id)? else { return Ok(false) };
        self.put(&keys::item(key, item.seq), &Item { as_published: true, ..item })?;
        Ok(true)
    }

    fn newest_place(&self, key: NodeKey) -> Result<u64, Fault> {
        Ok(self.get(&keys::counts(key))?.unwrap_or_default().next_item - 1)
    }

    fn remove_item(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        self.take_item(key, id)
    }

    fn subscriptions(&self, key: NodeKey, bare: &str) -> Result<Vec<Subscription>, Fault> {
        self.held(key, bare)
    }

    fn subscriptions_page(
        &self,
        key: NodeKey,
        after: Option<&SubscriptionKey>,
        limit: usize,
    ) -> Result<Vec<Subscription>, Fault> {
        self.page(&keys::subscriptions(key, after), Order::Ascending, limit)
    }

    fn audience_version(&self, key: NodeKey) -> Result<u64, Fault> {
        Ok(self.get(&keys::counts(key))?.unwrap_or_default().audience)
    }

    fn subscriptions_of(&self, bare: &str) -> Result<Vec<(NodeKey, Subscription)>, Fault> {
        let mut found = Vec::new();
        for (key, _) in self.all(&keys::subscriptions_of(bare))? {
            if self.is_there(key)? {
                found.extend(self.held(key, bare)?.into_iter().map(|held| (key, held)));
            }
        }
        Ok(found)
    }

    fn subscriptions_due(&self, now: Timestamp, limit: usize) -> Result<Vec<(NodeKey, Subscription)>, Fault> {
        self.due_subscriptions(now, limit)
    }

    fn put_subscription(&mut self, key: NodeKey, subscription: &mut Subscription) -> Result<(), Fault> {
        self.place_subscription(key, subscription)
    }

    fn remove_subscription(&mut self, key: NodeKey, which: &SubscriptionKey) -> Result<bool, Fault> {
        self.take_subscription(key, which)
    }

    fn affiliation(&self, key: NodeKey, bare: &str) -> Result<Affiliation, Fault> {
        Ok(self.get(&keys::affiliation(key, bare))?.map_or(Affiliation::None, |(_, affiliation)| affiliation))
    }

    fn set_affiliation(&mut self, key: NodeKey, bare: &str, affiliation: Affiliation) -> Result<(), Fault> {
        self.must_be_there(key)?;
        let old = self.affiliation(key, bare)?;
        if old.hears() != affiliation.hears() {
            self.count(key, |counted| {
                let barred = &mut counted.counts.barred;
                *barred = if affiliation.hears() { *barred - 1 } else { *barred + 1 };
            })?;
        }
        if affiliation == Affiliation::None {
            self.remove(&keys::affiliation(key, bare));
            self.remove(&keys::affiliation_of(key, bare));
            return Ok(());
        }
        self.put(&keys::affiliation(key, bare), &(Jid::from(bare.to_owned()), affiliation))?;
        self.put(&keys::affiliation_of(key, bare), &(key, affiliation))
    }

    fn affiliations(&self, key: NodeKey) -> Result<Vec<(Jid, Affiliation)>, Fault> {
        self.all(&keys::affiliations(key))
    }

    fn affiliations_of(&self, bare: &str) -> Result<Vec<(NodeKey, Affiliation)>, Fault> {
        let mut found = self.all(&keys::affiliations_of(bare))?;
        let mut there = Vec::new();
        for (key, affiliation) in found.drain(..) {
            if self.is_there(key)? {
                there.push((key, affiliation));
            }
        }
        Ok(there)
    }

    fn contact(&self, service: &str, bare: &str) -> Result<Option<Contact>, Fault> {
        self.get(&keys::contact(service, bare))
    }

    fn contacts(&self, service: &str, after: Option<&str>, limit: usize) -> Result<Vec<Contact>, Fault> {
        self.page(&keys::contacts(service, after), Order::Ascending, limit)
    }

    fn put_contact(&mut self, service: &str, contact: &Contact) -> Result<(), Fault> {
        let key = keys::contact(service, contact.jid.as_str());
        if contact.is_stranger() {
            self.remove(&key);
            return Ok(());
        }
        self.put(&key, contact)
    }

    fn queue(&mut self, notice: &Notice) -> Result<u64, Fault> {
        let seq = self.next(&keys::next_notice())?;
        self.put(&keys::notice(notice.key, seq), &(seq, notice.clone()))?;
        Ok(seq)
    }

    fn queued_node(&self, service: &str, after: Option<NodeKey>) -> Result<Option<NodeKey>, Fault> {
        self.node_in_queue(service, after)
    }

    fn next_queued(&self, key: NodeKey, after: u64) -> Result<Option<Queued>, Fault> {
        self.next_in_queue(key, after)
    }

    fn put_served(&mut self, key: NodeKey, seq: u64, served: &SubscriptionKey) -> Result<(), Fault> {
        if self.overlay.get(self.engine, keys::notice(key, seq).bytes())?.is_none() {
            return Ok(());
        }
        self.put(&keys::served(key, seq), served)
    }

    fn remove_queued(&mut self, key: NodeKey, seq: u64) -> Result<(), Fault> {
        self.remove(&keys::notice(key, seq));
        self.remove(&keys::served(key, seq));
        Ok(())
    }
}
