//! Attachment and summary nodes, made when they are first needed.

use crate::pubsub::config::{ItemReply, NodeConfig, NodeFull};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Node, NodeId, Tie};
use crate::pubsub::{Context, Fault, Tx, removal};

use super::names::{self, Target};
use super::{NS, SUMMARY_NS};

/// The attachment node of an item.
pub(super) fn attachments(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    target: &Node,
    item: &str,
) -> Result<Node, Fault> {
    let target_item = Target { node: target.id.name.clone(), item: item.to_owned() };
    let name = target_item.attachments(&target.id.service);
    let config = NodeConfig {
        payload_type: NS.to_owned(),
        // Nobody's attachments go because of somebody else's.
        node_full: NodeFull::Reject,
        notify_sub: false,
        ..NodeConfig::default()
    };
    found_or_made(ctx, tx, target, Some(item), name, config)
}

/// The summary node of a node.
pub(super) fn summary(ctx: &Context<'_>, tx: &mut dyn Tx, target: &Node) -> Result<Node, Fault> {
    let config = NodeConfig {
        payload_type: SUMMARY_NS.to_owned(),
        notify_sub: false,
        itemreply: ItemReply::None,
        ..NodeConfig::default()
    };
    found_or_made(ctx, tx, target, None, names::summary(&target.id.name), config)
}

/// The summary node of a node, if it has one.
pub(super) fn known_summary(tx: &dyn Tx, target: &Node) -> Result<Option<Node>, Fault> {
    let id = NodeId { service: target.id.service.clone(), name: names::summary(&target.id.name) };
    let tie = Tie { node: target.key, item: None };
    Ok(tx.node(&id)?.filter(|node| node.ties.contains(&tie)))
}

fn found_or_made(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    target: &Node,
    item: Option<&str>,
    name: String,
    config: NodeConfig,
) -> Result<Node, Fault> {
    let id = NodeId { service: target.id.service.clone(), name };
    let tie = Tie { node: target.key, item: item.map(str::to_owned) };
    if let Some(node) = removal::make_way(tx, &id)? {
        return Ok(node);
    }
    let node = Node {
        key: tx.new_node_key()?,
        id,
        // Nobody's number of nodes grows because others react to what he publishes.
        creator: Jid::from(target.id.service.clone()),
        created: ctx.now,
        config,
        expiry: None,
        ties: vec![tie],
        moved: None,
    };
    tx.put_node(&node)?;
    Ok(node)
}
