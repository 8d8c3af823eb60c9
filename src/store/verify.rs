//! Walking the whole store and checking that its parts agree.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::de::DeserializeOwned;

use super::callbacks;
use super::feeds;
use super::head::Head;
use super::keys::{self, Key, Span};
use super::kv::{Engine, Order};
use super::record;
use super::rows::{ItemPlace, NodeCounts};
use crate::limits::STORE_FINDINGS_MAX;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::NodeKey;

/// What a store holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Nodes.
    pub nodes: u64,
    /// Items, those of removed nodes included.
    pub items: u64,
    /// Subscriptions, those to removed nodes included.
    pub subscriptions: u64,
    /// Affiliations, those with removed nodes included.
    pub affiliations: u64,
    /// Contacts, with whom presence is exchanged.
    pub contacts: u64,
    /// Callbacks of the web.
    pub callbacks: u64,
    /// Feeds of the web.
    pub feeds: u64,
    /// Queued notices.
    pub notices: u64,
    /// Tokens for HTTP.
    pub tokens: u64,
    /// What is wrong: one sentence each, up to a limit.
    pub findings: Vec<String>,
}

/// Walks what an engine holds, and compares it with the head known from elsewhere.
pub fn report(engine: &dyn Engine, known: Head) -> Result<Report, Fault> {
    let mut walk = Walk { engine, report: Report::default(), counted: BTreeMap::new() };
    match Head::prove(engine, known) {
        Ok(_) => {}
        Err(Fault::Corrupt(what)) => walk.find(what),
        Err(fault @ (Fault::Unavailable(_) | Fault::Bug(_))) => return Err(fault),
    }
    walk.nodes()?;
    walk.items()?;
    walk.other_places()?;
    walk.subscriptions()?;
    walk.affiliations()?;
    walk.tombstones()?;
    walk.contacts()?;
    callbacks::walk(&mut walk)?;
    feeds::walk(&mut walk)?;
    walk.notices()?;
    walk.tokens()?;
    walk.counts()?;
    Ok(walk.report)
}

pub(super) struct Walk<'a> {
    engine: &'a dyn Engine,
    pub(super) report: Report,
    counted: BTreeMap<NodeKey, NodeCounts>,
}

impl Walk<'_> {
    fn nodes(&mut self) -> Result<(), Fault> {
        let next = self.get(&keys::next_node())?.unwrap_or(1);
        let mut created: BTreeMap<(String, String), u64> = BTreeMap::new();
        self.each(&keys::nodes(), |walk, node| {
            walk.report.nodes += 1;
            *created.entry((node.id.service.clone(), node.creator.bare().to_owned())).or_default() += 1;
            walk.expect(node.key.0 < next, || format!("the key {} may be given out again", node.key.0));
            let named = walk.get(&keys::name(&node.id))?;
            walk.expect(named == Some(node.key), || format!("the node {} is not listed", node.id.name));
            for tie in &node.ties {
                let tied = walk.get(&keys::tied(tie, node.key))?.is_some();
                walk.expect(tied, || format!("a tie of the node {} is not listed", node.id.name));
            }
            if let Some(due) = node.expiry {
                let reminded = walk.get(&keys::node_due(due, node.key))?.is_some();
                walk.expect(reminded, || format!("the node {} has no reminder", node.id.name));
            }
            Ok(())
        })?;
        self.each(&keys::all_nodes_due(), |walk, (due, key)| {
            let found = walk.get(&keys::node(key))?.is_some_and(|node| node.expiry == Some(due));
            walk.expect(found, || format!("a reminder of node {} is about nothing", key.0));
            Ok(())
        })?;
        self.each(&keys::all_names(), |walk, key| {
            let named = walk.get(&keys::node(key))?.is_some();
            walk.expect(named, || format!("the node {} is listed and not there", key.0));
            Ok(())
        })?;
        self.creators(&created)
    }

    /// Compares how many nodes each entity has created with what is recorded.
    fn creators(&mut self, created: &BTreeMap<(String, String), u64>) -> Result<(), Fault> {
        for ((service, creator), count) in created {
            let recorded = self.get(&keys::created(service, creator))?;
            self.expect(recorded == Some(*count), || {
                format!("{creator} has created {count} nodes and {recorded:?} are recorded")
            });
        }
        let mut recorded = 0;
        self.each(&keys::all_created(), |_, _| {
            recorded += 1;
            Ok(())
        })?;
        let those = created.len();
        self.expect(recorded == those, || format!("{those} have created nodes and {recorded} are recorded"));
        Ok(())
    }

    fn items(&mut self) -> Result<(), Fault> {
        let mut of = NodeKey(0);
        self.each_key(&keys::all_items(), |walk, key, item| {
            of = keys::node_of(key).unwrap_or(of);
            walk.report.items += 1;
            let counted = walk.counted.entry(of).or_default();
            counted.counts.items += 1;
            counted.counts.companions += u64::from(item.companion);
            counted.next_item = counted.next_item.max(item.seq + 1);
            let in_order = counted.newest <= item.updated;
            counted.newest = counted.newest.max(item.updated);
            walk.expect(in_order, || format!("the item {} of node {} is dated too early", item.id, of.0));
            let place = walk.get(&keys::item_id(of, &item.id))?;
            walk.expect(place == Some(ItemPlace::of(&item)), || {
                format!("the item {} of node {} has no place", item.id, of.0)
            });
            if let Some(atom_id) = &item.atom_id {
                let listed = walk.get(&keys::item_atom_id(of, atom_id, &item.id))?.is_some();
                walk.expect(listed, || format!("the atom:id of item {} is not listed", item.id));
            }
            if let Some(comments) = &ItemPlace::of(&item).comments {
                let listed = walk.get(&keys::item_comments(comments, of, &item.id))?.is_some();
                walk.expect(listed, || format!("the comments of item {} are not listed", item.id));
            }
            let created = walk.get(&keys::item_created(of, item.created_seq))?;
            walk.expect(created == Some(item.seq), || {
                format!("the item {} of node {} has no first place", item.id, of.0)
            });
            Ok(())
        })?;
        let mut listed = 0_u64;
        self.each(&keys::all_items_created(), |_, _| {
            listed += 1;
            Ok(())
        })?;
        let stored = self.report.items;
        self.expect(listed == stored, || format!("{listed} items have a first place and {stored} are there"));
        self.each_key(&keys::all_item_ids(), |walk, key, place| {
            of = keys::node_of(key).unwrap_or(of);
            let found = walk.get(&keys::item(of, place.seq))?.is_some();
            walk.expect(found, || format!("the item at place {} of node {} is missing", place.seq, of.0));
            Ok(())
        })
    }

    /// Where items are listed by their atom:id and by the node of their comments, and nodes by what they are tied to.
    fn other_places(&mut self) -> Result<(), Fault> {
        let mut of = NodeKey(0);
        self.each_key(&keys::all_item_atom_ids(), |walk, key, id| {
            of = keys::node_of(key).unwrap_or(of);
            let place = walk.get(&keys::item_id(of, &id))?;
            let named = place.and_then(|place| place.atom_id);
            let found = named.is_some_and(|named| keys::item_atom_id(of, &named, &id).bytes() == key);
            walk.expect(found, || format!("an atom:id of node {} is of no item", of.0));
            Ok(())
        })?;
        self.each_key(&keys::all_item_comments(), |walk, key, (of, id)| {
            let place = walk.get(&keys::item_id(of, &id))?;
            let named = place.and_then(|place| place.comments);
            let found = named.is_some_and(|named| keys::item_comments(&named, of, &id).bytes() == key);
            walk.expect(found, || format!("comments named in node {} are of no item", of.0));
            Ok(())
        })?;
        self.each_key(&keys::all_tied(), |walk, key, of| {
            let node = walk.get(&keys::node(of))?;
            let found =
                node.is_some_and(|node| node.ties.iter().any(|tie| keys::tied(tie, of).bytes() == key));
            walk.expect(found, || format!("a tie of node {} is of nothing", of.0));
            Ok(())
        })
    }

    fn subscriptions(&mut self) -> Result<(), Fault> {
        let mut of = NodeKey(0);
        self.each_key(&keys::all_subscriptions(), |walk, key, subscription| {
            of = keys::node_of(key).unwrap_or(of);
            walk.report.subscriptions += 1;
            walk.counted.entry(of).or_default().counts.subscriptions += 1;
            let held = walk.get(&keys::subscriptions_held(of, subscription.jid.bare()))?;
            let listed = held.is_some_and(|(_, held)| held.contains(&subscription.key()));
            walk.expect(listed, || format!("a subscription of {} is not listed", subscription.jid));
            if let Some(due) = subscription.due() {
                let due = keys::subscription_due(due, of, &subscription.key());
                let reminded = walk.get(&due)?.is_some();
                walk.expect(reminded, || format!("a subscription of {} has no reminder", subscription.jid));
            }
            Ok(())
        })?;
        self.each(&keys::all_subscriptions_due(), |walk, (_, of, which)| {
            let found = walk.get(&keys::subscription(of, &which))?.is_some();
            walk.expect(found, || format!("a reminder of {} is about nothing", which.bare));
            Ok(())
        })?;
        self.each(&keys::all_subscriptions_of(), |walk, (of, held)| {
            for which in held {
                let found = walk.get(&keys::subscription(of, &which))?.is_some();
                walk.expect(found, || {
                    format!("a subscription of {} to node {} is missing", which.bare, of.0)
                });
            }
            Ok(())
        })
    }

    fn affiliations(&mut self) -> Result<(), Fault> {
        let (mut of, mut listed) = (NodeKey(0), 0_u64);
        self.each_key(&keys::all_affiliations(), |walk, key, (jid, affiliation)| {
            of = keys::node_of(key).unwrap_or(of);
            walk.report.affiliations += 1;
            walk.counted.entry(of).or_default().counts.barred += u64::from(!affiliation.hears());
            let found = walk.get(&keys::affiliation_of(of, jid.as_str()))?;
            walk.expect(found == Some((of, affiliation)), || {
                format!("an affiliation of {jid} is not listed")
            });
            Ok(())
        })?;
        self.each(&keys::all_affiliations_of(), |_, _| {
            listed += 1;
            Ok(())
        })?;
        let stored = self.report.affiliations;
        self.expect(listed == stored, || format!("{listed} affiliations are listed and {stored} are there"));
        Ok(())
    }

    fn tombstones(&mut self) -> Result<(), Fault> {
        let (mut of, mut listed, mut there) = (NodeKey(0), 0_u64, 0_u64);
        self.each_key(&keys::all_tombstones(), |walk, key, tombstone| {
            of = keys::node_of(key).unwrap_or(of);
            there += 1;
            let counted = walk.counted.entry(of).or_default();
            counted.tombstones += 1;
            counted.next_item = counted.next_item.max(tombstone.place + 1);
            let place = walk.get(&keys::tombstone_id(of, &tombstone.id))?;
            walk.expect(place == Some(tombstone.place), || {
                format!("the tombstone of {} of node {} is not listed", tombstone.id, of.0)
            });
            Ok(())
        })?;
        self.each(&keys::all_tombstone_ids(), |_, _| {
            listed += 1;
            Ok(())
        })?;
        self.expect(listed == there, || format!("{listed} tombstones are listed and {there} are there"));
        Ok(())
    }

    fn contacts(&mut self) -> Result<(), Fault> {
        self.each(&keys::all_contacts(), |walk, _| {
            walk.report.contacts += 1;
            Ok(())
        })
    }

    fn notices(&mut self) -> Result<(), Fault> {
        let next = self.get(&keys::next_notice())?.unwrap_or(1);
        self.each(&keys::notices_after(None), |walk, (seq, _)| {
            walk.report.notices += 1;
            walk.expect(seq < next, || format!("the place {seq} of the outbox may be given out again"));
            Ok(())
        })
    }

    fn tokens(&mut self) -> Result<(), Fault> {
        let (mut listed, mut reminded) = (0, 0);
        self.each(&keys::all_tokens(), |walk, token| {
            walk.report.tokens += 1;
            let places = [keys::token_of(&token), keys::token_due(token.expires, token.key)];
            for place in places {
                let found = walk.get(&place)? == Some(token.key);
                walk.expect(found, || format!("the token {} is not listed", token.id));
            }
            Ok(())
        })?;
        for (span, count) in [(keys::all_tokens_of(), &mut listed), (keys::all_tokens_due(), &mut reminded)] {
            self.each(&span, |_, _| {
                *count += 1;
                Ok(())
            })?;
        }
        let there = self.report.tokens;
        self.expect([listed, reminded] == [there; 2], || {
            format!("{listed} and {reminded} tokens are listed and {there} are there")
        });
        Ok(())
    }

    /// Compares what was counted on the walk with what is recorded.
    fn counts(&mut self) -> Result<(), Fault> {
        self.each_key(&keys::all_counts(), |walk, key, recorded| {
            let of = keys::node_of(key).unwrap_or(NodeKey(0));
            let counted = walk.counted.remove(&of).unwrap_or_default();
            walk.compare(of, &recorded, &counted);
            let fresh = counted.next_item <= recorded.next_item && counted.newest <= recorded.newest;
            walk.expect(fresh, || format!("places of node {} may be given out again", of.0));
            Ok(())
        })?;
        for (of, counted) in std::mem::take(&mut self.counted) {
            self.compare(of, &NodeCounts::default(), &counted);
        }
        Ok(())
    }

    fn compare(&mut self, of: NodeKey, recorded: &NodeCounts, counted: &NodeCounts) {
        let [recorded, counted] = [recorded, counted].map(|counts| (counts.counts, counts.tombstones));
        self.expect(recorded == counted, || {
            format!("node {} should have {recorded:?} tombstones and has {counted:?}", of.0)
        });
    }

    pub(super) fn each<T: DeserializeOwned>(
        &mut self,
        span: &Span<T>,
        mut visit: impl FnMut(&mut Self, T) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.each_key(span, |walk, _, body| visit(walk, body))
    }

    pub(super) fn each_key<T: DeserializeOwned>(
        &mut self,
        span: &Span<T>,
        mut visit: impl FnMut(&mut Self, &[u8], T) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.engine.scan(span.from(), span.to(), Order::Ascending, &mut |key, stored| {
            match record::decode(key, stored) {
                Ok(body) => visit(self, key, body)?,
                Err(fault) => self.find(fault.to_string()),
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// A record, or nothing where it is not readable, which its own table's walk reports.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &Key<T>) -> Result<Option<T>, Fault> {
        let stored = self.engine.get(key.bytes())?;
        Ok(stored.and_then(|stored| record::decode(key.bytes(), &stored).ok()))
    }

    pub(super) fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.find(otherwise());
        }
    }

    fn find(&mut self, what: String) {
        if self.report.findings.len() < STORE_FINDINGS_MAX {
            self.report.findings.push(what);
        }
    }
}
