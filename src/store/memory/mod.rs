//! The store as a model: plain ordered maps of typed values, whose snapshots cost nothing. Nothing survives it.
//!
//! It is what other stores are compared with, so it says what is right in the plainest way.

mod callbacks;
mod feeds;
mod search;
mod sweep;
mod tokens;
mod tombstones;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use feeds::FeedState;
use imbl::OrdMap;

use super::verify::Report;
use super::{Store, tx};
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::fault::{Failure, Fault};
use crate::pubsub::hub::{Callback, CallbackKey};
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Counts, Node, NodeId, NodeKey};
use crate::pubsub::notice::{Notice, Queued};
use crate::pubsub::presence::contact::Contact;
use crate::pubsub::subscription::{Subscription, SubscriptionKey};
use crate::pubsub::time::Timestamp;
use crate::pubsub::tombstone::Tombstone;
use crate::pubsub::tx::Tx;

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory {
    state: State,
    changed: BTreeSet<NodeKey>,
}

impl Store for Memory {
    fn transact(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut state = self.state.clone();
        work(&mut state)?;
        self.changed.extend(state.differs(&self.state));
        self.state = state;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn changed(&mut self) -> BTreeSet<NodeKey> {
        std::mem::take(&mut self.changed)
    }

    fn prove(&mut self, _: Duration) -> Result<bool, Fault> {
        Ok(true)
    }

    fn verify(&mut self) -> Result<Report, Fault> {
        let state = &self.state;
        Ok(Report {
            nodes: state.nodes.len() as u64,
            items: state.items.len() as u64,
            subscriptions: state.subscriptions.len() as u64,
            affiliations: state.affiliations.len() as u64,
            contacts: state.contacts.len() as u64,
            callbacks: state.callbacks.len() as u64,
            feeds: state.feeds.feeds.len() as u64,
            notices: state.queue.len() as u64,
            tokens: state.held.tokens.len() as u64,
            ..Report::default()
        })
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    nodes: OrdMap<NodeKey, Node>,
    items: OrdMap<(NodeKey, u64), Item>,
    subscriptions: OrdMap<(NodeKey, SubscriptionKey), Subscription>,
    affiliations: OrdMap<(NodeKey, String), Affiliation>,
    contacts: OrdMap<(String, String), Contact>,
    queue: OrdMap<(NodeKey, u64), Queued>,
    names: OrdMap<NodeId, NodeKey>,
    places: OrdMap<(NodeKey, String), u64>,
    feeds: FeedState,
    last_node: u64,
    last_notice: u64,
    /// Place and date of the item published last.
    last_items: OrdMap<NodeKey, (u64, Timestamp)>,
    tombstones: OrdMap<(NodeKey, u64), Tombstone>,
    callbacks: OrdMap<CallbackKey, Callback>,
    held: tokens::Held,
    /// How often the subscriptions of a node have changed.
    audiences: OrdMap<NodeKey, u64>,
}

impl State {
    fn must_be_there(&self, key: NodeKey) -> Result<(), Fault> {
        if self.nodes.contains_key(&key) { Ok(()) } else { Err(tx::no_such_node(key)) }
    }

    fn items_of(&self, key: NodeKey) -> impl DoubleEndedIterator<Item = &Item> {
        self.items.range((key, 0)..=(key, u64::MAX)).map(|(_, item)| item)
    }

    fn subscriptions_to(&self, key: NodeKey) -> impl Iterator<Item = (&SubscriptionKey, &Subscription)> {
        let lowest = SubscriptionKey { bare: String::new(), resource: None, subid: String::new() };
        let rest = self.subscriptions.range((key, lowest)..);
        rest.take_while(move |((of, _), _)| *of == key)
            .map(|((_, which), subscription)| (which, subscription))
    }

    fn affiliations_with(&self, key: NodeKey) -> impl Iterator<Item = (&String, Affiliation)> {
        let rest = self.affiliations.range((key, String::new())..);
        rest.take_while(move |((of, _), _)| *of == key).map(|((_, bare), affiliation)| (bare, *affiliation))
    }
}

impl Tx for State {
    fn node(&self, id: &NodeId) -> Result<Option<Node>, Fault> {
        Ok(self.names.get(id).and_then(|key| self.nodes.get(key)).cloned())
    }

    fn node_by_key(&self, key: NodeKey) -> Result<Option<Node>, Fault> {
        Ok(self.nodes.get(&key).cloned())
    }

    fn nodes(&self, service: &str, after: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
        let first = NodeId { service: service.to_owned(), name: after.unwrap_or_default().to_owned() };
        let rest = self.names.range(first..).filter(|(id, _)| after != Some(id.name.as_str()));
        let found = rest.take_while(|(id, _)| id.service == service).take(limit);
        Ok(found.filter_map(|(_, key)| self.nodes.get(key)).cloned().collect())
    }

    fn nodes_before(&self, service: &str, before: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
        let its = self.names.iter().rev().filter(|(id, _)| id.service == service);
        let found = its.filter(|(id, _)| before.is_none_or(|before| id.name.as_str() < before)).take(limit);
        Ok(found.filter_map(|(_, key)| self.nodes.get(key)).cloned().collect())
    }

    fn nodes_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Node>, Fault> {
        Ok(self.due_nodes(now, limit))
    }

    fn tied(&self, key: NodeKey, item: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault> {
        Ok(self.tied_nodes(key, item, limit))
    }

    fn new_node_key(&mut self) -> Result<NodeKey, Fault> {
        self.last_node += 1;
        Ok(NodeKey(self.last_node))
    }

    fn nodes_created(&self, service: &str, creator: &str) -> Result<u64, Fault> {
        let of = |node: &&Node| node.id.service == service && node.creator.bare() == creator;
        Ok(self.nodes.values().filter(of).count() as u64)
    }

    fn put_node(&mut self, node: &Node) -> Result<(), Fault> {
        if node.key.0 > self.last_node {
            return Err(tx::no_such_node(node.key));
        }
        let named = self.names.get(&node.id).copied();
        if named != self.nodes.contains_key(&node.key).then_some(node.key) {
            return Err(tx::other_name(node));
        }
        self.names.insert(node.id.clone(), node.key);
        self.nodes.insert(node.key, node.clone());
        Ok(())
    }

    fn remove_node(&mut self, key: NodeKey) -> Result<(), Fault> {
        let node = self.nodes.remove(&key).ok_or_else(|| tx::no_such_node(key))?;
        self.names.remove(&node.id);
        Ok(())
    }

    fn sweep(&mut self, key: NodeKey, limit: usize) -> Result<bool, Fault> {
        self.sweep_node(key, limit)
    }

    fn counts(&self, key: NodeKey) -> Result<Counts, Fault> {
        Ok(Counts {
            items: self.items_of(key).count() as u64,
            companions: self.items_of(key).filter(|item| item.companion).count() as u64,
            subscriptions: self.subscriptions_to(key).count() as u64,
            barred: self.affiliations_with(key).filter(|(_, affiliation)| !affiliation.hears()).count()
                as u64,
        })
    }

    fn item(&self, key: NodeKey, id: &str) -> Result<Option<Item>, Fault> {
        let place = self.places.get(&(key, id.to_owned()));
        Ok(place.and_then(|seq| self.items.get(&(key, *seq))).cloned())
    }

    fn items_with_atom_id(&self, key: NodeKey, atom_id: &str, limit: usize) -> Result<Vec<String>, Fault> {
        Ok(self.with_atom_id(key, atom_id, limit))
    }

    fn items_with_comments(
        &self,
        comments: &NodeId,
        publisher: &str,
        limit: usize,
    ) -> Result<Vec<(NodeKey, String)>, Fault> {
        Ok(self.with_comments(comments, publisher, limit))
    }

    fn items(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, Fault> {
        let items = self.items_of(key).filter(|item| range.has(item.seq));
        Ok(match direction {
            Direction::OldestFirst => items.take(limit).cloned().collect(),
            Direction::NewestFirst => items.rev().take(limit).cloned().collect(),
        })
    }

    fn items_by_creation(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, Fault> {
        let items = self.items_of(key).filter(|item| range.has(item.created_seq));
        let sorted: BTreeMap<u64, &Item> = items.map(|item| (item.created_seq, item)).collect();
        Ok(match direction {
            Direction::OldestFirst => sorted.into_values().take(limit).cloned().collect(),
            Direction::NewestFirst => sorted.into_values().rev().take(limit).cloned().collect(),
        })
    }

    fn put_item(&mut self, key: NodeKey, item: &mut Item) -> Result<(), Fault> {
        self.must_be_there(key)?;
        let (last, newest) = self.last_items.get(&key).copied().unwrap_or((0, Timestamp(i64::MIN)));
        item.seq = last + 1;
        item.updated = item.updated.max(newest);
        self.last_items.insert(key, (item.seq, item.updated));
        item.created_seq = item.seq;
        item.created = item.created.max(item.updated);
        if let Some(seq) = self.places.insert((key, item.id.clone()), item.seq)
            && let Some(old) = self.items.remove(&(key, seq))
        {
            item.created_seq = old.created_seq;
            item.created = old.created;
        }
        self.items.insert((key, item.seq), item.clone());
        Ok(())
    }

    fn give_as_published(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        let place = self.places.get(&(key, id.to_owned())).map(|seq| (key, *seq));
        let item = place.and_then(|place| self.items.get_mut(&place));
        Ok(item.map(|item| item.as_published = true).is_some())
    }

    fn newest_place(&self, key: NodeKey) -> Result<u64, Fault> {
        Ok(self.last_items.get(&key).map_or(0, |(last, _)| *last))
    }

    fn remove_item(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault> {
        let place = self.places.remove(&(key, id.to_owned()));
        Ok(place.and_then(|seq| self.items.remove(&(key, seq))).is_some())
    }

    fn subscriptions(&self, key: NodeKey, bare: &str) -> Result<Vec<Subscription>, Fault> {
        let all = self.subscriptions_to(key);
        Ok(all
            .filter(|(which, _)| which.bare == bare)
            .map(|(_, subscription)| subscription.clone())
            .collect())
    }

    fn subscriptions_page(
        &self,
        key: NodeKey,
        after: Option<&SubscriptionKey>,
        limit: usize,
    ) -> Result<Vec<Subscription>, Fault> {
        let rest = self.subscriptions_to(key).filter(|(which, _)| after.is_none_or(|after| *which > after));
        Ok(rest.take(limit).map(|(_, subscription)| subscription.clone()).collect())
    }

    fn subscriptions_of(&self, bare: &str) -> Result<Vec<(NodeKey, Subscription)>, Fault> {
        let its = self.subscriptions.iter().filter(|((_, which), _)| which.bare == bare);
        let there = its.filter(|((key, _), _)| self.nodes.contains_key(key));
        Ok(there.map(|((key, _), subscription)| (*key, subscription.clone())).collect())
    }

    fn subscriptions_due(&self, now: Timestamp, limit: usize) -> Result<Vec<(NodeKey, Subscription)>, Fault> {
        Ok(self.due_subscriptions(now, limit))
    }

    fn put_subscription(&mut self, key: NodeKey, subscription: &mut Subscription) -> Result<(), Fault> {
        self.must_be_there(key)?;
        let place = (key, subscription.key());
        let old = self.subscriptions.get(&place);
        subscription.since = old.map_or(self.last_notice + 1, |old| old.since);
        self.subscriptions.insert(place, subscription.clone());
        *self.audiences.entry(key).or_default() += 1;
        Ok(())
    }

    fn remove_subscription(&mut self, key: NodeKey, which: &SubscriptionKey) -> Result<bool, Fault> {
        let was_there = self.subscriptions.remove(&(key, which.clone())).is_some();
        if was_there {
            *self.audiences.entry(key).or_default() += 1;
        }
        Ok(was_there)
    }

    fn audience_version(&self, key: NodeKey) -> Result<u64, Fault> {
        Ok(self.audiences.get(&key).copied().unwrap_or_default())
    }

    fn affiliation(&self, key: NodeKey, bare: &str) -> Result<Affiliation, Fault> {
        Ok(self.affiliations.get(&(key, bare.to_owned())).copied().unwrap_or_default())
    }

    fn set_affiliation(&mut self, key: NodeKey, bare: &str, affiliation: Affiliation) -> Result<(), Fault> {
        self.must_be_there(key)?;
        if affiliation == Affiliation::None {
            self.affiliations.remove(&(key, bare.to_owned()));
        } else {
            self.affiliations.insert((key, bare.to_owned()), affiliation);
        }
        Ok(())
    }

    fn affiliations(&self, key: NodeKey) -> Result<Vec<(Jid, Affiliation)>, Fault> {
        let all = self.affiliations_with(key);
        Ok(all.map(|(bare, affiliation)| (Jid::from(bare.clone()), affiliation)).collect())
    }

    fn affiliations_of(&self, bare: &str) -> Result<Vec<(NodeKey, Affiliation)>, Fault> {
        let its = self.affiliations.iter().filter(|((_, of), _)| of == bare);
        let there = its.filter(|((key, _), _)| self.nodes.contains_key(key));
        Ok(there.map(|((key, _), affiliation)| (*key, *affiliation)).collect())
    }

    fn contact(&self, service: &str, bare: &str) -> Result<Option<Contact>, Fault> {
        Ok(self.contacts.get(&(service.to_owned(), bare.to_owned())).cloned())
    }

    fn contacts(&self, service: &str, after: Option<&str>, limit: usize) -> Result<Vec<Contact>, Fault> {
        let its = self.contacts.iter().filter(|((of, _), _)| of == service);
        let rest = its.filter(|((_, bare), _)| after.is_none_or(|after| bare.as_str() > after));
        Ok(rest.take(limit).map(|(_, contact)| contact.clone()).collect())
    }

    fn put_contact(&mut self, service: &str, contact: &Contact) -> Result<(), Fault> {
        let key = (service.to_owned(), contact.jid.as_str().to_owned());
        if contact.is_stranger() {
            self.contacts.remove(&key);
        } else {
            self.contacts.insert(key, contact.clone());
        }
        Ok(())
    }

    fn queue(&mut self, notice: &Notice) -> Result<u64, Fault> {
        self.last_notice += 1;
        let queued = Queued { seq: self.last_notice, notice: notice.clone(), served: None };
        self.queue.insert((notice.key, queued.seq), queued);
        Ok(self.last_notice)
    }

    fn queued_node(&self, service: &str, after: Option<NodeKey>) -> Result<Option<NodeKey>, Fault> {
        let first = self.queue.iter().find(|((key, _), queued)| {
            after.is_none_or(|after| *key > after) && queued.notice.node.service == service
        });
        Ok(first.map(|((key, _), _)| *key))
    }

    fn next_queued(&self, key: NodeKey, after: u64) -> Result<Option<Queued>, Fault> {
        let rest = self.queue.range((key, 0)..=(key, u64::MAX)).find(|((_, seq), _)| *seq > after);
        Ok(rest.map(|(_, queued)| queued.clone()))
    }

    fn put_served(&mut self, key: NodeKey, seq: u64, served: &SubscriptionKey) -> Result<(), Fault> {
        if let Some(queued) = self.queue.get_mut(&(key, seq)) {
            queued.served = Some(served.clone());
        }
        Ok(())
    }

    fn remove_queued(&mut self, key: NodeKey, seq: u64) -> Result<(), Fault> {
        self.queue.remove(&(key, seq));
        Ok(())
    }
}
