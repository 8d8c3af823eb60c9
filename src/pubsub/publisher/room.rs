//! Room for items on a node that keeps only so many — XEP-0060 [#publisher-publish-success-nodefull],
//! [#publisher-publish-error-nodefull].
//!
//! A large number of items goes in portions: what is left is seen to in upkeep. Companions take no room. A number of items above the service's own maximum means that maximum, as `max` does.

use crate::limits::{ITEMS_READ_AT_ONCE, UPKEEP_PORTION};
use crate::pubsub::config::NodeFull;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::{Direction, ItemRange};
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::refusal::Why;
use crate::pubsub::{Failure, Fault, Tx, removal, tell};

/// Refuses the publisher where the node is full and says so, else lets the oldest items go.
pub(super) fn make(tx: &mut dyn Tx, node: &Node, living: &Living) -> Result<(), Failure> {
    let most = node.config.items_max();
    match node.config.node_full {
        NodeFull::Reject if living.entries(tx)? >= most => {
            Err(Why::NodeFull.because(format!("the node is full: it keeps {most} items")).into())
        }
        NodeFull::Reject => Ok(()),
        NodeFull::RetractOldest | NodeFull::DiscardOldest => {
            trim(tx, node, 1, UPKEEP_PORTION)?;
            Ok(())
        }
    }
}

/// Lets the oldest items go until so many more fit on the node, `most` of them at once; how many went.
pub(in crate::pubsub) fn trim(tx: &mut dyn Tx, node: &Node, more: u64, most: usize) -> Result<usize, Fault> {
    let counts = tx.counts(node.key)?;
    let entries = counts.items.saturating_sub(counts.companions);
    let surplus = (entries + more).saturating_sub(node.config.items_max());
    let surplus = usize::try_from(surplus).unwrap_or(usize::MAX).min(most);
    let mut left = surplus;
    let mut range = ItemRange::ALL;
    while left > 0 {
        let portion = left.min(ITEMS_READ_AT_ONCE);
        let oldest = tx.items(node.key, range, Direction::OldestFirst, portion)?;
        if oldest.is_empty() {
            break;
        }
        for item in oldest {
            range.after = Some(item.seq);
            if item.companion {
                continue;
            }
            left -= 1;
            removal::item(tx, node.key, &item.id)?;
            if node.config.node_full == NodeFull::RetractOldest && node.config.notify_retract {
                tell::subscribers(tx, node, Event::Retracted { id: item.id })?;
            }
        }
    }
    Ok(surplus - left)
}
