//! The hub (WebSub): what is decided about callbacks, which are told of each change of a feed over the web.
//!
//! What is still to be told is not queued: a callback keeps the state of the node that it was told of last, and where the
//! node is in another one, it is to be told. So it is marked by the very commit that changes the node, however many
//! changes there are it is told of the last one, and it makes no difference what fails in between. Talking to
//! callbacks is up to the web side, which asks here what to say and tells what came of it.

mod callback;
mod due;
mod subscribe;

use core::time::Duration;

pub use callback::{Callback, CallbackKey, Callbacks, Share, Version};
pub use due::{Due, Outcome, Parcel};
pub use subscribe::{Wanted, Wish};

use super::fault::Fault;
use super::node::{Node, NodeKey};
use super::time::Timestamp;
use super::tx::Tx;
use super::{Context, Failure, reader};

/// What the web side asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Whether this can be had, before it is known whether the callback wants it.
    Consider(Wish),
    /// To have it: the callback wants it.
    Grant(Wish, Wanted),
    /// The next node that has callbacks.
    After(Option<NodeKey>),
    /// The callbacks of a node that are to be told something, after one.
    Due(NodeKey, Option<CallbackKey>),
    /// What a callback is to be told now.
    Parcel(CallbackKey),
    /// To note what came of it; the number is chance.
    Settle(CallbackKey, Outcome, u16),
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what was asked")]
pub enum Told {
    Considered(Wanted),
    Done,
    /// With the service that has the node, if it is still there.
    After(Option<(NodeKey, Option<String>)>),
    Due(Due),
    /// Nothing where there is nothing to tell, or not yet.
    Parcel(Option<Box<Parcel>>),
    /// How long until it is to be told again, if that is known already.
    Settled(Option<Duration>),
}

impl Ask {
    /// Whether it may change something: then its answer has to wait for the disk.
    pub const fn changes(&self) -> bool {
        match self {
            Self::Grant(..) | Self::Settle(..) => true,
            Self::Consider(_) | Self::After(_) | Self::Due(..) | Self::Parcel(_) => false,
        }
    }
}

/// Decides about a question of the web side; who asks is anyone, as with [`reader::look`].
pub fn hub(ctx: &Context<'_>, tx: &mut dyn Tx, ask: &Ask) -> Result<Told, Failure> {
    match ask {
        Ask::Consider(wish) => Ok(Told::Considered(subscribe::consider(ctx, tx, wish)?)),
        Ask::Grant(wish, wanted) => {
            subscribe::grant(ctx, tx, wish, wanted)?;
            Ok(Told::Done)
        }
        Ask::After(node) => Ok(Told::After(next(tx, *node)?)),
        Ask::Due(node, after) => Ok(Told::Due(due::due(ctx, tx, *node, after.as_ref())?)),
        Ask::Parcel(key) => Ok(Told::Parcel(due::parcel(ctx, tx, key)?.map(Box::new))),
        Ask::Settle(key, outcome, chance) => Ok(Told::Settled(due::settle(ctx, tx, key, outcome, *chance)?)),
    }
}

/// The next node that has callbacks, and its service.
fn next(tx: &dyn Tx, after: Option<NodeKey>) -> Result<Option<(NodeKey, Option<String>)>, Fault> {
    let Some(first) = tx.callback_after(after)? else { return Ok(None) };
    let node = first.key.node;
    Ok(Some((node, tx.node_by_key(node)?.map(|node| node.id.service))))
}

/// Removes callbacks whose time is over; how many.
pub(super) fn end(tx: &mut dyn Tx, now: Timestamp, most: usize) -> Result<usize, Fault> {
    let ended = tx.callbacks_ended(now, most)?;
    for key in &ended {
        tx.remove_callback(key)?;
    }
    Ok(ended.len())
}

/// A node that anyone may read, with those that it depends on.
fn public(ctx: &Context<'_>, tx: &dyn Tx, key: NodeKey) -> Result<Option<(Node, Vec<NodeKey>)>, Failure> {
    let Some(node) = tx.node_by_key(key)?.filter(|node| node.id.service == ctx.service.jid) else {
        return Ok(None);
    };
    let public = reader::public_node(ctx, tx, &node.id.name)?;
    Ok(public.map(|public| (public.node, public.relatives)))
}

/// The state of a node, if anyone may read it.
fn version(ctx: &Context<'_>, tx: &dyn Tx, key: NodeKey) -> Result<Option<Version>, Failure> {
    let node = public(ctx, tx, key)?;
    Ok(node.map(|(node, _)| Version::of(tx, &node)).transpose()?)
}
