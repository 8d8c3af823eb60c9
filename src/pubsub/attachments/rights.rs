//! Who may do what with attachment and summary nodes: what the node of their target says — XEP-0470.
//!
//! Whoever may read the target's node may read them and subscribe to them; where that takes an approval, it is the
//! approval of a subscription to the target's node. Whoever may publish there may attach, as the specification has it. On a
//! blog that leaves its readers out, so an owner can let all of them attach.

use std::borrow::Cow;

use crate::pubsub::access;
use crate::pubsub::affiliation::{Action, Affiliation, Verdict};
use crate::pubsub::config::{Attachers, NodeConfig, PublishModel};
use crate::pubsub::node::Node;
use crate::pubsub::refusal::Why;
use crate::pubsub::{Context, Failure, Fault, Tx, relations};

use super::SUMMARY_IS_OURS;
use super::names::Kind;

/// What decides who may do what with a node.
pub(in crate::pubsub) enum Ruler {
    /// The node itself.
    Itself,
    /// The node of its target.
    Target(Box<Node>),
    /// The node of its target is gone, and it will go too.
    Gone,
}

/// What decides who may do what with a node.
pub(in crate::pubsub) fn ruler(tx: &dyn Tx, node: &Node) -> Result<Ruler, Fault> {
    if Kind::of(&node.id.name).is_none() {
        return Ok(Ruler::Itself);
    }
    let target = match node.ties.first() {
        Some(tie) => tx.node_by_key(tie.node)?,
        None => None,
    };
    Ok(target.map_or(Ruler::Gone, |target| Ruler::Target(Box::new(target))))
}

/// Refuses what the target's node does not allow the sender.
pub(in crate::pubsub) fn may(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    target: &Node,
    affiliation: Affiliation,
    action: Action,
) -> Result<(), Failure> {
    match action {
        Action::Publish | Action::Retract if Kind::of(&node.id.name) == Some(Kind::Summary) => {
            Err(Why::NotAllowed.because(SUMMARY_IS_OURS).into())
        }
        Action::Publish | Action::Retract => may_attach(ctx, tx, target, affiliation),
        Action::Subscribe | Action::Retrieve => access::may(ctx, tx, target, affiliation, Action::Retrieve),
        Action::Discover | Action::Moderate | Action::Administer => {
            access::may(ctx, tx, target, affiliation, action)
        }
    }
}

/// Refuses those who may not attach to a node's items.
pub(super) fn may_attach(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    target: &Node,
    affiliation: Affiliation,
) -> Result<(), Failure> {
    let publishing = affiliation.allows(Action::Publish);
    match (target.config.attachers, publishing) {
        (Attachers::Readers, Verdict::Model) => {
            match access::may(ctx, tx, target, affiliation, Action::Publish) {
                Err(Failure::Refused(_)) => access::may(ctx, tx, target, affiliation, Action::Retrieve),
                decided => decided,
            }
        }
        (Attachers::Inherit, Verdict::Model) => access::may(ctx, tx, target, affiliation, Action::Publish)
            .map_err(|failure| explained(target, failure)),
        (Attachers::Inherit | Attachers::Readers, Verdict::Yes | Verdict::No) => {
            access::may(ctx, tx, target, affiliation, Action::Publish)
        }
    }
}

/// Whoever is only a reader learns what an owner can do about it.
fn explained(target: &Node, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(refusal) if refusal.why == Why::Forbidden => {
            let who = target.config.publish_model.as_str();
            let text = format!(
                "only {who} may attach to the items of this node, unless an owner lets all readers (x-pubsub#attachments)"
            );
            Why::Forbidden.because(text).into()
        }
        other @ (Failure::Refused(_) | Failure::Faulted(_) | Failure::Missing(_)) => other,
    }
}

/// The configuration of a node as it applies: with the models of the target's node.
pub(in crate::pubsub) fn shown<'a>(tx: &dyn Tx, node: &'a Node) -> Result<Cow<'a, NodeConfig>, Fault> {
    let Ruler::Target(target) = ruler(tx, node)? else { return relations::shown(tx, node) };
    let target = target.config;
    let publish_model = match (Kind::of(&node.id.name), target.attachers) {
        (Some(Kind::Summary), _) => PublishModel::Publishers,
        (_, Attachers::Readers) => PublishModel::Open,
        (_, Attachers::Inherit) => target.publish_model,
    };
    Ok(Cow::Owned(NodeConfig {
        access_model: target.access_model,
        roster_groups: target.roster_groups,
        publish_model,
        ..node.config.clone()
    }))
}
