//! Which callbacks are to be told something, what, and what came of it (WebSub 7).

use core::time::Duration;

use crate::limits::{HUB_DENIALS_MAX, HUB_PAGE, HUB_PAUSE, HUB_RETRY_AFTER_MAX, HUB_RETRY_AFTER_MIN};
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;
use crate::pubsub::{Context, Failure};

use super::callback::{Callback, CallbackKey, Version};

/// Some callbacks of a node that are to be told something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Whether the node has callbacks at all, as far as this page shows.
    pub has_some: bool,
    /// Those that are to be told now, with their hosts.
    pub now: Vec<(CallbackKey, String)>,
    /// How long until the first of the others may be told.
    pub next: Option<Duration>,
    /// Where to go on; nothing at the end.
    pub rest: Option<CallbackKey>,
    /// The nodes that the node depends on: where one of them changes, it may not be public any more.
    pub relatives: Vec<NodeKey>,
}

/// What a callback is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// It.
    pub callback: Callback,
    /// The NodeID of what the feed shows, and its state; nothing where nobody may read it any more.
    pub feed: Option<(String, Version)>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has taken the document of this state, or has it already: its entity tag.
    Delivered(Version, String),
    /// It has not.
    Failed,
    /// It is no more, or knows that there will be nothing more.
    Over,
    /// There will be nothing more, and it did not hear of that.
    Unheard,
}

/// Finds them.
pub(super) fn due(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    key: NodeKey,
    after: Option<&CallbackKey>,
) -> Result<Due, Failure> {
    let page = tx.callbacks(key, after, HUB_PAGE)?;
    if page.is_empty() {
        return Ok(Due::default());
    }
    let (version, relatives) = match super::public(ctx, tx, key)? {
        Some((node, relatives)) => (Some(Version::of(tx, &node)?), relatives),
        None => (None, Vec::new()),
    };
    let rest = page.last().filter(|_| page.len() == HUB_PAGE).map(|last| last.key.clone());
    let mut due = Due { has_some: true, rest, relatives, ..Due::default() };
    for callback in page.into_iter().filter(|callback| callback.is_to_hear(version)) {
        if callback.rests <= ctx.now {
            due.now.push((callback.key, callback.host));
        } else {
            let rest = callback.rest(ctx.now);
            due.next = Some(due.next.map_or(rest, |next| next.min(rest)));
        }
    }
    Ok(due)
}

/// What one is to be told, if it is and may be now.
pub(super) fn parcel(ctx: &Context<'_>, tx: &dyn Tx, key: &CallbackKey) -> Result<Option<Parcel>, Failure> {
    let Some(callback) = tx.callback(key)?.filter(|callback| callback.rests <= ctx.now) else {
        return Ok(None);
    };
    let node = super::public(ctx, tx, key.node)?.map(|(node, _)| node);
    let version = node.as_ref().map(|node| Version::of(tx, node)).transpose()?;
    let feed = node.map(|node| node.id.name).zip(version);
    Ok(callback.is_to_hear(version).then_some(Parcel { callback, feed }))
}

/// Notes what came of it, and tells how long until it is to be told again.
pub(super) fn settle(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    key: &CallbackKey,
    outcome: &Outcome,
    chance: u16,
) -> Result<Option<Duration>, Failure> {
    // It may have been ended meanwhile.
    let Some(mut callback) = tx.callback(key)? else { return Ok(None) };
    match outcome {
        Outcome::Delivered(version, document) => {
            (callback.told, callback.document, callback.failures) = (*version, Some(document.clone()), 0);
            callback.rests = ctx.now.plus_seconds(HUB_PAUSE.as_secs());
        }
        Outcome::Failed => callback.put_off(ctx.now, chance),
        Outcome::Unheard if callback.failures + 1 < HUB_DENIALS_MAX => callback.put_off(ctx.now, chance),
        Outcome::Over | Outcome::Unheard => {
            tx.remove_callback(key)?;
            return Ok(None);
        }
    }
    tx.put_callback(&callback)?;
    let version = super::version(ctx, tx, key.node)?;
    Ok(callback.is_to_hear(version).then(|| callback.rest(ctx.now)))
}

impl Callback {
    /// Whether it is to be told something where the node is in this state, or in none that anyone may see.
    fn is_to_hear(&self, version: Option<Version>) -> bool {
        version != Some(self.told)
    }

    /// How long it is left alone.
    fn rest(&self, now: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.rests.0.saturating_sub(now.0)).unwrap_or(0))
    }

    /// Leaves it alone for a time that doubles with each failure, shifted by up to a half so that not all come at once.
    fn put_off(&mut self, now: Timestamp, chance: u16) {
        let doubled = HUB_RETRY_AFTER_MIN.as_secs() << self.failures.min(16);
        let seconds = doubled.min(HUB_RETRY_AFTER_MAX.as_secs());
        let shift = seconds * u64::from(chance) / u64::from(u16::MAX) / 2;
        self.failures += 1;
        self.rests = now.plus_seconds(seconds - shift);
    }
}
