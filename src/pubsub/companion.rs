//! Companions: items that say something about their node of Atom entries and are no entries — its feed's own metadata
//! (XEP-0277, an `atom:feed` with the id `0`) and its picture (as Movim has it, in the form of XEP-0084).
//!
//! They are published, told, retrieved and listed like other items. But they take no entry's room, they do not expire,
//! and none is ever the last item that is sent unasked.

use bytes::Bytes;

use crate::atom;
use crate::xml::{Limits, Tree};

use super::affiliation::Affiliation;
use super::config::NodeConfig;
use super::publisher::publish::Payload;
use super::refusal::{Refusal, Why};

/// How many a node can have: one of each id.
pub const MOST: usize = 3;

const PICTURE: &str = "urn:xmpp:avatar:metadata";
const PICTURE_DATA: &str = "urn:xmpp:avatar:data";

/// What a companion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    /// The node's title and whose it is: its owner's business.
    Feed,
    /// The node's picture: also its publishers' business.
    Picture,
}

impl Companion {
    /// What is published under this id, if it is a companion.
    pub fn of(config: &NodeConfig, id: &str, payload: &Payload) -> Option<Self> {
        if !atom::is_atom(&config.payload_type) {
            return None;
        }
        match (id, payload.ns.as_str(), payload.name.as_str()) {
            ("0", atom::NS, "feed") if !has_entries(&payload.xml) => Some(Self::Feed),
            (PICTURE, PICTURE, "metadata") | (PICTURE_DATA, PICTURE_DATA, "data") => Some(Self::Picture),
            _ => None,
        }
    }

    /// Whoever may publish entries may not say what the node is.
    pub fn may_publish(self, affiliation: Affiliation) -> Result<(), Refusal> {
        match (self, affiliation) {
            (_, Affiliation::Owner) | (Self::Picture, Affiliation::Publisher) => Ok(()),
            (Self::Feed, _) => Err(Why::Forbidden.because("only an owner may say what this feed is")),
            (Self::Picture, _) => {
                Err(Why::Forbidden.because("only owners and publishers may give this node a picture"))
            }
        }
    }
}

fn has_entries(feed: &str) -> bool {
    let tree = Tree::parse(Bytes::copy_from_slice(feed.as_bytes()), &Limits::default());
    tree.is_ok_and(|tree| tree.root().children().any(|child| child.is("entry", atom::NS)))
}
