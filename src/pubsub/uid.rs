//! The id of a publication in the history of its node — XEP-0313 [#business-ids].
//!
//! It holds both places of the item, so that it stays a place to go on from when the item is modified or retracted, and
//! a digest of what was published, so that nobody knows it before. Who published is not in it: where the node does not tell,
//! one could try out who it was. No two publications of a service have the same.

use std::fmt;

use sha1::{Digest as _, Sha1};

use crate::atom::id::hex;

use super::fault::Fault;
use super::item::{Direction, Item, ItemRange};
use super::node::NodeKey;
use super::paging::OrderBy;
use super::tx::Tx;

/// The id of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uid {
    seq: u64,
    created_seq: u64,
    digest: String,
}

impl Uid {
    /// The id of an item's last publication.
    pub fn of(key: NodeKey, item: &Item) -> Self {
        let mut hash = Sha1::new();
        hash.update(key.0.to_be_bytes());
        hash.update(item.seq.to_be_bytes());
        hash.update(item.updated.0.to_be_bytes());
        for text in [&*item.id, item.payload.as_deref().unwrap_or_default()] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
        let digest = hash.finalize();
        let digest = hex(digest.get(..8).unwrap_or_default());
        Self { seq: item.seq, created_seq: item.created_seq, digest }
    }

    /// Reads an id, and checks that the node has or had a publication of it; with the item, if that is still as it was
    /// published.
    pub fn find(tx: &dyn Tx, key: NodeKey, text: &str) -> Result<Option<(Self, Option<Item>)>, Fault> {
        let Some(uid) = Self::parse(text) else { return Ok(None) };
        if uid.created_seq > uid.seq || uid.seq > tx.newest_place(key)? {
            return Ok(None);
        }
        let range = ItemRange { after: uid.seq.checked_sub(1), before: Some(uid.seq.saturating_add(1)) };
        let item = tx.items(key, range, Direction::OldestFirst, 1)?.pop();
        let is_other = item.as_ref().is_some_and(|item| Self::of(key, item) != uid);
        Ok(if is_other { None } else { Some((uid, item)) })
    }

    /// Its place in an order.
    pub fn place(&self, by: OrderBy) -> u64 {
        match by {
            OrderBy::Creation => self.created_seq,
            OrderBy::Modification => self.seq,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let (seq, created_seq) = (number()?, number()?);
        let digest = parts.next()?.to_owned();
        let is_digest = digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then_some(Self { seq, created_seq, digest })
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}-{}", self.seq, self.created_seq, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::Uid;
    use crate::pubsub::item::Item;
    use crate::pubsub::node::NodeKey;
    use crate::pubsub::{Jid, Timestamp};

    #[test]
    fn an_id_is_of_what_was_published_and_does_not_tell_by_whom() {
        let item = |publisher: &str, payload: &str| {
            let publisher = Jid::from(publisher.to_owned());
            Item::new("1".to_owned(), publisher, Some(payload.to_owned()), Timestamp(1))
        };
        let uid = |item: Item| Uid::of(NodeKey(1), &item).to_string();
        assert_eq!(uid(item("hamlet@denmark.lit", "<a/>")), uid(item("yorick@denmark.lit", "<a/>")));
        assert_ne!(uid(item("hamlet@denmark.lit", "<a/>")), uid(item("hamlet@denmark.lit", "<b/>")));
    }
}
