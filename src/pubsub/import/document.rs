//! What was read of a feed: data that the engine decides about.

use super::pace::Skips;
use crate::pubsub::time::Timestamp;

/// A feed as it was at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What the feed is called.
    pub title: String,
    /// Its entries, oldest first, each id once.
    pub entries: Vec<Arrival>,
    /// What the feed says to be deleted (RFC 6721).
    pub deleted: Vec<Deleted>,
    /// Whether it may have only some of what the feed has: a hub tells what is new.
    pub is_partial: bool,
    /// Whether it has all its entries, so that what is missing was deleted (RFC 5005, 2).
    pub is_complete: bool,
    /// The hub that it names, and what the feed is called there.
    pub hub: Option<(String, String)>,
    /// How many seconds it asks to be left alone.
    pub rest: u64,
    /// When it asks not to be fetched.
    pub skips: Skips,
}

/// An entry of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its atom:id.
    pub id: String,
    /// The atom:id of the feed that it comes from, this one or the one that this one has it from.
    pub source: String,
    /// The entry; without dates where the feed has none for it.
    pub xml: String,
    /// The entry without its content, for nodes that take only short ones.
    pub brief: Option<String>,
    /// When it was published or modified, as far as the feed tells.
    pub date: Option<Timestamp>,
    /// What it says, in a number: another one means that it was edited.
    pub print: u64,
}

/// A deleted entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its atom:id.
    pub id: String,
    /// When.
    pub when: Timestamp,
}
