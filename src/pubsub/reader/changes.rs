//! What has changed in a node since a place: for those who listen, and for those who come back to listen.

use crate::limits::{RESULT_BYTES_MAX, WEB_CHANGES_AT_ONCE, WEB_CHANGES_MAX};
use crate::pubsub::expiry::Living;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::node::NodeKey;
use crate::pubsub::tombstone::Tombstone;
use crate::pubsub::{Context, Failure, Tx};

use super::{PublicNode, public_node};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The NodeID.
    pub node: String,
    /// Which of the nodes that had this name, and the place in it; nothing: no changes, only where the node is now.
    pub from: Option<(NodeKey, u64)>,
}

/// What has changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// The node as it is now.
    pub public: PublicNode,
    /// The changes, oldest first. Of several changes of one entry it is the last.
    pub list: Vec<Change>,
    /// Whether there were so many others that they are not told one by one.
    pub is_reset: bool,
    /// The place up to which they are told.
    pub place: u64,
    /// Whether there are more after that.
    pub is_part: bool,
}

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An entry was published.
    Published(Item),
    /// An entry was removed.
    Removed(Tombstone),
}

impl Change {
    /// Its place.
    pub fn place(&self) -> u64 {
        match self {
            Self::Published(item) => item.seq,
            Self::Removed(tombstone) => tombstone.place,
        }
    }
}

/// Tells what has changed.
pub fn changes(ctx: &Context<'_>, tx: &dyn Tx, request: &Since) -> Result<Option<Changes>, Failure> {
    let Some(public) = public_node(ctx, tx, &request.node)? else { return Ok(None) };
    let key = public.node.key;
    let (living, place) = (Living::of(tx, &public.node, ctx.now)?, tx.newest_place(key)?);
    let mut changes = Changes { public, list: Vec::new(), is_reset: false, place, is_part: false };
    let after = match request.from {
        None => return Ok(Some(changes)),
        Some((of, after)) if of == key && after <= place => after,
        Some(_) => return Ok(Some(Changes { is_reset: true, ..changes })),
    };
    if place - after > WEB_CHANGES_MAX {
        return Ok(Some(Changes { is_reset: true, ..changes }));
    }
    let range = ItemRange { after: Some(after), before: None };
    let items = tx.items(key, range, Direction::OldestFirst, WEB_CHANGES_AT_ONCE)?;
    let tombstones = tx.tombstones(key, range, Direction::OldestFirst, WEB_CHANGES_AT_ONCE)?;
    // Where not all were read of either kind, those of the other kind are only told up to there.
    let end = |read: usize, last: Option<u64>| last.filter(|_| read == WEB_CHANGES_AT_ONCE).unwrap_or(place);
    let end = end(items.len(), items.last().map(|item| item.seq))
        .min(end(tombstones.len(), tombstones.last().map(|tombstone| tombstone.place)));
    let items = items.into_iter().filter(|item| living.has(item) && !item.companion);
    let tombstones = tombstones.into_iter().map(Change::Removed);
    changes.list = items.map(Change::Published).chain(tombstones).collect();
    changes.list.sort_by_key(Change::place);

    let mut bytes = 0;
    let fits = changes.list.iter().take_while(|change| {
        bytes += weight(change);
        change.place() <= end && bytes <= RESULT_BYTES_MAX
    });
    let fits = fits.count();
    // The first one is told however large it is.
    let fits = if changes.list.first().is_some_and(|first| first.place() <= end) { fits.max(1) } else { 0 };
    changes.list.truncate(fits);
    if end < place || bytes > RESULT_BYTES_MAX {
        changes.place = changes.list.last().map_or(end, Change::place);
        changes.is_part = changes.place < place;
    }
    Ok(Some(changes))
}

fn weight(change: &Change) -> usize {
    match change {
        Change::Published(item) => item.payload.as_ref().map_or(0, String::len),
        Change::Removed(_) => 0,
    }
}
