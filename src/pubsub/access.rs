//! Who may do what with a node: the first two beats of every use case.
//!
//! Features: `access-open`, which says what the default access model is; the other models need no feature.

use std::borrow::Cow;

use super::affiliation::{Action, Affiliation, Verdict};
use super::attachments::{self, Ruler, ruler};
use super::config::{AccessModel, PublishModel};
use super::context::Context;
use super::fault::{Failure, Fault};
use super::jid::Jid;
use super::node::Node;
use super::public_subscribers;
use super::refusal::{Refusal, Why};
use super::relations::{Lineage, is_doomed};
use super::roster::{Admission, Rosters, Standing};
use super::subscription::State;
use super::time::Timestamp;
use super::tx::Tx;

/// Finds a node and the sender's affiliation with it.
pub fn find(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<(Node, Affiliation), Failure> {
    let kept = attachments::canonical(&ctx.service.jid, name);
    let Some(node) = tx.node(&ctx.node_id(&kept))? else { return Err(absent(name).into()) };
    if let Some(uri) = node.moved {
        return Err(Why::Gone.because(uri).into());
    }
    let affiliation = affiliation(ctx, tx, &node)?;
    if is_doomed(tx, &node)? || public_subscribers::is_hidden(ctx, tx, &node, affiliation)? {
        return Err(absent(name).into());
    }
    Ok((node, affiliation))
}

/// There is no node of this name, or the sender may not know of it.
pub(super) fn absent(name: &str) -> Refusal {
    Why::ItemNotFound.because(format!("there is no node {name:?}"))
}

/// The sender's affiliation: admins own every node, and the service itself may publish in it. Nobody else can send in its
/// name.
pub fn affiliation(ctx: &Context<'_>, tx: &dyn Tx, node: &Node) -> Result<Affiliation, Fault> {
    if ctx.is_admin() {
        return Ok(Affiliation::Owner);
    }
    // What the service publishes itself, it was asked to by an owner.
    if ctx.from.bare() == ctx.service.jid {
        return Ok(Affiliation::Publisher);
    }
    stored_affiliation(tx, node, ctx.from)
}

/// An entity's own affiliation, or that of its whole domain where the domain is banned.
pub fn stored_affiliation(tx: &dyn Tx, node: &Node, jid: &Jid) -> Result<Affiliation, Fault> {
    if let Ruler::Target(target) = ruler(tx, node)? {
        return stored_affiliation(tx, &target, jid);
    }
    let own = tx.affiliation(node.key, jid.bare())?;
    if own == Affiliation::None && tx.affiliation(node.key, jid.domain())? == Affiliation::Outcast {
        return Ok(Affiliation::Outcast);
    }
    Ok(own)
}

/// The affiliations that decide about a node.
pub(super) fn affiliations(tx: &dyn Tx, node: &Node) -> Result<Vec<(Jid, Affiliation)>, Fault> {
    match ruler(tx, node)? {
        Ruler::Target(target) => tx.affiliations(target.key),
        Ruler::Itself | Ruler::Gone => tx.affiliations(node.key),
    }
}

/// Refuses what the matrix and the models of the node, and of all nodes above it, do not allow the sender.
pub fn may(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    action: Action,
) -> Result<(), Failure> {
    may_here(ctx, tx, node, affiliation, action)?;
    let Some(action) = above(action).filter(|_| node.config.relation().is_some()) else { return Ok(()) };
    let lineage = Lineage::of(tx, node)?.ok_or_else(|| absent(&node.id.name))?;
    let Some(parents) = lineage.parents() else {
        return Err(Why::ResourceConstraint.because("there are too many nodes above this one").into());
    };
    for parent in parents {
        let allowed = may_here(ctx, tx, parent, self::affiliation(ctx, tx, parent)?, action);
        allowed.map_err(|failure| match failure {
            Failure::Refused(refusal) => {
                let text = format!("{} (of a node above the one you asked for)", refusal.text).into();
                Failure::Refused(Refusal { text, ..refusal })
            }
            other @ (Failure::Faulted(_) | Failure::Missing(_)) => other,
        })?;
    }
    Ok(())
}

/// What an action asks of the nodes above. Only those who were approved there are subscribers of what is below, and
/// what is one's own can be taken back without them.
const fn above(action: Action) -> Option<Action> {
    match action {
        Action::Discover | Action::Publish => Some(action),
        Action::Subscribe | Action::Retrieve => Some(Action::Retrieve),
        Action::Retract | Action::Moderate | Action::Administer => None,
    }
}

/// The same without regard to the nodes above.
fn may_here(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    affiliation: Affiliation,
    action: Action,
) -> Result<(), Failure> {
    if let Ruler::Target(target) = ruler(tx, node)? {
        return attachments::may(ctx, tx, node, &target, affiliation, action);
    }
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

/// Whether an entity may go on hearing of a node.
pub fn may_hear(
    rosters: &Rosters,
    now: Timestamp,
    tx: &dyn Tx,
    node: &Node,
    jid: &Jid,
) -> Result<bool, Fault> {
    Hearing::of(tx, node)?.may(rosters, now, tx, jid)
}

/// Those who may hear of a node, also in the eyes of the nodes above it: made once for each page of an audience.
#[derive(Debug)]
pub struct Hearing<'a> {
    /// The node that decides.
    node: Cow<'a, Node>,
    /// Whether whoever is subscribed was approved by it.
    is_own: bool,
    /// Nothing where nobody hears any more, because the node is about to go.
    lineage: Option<Lineage>,
    /// Whether no subscriber has to be looked up, since all may hear.
    is_everybody: bool,
}

impl<'a> Hearing<'a> {
    /// Those of a node.
    pub fn of(tx: &dyn Tx, node: &'a Node) -> Result<Self, Fault> {
        let (decides, is_own, lineage) = match ruler(tx, node)? {
            Ruler::Itself => (Cow::Borrowed(node), true, Lineage::of(tx, node)?),
            Ruler::Target(target) => {
                let lineage = Lineage::of(tx, &target)?;
                (Cow::Owned(*target), false, lineage)
            }
            Ruler::Gone => (Cow::Borrowed(node), false, None),
        };
        let is_open = match decides.config.access_model {
            AccessModel::Open => true,
            AccessModel::Authorize => is_own,
            AccessModel::Presence | AccessModel::Roster | AccessModel::Whitelist => false,
        };
        let is_alone = decides.config.relation().is_none() && lineage.is_some();
        let is_everybody = is_open && is_alone && tx.counts(decides.key)?.barred == 0;
        Ok(Self { node: decides, is_own, lineage, is_everybody })
    }

    /// Whether an entity is one of them.
    pub fn may(&self, rosters: &Rosters, now: Timestamp, tx: &dyn Tx, jid: &Jid) -> Result<bool, Fault> {
        if self.is_everybody {
            return Ok(true);
        }
        let Some(parents) = self.lineage.as_ref().and_then(Lineage::parents) else { return Ok(false) };
        for parent in parents {
            // A subscriber of what is below need not be one that was approved there.
            if !may_hear_here(rosters, now, tx, parent, jid, is_subscribed)? {
                return Ok(false);
            }
        }
        // Whoever is subscribed to the node itself was approved.
        let is_approved = if self.is_own { |_: &dyn Tx, _: &Node, _: &Jid| Ok(true) } else { is_subscribed };
        may_hear_here(rosters, now, tx, &self.node, jid, is_approved)
    }

    /// Whether all is known that decides about it.
    pub fn standing(&self, rosters: &Rosters, now: Timestamp, tx: &dyn Tx) -> Result<Standing, Fault> {
        let parents = self.lineage.iter().filter_map(Lineage::parents).flatten();
        for node in parents.chain([&*self.node]) {
            match rosters.standing(tx, node, now)? {
                Standing::Known => {}
                unknown @ (Standing::Missing(_) | Standing::Unreadable | Standing::NotGranted) => {
                    return Ok(unknown);
                }
            }
        }
        Ok(Standing::Known)
    }
}

fn may_hear_here(
    rosters: &Rosters,
    now: Timestamp,
    tx: &dyn Tx,
    node: &Node,
    jid: &Jid,
    is_approved: fn(&dyn Tx, &Node, &Jid) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    if let Ruler::Target(_) = ruler(tx, node)? {
        return Hearing::of(tx, node)?.may(rosters, now, tx, jid);
    }
    Ok(match stored_affiliation(tx, node, jid)?.allows(Action::Subscribe) {
        Verdict::Yes => true,
        Verdict::No => false,
        Verdict::Model => match node.config.access_model {
            AccessModel::Open => true,
            AccessModel::Authorize => is_approved(tx, node, jid)?,
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
