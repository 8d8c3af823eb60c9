//! Keeping the summary of one item's attachments — XEP-0470.
//!
//! It is there as long as somebody has something attached, be it of a kind that is not summarised. Subscribers hear of
//! each change of it, and of nothing else.

use crate::pubsub::item::Item;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::notice::Event;
use crate::pubsub::{Context, Failure, Fault, Tx, tell};

use super::nodes;
use super::share::Share;
use super::tally::Tally;

/// Puts a person's new share of the summary in place of his last one.
pub(super) fn update(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    target: &Node,
    id: &str,
    last: &Share,
    new: &Share,
) -> Result<(), Failure> {
    let node = nodes::summary(ctx, tx, target)?;
    let known = tx.item(node.key, id)?.and_then(|item| item.payload);
    let mut tally = known.as_deref().map(Tally::read).transpose()?.unwrap_or_default();
    tally.replace(last, new)?;
    let summary = tally.write();
    if known.as_ref() == Some(&summary) {
        return Ok(());
    }
    let publisher = Jid::from(ctx.service.jid.clone());
    let mut item = Item::new(id.to_owned(), publisher, Some(summary), ctx.now);
    tx.put_item(node.key, &mut item)?;
    Ok(tell::published(tx, &node, item)?)
}

/// The item of this id has no attachments any more.
pub(super) fn remove(tx: &mut dyn Tx, target: &Node, id: &str) -> Result<(), Fault> {
    if let Some(node) = nodes::known_summary(tx, target)?
        && tx.remove_item(node.key, id)?
    {
        tell::subscribers(tx, &node, Event::Retracted { id: id.to_owned() })?;
    }
    Ok(())
}

/// The item of this id, which a node had, is gone.
pub(super) fn remove_with(tx: &mut dyn Tx, target: NodeKey, id: &str) -> Result<(), Fault> {
    match tx.node_by_key(target)? {
        Some(target) => remove(tx, &target, id),
        // Its summary node goes with it.
        None => Ok(()),
    }
}
