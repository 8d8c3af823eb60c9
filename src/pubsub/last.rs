//! The last published item, sent unasked — XEP-0060 [#subscriber-subscribe-last].

use super::config::ItemReply;
use super::fault::Fault;
use super::item::{Direction, ItemRange};
use super::jid::Jid;
use super::node::Node;
use super::notice::Event;
use super::tell;
use super::tx::Tx;

/// Sends the newest item of a node, if there is one, stamped with the time of its publication.
pub(super) fn send(tx: &mut dyn Tx, node: &Node, to: &Jid) -> Result<(), Fault> {
    let newest = tx.items(node.key, ItemRange::ALL, Direction::NewestFirst, 1)?.pop();
    let Some(item) = newest.filter(|_| node.config.deliver_notifications) else { return Ok(()) };
    let publisher =
        (node.config.itemreply == ItemReply::Publisher).then(|| item.publisher.as_str().to_owned());
    let event = Event::Published {
        id: Some(item.id),
        publisher,
        payload: item.payload.filter(|_| node.config.deliver_payloads),
        delayed: Some(item.updated),
    };
    tell::one(tx, node, to, event)
}
