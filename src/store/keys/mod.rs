//! The key layout: one function per key and per range of keys, each with the type of what is stored there.
//!
//! A key is a table's byte, then numbers (big-endian) and texts. A text ends with `00 01`, and a NUL inside it is
//! written `00 FF`, so keys sort as their parts do and none is the beginning of another.

mod callbacks;
mod due;
mod feeds;
mod items;
mod queue;
mod ties;
mod tokens;
mod tombstones;

use std::marker::PhantomData;

use super::head::Head;
use super::rows::{Held, NodeCounts};
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Node, NodeId, NodeKey};
use crate::pubsub::presence::contact::Contact;
use crate::pubsub::subscription::{Subscription, SubscriptionKey};
use crate::pubsub::time::Timestamp;
pub use callbacks::{
    End, all_callbacks_counted, all_callbacks_end, callback, callback_end, callbacks, callbacks_after,
    callbacks_counted, callbacks_ended,
};
pub use due::{
    Due, all_nodes_due, all_subscriptions_due, node_due, nodes_due, subscription_due, subscriptions_due,
};
pub use feeds::{
    all_feeds, all_feeds_due, all_feeds_pushed, all_imports, all_imports_by, all_imports_of, all_known, feed,
    feed_due, feed_pushed, feeds_due, import, import_by, import_of, import_of_known, imports_by,
    imports_into, imports_of, known,
};
pub use items::{
    all_item_atom_ids, all_item_comments, all_item_ids, all_items, all_items_created, item, item_atom_id,
    item_comments, item_created, item_id, items, items_created, items_with_atom_id, items_with_comments,
};
pub use queue::{next_notice, notice, notices, notices_after, place_of_notice, served};
pub use ties::{all_tied, tied, tied_to_item, tied_to_node};
pub use tokens::{
    all_tokens, all_tokens_due, all_tokens_of, token, token_due, token_of, tokens_due, tokens_of,
    webhook_secret,
};
pub use tombstones::{all_tombstone_ids, all_tombstones, tombstone, tombstone_id, tombstones};

/// The key of one record, whose body is a `T`.
#[derive(Debug)]
pub struct Key<T> {
    bytes: Vec<u8>,
    body: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// As the engine knows it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn new(table: Table) -> Self {
        Self { bytes: vec![table as u8], body: PhantomData }
    }

    fn number(mut self, number: u64) -> Self {
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// A point in time; those before 1970 sort with 1970.
    fn time(self, time: Timestamp) -> Self {
        self.number(u64::try_from(time.0).unwrap_or(0))
    }

    fn text(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            self.bytes.push(byte);
            if byte == 0 {
                self.bytes.push(0xFF);
            }
        }
        self.bytes.extend_from_slice(&[0, 1]);
        self
    }

    /// A hash, whose length is always the same.
    fn hash(mut self, hash: [u8; 32]) -> Self {
        self.bytes.extend_from_slice(&hash);
        self
    }

    fn flag(mut self, flag: bool) -> Self {
        self.bytes.push(u8::from(flag));
        self
    }

    fn subscription(self, which: &SubscriptionKey) -> Self {
        let key = self.text(&which.bare).flag(which.resource.is_some());
        match &which.resource {
            Some(resource) => key.text(resource).text(&which.subid),
            None => key.text(&which.subid),
        }
    }

    /// All keys that begin with this one.
    fn within(self) -> Span<T> {
        let mut to = self.bytes.clone();
        while to.pop_if(|last| *last == 0xFF).is_some() {}
        if let Some(last) = to.last_mut() {
            *last += 1;
        }
        Span { from: self.bytes, to, body: PhantomData }
    }
}

/// A range of keys of one table: the first included, the last excluded.
#[derive(Debug)]
pub struct Span<T> {
    from: Vec<u8>,
    to: Vec<u8>,
    body: PhantomData<fn() -> T>,
}

impl<T> Span<T> {
    /// The lowest key, included.
    pub fn from(&self) -> &[u8] {
        &self.from
    }

    /// The end, excluded.
    pub fn to(&self) -> &[u8] {
        &self.to
    }

    /// Only what follows a key. No key begins with another, so a NUL more is the next possible one.
    fn after(mut self, key: Key<T>) -> Self {
        self.from = key.bytes;
        self.from.push(0);
        self
    }

    /// Only what precedes a key.
    fn before(mut self, key: Key<T>) -> Self {
        self.to = key.bytes;
        self
    }
}

/// The first byte of a key. Never to be changed or given to something else.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Table {
    Affiliation = b'a',
    AffiliationOf = b'A',
    Callback = b'h',
    CallbackCount = b'H',
    CallbackEnd = b'e',
    Counts = b'c',
    Contact = b'p',
    Created = b'C',
    Feed = b'f',
    FeedDue = b'F',
    Import = b'w',
    FeedPushed = b'G',
    ImportBy = b'y',
    ImportOf = b'W',
    Item = b'i',
    ItemCreated = b'j',
    ItemAtomId = b'J',
    ItemComments = b'R',
    ItemId = b'I',
    Known = b'g',
    Meta = b'm',
    Node = b'n',
    NodeDue = b'D',
    Name = b'N',
    Notice = b'o',
    Served = b'O',
    Subscription = b's',
    SubscriptionDue = b'd',
    SubscriptionOf = b'S',
    Tied = b't',
    Token = b'u',
    TokenDue = b'q',
    TokenOf = b'U',
    Tombstone = b'x',
    TombstoneId = b'X',
}

/// The version of this layout.
pub fn schema() -> Key<u32> {
    Key::new(Table::Meta).text("schema")
}

/// The proof that the store is whole.
pub fn head() -> Key<Head> {
    Key::new(Table::Meta).text("head")
}

/// The key of the next node.
pub fn next_node() -> Key<u64> {
    Key::new(Table::Meta).text("next node")
}

/// A node.
pub fn node(key: NodeKey) -> Key<Node> {
    Key::new(Table::Node).number(key.0)
}

/// All nodes.
pub fn nodes() -> Span<Node> {
    Key::new(Table::Node).within()
}

/// The node of a name.
pub fn name(id: &NodeId) -> Key<NodeKey> {
    Key::new(Table::Name).text(&id.service).text(&id.name)
}

/// The nodes of a service, after a name.
pub fn names(service: &str, after: Option<&str>) -> Span<NodeKey> {
    let all = Key::new(Table::Name).text(service).within();
    match after {
        Some(after) => all.after(Key::new(Table::Name).text(service).text(after)),
        None => all,
    }
}

/// The nodes of a service, before a name.
pub fn names_before(service: &str, before: Option<&str>) -> Span<NodeKey> {
    let all = Key::new(Table::Name).text(service).within();
    match before {
        Some(before) => all.before(Key::new(Table::Name).text(service).text(before)),
        None => all,
    }
}

/// All names of all services.
pub fn all_names() -> Span<NodeKey> {
    Key::new(Table::Name).within()
}

/// How many nodes of a service an entity has created.
pub fn created(service: &str, creator: &str) -> Key<u64> {
    Key::new(Table::Created).text(service).text(creator)
}

/// How many nodes all entities have created.
pub fn all_created() -> Span<u64> {
    Key::new(Table::Created).within()
}

/// What is counted of a node.
pub fn counts(key: NodeKey) -> Key<NodeCounts> {
    Key::new(Table::Counts).number(key.0)
}

/// What is counted of all nodes.
pub fn all_counts() -> Span<NodeCounts> {
    Key::new(Table::Counts).within()
}

/// A subscription by its node.
pub fn subscription(key: NodeKey, which: &SubscriptionKey) -> Key<Subscription> {
    Key::new(Table::Subscription).number(key.0).subscription(which)
}

/// The subscriptions to a node, after one.
pub fn subscriptions(key: NodeKey, after: Option<&SubscriptionKey>) -> Span<Subscription> {
    let all = Key::new(Table::Subscription).number(key.0).within();
    match after {
        Some(after) => all.after(subscription(key, after)),
        None => all,
    }
}

/// The subscriptions to all nodes.
pub fn all_subscriptions() -> Span<Subscription> {
    Key::new(Table::Subscription).within()
}

/// The subscriptions of one entity to a node, in their order.
pub fn subscriptions_held(key: NodeKey, bare: &str) -> Key<Held> {
    Key::new(Table::SubscriptionOf).text(bare).number(key.0)
}

/// The subscriptions of one entity to all nodes.
pub fn subscriptions_of(bare: &str) -> Span<Held> {
    Key::new(Table::SubscriptionOf).text(bare).within()
}

/// The subscriptions of all entities.
pub fn all_subscriptions_of() -> Span<Held> {
    Key::new(Table::SubscriptionOf).within()
}

/// An affiliation by its node.
pub fn affiliation(key: NodeKey, bare: &str) -> Key<(Jid, Affiliation)> {
    Key::new(Table::Affiliation).number(key.0).text(bare)
}

/// The affiliations with a node.
pub fn affiliations(key: NodeKey) -> Span<(Jid, Affiliation)> {
    Key::new(Table::Affiliation).number(key.0).within()
}

/// The affiliations with all nodes.
pub fn all_affiliations() -> Span<(Jid, Affiliation)> {
    Key::new(Table::Affiliation).within()
}

/// An affiliation by its entity.
pub fn affiliation_of(key: NodeKey, bare: &str) -> Key<(NodeKey, Affiliation)> {
    Key::new(Table::AffiliationOf).text(bare).number(key.0)
}

/// The affiliations of one entity with all nodes.
pub fn affiliations_of(bare: &str) -> Span<(NodeKey, Affiliation)> {
    Key::new(Table::AffiliationOf).text(bare).within()
}

/// The affiliations of all entities.
pub fn all_affiliations_of() -> Span<(NodeKey, Affiliation)> {
    Key::new(Table::AffiliationOf).within()
}

/// A contact of a service.
pub fn contact(service: &str, bare: &str) -> Key<Contact> {
    Key::new(Table::Contact).text(service).text(bare)
}

/// The contacts of a service, after one.
pub fn contacts(service: &str, after: Option<&str>) -> Span<Contact> {
    let all = Key::new(Table::Contact).text(service).within();
    match after {
        Some(after) => all.after(contact(service, after)),
        None => all,
    }
}

/// The contacts of all services.
pub fn all_contacts() -> Span<Contact> {
    Key::new(Table::Contact).within()
}

/// The node of a key whose table is ordered by node.
pub fn node_of(key: &[u8]) -> Option<NodeKey> {
    let (number, _) = key.get(1..)?.split_first_chunk()?;
    Some(NodeKey(u64::from_be_bytes(*number)))
}

/// The node that a record is about, if that is something of it which all who look at it see: its configuration, its items
/// and who may see them.
pub fn changed_node(key: &[u8]) -> Option<NodeKey> {
    let tables = [Table::Node, Table::Item, Table::Tombstone, Table::Affiliation];
    let first = key.first()?;
    if tables.iter().any(|table| *table as u8 == *first) { node_of(key) } else { None }
}
