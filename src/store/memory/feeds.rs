//! Feeds in maps.

use imbl::OrdMap;

use crate::pubsub::fault::Fault;
use crate::pubsub::import::{Feed, Feeds, Import, Known};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;

use super::State;

/// What is kept of feeds.
#[derive(Clone, Debug, Default)]
pub(super) struct FeedState {
    pub(super) feeds: OrdMap<String, Feed>,
    imports: OrdMap<(NodeKey, String), Import>,
    known: OrdMap<(NodeKey, String), Vec<Known>>,
}

impl Feeds for State {
    fn feed(&self, url: &str) -> Result<Option<Feed>, Fault> {
        Ok(self.feeds.feeds.get(url).cloned())
    }

    fn feeds_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Feed>, Fault> {
        let due = self.feeds.feeds.values().filter(|feed| feed.next.is_some_and(|next| next <= now));
        let mut due: Vec<Feed> = due.cloned().collect();
        due.sort_by_key(|feed| feed.next);
        due.truncate(limit);
        Ok(due)
    }

    fn put_feed(&mut self, feed: &Feed) -> Result<(), Fault> {
        self.feeds.feeds.insert(feed.url.clone(), feed.clone());
        Ok(())
    }

    fn remove_feed(&mut self, url: &str) -> Result<(), Fault> {
        self.feeds.feeds.remove(url);
        Ok(())
    }

    fn import(&self, node: NodeKey, url: &str) -> Result<Option<Import>, Fault> {
        Ok(self.feeds.imports.get(&(node, url.to_owned())).cloned())
    }

    fn imports_of(&self, url: &str, after: Option<NodeKey>, limit: usize) -> Result<Vec<Import>, Fault> {
        let of = self.feeds.imports.values().filter(|import| import.url == url);
        let rest = of.filter(|import| after.is_none_or(|after| import.node > after));
        Ok(rest.take(limit).cloned().collect())
    }

    fn imports_into(&self, node: NodeKey, limit: usize) -> Result<Vec<Import>, Fault> {
        let into = self.feeds.imports.values().filter(|import| import.node == node);
        Ok(into.take(limit).cloned().collect())
    }

    fn imports_by(&self, by: Option<&str>, limit: usize) -> Result<Vec<Import>, Fault> {
        let by = self.feeds.imports.values().filter(|import| import.by.as_ref().map(Jid::bare) == by);
        Ok(by.take(limit).cloned().collect())
    }

    fn put_import(&mut self, import: &Import) -> Result<(), Fault> {
        self.feeds.imports.insert((import.node, import.url.clone()), import.clone());
        Ok(())
    }

    fn remove_import(&mut self, node: NodeKey, url: &str) -> Result<(), Fault> {
        let key = (node, url.to_owned());
        self.feeds.imports.remove(&key);
        self.feeds.known.remove(&key);
        Ok(())
    }

    fn known(&self, node: NodeKey, url: &str) -> Result<Vec<Known>, Fault> {
        Ok(self.feeds.known.get(&(node, url.to_owned())).cloned().unwrap_or_default())
    }

    fn put_known(&mut self, node: NodeKey, url: &str, known: &[Known]) -> Result<(), Fault> {
        let key = (node, url.to_owned());
        if self.feeds.imports.contains_key(&key) {
            self.feeds.known.insert(key, known.to_vec());
        }
        Ok(())
    }
}
