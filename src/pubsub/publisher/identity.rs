//! The ItemID of an item that was published without one — XEP-0060 [#publisher-publish-success].
//!
//! The specification asks for one that is unique. Where the node allows it, an entry whose atom:id the node has already
//! from the same publisher modifies that item instead: who publishes what he has published before, without knowing the
//! ItemID, means the same entry.

use crate::atom::id;
use crate::limits::ITEMS_WITH_ATOM_ID_MAX;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::node::Node;
use crate::pubsub::{Context, Fault, Tx, tombstone};

use super::publish::Payload;

/// The ItemID for a payload.
pub(super) fn item_id(
    ctx: &mut Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    living: &Living,
    payload: Option<&Payload>,
    wish: Option<&str>,
) -> Result<String, Fault> {
    let wish = match wish {
        Some(wish) if is_free(tx, living, wish)? => Some(wish.to_owned()),
        Some(_) | None => None,
    };
    let entry = payload.and_then(|payload| payload.entry.as_deref());
    let Some(atom_id) = entry.and_then(|entry| entry.id.as_deref()) else {
        return Ok(wish.unwrap_or_else(|| ctx.ids.next()));
    };
    let generated = id::generated(&ctx.service.jid, &node.id.name, atom_id);
    if !node.config.persist_items {
        return Ok(wish.unwrap_or(generated));
    }
    let there = living.item(tx, &generated)?;
    let is_free = there.is_none();
    if node.config.upsert
        && let Some(known) = known(ctx, tx, living, atom_id, there)?
    {
        return Ok(known);
    }
    if let Some(wish) = wish {
        return Ok(wish);
    }
    // It is somebody else's, or of an entry that has another atom:id by now.
    Ok(if is_free { generated } else { ctx.ids.next() })
}

/// Whether no item has this id, and none had it that readers on the web know to be gone.
fn is_free(tx: &dyn Tx, living: &Living, id: &str) -> Result<bool, Fault> {
    Ok(tx.item(living.key, id)?.is_none() && tx.tombstone(living.key, id)?.is_none())
}

/// The newest item that the sender has published with this atom:id. Others may have used up what is looked at, so the
/// one with the generated id is looked at in any case.
fn known(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    living: &Living,
    atom_id: &str,
    generated: Option<Item>,
) -> Result<Option<String>, Fault> {
    let mut found = Vec::from_iter(generated);
    for id in tx.items_with_atom_id(living.key, atom_id, ITEMS_WITH_ATOM_ID_MAX)? {
        found.extend(living.item(tx, &id)?);
    }
    let own = found
        .into_iter()
        .filter(|item| item.publisher.bare() == ctx.from.bare() && item.atom_id.as_deref() == Some(atom_id));
    Ok(own.max_by_key(|item| item.seq).map(|item| item.id))
}

/// Sees to what readers on the web know of an item that is published: it is there, and where its atom:id has changed, the
/// entry that had the other one is gone (RFC 4287, 4.2.6).
pub(super) fn changed(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    node: &Node,
    item: &Item,
    known: Option<&Item>,
) -> Result<(), Fault> {
    if !ctx.service.on_web {
        return Ok(());
    }
    tx.remove_tombstone(node.key, &item.id)?;
    match known {
        Some(known) if known.atom_id.is_some() && known.atom_id != item.atom_id => {
            tombstone::bury(tx, node, known, ctx.removed_at())
        }
        Some(_) | None => Ok(()),
    }
}
