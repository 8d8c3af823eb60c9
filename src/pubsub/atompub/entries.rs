//! Reading a collection and its members, as those may who may retrieve the items of the node.

use crate::limits::COLLECTION_PAGE;
use crate::pubsub::affiliation::Action;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::Item;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::pages;
use crate::pubsub::paging::{Order, OrderBy, Rsm};
use crate::pubsub::refusal::{Feature, Why};
use crate::pubsub::{Context, Failure, Fault, Tx};

use super::collection;

/// A page of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// The NodeID.
    pub node: String,
    /// What the page before it ended with.
    pub after: Option<String>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneEntry {
    /// The NodeID.
    pub node: String,
    /// The ItemID.
    pub id: String,
}

/// What is on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The node.
    pub node: Node,
    /// The items, those that were changed last at the beginning.
    pub items: Vec<Item>,
    /// What the next page comes after, if there is one.
    pub next: Option<String>,
}

/// A member as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The node.
    pub node: Node,
    /// The item.
    pub item: Item,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// Which of the publications of an item: each has another place in the node, and a node of the same name another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The node.
    pub node: NodeKey,
    /// The place.
    pub place: u64,
}

impl Member {
    /// Its version.
    pub fn version(&self) -> Version {
        Version { node: self.node.key, place: self.item.seq }
    }
}

/// Shows a page of a collection.
pub(super) fn entries(ctx: &Context<'_>, tx: &dyn Tx, wish: &Entries) -> Result<Page, Failure> {
    let (node, living) = readable(ctx, tx, &wish.node)?;
    let order = Order { by: OrderBy::Modification, descending: true };
    let rsm = Rsm { max: Some(COLLECTION_PAGE), after: wish.after.clone(), before: None };
    let weight = |item: &Item| item.payload.as_ref().map_or(0, String::len);
    let (mut items, info) = pages::page(tx, &living, order, &rsm, &weight)?;
    let read = items.len() as u64;
    items.retain(|item| !item.companion);
    let next = info.span.filter(|span| {
        let end = span.index.map(|index| index + read);
        end.zip(info.count).is_none_or(|(end, count)| end < count)
    });
    Ok(Page { node, items, next: next.map(|span| span.last) })
}

/// Shows a member.
pub(super) fn entry(ctx: &Context<'_>, tx: &dyn Tx, wish: &OneEntry) -> Result<Member, Failure> {
    let (node, living) = readable(ctx, tx, &wish.node)?;
    let item = member(ctx, tx, &living, &wish.id)?;
    Ok(Member { node, item, is_new: false })
}

fn readable(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<(Node, Living), Failure> {
    let (node, _) = collection(ctx, tx, name, Action::Retrieve)?;
    kept(&node)?;
    let living = Living::of(tx, &node, ctx.now)?;
    Ok((node, living))
}

/// Refuses to look for members where there are none.
pub(super) fn kept(node: &Node) -> Result<(), Failure> {
    if node.config.persist_items {
        return Ok(());
    }
    let unsupported = Why::Unsupported(Feature::PersistentItems);
    Err(unsupported.because("this node does not keep its items").into())
}

/// The member of a node with this ItemID.
pub(super) fn member(ctx: &Context<'_>, tx: &dyn Tx, living: &Living, id: &str) -> Result<Item, Failure> {
    if let Some(item) = living.item(tx, id)?.filter(|item| !item.companion) {
        return Ok(item);
    }
    let is_gone = tx.tombstone(living.key, id)?.is_some_and(|tombstone| tombstone.lasts(ctx.now));
    let why = if is_gone { Why::Gone.because("the entry was deleted") } else { no_item(id) };
    Err(why.into())
}

fn no_item(id: &str) -> crate::pubsub::Refusal {
    Why::ItemNotFound.because(format!("there is no item {id:?}"))
}

/// The item that was just stored.
pub(super) fn stored(tx: &dyn Tx, node: Node, id: &str) -> Result<Option<Member>, Fault> {
    let item = tx.item(node.key, id)?;
    Ok(item.map(|item| Member { is_new: item.seq == item.created_seq, node, item }))
}
