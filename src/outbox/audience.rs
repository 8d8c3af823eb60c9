//! The subscriptions of busy nodes, kept ready in memory: whoever tells a node's audience twice reads it once.
//!
//! A list is collected while a first notice is handed out page by page, and holds as long as the store says that the
//! node's subscriptions have not changed. So it is never older than the transaction that hands out.

use std::collections::HashMap;
use std::sync::Arc;

use crate::limits::AUDIENCES_READY_MAX;
use crate::pubsub::node::NodeKey;
use crate::pubsub::subscription::{Subscription, SubscriptionKey};
use crate::pubsub::{Fault, Tx};

/// The lists of a service.
#[derive(Debug, Default)]
pub(super) struct Audiences {
    lists: HashMap<NodeKey, List>,
    /// Subscriptions in all lists.
    held: usize,
    /// Grows with every page, to tell which list was used last.
    clock: u64,
}

/// The subscriptions to a node, in their order.
#[derive(Debug)]
struct List {
    /// The state of the node's subscriptions that it shows.
    version: u64,
    /// From the first on.
    subscriptions: Arc<Vec<Subscription>>,
    /// Whether these are all.
    is_whole: bool,
    used: u64,
}

/// A part of an audience.
#[derive(Debug)]
pub(super) struct Page {
    subscriptions: Arc<Vec<Subscription>>,
    start: usize,
    end: usize,
    /// Whether there may be more.
    pub(super) is_full: bool,
}

impl Page {
    /// The subscriptions.
    pub(super) fn all(&self) -> &[Subscription] {
        self.subscriptions.get(self.start..self.end).unwrap_or_default()
    }
}

impl Audiences {
    /// Up to `limit` subscriptions to a node, after one.
    pub(super) fn page(
        &mut self,
        tx: &dyn Tx,
        key: NodeKey,
        after: Option<&SubscriptionKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        let version = tx.audience_version(key)?;
        if self.lists.get(&key).is_some_and(|list| list.version != version) {
            self.drop_list(key);
        }
        self.clock += 1;
        if let Some(list) = self.lists.get_mut(&key) {
            list.used = self.clock;
            let start =
                after.map_or(0, |after| list.subscriptions.partition_point(|one| one.key() <= *after));
            let end = (start + limit).min(list.subscriptions.len());
            if list.is_whole || end - start == limit {
                let subscriptions = Arc::clone(&list.subscriptions);
                return Ok(Page { subscriptions, start, end, is_full: end - start == limit });
            }
        }
        let read = tx.subscriptions_page(key, after, limit)?;
        let is_full = read.len() == limit;
        self.collect(key, version, after, &read, is_full);
        Ok(Page { start: 0, end: read.len(), subscriptions: Arc::new(read), is_full })
    }

    /// Puts what was read behind what was collected before, where that is where it belongs.
    fn collect(
        &mut self,
        key: NodeKey,
        version: u64,
        after: Option<&SubscriptionKey>,
        read: &[Subscription],
        is_full: bool,
    ) {
        // What fits into one page is read as fast as it is found here.
        if after.is_none() && !is_full {
            return;
        }
        let used = self.clock;
        let empty = || List { version, subscriptions: Arc::default(), is_whole: false, used };
        let list = self.lists.entry(key).or_insert_with(empty);
        // A page begins behind the last subscriber who was told, who may be before the last that was read.
        let known = after.map_or(0, |after| list.subscriptions.partition_point(|one| one.key() <= *after));
        let is_next = after.is_none_or(|after| {
            known > 0 && list.subscriptions.get(known - 1).is_some_and(|one| one.key() == *after)
        });
        if !is_next {
            return;
        }
        let before = list.subscriptions.len();
        let subscriptions = Arc::make_mut(&mut list.subscriptions);
        subscriptions.truncate(known);
        subscriptions.extend_from_slice(read);
        list.is_whole = !is_full;
        self.held = self.held + subscriptions.len() - before;
        while self.held > AUDIENCES_READY_MAX {
            let Some(oldest) = self.lists.iter().min_by_key(|(_, list)| list.used).map(|(key, _)| *key)
            else {
                break;
            };
            self.drop_list(oldest);
        }
    }

    fn drop_list(&mut self, key: NodeKey) {
        if let Some(list) = self.lists.remove(&key) {
            self.held -= list.subscriptions.len();
        }
    }
}
