//! Feeds and where they go: what is known of each from one fetch to the next.

use serde::{Deserialize, Serialize};

use crate::limits::{FEED_MOVED_SECONDS, FEED_WHOLE_SECONDS};
use crate::pubsub::fault::Fault;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;

use super::{Push, Skips};

/// A feed of the web. It is fetched once, into however many nodes it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Its URL, as it was added: what it is known by.
    pub url: String,
    /// When it is fetched next; never again, if it is gone for good.
    pub next: Option<Timestamp>,
    /// What it is called.
    pub title: String,
    /// Where it says that it has moved for good.
    pub moved: Option<Moved>,
    /// What the server called the last version; told again to learn whether there is another.
    pub etag: Option<String>,
    /// When the server said that it was modified; likewise.
    pub last_modified: Option<String>,
    /// When it was fetched last.
    pub fetched: Option<Timestamp>,
    /// When it was fetched last without saying what is known: a server may be wrong about what has changed.
    pub whole: Option<Timestamp>,
    /// Seconds between two fetches, as its own pace asks for, and as it says itself.
    pub pace: u64,
    /// When it asks not to be fetched.
    pub skips: Skips,
    /// How often in a row it could not be fetched, or read.
    pub failures: u32,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// Why, in words.
    pub trouble: String,
    /// Whether those whose nodes it goes to have been told.
    pub is_told: bool,
    /// The hub that tells what is new in it.
    pub push: Option<Push>,
}

/// Where a feed has moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The other URL.
    pub to: String,
    /// Since when it says so.
    pub since: Timestamp,
}

/// A feed that goes to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The feed.
    pub url: String,
    /// The node.
    pub node: NodeKey,
    /// Who wanted it; nobody where the configuration says so.
    pub by: Option<Jid>,
    /// Since when.
    pub added: Timestamp,
    /// Whether what the feed had then is in the node.
    pub is_begun: bool,
    /// Why the node did not take the last entry, if it did not.
    pub refused: Option<String>,
}

/// An entry that came from a feed to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The ItemID, which is made of the atom:id.
    pub item: String,
    /// What it said, in a number.
    pub print: u64,
    /// When it was seen first: the date of an entry that has none.
    pub first: Timestamp,
    /// Since when edits are counted.
    pub counted_since: Timestamp,
    /// How often it was edited since then.
    pub edits: u8,
    /// Whether it is deleted.
    pub is_deleted: bool,
}

impl Feed {
    /// A feed that is to be fetched now.
    pub fn new(url: &str, now: Timestamp) -> Self {
        Self { url: url.to_owned(), next: Some(now), ..Self::default() }
    }

    /// Where it is fetched from: where it has moved, if that has been so for a while, or is the same place over TLS.
    pub fn place(&self, now: Timestamp) -> &str {
        let secured = self.url.strip_prefix("http:").map(|rest| format!("https:{rest}"));
        let moved = self.moved.as_ref().filter(|Moved { to, since }| {
            secured.as_ref() == Some(to) || since.plus_seconds(FEED_MOVED_SECONDS) <= now
        });
        moved.map_or(&self.url, |moved| &moved.to)
    }

    /// Whether it is fetched without saying what is known.
    pub fn is_wanted_whole(&self, now: Timestamp) -> bool {
        self.whole.is_none_or(|whole| whole.plus_seconds(FEED_WHOLE_SECONDS) <= now)
    }
}

/// What the engine needs of a store for feeds.
pub trait Feeds {
    /// The feed of this URL.
    fn feed(&self, url: &str) -> Result<Option<Feed>, Fault>;
    /// Up to `limit` feeds that are to be fetched by now, in the order of [`Feed::next`].
    fn feeds_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Feed>, Fault>;
    /// The feed whose hub pushes to the callback of this token.
    fn feed_pushed(&self, token: &str) -> Result<Option<Feed>, Fault>;
    /// Stores a feed.
    fn put_feed(&mut self, feed: &Feed) -> Result<(), Fault>;
    /// Removes a feed.
    fn remove_feed(&mut self, url: &str) -> Result<(), Fault>;

    /// The import of a feed into a node.
    fn import(&self, node: NodeKey, url: &str) -> Result<Option<Import>, Fault>;
    /// Up to `limit` imports of a feed, in the order of the node keys, after one of them.
    fn imports_of(&self, url: &str, after: Option<NodeKey>, limit: usize) -> Result<Vec<Import>, Fault>;
    /// Up to `limit` imports into a node, in the order of the URLs.
    fn imports_into(&self, node: NodeKey, limit: usize) -> Result<Vec<Import>, Fault>;
    /// Up to `limit` imports that somebody wants, by the bare JID, or the configuration; in the order of node keys and
    /// URLs.
    fn imports_by(&self, by: Option<&str>, limit: usize) -> Result<Vec<Import>, Fault>;
    /// Stores an import; who wants it does not change.
    fn put_import(&mut self, import: &Import) -> Result<(), Fault>;
    /// Removes an import, and what is known of its entries.
    fn remove_import(&mut self, node: NodeKey, url: &str) -> Result<(), Fault>;

    /// The entries that came from a feed to a node, oldest first.
    fn known(&self, node: NodeKey, url: &str) -> Result<Vec<Known>, Fault>;
    /// Stores them; nothing where the feed is not imported.
    fn put_known(&mut self, node: NodeKey, url: &str, known: &[Known]) -> Result<(), Fault>;
}
