//! An entry as it is shown on the web: valid by RFC 4287 whatever was published, and harmless.
//!
//! On XMPP entries stay as they were published. On the web they are read by programs that never heard of the service, so
//! what is missing is added, what is there too often is there once, dates are dates and ids are IRIs; what could run is
//! left out, and people are named by what is known of them.

mod foreign;
pub(crate) mod html;
mod links;
mod markup;
mod people;

use bytes::Bytes;
use chrono::DateTime;

pub use links::ShownLink;
pub use markup::Markup;
pub use people::ShownPerson;

use crate::limits::{WEB_LINKS_MAX, WEB_TITLE_CHARS_MAX};
use crate::xml::{Element, Limits, Tree};

use super::construct::{is_date, is_iri};
use super::entry::Entry;
use super::summary::line;
use super::{NS, XML_NS, uri};

/// Where an entry is published.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The service.
    pub service: &'a str,
    /// The NodeID.
    pub node: &'a str,
    /// The ItemID.
    pub item: &'a str,
    /// Who published it, where the node tells.
    pub publisher: Option<&'a str>,
    /// When, as a date of RFC 3339.
    pub time: &'a str,
    /// Its page on the web.
    pub page: &'a str,
    /// Whether only what it is called is wanted.
    pub brief: bool,
}

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The atom:id.
    pub id: String,
    /// The title, on one line.
    pub title: String,
    /// When it was last changed.
    pub updated: String,
    /// When it was first published, if it says so.
    pub published: Option<String>,
    /// Who wrote it.
    pub authors: Vec<ShownPerson>,
    /// Who else had a part in it.
    pub contributors: Vec<ShownPerson>,
    /// Where it leads: its page on the web among them.
    pub links: Vec<ShownLink>,
    /// What it is about.
    pub categories: Vec<Category>,
    /// A summary.
    pub summary: Option<Markup>,
    /// The content.
    pub content: Option<Markup>,
    /// What one may do with it.
    pub rights: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// Elements of other namespaces, as XML.
    pub foreign: Vec<String>,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The word.
    pub term: String,
    /// Which words there are.
    pub scheme: Option<String>,
    /// How to show it.
    pub label: Option<String>,
}

impl Shown {
    /// Where a reader goes to read it: to its author's own page, else to ours.
    pub fn page(&self) -> &str {
        let alternate = self.links.iter().find(|link| link.rel == "alternate");
        alternate.map_or("", |link| link.href.as_str())
    }
}

/// The entry of a payload as it is shown; nothing where the payload is no entry. HTML is read as long as the caller has
/// patience for it, and beyond it is plain words.
pub fn shown(payload: &str, place: &Place<'_>, go_on: &dyn Fn() -> bool) -> Option<Shown> {
    let tree = Tree::parse(Bytes::copy_from_slice(payload.as_bytes()), &Limits::default()).ok()?;
    let element = tree.root();
    let entry = Entry::read(element)?;
    let item = uri::item(place.service, place.node, place.item);
    let (authors, contributors) = people::people(&entry, place.publisher);
    let own = |kind: &str, href: &str| ShownLink {
        rel: "alternate".to_owned(),
        href: href.to_owned(),
        kind: Some(kind.to_owned()),
        ..ShownLink::default()
    };
    let links = links::links(element, [own("text/html", place.page), own(links::ATOM, &item)]);
    let (content, mut summary) = if place.brief {
        (None, None)
    } else {
        (markup::content(element, go_on), markup::construct(element, "summary", go_on))
    };
    let title = line(element, "title", WEB_TITLE_CHARS_MAX);
    let title = title.unwrap_or_else(|| entry.opening.clone());
    if matches!(content, Some(Markup::Elsewhere { .. })) && summary.is_none() {
        summary = Some(Markup::Text(title.clone()));
    }
    Some(Shown {
        id: id(entry.id.as_deref(), &item),
        updated: date(element, "updated").unwrap_or_else(|| place.time.to_owned()),
        published: date(element, "published"),
        authors,
        contributors,
        links,
        categories: categories(element),
        summary: summary.filter(|summary| !matches!(summary, Markup::Elsewhere { .. })),
        content,
        rights: line(element, "rights", WEB_TITLE_CHARS_MAX),
        language: language(element.attr_ns("lang", XML_NS)),
        foreign: foreign::foreign(element),
        title,
    })
}

/// What an entry with this atom:id is called on the web, where it is this item.
pub fn id(atom_id: Option<&str>, item: &str) -> String {
    match atom_id {
        Some(id) if is_iri(id) => id.to_owned(),
        Some(id) if is_uuid(id) => format!("urn:uuid:{}", id.to_ascii_lowercase()),
        Some(_) | None => item.to_owned(),
    }
}

/// A language tag, if it is one.
pub fn language(tag: Option<&str>) -> Option<String> {
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    tag.map(str::trim).filter(|tag| tag.split('-').all(is_part)).map(str::to_owned)
}

fn is_uuid(id: &str) -> bool {
    let parts: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_hexdigit()))
}

/// The first date of this name, in the form of RFC 3339.
fn date(entry: Element<'_>, name: &str) -> Option<String> {
    let text = entry.child(name, NS)?.text();
    let text = text.trim();
    if is_date(text) {
        return Some(text.to_owned());
    }
    let read = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    read.ok().map(|date| date.to_rfc3339())
}

fn categories(entry: Element<'_>) -> Vec<Category> {
    let written = entry.children().filter(|child| child.is("category", NS)).take(WEB_LINKS_MAX);
    let attr = |element: Element<'_>, name| {
        element.attr(name).map(str::trim).filter(|value: &&str| !value.is_empty()).map(str::to_owned)
    };
    written
        .filter_map(|element| {
            let scheme = attr(element, "scheme").filter(|scheme| is_iri(scheme));
            Some(Category { term: attr(element, "term")?, scheme, label: attr(element, "label") })
        })
        .collect()
}
