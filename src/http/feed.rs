//! A feed made ready to be written down: its entries as they are shown, whatever the format.

use std::collections::HashSet;
use std::time::Instant;

use bytes::Bytes;

use crate::atom::shown::{self, Place, Shown, ShownPerson};
use crate::atom::{NS, uri};
use crate::limits::{HTML_TIME_MAX, WEB_CONTENT_BYTES_MAX, WEB_TITLE_CHARS_MAX};
use crate::pubsub::item::Item;
use crate::pubsub::node::Node;
use crate::pubsub::reader::feed::FeedPart;
use crate::pubsub::{Jid, Timestamp};
use crate::xml::{Limits, Tree};

use super::place::Places;
use super::router::Web;

/// A feed, or one of its archives.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) places: Places,
    pub(super) about: About,
    /// Which archive; nothing for the feed itself.
    pub(super) archive: Option<u64>,
    pub(super) entries: Vec<FeedEntry>,
    pub(super) gone: Vec<Gone>,
    pub(super) older: Option<u64>,
    pub(super) newer: Option<u64>,
    /// When its content last changed, as it says itself.
    pub(super) updated: String,
    /// When something in it last changed, as the service knows.
    pub(super) modified: Timestamp,
    pub(super) hub: Option<String>,
}

/// What a feed is.
#[derive(Debug)]
pub(super) struct About {
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    pub(super) author: ShownPerson,
    pub(super) logo: Option<String>,
    pub(super) language: Option<String>,
}

/// An entry of a feed.
#[derive(Debug)]
pub(super) struct FeedEntry {
    pub(super) item: String,
    pub(super) uri: String,
    pub(super) page: String,
    pub(super) publisher: Option<String>,
    pub(super) shown: Shown,
}

/// An entry that is gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) id: String,
    pub(super) when: String,
}

impl Feed {
    pub(super) fn of(web: &Web, service: usize, part: FeedPart, archive: Option<u64>) -> Self {
        let FeedPart { public, about, items, tombstones, older, newer, .. } = part;
        let node = &public.node;
        let places = Places::of(web, service, node);
        let modified = items.iter().map(|item| item.updated);
        let modified = modified.chain(tombstones.iter().map(|gone| gone.when)).max().unwrap_or(node.created);
        let entries = entries(&places, node, &items);
        let shown: HashSet<&str> = entries.iter().map(|entry| entry.shown.id.as_str()).collect();
        let mut gone = Vec::new();
        for tombstone in &tombstones {
            let item = uri::item(&node.id.service, &node.id.name, &tombstone.id);
            let id = shown::id(tombstone.atom_id.as_deref(), &item);
            let is_known = shown.contains(id.as_str()) || gone.iter().any(|gone: &Gone| gone.id == id);
            if !is_known {
                gone.push(Gone { id, when: tombstone.when.to_rfc3339() });
            }
        }
        let dates = entries.iter().map(|entry| entry.shown.updated.as_str());
        let dates = dates.chain(gone.iter().map(|gone| gone.when.as_str()));
        let newest = dates.filter_map(|date| Some((Timestamp::parse(date)?, date))).max();
        let updated = newest.map_or_else(|| node.created.to_rfc3339(), |(_, date)| date.to_owned());
        let about = About::of(node, about.as_ref());
        let hub = web.hub_url().filter(|_| archive.is_none());
        Self { places, about, archive, entries, gone, older, newer, updated, modified, hub }
    }

    /// The URL of this document in a format.
    pub(super) fn own_url(&self, json: bool) -> String {
        match self.archive {
            None => self.places.feed(json),
            Some(number) => self.places.archive(number, json),
        }
    }
}

/// The entries as they are shown: of several with one id the one that was published last, and of very large ones, when
/// there are many, only what they are called.
fn entries(places: &Places, node: &Node, items: &[Item]) -> Vec<FeedEntry> {
    let (mut bytes, until) = (0, patience());
    let mut shown = Vec::with_capacity(items.len());
    for item in items {
        let weight = item.payload.as_ref().map_or(0, String::len);
        bytes += weight;
        let brief = bytes > WEB_CONTENT_BYTES_MAX;
        if brief {
            bytes -= weight;
        }
        if let Some(entry) = entry(places, node, item, brief, until) {
            shown.push((item.seq, entry));
        }
    }
    let newest = |id: &str| shown.iter().filter(|(_, other)| other.shown.id == id).map(|(seq, _)| *seq).max();
    let kept: HashSet<u64> = shown.iter().filter_map(|(_, entry)| newest(&entry.shown.id)).collect();
    shown.into_iter().filter(|(seq, _)| kept.contains(seq)).map(|(_, entry)| entry).collect()
}

/// When a document that is begun now is to be ready.
pub(super) fn patience() -> Instant {
    Instant::now() + HTML_TIME_MAX
}

/// An item as an entry, if it is one.
pub(super) fn entry(
    places: &Places,
    node: &Node,
    item: &Item,
    brief: bool,
    until: Instant,
) -> Option<FeedEntry> {
    let publisher = node.config.told_publisher(item).map(Jid::bare);
    let page = places.item(&item.id);
    let place = Place {
        service: &node.id.service,
        node: &node.id.name,
        item: &item.id,
        publisher,
        time: &item.updated.to_rfc3339(),
        page: &page,
        brief,
    };
    let shown = shown::shown(&item.given()?, &place, &|| Instant::now() < until)?;
    Some(FeedEntry {
        item: item.id.clone(),
        uri: uri::item(&node.id.service, &node.id.name, &item.id),
        publisher: publisher.map(str::to_owned),
        page,
        shown,
    })
}

impl About {
    /// What its configuration says, else what its owner has published about it.
    pub(super) fn of(node: &Node, published: Option<&Item>) -> Self {
        let published = published.and_then(|item| item.payload.clone());
        let published = published.and_then(|xml| Tree::parse(Bytes::from(xml), &Limits::default()).ok());
        let said = |name| {
            let element = published.as_ref()?.root().child(name, NS)?;
            let words: Vec<String> = element.deep_text().split_whitespace().map(str::to_owned).collect();
            Some(words.join(" ")).filter(|text| !text.is_empty())
        };
        let written = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let title = written(&node.config.title).or_else(|| said("title"));
        let title = title.unwrap_or_else(|| node.id.name.clone());
        Self {
            title: title.chars().take(WEB_TITLE_CHARS_MAX).collect(),
            subtitle: written(&node.config.description).or_else(|| said("subtitle")),
            author: ShownPerson::of_jid(node.creator.bare()),
            logo: said("logo").filter(|logo| logo.starts_with("https://") || logo.starts_with("http://")),
            language: shown::language(Some(&node.config.language)),
        }
    }
}
