//! Delete all items of a node — XEP-0060 [#owner-purge].
//!
//! Refuses: `item-not-found`, `forbidden`, `feature-not-implemented + unsupported(persistent-items)`.
//! Features: `purge-nodes`.

use crate::limits::{ITEMS_READ_AT_ONCE, TOMBSTONES_PER_NODE_MAX};
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::item::{Direction, ItemRange};
use crate::pubsub::notice::Event;
use crate::pubsub::refusal::{Feature, Why};
use crate::pubsub::{Context, Failure, Response, Tx, attachments, removal, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// The NodeID.
    pub node: String,
}

/// Deletes all items and tells of it once.
pub fn purge(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Purge) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    if !node.config.persist_items {
        let unsupported = Why::Unsupported(Feature::PersistentItems);
        return Err(unsupported.because("this node does not keep its items").into());
    }

    // What is removed already need not be gone through again.
    let mut range = ItemRange::ALL;
    loop {
        let items = tx.items(node.key, range, Direction::OldestFirst, ITEMS_READ_AT_ONCE)?;
        for item in &items {
            // Of the older ones, nothing would be kept.
            let is_recent = tx.counts(node.key)?.items <= TOMBSTONES_PER_NODE_MAX;
            range.after = Some(item.seq);
            removal::entry(tx, &node, item, ctx.removed_at().filter(|_| is_recent))?;
        }
        if items.len() < ITEMS_READ_AT_ONCE {
            break;
        }
    }
    attachments::purged(tx, &node)?;
    if node.config.notify_retract {
        tell::subscribers(tx, &node, Event::Purged)?;
    }
    Ok(Response::Done)
}
