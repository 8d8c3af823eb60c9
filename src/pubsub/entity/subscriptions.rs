//! Retrieve one's own subscriptions — XEP-0060 [#entity-subscriptions].
//!
//! Refuses: `item-not-found` for a node that does not exist.
//! Features: `retrieve-subscriptions`.

use crate::pubsub::access::find;
use crate::pubsub::node::NodeKey;
use crate::pubsub::subscription::Subscription;
use crate::pubsub::{Context, Failure, Response, Tx};

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSubscriptions {
    /// Only those to this node.
    pub node: Option<String>,
}

/// Lists the subscriptions of the sender, with the names of their nodes.
pub fn own_subscriptions(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    request: &OwnSubscriptions,
) -> Result<Response, Failure> {
    let bare = ctx.from.bare();
    if let Some(name) = &request.node {
        let (node, _) = find(ctx, tx, name)?;
        let own = tx.subscriptions(node.key, bare)?;
        let list = own.into_iter().map(|subscription| (name.clone(), subscription)).collect();
        return Ok(Response::OwnSubscriptions { node: Some(name.clone()), list });
    }
    let list = named(ctx, tx, tx.subscriptions_of(bare)?)?;
    Ok(Response::OwnSubscriptions { node: None, list })
}

/// Puts the names of this service's nodes to what is known by key.
pub(super) fn named<T>(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    by_key: Vec<(NodeKey, T)>,
) -> Result<Vec<(String, T)>, Failure> {
    let mut list = Vec::with_capacity(by_key.len());
    for (key, what) in by_key {
        if let Some(node) = tx.node_by_key(key)?
            && node.id.service == ctx.service.jid
        {
            list.push((node.id.name, what));
        }
    }
    Ok(list)
}

/// What a list of one's own subscriptions is made of.
pub type NamedSubscription = (String, Subscription);
