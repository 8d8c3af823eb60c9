//! Nodes: their names, keys and what is kept of each.

use serde::{Deserialize, Serialize};

use super::config::NodeConfig;
use super::jid::Jid;
use super::time::Timestamp;

/// The internal identity of a node. Never used again, so that nothing of a deleted node can turn up in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeKey(pub u64);

/// The address of a node: the service's JID and the NodeID, opaque and compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId {
    /// The component JID that serves the node.
    pub service: String,
    /// The NodeID.
    pub name: String,
}

/// A leaf node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its internal identity.
    pub key: NodeKey,
    /// Its address.
    pub id: NodeId,
    /// Who created it: a bare JID.
    pub creator: Jid,
    /// When.
    pub created: Timestamp,
    /// How it is configured.
    pub config: NodeConfig,
    /// When its oldest item is to be looked at: not later than that item expires, and at once where it has to go because
    /// the node keeps fewer.
    pub expiry: Option<Timestamp>,
    /// What the node belongs to: it goes when one of them goes.
    pub ties: Vec<Tie>,
    /// Where to go instead, if this is only what is left of a node that was deleted: an `xmpp:` URI.
    pub moved: Option<String>,
}

/// What a node belongs to: another node, or one item of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tie {
    /// The other node.
    pub node: NodeKey,
    /// The ItemID.
    pub item: Option<String>,
}

impl Tie {
    /// A tie to a node.
    pub fn to(node: &Node) -> Self {
        Self { node: node.key, item: None }
    }

    /// A tie to an item of a node.
    pub fn to_item(node: &Node, id: &str) -> Self {
        Self { node: node.key, item: Some(id.to_owned()) }
    }
}

/// What is counted per node, kept in the same transaction as what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Items stored.
    pub items: u64,
    /// How many of them are companions.
    pub companions: u64,
    /// Subscriptions in whatever state.
    pub subscriptions: u64,
    /// Affiliations whose holders hear nothing of the node whatever its models are.
    pub barred: u64,
}
