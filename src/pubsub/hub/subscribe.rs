//! Whether somebody may have a callback told of a feed, and no longer (WebSub 5.1).
//!
//! Refuses: `item-not-found` (nobody but a few may read the node, or there is no such callback), `resource-constraint`.

use crate::limits::{
    HUB_CALLBACKS_MAX, HUB_CALLBACKS_PER_CALLER_MAX, HUB_CALLBACKS_PER_HOST_MAX,
    HUB_CALLBACKS_PER_TOPIC_AND_CALLER_MAX, HUB_CALLBACKS_PER_TOPIC_MAX,
};
use crate::pubsub::node::NodeKey;
use crate::pubsub::refusal::Why;
use crate::pubsub::secret::Secret;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;
use crate::pubsub::{Context, Failure, reader};

use super::callback::{Callback, CallbackKey, Share, Version};

/// What somebody wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The NodeID.
    pub node: String,
    /// The URL of the feed.
    pub topic: String,
    /// The URL of the callback.
    pub url: String,
    /// The host in it.
    pub host: String,
    /// The network that it is asked from, where that is known.
    pub caller: Option<String>,
    /// For how many seconds and with which secret; nothing: not to be told any longer.
    pub terms: Option<(u64, Option<Secret>)>,
}

/// What was wished for when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The node.
    pub node: NodeKey,
    /// Its state: what changes afterwards is told, however long it takes until the callback says that it wants it.
    pub version: Version,
}

/// Says whether it can be had.
pub(super) fn consider(ctx: &Context<'_>, tx: &dyn Tx, wish: &Wish) -> Result<Wanted, Failure> {
    if wish.terms.is_none() {
        let node = tx.node(&ctx.node_id(&wish.node))?;
        let known = node.map(|node| Ok(tx.callback(&wish.key(node.key))?.map(|_| node.key)));
        let known = known.transpose().map(Option::flatten).map_err(Failure::Faulted)?;
        let unknown = || Why::ItemNotFound.because("hub.callback is not subscribed to hub.topic");
        return Ok(Wanted { node: known.ok_or_else(unknown)?, version: Version::default() });
    }
    let unknown = || Why::ItemNotFound.because("hub.topic is no feed that anyone may read");
    let node = reader::public_node(ctx, tx, &wish.node)?.ok_or_else(unknown)?.node;
    has_room(tx, wish, node.key)?;
    Ok(Wanted { node: node.key, version: Version::of(tx, &node)? })
}

/// Does what is wished for. It fails where it cannot be had any more.
pub(super) fn grant(ctx: &Context<'_>, tx: &mut dyn Tx, wish: &Wish, wanted: &Wanted) -> Result<(), Failure> {
    let key = wish.key(wanted.node);
    let Some((seconds, secret)) = &wish.terms else {
        tx.remove_callback(&key)?;
        return Ok(());
    };
    if super::public(ctx, tx, wanted.node)?.is_none() {
        return Err(Why::ItemNotFound.because("hub.topic is no feed that anyone may read any more").into());
    }
    has_room(tx, wish, wanted.node)?;
    let known = tx.callback(&key)?;
    let callback = Callback {
        host: wish.host.clone(),
        caller: wish.caller.clone(),
        secret: secret.clone(),
        ends: ctx.now.plus_seconds(*seconds),
        told: known.as_ref().map_or(wanted.version, |known| known.told),
        document: known.and_then(|known| known.document),
        // It has just shown that it is there.
        failures: 0,
        rests: Timestamp::default(),
        key,
    };
    tx.put_callback(&callback)?;
    Ok(())
}

impl Wish {
    fn key(&self, node: NodeKey) -> CallbackKey {
        CallbackKey { node, topic: self.topic.clone(), url: self.url.clone() }
    }
}

/// Whether one more can be had, or it is none more.
fn has_room(tx: &dyn Tx, wish: &Wish, node: NodeKey) -> Result<(), Failure> {
    if tx.callback(&wish.key(node))?.is_some() {
        return Ok(());
    }
    let shares = [
        (Some(Share::All), HUB_CALLBACKS_MAX, "this hub has as many subscriptions as it can bear"),
        (
            Some(Share::Topic(wish.topic.clone())),
            HUB_CALLBACKS_PER_TOPIC_MAX,
            "this feed has as many subscriptions as it may have",
        ),
        (
            Some(Share::Host(wish.host.clone())),
            HUB_CALLBACKS_PER_HOST_MAX,
            "the host of this callback has as many subscriptions as it may have",
        ),
        (
            wish.caller.clone().map(Share::Caller),
            HUB_CALLBACKS_PER_CALLER_MAX,
            "you have as many subscriptions as you may have",
        ),
        (
            wish.caller.clone().map(|caller| Share::TopicAndCaller(wish.topic.clone(), caller)),
            HUB_CALLBACKS_PER_TOPIC_AND_CALLER_MAX,
            "you have as many subscriptions to this feed as you may have",
        ),
    ];
    for (share, most, words) in shares {
        if let Some(share) = share
            && tx.callbacks_counted(&share)? >= most
        {
            return Err(Why::ResourceConstraint.because(words).into());
        }
    }
    Ok(())
}
