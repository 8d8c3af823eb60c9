//! Feeds in records: each feed and its reminder, and each import by its node, by its feed and by who wants it.

use crate::pubsub::fault::Fault;
use crate::pubsub::import::{Feed, Feeds, Import, Known};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;
use crate::store::keys;
use crate::store::kv::Order;
use crate::store::tx::KvTx;

impl KvTx<'_> {
    fn forget_due(&mut self, feed: &Feed) {
        if let Some(due) = feed.next {
            self.remove(&keys::feed_due(due, &feed.url));
        }
    }

    fn each(&self, found: Vec<(NodeKey, String)>) -> Result<Vec<Import>, Fault> {
        found.into_iter().filter_map(|(node, url)| self.import(node, &url).transpose()).collect()
    }
}

/// Who wants an import, as a part of a key.
pub(super) fn wanted_by(import: &Import) -> Option<&str> {
    import.by.as_ref().map(Jid::bare)
}

impl Feeds for KvTx<'_> {
    fn feed(&self, url: &str) -> Result<Option<Feed>, Fault> {
        self.get(&keys::feed(url))
    }

    fn feeds_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Feed>, Fault> {
        let due = self.page(&keys::feeds_due(now), Order::Ascending, limit)?;
        due.into_iter().filter_map(|(_, url)| self.feed(&url).transpose()).collect()
    }

    fn put_feed(&mut self, feed: &Feed) -> Result<(), Fault> {
        if let Some(old) = self.feed(&feed.url)? {
            self.forget_due(&old);
        }
        if let Some(due) = feed.next {
            self.put(&keys::feed_due(due, &feed.url), &(due, feed.url.clone()))?;
        }
        self.put(&keys::feed(&feed.url), feed)
    }

    fn remove_feed(&mut self, url: &str) -> Result<(), Fault> {
        if let Some(old) = self.feed(url)? {
            self.forget_due(&old);
            self.remove(&keys::feed(url));
        }
        Ok(())
    }

    fn import(&self, node: NodeKey, url: &str) -> Result<Option<Import>, Fault> {
        self.get(&keys::import(node, url))
    }

    fn imports_of(&self, url: &str, after: Option<NodeKey>, limit: usize) -> Result<Vec<Import>, Fault> {
        let found = self.page(&keys::imports_of(url, after), Order::Ascending, limit)?;
        self.each(found.into_iter().map(|node| (node, url.to_owned())).collect())
    }

    fn imports_into(&self, node: NodeKey, limit: usize) -> Result<Vec<Import>, Fault> {
        self.page(&keys::imports_into(node), Order::Ascending, limit)
    }

    fn imports_by(&self, by: Option<&str>, limit: usize) -> Result<Vec<Import>, Fault> {
        let found = self.page(&keys::imports_by(by), Order::Ascending, limit)?;
        self.each(found)
    }

    fn put_import(&mut self, import: &Import) -> Result<(), Fault> {
        let Import { url, node, .. } = import;
        if let Some(old) = self.import(*node, url)? {
            self.remove(&keys::import_by(wanted_by(&old), *node, url));
        }
        self.put(&keys::import_of(url, *node), node)?;
        self.put(&keys::import_by(wanted_by(import), *node, url), &(*node, url.clone()))?;
        self.put(&keys::import(*node, url), import)
    }

    fn remove_import(&mut self, node: NodeKey, url: &str) -> Result<(), Fault> {
        if let Some(old) = self.import(node, url)? {
            self.remove(&keys::import_by(wanted_by(&old), node, url));
            self.remove(&keys::import_of(url, node));
            self.remove(&keys::import(node, url));
            self.remove(&keys::known(node, url));
        }
        Ok(())
    }

    fn known(&self, node: NodeKey, url: &str) -> Result<Vec<Known>, Fault> {
        Ok(self.get(&keys::known(node, url))?.unwrap_or_default())
    }

    fn put_known(&mut self, node: NodeKey, url: &str, known: &[Known]) -> Result<(), Fault> {
        if self.import(node, url)?.is_none() {
            return Ok(());
        }
        self.put(&keys::known(node, url), &known.to_vec())
    }
}
