//! Room for items on a node that keeps only so many — XEP-0060 [#publisher-publish-success-nodefull],
//! [#publisher-publish-error-nodefull].
//!
//! A number of items above the service's own maximum means that maximum, as `max` does.

use crate::limits::ITEMS_READ_AT_ONCE;
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
        NodeFull::Reject if living.count(tx)? >= most => {
            Err(Why::NodeFull.because(format!("the node is full: it keeps {most} items")).into())
        }
        NodeFull::Reject => Ok(()),
        NodeFull::RetractOldest | NodeFull::DiscardOldest => Ok(trim(tx, node, 1)?),
    }
}

/// Lets the oldest items go until so many more fit on the node.
pub(in crate::pubsub) fn trim(tx: &mut dyn Tx, node: &Node, more: u64) -> Result<(), Fault> {
    let surplus = (tx.counts(node.key)?.items + more).saturating_sub(node.config.items_max());
    let mut surplus = usize::try_from(surplus).unwrap_or(usize::MAX);
    while surplus > 0 {
        let portion = surplus.min(ITEMS_READ_AT_ONCE);
        let oldest = tx.items(node.key, ItemRange::ALL, Direction::OldestFirst, portion)?;
        if oldest.is_empty() {
            break;
        }
        surplus -= oldest.len();
        for item in oldest {
            removal::item(tx, node.key, &item.id)?;
            if node.config.node_full == NodeFull::RetractOldest && node.config.notify_retract {
                tell::subscribers(tx, node, Event::Retracted { id: item.id })?;
            }
        }
    }
    Ok(())
}
