//! Where somebody may publish: the collections of the service document.
//!
//! They are looked for among the nodes that he has to do with, since nobody can be asked about all nodes there are: those
//! that he is affiliated with or subscribed to; for admins, the first of all.

use std::collections::BTreeSet;

use crate::limits::{COLLECTIONS_MAX, WEB_NODES_SCANNED_MAX};
use crate::pubsub::access::{affiliation, find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::node::Node;
use crate::pubsub::{Context, Failure, Tx, reserved};

use super::holds_entries;
use super::token::Token;

/// A collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Its node.
    pub node: Node,
    /// Whether he may publish there, or only read.
    pub takes_entries: bool,
}

/// The collections that a token is for: to publish, or to read where it is only for that.
pub(super) fn collections(ctx: &Context<'_>, tx: &dyn Tx, token: &Token) -> Result<Vec<Collection>, Failure> {
    let nodes = match &token.node {
        Some(name) => match find(ctx, tx, name) {
            Ok((node, _)) => vec![node],
            Err(Failure::Refused(_)) => Vec::new(),
            Err(other @ (Failure::Faulted(_) | Failure::Missing(_))) => return Err(other),
        },
        None => concerned(ctx, tx)?,
    };
    let takes_entries = token.rights.publish;
    let action = if takes_entries { Action::Publish } else { Action::Retrieve };
    let mut found = Vec::new();
    for node in nodes {
        if may_use(ctx, tx, &node, action)? {
            found.push(Collection { node, takes_entries });
        }
    }
    found.truncate(COLLECTIONS_MAX);
    Ok(found)
}

/// The nodes to which the sender may publish, in the order of their names.
pub(super) fn publishable(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Vec<Node>, Failure> {
    let mut found = Vec::new();
    for node in concerned(ctx, tx)? {
        if may_use(ctx, tx, &node, Action::Publish)? {
            found.push(node);
        }
    }
    Ok(found)
}

/// Whether the sender may do this with a collection. Where that is not known yet he may not, as yet.
fn may_use(ctx: &Context<'_>, tx: &dyn Tx, node: &Node, action: Action) -> Result<bool, Failure> {
    if !holds_entries(node) || reserved::beginning(&node.id.name).is_some() {
        return Ok(false);
    }
    match may(ctx, tx, node, affiliation(ctx, tx, node)?, action) {
        Ok(()) => Ok(true),
        Err(Failure::Refused(_) | Failure::Missing(_)) => Ok(false),
        Err(fault @ Failure::Faulted(_)) => Err(fault),
    }
}

/// The nodes that the sender has to do with.
fn concerned(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Vec<Node>, Failure> {
    let bare = ctx.from.bare();
    let affiliated = tx.affiliations_of(bare)?.into_iter().map(|(key, _)| key);
    let subscribed = tx.subscriptions_of(bare)?.into_iter().map(|(key, _)| key);
    // Where they are too many, those that he is subscribed to are the ones to leave out.
    let (mut seen, keys) = (BTreeSet::new(), affiliated.chain(subscribed));
    let keys = keys.filter(|key| seen.insert(*key)).take(WEB_NODES_SCANNED_MAX);
    let mut nodes =
        if ctx.is_admin() { tx.nodes(&ctx.service.jid, None, COLLECTIONS_MAX)? } else { Vec::new() };
    for key in keys {
        let node = tx.node_by_key(key)?.filter(|node| node.id.service == ctx.service.jid);
        nodes.extend(node);
    }
    nodes.sort_by(|one, other| one.id.name.cmp(&other.id.name));
    nodes.dedup_by(|one, other| one.key == other.key);
    Ok(nodes)
}
