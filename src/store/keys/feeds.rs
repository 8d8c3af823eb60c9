//! The keys of feeds of the web, and of where they go.

use super::{Key, Span, Table};
use crate::pubsub::import::{Feed, Import, Known};
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;

/// A feed.
pub fn feed(url: &str) -> Key<Feed> {
    Key::new(Table::Feed).text(url)
}

/// All feeds.
pub fn all_feeds() -> Span<Feed> {
    Key::new(Table::Feed).within()
}

/// A feed by when it is fetched next.
pub fn feed_due(due: Timestamp, url: &str) -> Key<(Timestamp, String)> {
    Key::new(Table::FeedDue).time(due).text(url)
}

/// The feeds that are to be fetched by now.
pub fn feeds_due(now: Timestamp) -> Span<(Timestamp, String)> {
    let next = Timestamp(now.0.saturating_add(1));
    Key::new(Table::FeedDue).within().before(Key::new(Table::FeedDue).time(next))
}

/// All feeds that will be fetched.
pub fn all_feeds_due() -> Span<(Timestamp, String)> {
    Key::new(Table::FeedDue).within()
}

/// An import by its node.
pub fn import(node: NodeKey, url: &str) -> Key<Import> {
    Key::new(Table::Import).number(node.0).text(url)
}

/// The imports into a node.
pub fn imports_into(node: NodeKey) -> Span<Import> {
    Key::new(Table::Import).number(node.0).within()
}

/// The imports into all nodes.
pub fn all_imports() -> Span<Import> {
    Key::new(Table::Import).within()
}

/// An import by its feed.
pub fn import_of(url: &str, node: NodeKey) -> Key<NodeKey> {
    Key::new(Table::ImportOf).text(url).number(node.0)
}

/// The imports of a feed, after one.
pub fn imports_of(url: &str, after: Option<NodeKey>) -> Span<NodeKey> {
    let all = Key::new(Table::ImportOf).text(url).within();
    match after {
        Some(after) => all.after(import_of(url, after)),
        None => all,
    }
}

/// The imports of all feeds.
pub fn all_imports_of() -> Span<NodeKey> {
    Key::new(Table::ImportOf).within()
}

/// An import by who wants it.
pub fn import_by(by: Option<&str>, node: NodeKey, url: &str) -> Key<(NodeKey, String)> {
    Key::new(Table::ImportBy).text(by.unwrap_or_default()).number(node.0).text(url)
}

/// The imports that somebody wants, or the configuration.
pub fn imports_by(by: Option<&str>) -> Span<(NodeKey, String)> {
    Key::new(Table::ImportBy).text(by.unwrap_or_default()).within()
}

/// The imports that anybody wants.
pub fn all_imports_by() -> Span<(NodeKey, String)> {
    Key::new(Table::ImportBy).within()
}

/// The entries that came from a feed to a node.
pub fn known(node: NodeKey, url: &str) -> Key<Vec<Known>> {
    Key::new(Table::Known).number(node.0).text(url)
}

/// The entries that came from feeds.
pub fn all_known() -> Span<Vec<Known>> {
    Key::new(Table::Known).within()
}

/// The import that known entries belong to, by their own key.
pub fn import_of_known(known: &[u8]) -> Key<Import> {
    let mut key = Key::new(Table::Import);
    key.bytes.extend_from_slice(known.get(1..).unwrap_or_default());
    key
}
