//! The last published item, sent unasked — XEP-0060 [#subscriber-subscribe-last].
//!
//! Features: `last-published`. A companion of the entries is not what a new subscriber wants to see.

use super::expiry::Living;
use super::fault::Fault;
use super::jid::Jid;
use super::node::Node;
use super::notice::Event;
use super::tell;
use super::time::Timestamp;
use super::tx::Tx;

/// Sends the newest entry of a node, if there is one, stamped with the time of its publication.
pub(super) fn send(tx: &mut dyn Tx, node: &Node, to: &Jid, now: Timestamp) -> Result<(), Fault> {
    let newest = Living::of(tx, node, now)?.newest_entry(tx)?;
    let Some(item) = newest.filter(|_| node.config.deliver_notifications) else { return Ok(()) };
    let published = item.updated;
    let event = Event::published(node, item, Some(published));
    tell::one(tx, node, to, event)
}
