//! Attachment and summary nodes, made when they are first needed.

use crate::pubsub::config::{ItemReply, NodeConfig, NodeFull};
use crate::pubsub::node::{Node, Tie};
use crate::pubsub::{Context, Fault, Tx, reserved};

use super::names::{self, Target};
use super::{NS, SUMMARY_NS};

/// The attachment node of an item of a node.
pub(super) fn attachments(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    node: &Node,
    target: &Target,
) -> Result<Node, Fault> {
    let config = NodeConfig {
        payload_type: NS.to_owned(),
        // Nobody's attachments go because of somebody else's.
        node_full: NodeFull::Reject,
        notify_sub: false,
        ..NodeConfig::default()
    };
    let name = target.attachments(&node.id.service);
    reserved::found_or_made(tx, node, name, Tie::to_item(node, &target.item), config, ctx.now)
}

/// The summary node of a node.
pub(super) fn summary(ctx: &Context<'_>, tx: &mut dyn Tx, target: &Node) -> Result<Node, Fault> {
    let config = NodeConfig {
        payload_type: SUMMARY_NS.to_owned(),
        notify_sub: false,
        itemreply: ItemReply::None,
        ..NodeConfig::default()
    };
    let name = names::summary(&target.id.name);
    reserved::found_or_made(tx, target, name, Tie::to(target), config, ctx.now)
}

/// The summary node of a node, if it has one.
pub(super) fn known_summary(tx: &dyn Tx, target: &Node) -> Result<Option<Node>, Fault> {
    reserved::found(tx, target, names::summary(&target.id.name))
}
