//! From what was fetched to entries: charsets, repairs, formats, ids, and HTML of which nothing acts. Pure.

mod atom;
mod charset;
mod dates;
mod draft;
mod html;
mod identity;
mod others;
mod repair;
mod rest;

use std::mem;

use chrono::{DateTime, Utc};
use url::Url;

use crate::limits::{FEED_DELETED_MAX, FEED_ENTRIES_MAX, FEED_ENTRY_BYTES_MAX, FEED_REST_SECONDS_MAX};
use crate::pubsub::Timestamp;
use crate::pubsub::import::{Arrival, Deleted, Document, Skips};

pub use dates::date;
use draft::{Draft, Head};

/// How much later than now something may be dated: clocks differ, and so do people's zones.
const FUTURE_SECONDS: u64 = 24 * 60 * 60;

/// What is known of a document besides its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The feed's URL, which its entries' ids are made of where they have none.
    pub feed: &'a Url,
    /// Where it was fetched from, which relative references are resolved against.
    pub url: &'a Url,
    /// What the server says it is.
    pub content_type: Option<&'a str>,
    /// The time: nothing is dated much later.
    pub now: Timestamp,
}

/// Why a document is no feed that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is something else.
    #[error("this is no feed: neither Atom, nor RSS, nor JSON Feed")]
    NotAFeed,
    /// It has a document type that defines something.
    #[error("the feed has a document type that defines entities, which is not read")]
    Doctype,
    /// Something is longer, deeper or more than it may be.
    #[error("the feed has too many elements, or too long or too deep ones")]
    TooMuch,
    /// Its HTML is made to be read slowly.
    #[error("what the feed has as HTML takes too long to be read")]
    TooSlow,
    /// It ends in the middle.
    #[error("the feed ends too early")]
    EndsTooEarly,
    /// It is neither XML nor JSON as it should be.
    #[error("the feed is not well-formed: {0}")]
    Malformed(String),
}

/// Reads a feed, as long as there is patience for it. Half a feed is none: what was left out would seem to be edited.
pub fn read(bytes: &[u8], origin: Origin<'_>, go_on: &dyn Fn() -> bool) -> Result<Document, Unreadable> {
    let document = parse(bytes, origin)?.document(origin, go_on);
    if go_on() { Ok(document) } else { Err(Unreadable::TooSlow) }
}

fn parse(bytes: &[u8], origin: Origin<'_>) -> Result<Feed, Unreadable> {
    let text = charset::decode(bytes, origin.content_type);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') {
        return others::json(text, origin.url);
    }
    let xml = repair::repair(text)?;
    let feed = match root(&xml) {
        // What is not as strict as we are with namespaces and nesting can still be read.
        "feed" | "entry" => atom::read(&xml, origin.url).or_else(|_| others::xml(&xml, origin.url)),
        "rss" | "RDF" => others::xml(&xml, origin.url),
        _ => Err(Unreadable::NotAFeed),
    }?;
    let (rest, skips) = rest::rest(&xml);
    Ok(Feed { rest: feed.rest.max(rest), skips, ..feed })
}

/// The local name of the root.
fn root(xml: &str) -> &str {
    let tag = xml.trim_start().strip_prefix('<').unwrap_or_default();
    let name = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default();
    name.rsplit(':').next().unwrap_or(name)
}

/// A feed in parts, in the order in which it was written.
#[derive(Debug, Default)]
struct Feed {
    head: Head,
    entries: Vec<Draft>,
    deleted: Vec<(String, DateTime<Utc>)>,
    is_complete: bool,
    rest: u64,
    skips: Skips,
}

impl Feed {
    fn document(mut self, origin: Origin<'_>, go_on: &dyn Fn() -> bool) -> Document {
        origin.feed.as_str().clone_into(&mut self.head.url);
        if !crate::atom::construct::is_iri(&self.head.id) {
            self.head.id.clone_from(&self.head.url);
        }
        let latest = DateTime::from_timestamp_millis(origin.now.plus_seconds(FUTURE_SECONDS).0);
        let in_time = |date: &DateTime<Utc>| latest.is_none_or(|latest| *date <= latest);
        for draft in &mut self.entries {
            draft.published = draft.published.filter(in_time);
            draft.updated = draft.updated.filter(in_time);
        }
        self.head.updated = self.head.updated.filter(in_time);
        let read = self.entries.len();
        let entries = self.newest(origin.feed, go_on);
        let deleted = self.deleted.iter().take(FEED_DELETED_MAX);
        let deleted = deleted.map(|(id, when)| Deleted { id: id.clone(), when: timestamp(*when) });
        Document {
            title: self.head.title.clone(),
            deleted: deleted.collect(),
            is_partial: false,
            hub: self.head.hub(),
            is_complete: self.is_complete && read <= FEED_ENTRIES_MAX,
            rest: self.rest.min(FEED_REST_SECONDS_MAX),
            skips: self.skips,
            entries,
        }
    }

    /// The newest entries, oldest first, each id once.
    fn newest(&mut self, feed: &Url, go_on: &dyn Fn() -> bool) -> Vec<Arrival> {
        let drafts = mem::take(&mut self.entries).into_iter();
        let mut drafts: Vec<(String, Draft)> =
            drafts.map(|draft| (identity::id(&draft, feed), draft)).collect();
        // Feeds have the newest entry first. Where all have dates, those say it better.
        drafts.reverse();
        if drafts.iter().all(|(_, draft)| draft.date().is_some()) {
            drafts.sort_by_key(|(_, draft)| draft.date());
        }
        let mut newest: Vec<Arrival> = Vec::new();
        for (id, draft) in drafts.into_iter().rev() {
            if newest.len() >= FEED_ENTRIES_MAX {
                break;
            }
            if !newest.iter().any(|known| known.id == id) {
                newest.push(self.arrival(id, &draft.harmless(go_on)));
            }
        }
        newest.reverse();
        newest
    }

    fn arrival(&self, id: String, draft: &Draft) -> Arrival {
        let (xml, brief) = (draft.write(&id, &self.head, true), draft.write(&id, &self.head, false));
        let (xml, brief) = match draft.content {
            None => (xml, None),
            // No node takes it.
            Some(_) if xml.len() > FEED_ENTRY_BYTES_MAX => (brief, None),
            Some(_) => (xml, Some(brief)),
        };
        let source = draft.source.as_ref().map_or(&self.head.id, |source| &source.id).clone();
        Arrival { xml, brief, source, date: draft.date().map(timestamp), print: draft.print(), id }
    }
}

fn timestamp(date: DateTime<Utc>) -> Timestamp {
    Timestamp(date.timestamp_millis())
}
