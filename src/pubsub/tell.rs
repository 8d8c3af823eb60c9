//! Queueing notices: the last beat of the use cases that change something.

use super::config::NotificationType;
use super::fault::Fault;
use super::item::Item;
use super::jid::Jid;
use super::node::Node;
use super::notice::{Audience, Event, Notice};
use super::subscription::{State, Subscription};
use super::tx::Tx;

/// Tells the subscribers of a node, if there are any.
pub(super) fn subscribers(tx: &mut dyn Tx, node: &Node, event: Event) -> Result<(), Fault> {
    if is_heard(tx, node)? { queue(tx, node, Audience::Subscribers, event) } else { Ok(()) }
}

/// Tells the subscribers of a node, if there are any, what was published just now.
pub(super) fn published(tx: &mut dyn Tx, node: &Node, item: Item) -> Result<(), Fault> {
    // The id of the publication is a digest of all of it: not made where nobody hears of it.
    if is_heard(tx, node)? {
        queue(tx, node, Audience::Subscribers, Event::published(node, item, None))?;
    }
    Ok(())
}

/// Tells those who were subscribed to a node that is gone; what belonged to it is swept afterwards.
pub(super) fn bereaved(tx: &mut dyn Tx, node: &Node, event: Event) -> Result<(), Fault> {
    queue(tx, node, Audience::Bereaved, event)
}

/// Tells the owners of a node, where they want to know, what became of a subscription — XEP-0060 [#impl-subchange].
pub(super) fn owners(
    tx: &mut dyn Tx,
    node: &Node,
    subscription: &Subscription,
    state: Option<State>,
) -> Result<(), Fault> {
    owners_that(tx, node, Event::subscription(subscription, state))
}

/// Tells the owners of a node, where they want to know such things, what happened to a subscription.
pub(super) fn owners_that(tx: &mut dyn Tx, node: &Node, event: Event) -> Result<(), Fault> {
    if node.config.notify_sub { all_owners(tx, node, event) } else { Ok(()) }
}

/// Tells the owners of a node what they have to know.
pub(super) fn all_owners(tx: &mut dyn Tx, node: &Node, event: Event) -> Result<(), Fault> {
    queue(tx, node, Audience::Owners, event)
}

/// Tells the subscriber what became of a subscription.
pub(super) fn subscriber(
    tx: &mut dyn Tx,
    node: &Node,
    subscription: &Subscription,
    state: Option<State>,
) -> Result<(), Fault> {
    one(tx, node, &subscription.jid, Event::subscription(subscription, state))
}

/// Tells one entity, at the address given.
pub(super) fn one(tx: &mut dyn Tx, node: &Node, jid: &Jid, event: Event) -> Result<(), Fault> {
    queue(tx, node, Audience::One(jid.clone()), event)
}

/// Tells an address because of subscriptions of its own or of its bare JID; nothing if there are none.
pub(super) fn those(
    tx: &mut dyn Tx,
    node: &Node,
    to: &Jid,
    because: &[&Subscription],
    event: Event,
) -> Result<(), Fault> {
    if because.is_empty() {
        return Ok(());
    }
    let held = tx.subscriptions(node.key, to.bare())?;
    let is_concerned = |one: &&Subscription| because.iter().any(|cause| cause.jid == one.jid);
    let has_several = held.iter().filter(is_concerned).count() > 1;
    let subids = because.iter().filter(|_| has_several).map(|cause| cause.subid.clone()).collect();
    let with_body = because.iter().any(|cause| cause.options.include_body);
    queue(tx, node, Audience::Subscriptions { jid: to.clone(), subids, with_body }, event)
}

fn is_heard(tx: &dyn Tx, node: &Node) -> Result<bool, Fault> {
    Ok(tx.counts(node.key)?.subscriptions > 0)
}

fn queue(tx: &mut dyn Tx, node: &Node, audience: Audience, event: Event) -> Result<(), Fault> {
    // What an owner has to decide waits for him, whatever the node says of its events.
    let normal = node.config.notification_type == NotificationType::Normal
        || matches!(event, Event::Authorization { .. } | Event::FeedTrouble { .. });
    tx.queue(&Notice { key: node.key, node: node.id.clone(), audience, normal, event })?;
    Ok(())
}
