//! Discover the items of a node — XEP-0060 [#entity-discoveritems].
//!
//! Refuses: `item-not-found` for nodes that do not exist or that the sender may not see; whoever sees a node but may
//! not read it gets an empty list.

use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::pages;
use crate::pubsub::paging::{Order, PageInfo, Rsm};
use crate::pubsub::{Context, Failure, Response, Tx};

use super::node_info::see;

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoverItems {
    /// The NodeID.
    pub node: String,
    /// Which page.
    pub rsm: Rsm,
}

/// Lists the ItemIDs of a node, oldest first.
pub fn discover_items(ctx: &Context<'_>, tx: &dyn Tx, request: &DiscoverItems) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    see(ctx, tx, &node, affiliation)?;
    match may(ctx, tx, &node, affiliation, Action::Retrieve) {
        Ok(()) => {
            const ROW: usize = "<item jid='' name=''/>".len();
            let living = Living::of(tx, &node, ctx.now)?;
            let weight = |item: &Item| ROW + ctx.service.jid.len() + pages::written(&item.id);
            let (items, info) = pages::page(tx, &living, Order::default(), &request.rsm, &weight)?;
            let ids = items.into_iter().map(|item| item.id).collect();
            Ok(Response::ItemIds { node: request.node.clone(), ids, info: info.to_walk(&request.rsm) })
        }
        Err(Failure::Refused(_)) => {
            let info = PageInfo { span: None, count: Some(0) };
            Ok(Response::ItemIds { node: request.node.clone(), ids: Vec::new(), info })
        }
        Err(other @ (Failure::Faulted(_) | Failure::Missing(_))) => Err(other),
    }
}
