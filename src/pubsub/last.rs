//! The last published item, sent unasked — XEP-0060 [#subscriber-subscribe-last].
//!
//! Features: `last-published`. A companion of the entries is not what a new subscriber wants to see.

use super::expiry::Living;
use super::fault::Fault;
use super::filtered::wanting;
use super::jid::Jid;
use super::node::Node;
use super::notice::Event;
use super::subscription::Subscription;
use super::tell;
use super::time::Timestamp;
use super::tx::Tx;

/// Sends the newest entry of a node, if there is one and it is for one of the subscriptions, stamped with the time of its
/// publication. Where a filter does not let it through, older ones are not looked for: they are not the last.
pub(super) fn send(
    tx: &mut dyn Tx,
    node: &Node,
    to: &Jid,
    held: &[Subscription],
    now: Timestamp,
) -> Result<(), Fault> {
    let newest = Living::of(tx, node, now)?.newest_entry(tx)?;
    let Some(item) = newest.filter(|_| node.config.deliver_notifications) else { return Ok(()) };
    let wanting = wanting(node, &item, held);
    let published = item.updated;
    tell::those(tx, node, to, &wanting, Event::published(node, item, Some(published)))
}
