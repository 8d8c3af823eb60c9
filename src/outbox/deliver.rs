//! One page of an audience: who of it is told.

use crate::pubsub::access::may_hear;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::notice::Notice;
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Fault, Tx};

/// Calls `tell` with the address of each subscriber of a page who was subscribed when the notice was queued and may
/// hear of the node now.
pub(super) fn to_page(
    tx: &dyn Tx,
    notice: &Notice,
    seq: u64,
    page: &[Subscription],
    mut tell: impl FnMut(&str),
) -> Result<(), Fault> {
    let node = tx.node_by_key(notice.key)?;
    for subscription in page {
        let was_subscribed = subscription.state == State::Subscribed && subscription.since <= seq;
        let may = was_subscribed
            && match &node {
                Some(node) => may_hear(tx, node, &subscription.jid)?,
                // The node is gone and its models with it; those who were banned stay banned.
                None => tx.affiliation(notice.key, subscription.jid.bare())? != Affiliation::Outcast,
            };
        if may {
            tell(subscription.jid.as_str());
        }
    }
    Ok(())
}
