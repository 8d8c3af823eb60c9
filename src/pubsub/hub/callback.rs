//! Callbacks: who is told of each change of a feed over the web, and what is kept of each.

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

use crate::pubsub::fault::Fault;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::options::FIELDS;
use crate::pubsub::secret::Secret;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;

/// Which callback of which feed. Who asks for the same again speaks of the same subscription (WebSub 5.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallbackKey {
    /// The node that the feed shows.
    pub node: NodeKey,
    /// The URL of the feed, as it was when it was asked for.
    pub topic: String,
    /// The URL to which each change is posted.
    pub url: String,
}

/// What is kept of a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Which it is.
    pub key: CallbackKey,
    /// The host in its URL.
    pub host: String,
    /// The network that it was asked for from, where that is known.
    pub caller: Option<String>,
    /// What is posted is signed with it.
    pub secret: Option<Secret>,
    /// When it ends, unless it is asked for again.
    pub ends: Timestamp,
    /// The state of the node that it was told of last.
    pub told: Version,
    /// Which document it was told, if it was one: its entity tag.
    pub document: Option<String>,
    /// How often in a row it could not be told.
    pub failures: u32,
    /// It is left alone until then.
    pub rests: Timestamp,
}

/// The state of a node, as far as its feed shows it: as long as it is the same, so is the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version([u8; 20]);

impl Version {
    /// That of a node as it is now.
    pub fn of(tx: &dyn Tx, node: &Node) -> Result<Self, Fault> {
        let mut hash = Sha1::new();
        hash.update(tx.newest_place(node.key)?.to_be_bytes());
        hash.update(tx.counts(node.key)?.items.to_be_bytes());
        for value in
            FIELDS.iter().flat_map(|field| (field.read)(&node.config).into_iter().chain([String::new()]))
        {
            hash.update(value.len().to_be_bytes());
            hash.update(value);
        }
        Ok(Self(hash.finalize().into()))
    }
}

/// Of what there may be only so many callbacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Share {
    /// Of the program.
    All,
    /// Of this feed.
    Topic(String),
    /// At this host.
    Host(String),
    /// Asked for from this network.
    Caller(String),
    /// Of this feed, asked for from this network.
    TopicAndCaller(String, String),
}

impl Callback {
    /// Of what it is one.
    pub fn shares(&self) -> impl Iterator<Item = Share> + use<> {
        let (topic, host) = (self.key.topic.clone(), self.host.clone());
        let of_caller = self
            .caller
            .clone()
            .map(|caller| [Share::Caller(caller.clone()), Share::TopicAndCaller(topic.clone(), caller)]);
        let others = [Share::All, Share::Topic(topic), Share::Host(host)];
        others.into_iter().chain(of_caller.into_iter().flatten())
    }
}

/// What the engine needs of a store for callbacks; a part of [`Tx`]. They outlive their nodes, so that they can be told.
pub trait Callbacks {
    /// The callback of this key.
    fn callback(&self, key: &CallbackKey) -> Result<Option<Callback>, Fault>;
    /// Up to `limit` callbacks of a node, in the order of their keys, after the given one.
    fn callbacks(
        &self,
        node: NodeKey,
        after: Option<&CallbackKey>,
        limit: usize,
    ) -> Result<Vec<Callback>, Fault>;
    /// The first callback of the first node after the given one that has some.
    fn callback_after(&self, node: Option<NodeKey>) -> Result<Option<Callback>, Fault>;
    /// Up to `limit` callbacks that end by now, those that end first at the beginning.
    fn callbacks_ended(&self, now: Timestamp, limit: usize) -> Result<Vec<CallbackKey>, Fault>;
    /// How many there are.
    fn callbacks_counted(&self, of: &Share) -> Result<u64, Fault>;
    /// Stores a callback, in place of the one with its key.
    fn put_callback(&mut self, callback: &Callback) -> Result<(), Fault>;
    /// Removes a callback; false when there was none.
    fn remove_callback(&mut self, key: &CallbackKey) -> Result<bool, Fault>;
}
