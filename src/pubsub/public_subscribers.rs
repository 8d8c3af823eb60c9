//! Lists of public subscribers — XEP-0465: who wants it to be known that he is subscribed to a node.
//!
//! The list of a node is a node of its own, with one item for each entity that has a public subscription in force. The
//! service makes it when somebody comes on it or subscribes to it, and keeps it in the transaction of each change, so a
//! subscriber comes and goes there whatever the reason is. It is a child of its node (XEP-0496): it goes with it, and
//! has its access.
//!
//! A list that nobody is on, one of a node that is not there, and one that the sender may not read are all answered alike:
//! there is no such node. Whoever is subscribed to a list knows that it is there; subscribing to it tells no more than
//! subscribing to its node.
//!
//! Whoever subscribes again without saying that it is public is on the list no longer, whichever of his subscriptions to the
//! node was public: what is known of him is what he said last. Lists have no lists of their own.

use crate::xml::Writer;

use super::access::{absent, affiliation, find, may};
use super::affiliation::{Action, Affiliation};
use super::config::{ItemReply, NodeConfig};
use super::item::Item;
use super::jid::Jid;
use super::node::{Node, Tie};
use super::notice::Event;
use super::reserved::{self, SUBSCRIBERS};
use super::subscription::{State, Subscription};
use super::tell;
use super::{Context, Failure, Fault, Timestamp, Tx};

/// The namespace of what is in a list.
const NS: &str = "urn:xmpp:pps:0";

/// Whether a node is a list.
pub(super) fn is_list(name: &str) -> bool {
    name.starts_with(SUBSCRIBERS)
}

/// Finds the node that somebody wants to subscribe to; a list that is not there yet is made, if its node is there.
pub(super) fn find_or_make(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    name: &str,
) -> Result<(Node, Affiliation), Failure> {
    match name.strip_prefix(SUBSCRIBERS) {
        None => find(ctx, tx, name),
        Some(of) if is_list(of) => Err(absent(name).into()),
        Some(of) => {
            let (node, _) = find(ctx, tx, of)?;
            let list = made(tx, &node, ctx.now)?;
            let affiliation = affiliation(ctx, tx, &list)?;
            Ok((list, affiliation))
        }
    }
}

/// Whether a node is a list that is not there as far as the sender may know. Whoever is subscribed to it knows.
pub(super) fn is_hidden(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    affiliation: Affiliation,
) -> Result<bool, Failure> {
    if !is_list(&node.id.name) || !tx.subscriptions(node.key, ctx.from.bare())?.is_empty() {
        return Ok(false);
    }
    if tx.counts(node.key)?.items == 0 {
        return Ok(true);
    }
    match may(ctx, tx, node, affiliation, Action::Retrieve) {
        Ok(()) => Ok(false),
        Err(Failure::Refused(_)) => Ok(true),
        Err(other @ (Failure::Faulted(_) | Failure::Missing(_))) => Err(other),
    }
}

/// Stores a subscription, and puts its subscriber on the list where that is due.
pub(super) fn put(
    tx: &mut dyn Tx,
    node: &Node,
    subscription: &mut Subscription,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.put_subscription(node.key, subscription)?;
    if subscription.public && subscription.state == State::Subscribed && !is_list(&node.id.name) {
        let list = made(tx, node, now)?;
        if tx.item(list.key, subscription.jid.bare())?.is_none() {
            let mut item = entry(&list, &subscription.jid, now);
            tx.put_item(list.key, &mut item)?;
            tell::published(tx, &list, item)?;
        }
    }
    Ok(())
}

/// Removes a subscription, and takes its subscriber off the list if it was his last public one.
pub(super) fn remove(tx: &mut dyn Tx, node: &Node, subscription: &Subscription) -> Result<(), Fault> {
    tx.remove_subscription(node.key, &subscription.key())?;
    if subscription.public { take_off(tx, node, subscription.jid.bare()) } else { Ok(()) }
}

/// Withdraws what somebody made public of his subscriptions to a node.
pub(super) fn withdraw(tx: &mut dyn Tx, node: &Node, held: &mut [Subscription]) -> Result<(), Fault> {
    for subscription in held.iter_mut().filter(|held| held.public) {
        subscription.public = false;
        tx.put_subscription(node.key, subscription)?;
        take_off(tx, node, subscription.jid.bare())?;
    }
    Ok(())
}

/// Takes an entity off a list, unless one of its subscriptions is still public.
fn take_off(tx: &mut dyn Tx, node: &Node, bare: &str) -> Result<(), Fault> {
    let in_force = |held: &Subscription| held.public && held.state == State::Subscribed;
    if tx.subscriptions(node.key, bare)?.iter().any(in_force) {
        return Ok(());
    }
    if let Some(list) = reserved::found(tx, node, name_of(node))?
        && tx.remove_item(list.key, bare)?
    {
        tell::subscribers(tx, &list, Event::Retracted { id: bare.to_owned() })?;
    }
    Ok(())
}

/// The list of a node, which is made where it is not there yet.
fn made(tx: &mut dyn Tx, node: &Node, now: Timestamp) -> Result<Node, Fault> {
    let config = NodeConfig {
        payload_type: NS.to_owned(),
        parent: node.id.name.clone(),
        // Nobody owns it.
        notify_sub: false,
        itemreply: ItemReply::None,
        ..NodeConfig::default()
    };
    reserved::found_or_made(tx, node, name_of(node), Tie::to(node), config, now)
}

/// The item of a public subscriber.
fn entry(list: &Node, subscriber: &Jid, now: Timestamp) -> Item {
    let mut payload = Writer::new();
    payload.open("subscriber").attr("xmlns", NS).attr("jid", subscriber.bare()).close();
    Item::new(subscriber.bare().to_owned(), list.creator.clone(), Some(payload.finish()), now)
}

fn name_of(node: &Node) -> String {
    format!("{SUBSCRIBERS}{}", node.id.name)
}
