//! What the engine needs of a store: one transaction, in the nouns of the field.
//!
//! The engine defines this trait and the store implements it. A transaction whose handler failed leaves no trace.

use super::affiliation::Affiliation;
use super::atompub::token::Tokens;
use super::fault::Fault;
use super::hub::Callbacks;
use super::import::Feeds;
use super::item::{Direction, Item, ItemRange};
use super::jid::Jid;
use super::node::{Counts, Node, NodeId, NodeKey};
use super::notice::{Notice, Queued};
use super::presence::contact::Contact;
use super::subscription::{Subscription, SubscriptionKey};
use super::time::Timestamp;
use super::tombstone::Tombstones;

/// One atomic unit of reading and writing.
pub trait Tx: Callbacks + Feeds + Tombstones + Tokens {
    /// The node of this address.
    fn node(&self, id: &NodeId) -> Result<Option<Node>, Fault>;
    /// The node of this key, unless it was removed.
    fn node_by_key(&self, key: NodeKey) -> Result<Option<Node>, Fault>;
    /// Up to `limit` nodes of a service in the order of their names, after the given name.
    fn nodes(&self, service: &str, after: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault>;
    /// The same backward from the given name, or from the last one.
    fn nodes_before(&self, service: &str, before: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault>;
    /// Up to `limit` nodes whose oldest item is to be looked at by now, in the order of [`Node::expiry`].
    fn nodes_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Node>, Fault>;
    /// A key that no node has had and none will have again.
    fn new_node_key(&mut self) -> Result<NodeKey, Fault>;
    /// Up to `limit` nodes that are tied to an item of a node, or without an item all that are tied to the node or
    /// its items, whether it is still there or not.
    fn tied(&self, key: NodeKey, item: Option<&str>, limit: usize) -> Result<Vec<Node>, Fault>;
    /// How many nodes of a service an entity has created that are still there, whoever owns them now.
    fn nodes_created(&self, service: &str, creator: &str) -> Result<u64, Fault>;
    /// Stores a new node or a new configuration of a node.
    fn put_node(&mut self, node: &Node) -> Result<(), Fault>;
    /// Takes a node out of sight at once. What belongs to it stays until it is swept.
    fn remove_node(&mut self, key: NodeKey) -> Result<(), Fault>;
    /// Removes up to `limit` records of a removed node; true when nothing is left.
    fn sweep(&mut self, key: NodeKey, limit: usize) -> Result<bool, Fault>;
    /// How much belongs to a node.
    fn counts(&self, key: NodeKey) -> Result<Counts, Fault>;

    /// The item of this id.
    fn item(&self, key: NodeKey, id: &str) -> Result<Option<Item>, Fault>;
    /// The ids of up to `limit` items with this atom:id, in the order of the ids.
    fn items_with_atom_id(&self, key: NodeKey, atom_id: &str, limit: usize) -> Result<Vec<String>, Fault>;
    /// Up to `limit` items, with their nodes, that name this node for their comments and were published by this bare JID,
    /// in the order of the node keys, those of removed nodes included.
    fn items_with_comments(
        &self,
        comments: &NodeId,
        publisher: &str,
        limit: usize,
    ) -> Result<Vec<(NodeKey, String)>, Fault>;
    /// Up to `limit` items of a range, read from one of its ends.
    fn items(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, Fault>;
    /// The same by the places where ItemIDs were first published: `range` is one of those.
    fn items_by_creation(
        &self,
        key: NodeKey,
        range: ItemRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, Fault>;
    /// Stores an item as the newest of its node, in place of the one with its id, and gives it its places. Where the
    /// clock went back, it is dated like the one before it, so that items are in the order of their dates.
    fn put_item(&mut self, key: NodeKey, item: &mut Item) -> Result<(), Fault>;
    /// Lets an item be given to others as it was published, from now on. That is no publication: it keeps its places.
    /// False when there is no such item.
    fn give_as_published(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault>;
    /// The place of the newest item that the node has had; 0 before the first. Together with the number of items it
    /// tells whether a node's items are the same as before.
    fn newest_place(&self, key: NodeKey) -> Result<u64, Fault>;
    /// Removes an item; false when there was none.
    fn remove_item(&mut self, key: NodeKey, id: &str) -> Result<bool, Fault>;

    /// All subscriptions to a node of the entity with this bare JID, its full JIDs included.
    fn subscriptions(&self, key: NodeKey, bare: &str) -> Result<Vec<Subscription>, Fault>;
    /// Up to `limit` subscriptions to a node in the order of their keys, after the given one.
    fn subscriptions_page(
        &self,
        key: NodeKey,
        after: Option<&SubscriptionKey>,
        limit: usize,
    ) -> Result<Vec<Subscription>, Fault>;
    /// How often the subscriptions to a node have changed: as long as it is the same, so are they.
    fn audience_version(&self, key: NodeKey) -> Result<u64, Fault>;
    /// All subscriptions of an entity to nodes that exist, in the order of the node keys.
    fn subscriptions_of(&self, bare: &str) -> Result<Vec<(NodeKey, Subscription)>, Fault>;
    /// Up to `limit` subscriptions to nodes that exist about which something has to be done by now, in the order of
    /// [`Subscription::due`].
    fn subscriptions_due(&self, now: Timestamp, limit: usize) -> Result<Vec<(NodeKey, Subscription)>, Fault>;
    /// Stores a subscription. A new one begins after the notices that are queued now.
    fn put_subscription(&mut self, key: NodeKey, subscription: &mut Subscription) -> Result<(), Fault>;
    /// Removes a subscription; false when there was none.
    fn remove_subscription(&mut self, key: NodeKey, which: &SubscriptionKey) -> Result<bool, Fault>;

    /// The affiliation of a bare JID with a node; `None` where nothing is stored.
    fn affiliation(&self, key: NodeKey, bare: &str) -> Result<Affiliation, Fault>;
    /// Stores an affiliation; `Affiliation::None` removes it.
    fn set_affiliation(&mut self, key: NodeKey, bare: &str, affiliation: Affiliation) -> Result<(), Fault>;
    /// All affiliations with a node but `None`, in the order of the JIDs.
    fn affiliations(&self, key: NodeKey) -> Result<Vec<(Jid, Affiliation)>, Fault>;
    /// All affiliations of an entity with nodes that exist, in the order of the node keys.
    fn affiliations_of(&self, bare: &str) -> Result<Vec<(NodeKey, Affiliation)>, Fault>;

    /// What a service has agreed with an entity about presence, by the bare JID.
    fn contact(&self, service: &str, bare: &str) -> Result<Option<Contact>, Fault>;
    /// Up to `limit` contacts of a service in the order of their JIDs, after the given one.
    fn contacts(&self, service: &str, after: Option<&str>, limit: usize) -> Result<Vec<Contact>, Fault>;
    /// Stores a contact; one with which nothing is agreed is removed.
    fn put_contact(&mut self, service: &str, contact: &Contact) -> Result<(), Fault>;

    /// Queues a notice behind all others of its node.
    fn queue(&mut self, notice: &Notice) -> Result<u64, Fault>;
    /// A service's first node after the given one that has something queued, in the order of the node keys.
    fn queued_node(&self, service: &str, after: Option<NodeKey>) -> Result<Option<NodeKey>, Fault>;
    /// The next queued notice of a node after the given place.
    fn next_queued(&self, key: NodeKey, after: u64) -> Result<Option<Queued>, Fault>;
    /// Remembers how far the delivery of a queued notice has come.
    fn put_served(&mut self, key: NodeKey, seq: u64, served: &SubscriptionKey) -> Result<(), Fault>;
    /// Forgets a queued notice.
    fn remove_queued(&mut self, key: NodeKey, seq: u64) -> Result<(), Fault>;
}
