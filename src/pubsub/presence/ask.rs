//! Asks to see presence, where a node has a use for it — XEP-0060 [#impl-presence].

use super::contact::{Contact, Seen};
use super::show::Shows;
use crate::pubsub::config::{NodeConfig, SendLast};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::subscription::Subscription;
use crate::pubsub::subscription_options::Expire;
use crate::pubsub::{Fault, Tx, tell};

/// Whether a node needs to know when its subscribers are online.
pub fn of_subscribers(config: &NodeConfig) -> bool {
    config.presence_based_delivery || config.tempsub || config.send_last == SendLast::OnSubAndPresence
}

/// Asks a subscriber, where his node or his subscription needs to know when he is online.
pub(in crate::pubsub) fn for_subscription(
    tx: &mut dyn Tx,
    node: &Node,
    subscription: &Subscription,
) -> Result<(), Fault> {
    let options = &subscription.options;
    let needs_presence = of_subscribers(&node.config)
        || options.expire == Expire::WithPresence
        || options.show_values != Shows::ALL;
    if needs_presence { ask(tx, node, &subscription.jid) } else { Ok(()) }
}

/// Asks an entity whose presence the service does not see yet. Who refused before is asked again: he just did
/// something that needs it.
pub(in crate::pubsub) fn ask(tx: &mut dyn Tx, node: &Node, jid: &Jid) -> Result<(), Fault> {
    let service = &node.id.service;
    let contact = tx.contact(service, jid.bare())?.unwrap_or_else(|| Contact::stranger(jid));
    if contact.seen == Seen::Yes {
        return Ok(());
    }
    tx.put_contact(service, &Contact { seen: Seen::Asked, ..contact })?;
    tell::one(tx, node, &jid.to_bare(), Event::PresenceWanted)
}

/// Asks all subscribers of a node that needs to know now and did not before.
pub(in crate::pubsub) fn ask_all(tx: &mut dyn Tx, node: &Node) -> Result<(), Fault> {
    tell::subscribers(tx, node, Event::PresenceWanted)
}
