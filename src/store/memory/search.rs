//! What is found by something else than its key: by a walk over everything, which is the plainest way.

use std::collections::BTreeSet;

use imbl::ordmap::DiffItem;

use super::State;
use crate::pubsub::node::{Node, NodeId, NodeKey};
use crate::pubsub::subscription::Subscription;
use crate::pubsub::time::Timestamp;

impl State {
    /// The nodes of which there is something else here than there: configuration, items or affiliations.
    pub(super) fn differs(&self, other: &Self) -> BTreeSet<NodeKey> {
        let mut keys = BTreeSet::new();
        keys.extend(self.nodes.diff(&other.nodes).map(|change| *key_of(&change)));
        keys.extend(self.items.diff(&other.items).map(|change| key_of(&change).0));
        keys.extend(self.tombstones.diff(&other.tombstones).map(|change| key_of(&change).0));
        keys.extend(self.affiliations.diff(&other.affiliations).map(|change| key_of(&change).0));
        keys
    }

    pub(super) fn due_nodes(&self, now: Timestamp, limit: usize) -> Vec<Node> {
        let due = self.nodes.values().filter(|node| node.expiry.is_some_and(|due| due <= now));
        let mut due: Vec<_> = due.cloned().collect();
        due.sort_by_key(|node| (node.expiry, node.key));
        due.truncate(limit);
        due
    }

    pub(super) fn tied_nodes(&self, key: NodeKey, item: Option<&str>, limit: usize) -> Vec<Node> {
        let mut tied: Vec<_> =
            self.nodes.values().flat_map(|node| node.ties.iter().map(move |tie| (tie, node))).collect();
        tied.retain(|(tie, _)| tie.node == key && item.is_none_or(|item| tie.item.as_deref() == Some(item)));
        tied.sort_by_key(|(tie, node)| (tie.item.clone(), node.key));
        tied.into_iter().take(limit).map(|(_, node)| node.clone()).collect()
    }

    pub(super) fn with_atom_id(&self, key: NodeKey, atom_id: &str, limit: usize) -> Vec<String> {
        let with = self.items_of(key).filter(|item| item.atom_id.as_deref() == Some(atom_id));
        let mut ids: Vec<String> = with.map(|item| item.id.clone()).collect();
        ids.sort();
        ids.truncate(limit);
        ids
    }

    pub(super) fn with_comments(
        &self,
        comments: &NodeId,
        publisher: &str,
        limit: usize,
    ) -> Vec<(NodeKey, String)> {
        let with = self.items.iter().filter(|(_, item)| item.comments.as_ref() == Some(comments));
        let theirs = with.filter(|(_, item)| item.publisher.bare() == publisher);
        let mut found: Vec<_> = theirs.map(|((key, _), item)| (*key, item.id.clone())).collect();
        found.sort();
        found.truncate(limit);
        found
    }

    pub(super) fn due_subscriptions(&self, now: Timestamp, limit: usize) -> Vec<(NodeKey, Subscription)> {
        let due = self.subscriptions.iter().filter(|((key, _), subscription)| {
            self.nodes.contains_key(key) && subscription.due().is_some_and(|due| due <= now)
        });
        let mut due: Vec<_> = due.map(|((key, _), subscription)| (*key, subscription.clone())).collect();
        due.sort_by_key(|(key, subscription)| (subscription.due(), *key, subscription.key()));
        due.truncate(limit);
        due
    }
}

fn key_of<'a, K, V>(change: &DiffItem<'a, 'a, K, V>) -> &'a K {
    match change {
        DiffItem::Add(key, _) | DiffItem::Remove(key, _) | DiffItem::Update { new: (key, _), .. } => key,
    }
}
