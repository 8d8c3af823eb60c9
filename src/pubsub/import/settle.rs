//! What becomes of a feed once it was fetched, or was not: when to come back, from where, and who has to know.

use std::collections::BTreeMap;

use crate::limits::{
    FEED_FAILING_SECONDS, FEED_IMPORTS_AT_ONCE, FEED_PUSHED_SECONDS, FEED_REST_SECONDS_MAX,
    FEED_TITLE_CHARS_MAX, FEED_TROUBLE_CHARS_MAX,
};
use crate::pubsub::fault::Fault;
use crate::pubsub::notice::Event;
use crate::pubsub::tell;
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;

use super::plan::{is_held_back, items};
use super::{Document, Feed, Moved, Offer, pace, push};

/// What came of fetching a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The feed.
    pub url: String,
    /// Where it was asked for.
    pub place: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Where the place said that it has moved for good.
    pub moved: Option<String>,
    /// What the server calls this version, and when it was modified.
    pub version: Version,
    /// The hub that it names.
    pub hub: Option<Offer>,
    /// How many seconds the server asks to be left alone.
    pub rest: u64,
    /// How many seconds it is left alone at least.
    pub least: u64,
    /// Any number, so that not all feeds are fetched at once.
    pub chance: u16,
}

/// What a server says about a version, to be told again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// `ETag`
    pub etag: Option<String>,
    /// `Last-Modified`
    pub last_modified: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was read.
    Read {
        /// The pace that it asks for by itself.
        document: Box<Document>,
        /// Whether the server was not told what is known.
        is_whole: bool,
    },
    /// It has not changed.
    Unchanged,
    /// It is gone for good.
    Gone,
    /// It could not be fetched or read; why.
    Failed(String),
}

/// Writes it down, once the nodes have what was new. Where nobody wants the feed any more, there is nothing to write.
pub fn settle(tx: &mut dyn Tx, fetched: &Fetched, now: Timestamp) -> Result<(), Fault> {
    let Some(mut feed) = tx.feed(&fetched.url)? else { return Ok(()) };
    let is_elsewhere = fetched.place != feed.url;
    match &fetched.outcome {
        Outcome::Read { document, .. } if document.is_partial => {
            if let Some(push) = &mut feed.push {
                push.is_heard = true;
            }
            feed.fetched = Some(now);
        }
        Outcome::Read { document, is_whole } => {
            push::offered(&mut feed, fetched.hub.as_ref(), now);
            (feed.pace, feed.skips) = (pace::pace(document).max(document.rest), document.skips);
            feed.title = document.title.chars().take(FEED_TITLE_CHARS_MAX).collect();
            feed.whole = if *is_whole { Some(now) } else { feed.whole };
            Version { etag: feed.etag, last_modified: feed.last_modified } = fetched.version.clone();
            if is_something_held_back(tx, &feed, document, now)? {
                // It is not enough to hear that nothing has changed.
                (feed.etag, feed.last_modified) = (None, None);
            }
            succeeded(&mut feed, fetched, now);
        }
        Outcome::Unchanged => {
            let Version { etag, last_modified } = fetched.version.clone();
            feed.etag = etag.or(feed.etag);
            feed.last_modified = last_modified.or(feed.last_modified);
            succeeded(&mut feed, fetched, now);
        }
        // The place where it has moved may be wrong. The feed itself is asked next.
        Outcome::Gone | Outcome::Failed(_) if is_elsewhere => {
            feed.moved = None;
            failed(&mut feed, fetched, now, "it is not where it said to have moved");
        }
        Outcome::Gone => {
            feed.next = None;
            feed.failing_since.get_or_insert(now);
            "the server says that it is gone for good".clone_into(&mut feed.trouble);
            tell(tx, &feed, None)?;
        }
        Outcome::Failed(why) => {
            failed(&mut feed, fetched, now, why);
            let since = feed.failing_since.unwrap_or(now);
            if !feed.is_told && since.plus_seconds(FEED_FAILING_SECONDS) <= now {
                feed.is_told = true;
                tell(tx, &feed, Some(since))?;
            }
        }
    }
    tx.put_feed(&feed)
}

fn succeeded(feed: &mut Feed, fetched: &Fetched, now: Timestamp) {
    let moved = fetched.moved.as_ref().filter(|to| **to != feed.url);
    if fetched.place == feed.url {
        let since = |to: &String| {
            feed.moved.as_ref().filter(|known| known.to == *to).map_or(now, |known| known.since)
        };
        feed.moved = moved.map(|to| Moved { to: to.clone(), since: since(to) });
    } else if let Some(to) = moved {
        // It has moved on; the first place is asked whether it says so too.
        feed.moved = Some(Moved { to: to.clone(), since: now });
    }
    feed.fetched = Some(now);
    (feed.failures, feed.failing_since, feed.is_told) = (0, None, false);
    feed.trouble.clear();
    let is_pushed = feed.push.as_ref().is_some_and(|push| push.is_healthy(now));
    let backup = if is_pushed { FEED_PUSHED_SECONDS } else { 0 };
    let seconds = feed.pace.max(fetched.rest).max(backup);
    let next = pace::next(now, seconds, fetched.least, fetched.chance);
    // The hub is asked again when the feed was fetched.
    let renewal = feed.push.as_ref().filter(|push| push.until.is_some()).map(|push| push.next);
    let earliest = now.plus_seconds(fetched.least.max(fetched.rest.min(FEED_REST_SECONDS_MAX)));
    let next = renewal.map_or(next, |renewal| next.min(renewal.max(earliest)));
    feed.next = Some(feed.skips.after(next));
}

fn failed(feed: &mut Feed, fetched: &Fetched, now: Timestamp, why: &str) {
    feed.failures = feed.failures.saturating_add(1);
    feed.failing_since.get_or_insert(now);
    feed.trouble = why.chars().take(FEED_TROUBLE_CHARS_MAX).collect();
    // What is known of another place need not be true of this one.
    if feed.moved.is_none() && fetched.place != feed.url {
        (feed.etag, feed.last_modified) = (None, None);
    }
    let seconds = pace::patience(feed.failures, fetched.least).max(fetched.rest);
    feed.next = Some(feed.skips.after(pace::next(now, seconds, fetched.least, fetched.chance)));
}

/// Whether an edit waits in one of the nodes.
fn is_something_held_back(
    tx: &dyn Tx,
    feed: &Feed,
    document: &Document,
    now: Timestamp,
) -> Result<bool, Fault> {
    for import in tx.imports_of(&feed.url, None, FEED_IMPORTS_AT_ONCE)? {
        let Some(node) = tx.node_by_key(import.node)? else { continue };
        let known = tx.known(import.node, &feed.url)?;
        let waits: BTreeMap<&str, u64> = known
            .iter()
            .filter(|known| is_held_back(known, now))
            .map(|known| (known.item.as_str(), known.print))
            .collect();
        if waits.is_empty() {
            continue;
        }
        let items = items(&node, document);
        let mut entries = items.iter().zip(&document.entries);
        if entries.any(|(item, entry)| waits.get(item.as_str()).is_some_and(|print| *print != entry.print)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells the owners of all nodes that the feed goes to.
fn tell(tx: &mut dyn Tx, feed: &Feed, since: Option<Timestamp>) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let imports = tx.imports_of(&feed.url, after, FEED_IMPORTS_AT_ONCE)?;
        for import in &imports {
            if let Some(node) = tx.node_by_key(import.node)? {
                let (url, why) = (feed.url.clone(), feed.trouble.clone());
                tell::all_owners(tx, &node, Event::FeedTrouble { url, why, since })?;
            }
        }
        after = imports.last().map(|last| last.node);
        if imports.len() < FEED_IMPORTS_AT_ONCE {
            return Ok(());
        }
    }
}
