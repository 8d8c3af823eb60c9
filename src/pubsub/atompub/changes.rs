//! Publishing, changing and deleting a member: the use cases of publishers, asked for over HTTP. Whether the member is
//! still as it was when somebody read it is looked at in the same transaction.

use crate::pubsub::affiliation::Action;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::node::Node;
use crate::pubsub::publisher::publish::{NewItem, Payload, Publish, publish};
use crate::pubsub::publisher::retract::{Retract, retract};
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Fault, Response, Tx};

use super::entries::{Member, Version, kept, member, stored};
use super::token::Token;
use super::{Told, collection};

/// To publish an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The NodeID.
    pub node: String,
    /// The entry.
    pub payload: Payload,
    /// The ItemID that it would like to have.
    pub slug: Option<String>,
}

/// To change one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The NodeID.
    pub node: String,
    /// The ItemID.
    pub id: String,
    /// The entry as it is to be.
    pub payload: Payload,
    /// As what it is known.
    pub known: Known,
}

/// To delete one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remove {
    /// The NodeID.
    pub node: String,
    /// The ItemID.
    pub id: String,
    /// As what it is known.
    pub known: Known,
}

/// As what somebody knows a member that he wants to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Whatever it is now.
    Whatever,
    /// One of these.
    As(Vec<Version>),
}

impl Known {
    fn check(&self, node: &Node, item: &Item) -> Result<(), Refusal> {
        let now = Version { node: node.key, place: item.seq };
        match self {
            Self::Whatever => Ok(()),
            Self::As(versions) if versions.contains(&now) => Ok(()),
            Self::As(_) => {
                let text = "the entry has changed meanwhile: get it, and change that";
                Err(Why::PreconditionNotMet.because(text))
            }
        }
    }
}

/// Publishes an entry. One that the node has already from the same publisher, by its atom:id, is changed, where the
/// token is for that and the node allows it.
pub(super) fn post(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    token: &Token,
    wish: &Post,
) -> Result<Told, Failure> {
    let (node, _) = collection(ctx, tx, &wish.node, Action::Publish)?;
    let item = NewItem { id: None, wish: wish.slug.clone(), payloads: vec![wish.payload.clone()] };
    let id = published(ctx, tx, &node, item)?;
    if !node.config.persist_items {
        return Ok(Told::Passed);
    }
    let Some(member) = stored(tx, node, &id)? else { return Ok(Told::Passed) };
    if !member.is_new && !token.rights.edit {
        let text = "you have published this entry before, and this token is not made to change entries";
        return Err(Why::Forbidden.because(text).into());
    }
    Ok(Told::Entry(Box::new(member)))
}

/// Changes an entry.
pub(super) fn replace(ctx: &mut Context<'_>, tx: &mut dyn Tx, wish: &Replace) -> Result<Member, Failure> {
    let node = known(ctx, tx, &wish.node, &wish.id, Action::Publish, &wish.known)?;
    let item = NewItem { id: Some(wish.id.clone()), wish: None, payloads: vec![wish.payload.clone()] };
    published(ctx, tx, &node, item)?;
    let member = stored(tx, node, &wish.id)?;
    Ok(member.ok_or_else(|| Fault::Bug("what was just published is not there".to_owned()))?)
}

/// Deletes an entry.
pub(super) fn remove(ctx: &mut Context<'_>, tx: &mut dyn Tx, wish: &Remove) -> Result<(), Failure> {
    known(ctx, tx, &wish.node, &wish.id, Action::Retract, &wish.known)?;
    let retraction = Retract { node: wish.node.clone(), ids: vec![wish.id.clone()], notify: false };
    retract(ctx, tx, &retraction).map(|_| ())
}

/// The node of a member that is as it is known.
fn known(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    name: &str,
    id: &str,
    action: Action,
    known: &Known,
) -> Result<Node, Failure> {
    let (node, _) = collection(ctx, tx, name, action)?;
    kept(&node)?;
    let item = member(ctx, tx, &Living::of(tx, &node, ctx.now)?, id)?;
    known.check(&node, &item)?;
    Ok(node)
}

/// Publishes as over XMPP; the ItemID.
fn published(ctx: &mut Context<'_>, tx: &mut dyn Tx, node: &Node, item: NewItem) -> Result<String, Failure> {
    let request = Publish { node: node.id.name.clone(), items: vec![item], options: None };
    let published = publish(ctx, tx, &request)?;
    let id = if let Response::Published { ids, .. } = published { ids.into_iter().next() } else { None };
    Ok(id.ok_or_else(|| Fault::Bug("an entry was published without an ItemID".to_owned()))?)
}
