//! Hubs, which tell at once what is new in a feed — WebSub, whose subscriber this is.
//!
//! A hub is asked to push to a callback that nobody else knows of, and has promised it once it was told there that this is
//! wanted. Fetching goes on as a backup, less often: hubs forget, and say nothing about it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::limits::{
    FEED_HUB_PATIENCE_SECONDS, FEED_LEASE_SECONDS, FEED_LEASE_SECONDS_MAX, FEED_PACE_SECONDS,
};
use crate::pubsub::fault::Fault;
use crate::pubsub::secret::Secret;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;

use super::{Feed, pace};

/// What a hub is asked for, or has promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The hub's URL.
    pub hub: String,
    /// What the feed is called there.
    pub topic: String,
    /// What the URL of the callback ends with.
    pub token: String,
    /// What the hub signs with.
    pub secret: Secret,
    /// When it is asked next.
    pub next: Timestamp,
    /// Until when it has promised to push.
    pub until: Option<Timestamp>,
    /// How often in a row it was asked and has promised nothing.
    pub failures: u32,
    /// Whether it does what it has promised.
    pub is_heard: bool,
}

/// A hub that a feed names, and what it would be asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The hub's URL.
    pub hub: String,
    /// What the feed is called there.
    pub topic: String,
    /// A token that nobody can guess.
    pub token: String,
    /// A secret that nobody can guess.
    pub secret: Secret,
}

/// What a hub wants to know at a callback, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Whether somebody has asked it to push, which it would do for so many seconds.
    Subscribe {
        /// What it would push.
        topic: String,
        /// The seconds.
        lease: Option<u64>,
    },
    /// It does not push.
    Denied {
        /// What.
        topic: String,
    },
}

/// Whose news come to a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The feed.
    pub feed: String,
    /// What they are signed with.
    pub secret: Secret,
}

/// What a hub has pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The URL of the feed that it is of.
    pub feed: String,
    /// What the hub says that it is.
    pub content_type: Option<String>,
    /// A document like the feed itself.
    pub body: Bytes,
}

impl Push {
    /// Whether it has promised to push, and does.
    pub(super) fn is_healthy(&self, now: Timestamp) -> bool {
        self.is_heard && self.until.is_some_and(|until| now < until)
    }
}

/// Takes note of the hub that a feed names, or of none. One that is known keeps its token and its secret.
pub(super) fn offered(feed: &mut Feed, offer: Option<&Offer>, now: Timestamp) {
    let is_known = |push: &Push, offer: &Offer| (&push.hub, &push.topic) == (&offer.hub, &offer.topic);
    let known = feed.push.take();
    feed.push = offer.map(|offer| match known {
        Some(known) if is_known(&known, offer) => known,
        Some(_) | None => {
            let Offer { hub, topic, token, secret } = offer.clone();
            Push { hub, topic, token, secret, next: now, until: None, failures: 0, is_heard: false }
        }
    });
}

/// What the hub of a feed is to be asked for now, if anything; it is taken for asked.
pub fn wanted(tx: &mut dyn Tx, url: &str, now: Timestamp) -> Result<Option<Push>, Fault> {
    let Some(mut feed) = tx.feed(url)? else { return Ok(None) };
    let Some(push) = feed.push.as_mut().filter(|push| push.next <= now) else { return Ok(None) };
    push.failures = push.failures.saturating_add(1);
    push.next = now.plus_seconds(pace::patience(push.failures, FEED_HUB_PATIENCE_SECONDS));
    let push = push.clone();
    tx.put_feed(&feed)?;
    Ok(Some(push))
}

/// Takes note of what a hub says at a callback; whether it is about what it was asked for.
pub fn intended(tx: &mut dyn Tx, token: &str, intent: &Intent, now: Timestamp) -> Result<bool, Fault> {
    let Some(mut feed) = tx.feed_pushed(token)? else { return Ok(false) };
    let (Intent::Subscribe { topic, .. } | Intent::Denied { topic }) = intent;
    let Some(push) = feed.push.as_mut().filter(|push| push.topic == *topic) else { return Ok(false) };
    match intent {
        Intent::Subscribe { lease, .. } => {
            let lease = lease.unwrap_or(FEED_LEASE_SECONDS).min(FEED_LEASE_SECONDS_MAX);
            push.until = Some(now.plus_seconds(lease));
            // Before it ends, with time to try again.
            push.next = now.plus_seconds(lease / 2);
            push.failures = 0;
        }
        Intent::Denied { .. } => {
            (push.until, push.is_heard) = (None, false);
            push.next = now.plus_seconds(pace::patience(u32::MAX, FEED_HUB_PATIENCE_SECONDS));
            // Nothing comes by itself any more.
            feed.next = feed.next.map(|next| next.min(now.plus_seconds(FEED_PACE_SECONDS)));
        }
    }
    tx.put_feed(&feed)?;
    Ok(true)
}

/// Whose news come to the callback of this token.
pub fn awaited(tx: &dyn Tx, token: &str) -> Result<Option<Awaited>, Fault> {
    let feed = tx.feed_pushed(token)?;
    Ok(feed.and_then(|feed| Some(Awaited { feed: feed.url, secret: feed.push?.secret })))
}

/// Something new was found by fetching: the hub has not told it.
pub(super) fn missed(tx: &mut dyn Tx, url: &str) -> Result<(), Fault> {
    let Some(mut feed) = tx.feed(url)? else { return Ok(()) };
    match feed.push.as_mut().filter(|push| push.is_heard) {
        Some(push) => {
            push.is_heard = false;
            tx.put_feed(&feed)
        }
        None => Ok(()),
    }
}
