//! Delete an item from a node — XEP-0060 [#publisher-delete].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request + item-required`, `not-allowed + max-items-exceeded`,
//! `feature-not-implemented + unsupported(persistent-items)`.
//! Features: `retract-items`, `delete-items`.

use crate::limits::ITEMS_PER_REQUEST_MAX;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::expiry::Living;
use crate::pubsub::notice::Event;
use crate::pubsub::refusal::{Feature, Why};
use crate::pubsub::{Context, Failure, Response, Tx, attachments, probe, removal, tell};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retract {
    /// The NodeID.
    pub node: String,
    /// Which items; empty ids are as good as none.
    pub ids: Vec<String>,
    /// Whether subscribers shall hear of it even where the node would not tell them.
    pub notify: bool,
}

/// Deletes items: one's own, or anybody's for an owner. All of them or none.
pub fn retract(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Retract) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Retract)?;
    if !node.config.persist_items {
        let unsupported = Why::Unsupported(Feature::PersistentItems);
        return Err(unsupported.because("this node does not keep its items").into());
    }
    if request.ids.is_empty() || request.ids.iter().any(String::is_empty) {
        return Err(Why::ItemRequired.because("name the item: <item id='…'/>").into());
    }
    if request.ids.len() > ITEMS_PER_REQUEST_MAX {
        let text = format!("at most {ITEMS_PER_REQUEST_MAX} items in one request");
        return Err(Why::MaxItemsExceeded.because(text).into());
    }

    let living = Living::of(tx, &node, ctx.now)?;
    for id in &request.ids {
        let Some(item) = living.item(tx, id)? else {
            if probe::is_retracted(&node.config, id) {
                continue;
            }
            return Err(Why::ItemNotFound.because(format!("there is no item {id:?}")).into());
        };
        if item.publisher.bare() != ctx.from.bare() && affiliation != Affiliation::Owner {
            may(ctx, tx, &node, affiliation, Action::Moderate)?;
        }
        removal::entry(tx, &node, &item, ctx.removed_at())?;
        attachments::detached(ctx, tx, &node, &item)?;
        if node.config.notify_retract || request.notify {
            tell::subscribers(tx, &node, Event::Retracted { id: id.clone() })?;
        }
    }
    Ok(Response::Done)
}
