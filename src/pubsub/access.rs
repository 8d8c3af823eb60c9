//! Who may do what with a node: the first two beats of every use case.
//!
//! Features: `access-open`, which says what the default access model is; the other models need no feature.

use super::affiliation::{Action, Affiliation, Verdict};
use super::config::{AccessModel, PublishModel};
use super::context::Context;
use super::fault::{Failure, Fault};
use super::jid::Jid;
use super::node::Node;
use super::refusal::{Refusal, Why};
use super::roster::{Admission, Rosters};
use super::subscription::State;
use super::time::Timestamp;
use super::tx::Tx;

/// Finds a node and the sender's affiliation with it.
pub fn find(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<(Node, Affiliation), Failure> {
    let Some(node) = tx.node(&ctx.node_id(name))? else {
        return Err(Why::ItemNotFound.because(format!("there is no node {name:?}")).into());
    };
    if let Some(uri) = node.moved {
        return Err(Why::Gone.because(uri).into());
    }
    let affiliation = affiliation(ctx, tx, &node)?;
    Ok((node, affiliation))
}

/// The sender's affiliation: admins own every node.
pub fn affiliation(ctx: &Context<'_>, tx: &dyn Tx, node: &Node) -> Result<Affiliation, Fault> {
    if ctx.is_admin() { Ok(Affiliation::Owner) } else { stored_affiliation(tx, node, ctx.from) }
}

/// An entity's own affiliation, or that of its whole domain where the domain is banned.
pub fn stored_affiliation(tx: &dyn Tx, node: &Node, jid: &Jid) -> Result<Affiliation, Fault> {
    let own = tx.affiliation(node.key, jid.bare())?;
    if own == Affiliation::None && tx.affiliation(node.key, jid.domain())? == Affiliation::Outcast {
        return Ok(Affiliation::Outcast);
    }
    Ok(own)
}

/// Refuses what the matrix and the node's models do not allow the sender.
pub fn may(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    action: Action,
) -> Result<(), Failure> {
    match affiliation.allows(action) {
        Verdict::Yes => Ok(()),
        Verdict::No => Err(banned(affiliation, action).into()),
        Verdict::Model => match action {
            Action::Publish | Action::Retract => publish_model(tx, node, ctx.from),
            Action::Discover
            | Action::Subscribe
            | Action::Retrieve
            | Action::Moderate
            | Action::Administer => access_model(ctx, tx, node, action),
        },
    }
}

/// Whether an entity may go on hearing of a node: asked again for each page of an audience.
pub fn may_hear(
    rosters: &Rosters,
    now: Timestamp,
    tx: &dyn Tx,
    node: &Node,
    jid: &Jid,
) -> Result<bool, Fault> {
    Ok(match stored_affiliation(tx, node, jid)?.allows(Action::Subscribe) {
        Verdict::Yes => true,
        Verdict::No => false,
        Verdict::Model => match node.config.access_model {
            // Whoever is subscribed to the latter was approved.
            AccessModel::Open | AccessModel::Authorize => true,
            AccessModel::Whitelist => false,
            AccessModel::Presence | AccessModel::Roster => {
                rosters.admit(tx, node, jid, now)? == Admission::Yes
            }
        },
    })
}

fn banned(affiliation: Affiliation, action: Action) -> Refusal {
    let text = match (affiliation, action) {
        (Affiliation::Outcast, _) => "you are banned from this node",
        (Affiliation::PublishOnly, _) => "you may publish to this node, but not read it",
        (_, Action::Moderate) => "only an owner may change what somebody else published",
        _ => "only an owner of the node may do this",
    };
    Why::Forbidden.because(text)
}

/// What the access model says to somebody without an affiliation.
fn access_model(ctx: &Context<'_>, tx: &dyn Tx, node: &Node, action: Action) -> Result<(), Failure> {
    let from = ctx.from;
    match node.config.access_model {
        AccessModel::Open => Ok(()),
        // Everybody may ask to subscribe, and only those who were approved may read.
        AccessModel::Authorize if action != Action::Retrieve || is_subscribed(tx, node, from)? => Ok(()),
        AccessModel::Authorize => {
            Err(Why::NotAuthorizedToRead.because("only approved subscribers may read this node").into())
        }
        AccessModel::Presence | AccessModel::Roster => admission(ctx, tx, node),
        AccessModel::Whitelist => {
            let text = "only those whom an owner has put on the list may read this node";
            Err(Why::ClosedNode.because(text).into())
        }
    }
}

/// What the rosters of the owners say.
fn admission(ctx: &Context<'_>, tx: &dyn Tx, node: &Node) -> Result<(), Failure> {
    let refusal = match ctx.rosters.admit(tx, node, ctx.from, ctx.now)? {
        Admission::Yes => return Ok(()),
        Admission::Missing(owners) => return Err(Failure::Missing(owners)),
        Admission::Unreadable => {
            Why::ResourceConstraint.because("who may read this node cannot be found out at the moment")
        }
        Admission::No if node.config.access_model == AccessModel::Presence => {
            let text = "only those who are subscribed to the presence of an owner may read this node";
            Why::PresenceSubscriptionRequired.because(text)
        }
        Admission::No => {
            let text = "only those in certain groups of an owner's roster may read this node";
            Why::NotInRosterGroup.because(text)
        }
    };
    Err(refusal.into())
}

fn is_subscribed(tx: &dyn Tx, node: &Node, jid: &Jid) -> Result<bool, Fault> {
    Ok(tx.subscriptions(node.key, jid.bare())?.iter().any(|held| held.state == State::Subscribed))
}

/// What the publish model says to somebody who is neither owner nor publisher.
fn publish_model(tx: &dyn Tx, node: &Node, from: &Jid) -> Result<(), Failure> {
    let allowed = match node.config.publish_model {
        PublishModel::Open => true,
        PublishModel::Subscribers => is_subscribed(tx, node, from)?,
        PublishModel::Publishers => false,
    };
    if allowed {
        return Ok(());
    }
    let text = format!("only {} may publish to this node", node.config.publish_model.as_str());
    Err(Why::Forbidden.because(text).into())
}
