//! Contacts: with whom presence is exchanged. What is agreed with them is kept; who is online is not.

use serde::{Deserialize, Serialize};

use crate::pubsub::jid::Jid;

/// What a service and an entity have agreed about presence. Where nothing is agreed, nothing is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The bare JID of the entity.
    pub jid: Jid,
    /// Whether the entity sees the presence of the service.
    pub sees_service: bool,
    /// Whether the service sees the presence of the entity.
    pub seen: Seen,
}

/// Whether the service sees the presence of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Seen {
    /// No, and it was not asked.
    No,
    /// It was asked.
    Asked,
    /// Yes.
    Yes,
    /// No: it does not want that.
    Refused,
}

impl Contact {
    /// An entity with which nothing is agreed.
    pub fn stranger(jid: &Jid) -> Self {
        Self { jid: jid.to_bare(), sees_service: false, seen: Seen::No }
    }

    /// Whether there is nothing to keep.
    pub fn is_stranger(&self) -> bool {
        !self.sees_service && self.seen == Seen::No
    }
}
