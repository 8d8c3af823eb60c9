//! Attachments that go: retracted by who attached them, or by an owner, or with their target — XEP-0470, XEP-0060
//! [#publisher-delete].

use crate::pubsub::item::Item;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::{Context, Failure, Fault, Tx, public_subscribers, tell};

use super::names::Kind;
use super::rights::{Ruler, ruler};
use super::share::Share;
use super::summary;

/// Takes an item that was removed from a node off the summary, if it was attachments.
pub(in crate::pubsub) fn detached(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    node: &Node,
    item: &Item,
) -> Result<(), Failure> {
    let Some((target, id)) = target(tx, node)? else { return Ok(()) };
    if tx.counts(node.key)?.items == 0 {
        return Ok(summary::remove(tx, &target, &id)?);
    }
    summary::update(ctx, tx, &target, &id, &Share::of(item), &Share::default())
}

/// All items of a node are gone; the summary too, if they were attachments.
pub(in crate::pubsub) fn purged(tx: &mut dyn Tx, node: &Node) -> Result<(), Fault> {
    match target(tx, node)? {
        Some((target, id)) => summary::remove(tx, &target, &id),
        None => Ok(()),
    }
}

/// The target of a node that went with it is gone; its summary too, if that node held its attachments.
pub(in crate::pubsub) fn target_is_gone(
    tx: &mut dyn Tx,
    went: &Node,
    target: NodeKey,
    item: &str,
) -> Result<(), Fault> {
    if Kind::of(&went.id.name) == Some(Kind::Attachments) {
        summary::remove_with(tx, target, item)?;
    }
    Ok(())
}

/// Somebody who was banned from a node hears nothing of what is attached there either.
pub(in crate::pubsub) fn banned(tx: &mut dyn Tx, node: &Node, jid: &Jid) -> Result<(), Fault> {
    for (key, subscription) in tx.subscriptions_of(jid.bare())? {
        if let Some(other) = tx.node_by_key(key)?
            && let Ruler::Target(target) = ruler(tx, &other)?
            && target.key == node.key
        {
            public_subscribers::remove(tx, &other, &subscription)?;
            tell::subscriber(tx, &other, &subscription, None)?;
        }
    }
    Ok(())
}

/// The node of the target of an attachment node, and the target.
fn target(tx: &dyn Tx, node: &Node) -> Result<Option<(Node, String)>, Fault> {
    if Kind::of(&node.id.name) != Some(Kind::Attachments) {
        return Ok(None);
    }
    let id = node.ties.first().and_then(|tie| tie.item.clone());
    match ruler(tx, node)? {
        Ruler::Target(target) => Ok(id.map(|id| (*target, id))),
        Ruler::Itself | Ruler::Gone => Ok(None),
    }
}
