//! Somebody goes offline: his temporary subscriptions end — XEP-0060 [#impl-tempsub] — and his items go from nodes
//! that keep items only as long as their publisher is online.

use std::collections::BTreeSet;

use crate::limits::ITEMS_READ_AT_ONCE;
use crate::pubsub::context::Service;
use crate::pubsub::item::{Direction, ItemRange};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::notice::Event;
use crate::pubsub::subscription::Subscription;
use crate::pubsub::subscription_options::Expire;
use crate::pubsub::{Fault, Tx, public_subscribers, removal, tell};

/// A resource went offline; with `was_last`, its entity too.
pub(super) fn left(service: &Service, tx: &mut dyn Tx, who: &Jid, was_last: bool) -> Result<(), Fault> {
    let held = tx.subscriptions_of(who.bare())?;
    let mut nodes: BTreeSet<NodeKey> = held.iter().map(|(key, _)| *key).collect();
    for (key, subscription) in held {
        if !was_last && subscription.jid != *who {
            continue;
        }
        if let Some(node) = tx.node_by_key(key)?
            && node.id.service == service.jid
            && is_temporary(&node, &subscription)
        {
            public_subscribers::remove(tx, &node, &subscription)?;
            tell::owners(tx, &node, &subscription, None)?;
        }
    }
    if was_last {
        nodes.extend(tx.affiliations_of(who.bare())?.into_iter().map(|(key, _)| key));
        for key in nodes {
            if let Some(node) = tx.node_by_key(key)?
                && node.id.service == service.jid
                && node.config.purge_offline
            {
                purge(tx, &node, who)?;
            }
        }
    }
    Ok(())
}

/// Whether a subscription lasts only as long as its subscriber is online.
fn is_temporary(node: &Node, subscription: &Subscription) -> bool {
    node.config.tempsub || subscription.options.expire == Expire::WithPresence
}

/// Removes what somebody published to a node, but for what is said about the node itself.
fn purge(tx: &mut dyn Tx, node: &Node, publisher: &Jid) -> Result<(), Fault> {
    let mut range = ItemRange::ALL;
    loop {
        let page = tx.items(node.key, range, Direction::OldestFirst, ITEMS_READ_AT_ONCE)?;
        let was_last = page.len() < ITEMS_READ_AT_ONCE;
        for item in page {
            range.after = Some(item.seq);
            if item.publisher.bare() == publisher.bare() && !item.companion {
                removal::item(tx, node.key, &item.id)?;
                if node.config.notify_retract {
                    tell::subscribers(tx, node, Event::Retracted { id: item.id })?;
                }
            }
        }
        if was_last {
            return Ok(());
        }
    }
}
