//! Items: what a publisher put into a node.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::config::NodeConfig;
use super::jid::Jid;
use super::node::NodeId;
use super::time::Timestamp;

/// An item as it is stored. Its payload is the XML that was published, byte for byte, made self-contained, and at most one
/// part that the service added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The ItemID, unique in the node.
    pub id: String,
    /// Who published it last: a bare JID, stamped by the service.
    pub publisher: Jid,
    /// When the ItemID was first published.
    pub created: Timestamp,
    /// When it was last published.
    pub updated: Timestamp,
    /// Its place in the node: grows with every publication, so a modified item is the newest. Set by the store.
    pub seq: u64,
    /// Its place when the ItemID was first published. Set by the store.
    pub created_seq: u64,
    /// The payload, if there was one.
    pub payload: Option<String>,
    /// Which part of the payload the service added to what was published.
    pub added: Option<Added>,
    /// Whether it says something about the node, such as its picture, and is no entry: see [`super::companion`].
    pub companion: bool,
    /// The atom:id of the entry, by which the store finds the item too.
    pub atom_id: Option<String>,
    /// The node that it names for its comments, by which the store finds the item too.
    pub comments: Option<NodeId>,
    /// Whether it is given to others as it was published: with what was added, a signature beside it would not be valid.
    pub as_published: bool,
}

/// A part of a payload, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Where it begins.
    pub at: u32,
    /// How long it is.
    pub len: u32,
}

impl Item {
    /// An item that is published now for the first time, and that has nothing but its payload.
    pub fn new(id: String, publisher: Jid, payload: Option<String>, now: Timestamp) -> Self {
        Self {
            id,
            publisher,
            created: now,
            updated: now,
            seq: 0,
            created_seq: 0,
            payload,
            added: None,
            companion: false,
            atom_id: None,
            comments: None,
            as_published: false,
        }
    }

    /// The payload as it was published, without what the service added.
    pub fn original(&self) -> Option<Cow<'_, str>> {
        let payload = self.payload.as_deref()?;
        let cut = self.added.and_then(|Added { at, len }| {
            let (before, rest) = payload.split_at_checked(at as usize)?;
            Some([before, rest.get(len as usize..)?].concat())
        });
        Some(cut.map_or(Cow::Borrowed(payload), Cow::Owned))
    }

    /// The payload as it is given to others.
    pub fn given(&self) -> Option<Cow<'_, str>> {
        if self.as_published { self.original() } else { self.payload.as_deref().map(Cow::Borrowed) }
    }

    /// The same, of an item that is needed no more.
    pub fn into_given(self) -> Option<String> {
        if self.as_published { self.original().map(Cow::into_owned) } else { self.payload }
    }

    /// When it is removed, on a node where items expire. To publish it again gives it as long again.
    pub fn expires(&self, config: &NodeConfig) -> Option<Timestamp> {
        config.item_expire.map(|seconds| self.updated.plus_seconds(seconds))
    }
}

/// A part of a node's items, between two places, both excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemRange {
    /// Only items newer than this place.
    pub after: Option<u64>,
    /// Only items older than this place.
    pub before: Option<u64>,
}

impl ItemRange {
    /// All items.
    pub const ALL: Self = Self { after: None, before: None };

    /// Whether a place is in it.
    pub fn has(self, place: u64) -> bool {
        self.after.is_none_or(|after| place > after) && self.before.is_none_or(|before| place < before)
    }
}

/// From which end of a range to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the lowest place up.
    OldestFirst,
    /// From the highest place down.
    NewestFirst,
}
