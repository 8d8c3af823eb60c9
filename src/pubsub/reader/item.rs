//! One entry of a node, or that it is gone.

use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::tombstone::Tombstone;
use crate::pubsub::{Context, Failure, Tx};

use super::{PublicNode, public_node};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneItem {
    /// The NodeID.
    pub node: String,
    /// The ItemID.
    pub id: String,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemSight {
    /// The entry and its node.
    There(Box<(PublicNode, Item)>),
    /// It was there.
    Gone(Box<(PublicNode, Tombstone)>),
}

/// Shows an entry.
pub fn item(ctx: &Context<'_>, tx: &dyn Tx, request: &OneItem) -> Result<Option<ItemSight>, Failure> {
    let Some(public) = public_node(ctx, tx, &request.node)? else { return Ok(None) };
    let (key, living) = (public.node.key, Living::of(tx, &public.node, ctx.now)?);
    if let Some(item) = living.item(tx, &request.id)?.filter(|item| !item.companion) {
        return Ok(Some(ItemSight::There(Box::new((public, item)))));
    }
    let gone = tx.tombstone(key, &request.id)?.filter(|tombstone| tombstone.lasts(ctx.now));
    Ok(gone.map(|tombstone| ItemSight::Gone(Box::new((public, tombstone)))))
}
