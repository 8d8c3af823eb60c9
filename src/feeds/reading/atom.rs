//! Atom, read part by part, so that what is beside Atom in an entry stays as it was (RFC 4287, 6).

use bytes::Bytes;
use url::Url;

use crate::atom::construct::person;
use crate::atom::entry::Person;
use crate::atom::shown::html::of_xhtml;
use crate::atom::text::{on_one_line, plain};
use crate::atom::{HISTORY_NS, NS, TOMBSTONES_NS, XHTML_NS, XML_NS};
use crate::limits::{
    FEED_ELEMENTS_MAX, FEED_EXTENSIONS_BYTES_MAX, FEED_HTML_BYTES_MAX, FEED_PARTS_MAX,
    FEED_REPAIRED_BYTES_MAX, FEED_TAG_BYTES_MAX,
};
use crate::xml::{Element, Limits, Tree};

use super::dates::date;
use super::draft::{Category, Content, Draft, Head, Link, Source, Text};
use super::{Feed, Unreadable};

const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Reads a feed, or an entry that stands alone.
pub(super) fn read(xml: &str, url: &Url) -> Result<Feed, Unreadable> {
    let limits = Limits {
        bytes: FEED_REPAIRED_BYTES_MAX,
        elements: FEED_ELEMENTS_MAX,
        attribute_bytes: FEED_TAG_BYTES_MAX,
        ..Limits::default()
    };
    let tree = Tree::parse(Bytes::copy_from_slice(xml.as_bytes()), &limits);
    let tree = tree.map_err(|error| Unreadable::Malformed(error.to_string()))?;
    let root = tree.root();
    let base = based(url, root);
    if root.is("entry", NS) {
        let entry = entry(root, &base);
        let head = Head { title: entry.title.clone(), ..Head::default() };
        return Ok(Feed { head, entries: vec![entry], ..Feed::default() });
    }
    if !root.is("feed", NS) {
        return Err(Unreadable::NotAFeed);
    }
    let mut feed = Feed { is_complete: root.child("complete", HISTORY_NS).is_some(), ..Feed::default() };
    feed.head = head(root, &base);
    for child in root.children() {
        if child.is("entry", NS) {
            feed.entries.push(entry(child, &based(&base, child)));
        } else if child.is("deleted-entry", TOMBSTONES_NS)
            && let (Some(id), Some(when)) = (child.attr("ref"), child.attr("when").and_then(date))
        {
            feed.deleted.push((id.trim().to_owned(), when));
        }
    }
    Ok(feed)
}

fn head(feed: Element<'_>, base: &Url) -> Head {
    let words_of = |name: &str| feed.child(name, NS).map(words).filter(|text| !text.is_empty());
    Head {
        id: id(feed),
        title: words_of("title").unwrap_or_default(),
        subtitle: words_of("subtitle"),
        updated: feed.child("updated", NS).and_then(|updated| date(&updated.text())),
        authors: people(feed, "author"),
        links: links(feed, base),
        logo: feed.child("logo", NS).and_then(|logo| Some(base.join(logo.text().trim()).ok()?.into())),
        rights: words_of("rights"),
        lang: lang(feed),
        url: String::new(),
    }
}

fn entry(entry: Element<'_>, base: &Url) -> Draft {
    let child = |name: &str| entry.child(name, NS);
    let dated = |name: &str| child(name).and_then(|element| date(&element.text()));
    // What is written here is not what was signed; and markup has its place in texts, where it is looked at.
    let left_out = [NS, SIGNATURES, XHTML_NS];
    let beside = entry.children().filter(|child| !left_out.contains(&child.ns())).take(FEED_PARTS_MAX);
    Draft {
        id: id(entry),
        title: child("title").map(words).unwrap_or_default(),
        summary: child("summary").and_then(|summary| text(summary, base)),
        content: child("content").and_then(|element| content(element, base)),
        rights: child("rights").and_then(|rights| text(rights, base)),
        authors: people(entry, "author"),
        contributors: people(entry, "contributor"),
        categories: categories(entry),
        links: links(entry, base),
        published: dated("published"),
        updated: dated("updated"),
        source: child("source").map(|source| Source { id: id(source), xml: source.self_contained() }),
        lang: lang(entry),
        extensions: extensions(beside),
    }
}

/// What is beside Atom, as far as there is room: each part declares again what was declared around it.
fn extensions<'a>(beside: impl Iterator<Item = Element<'a>>) -> Vec<String> {
    let mut room = FEED_EXTENSIONS_BYTES_MAX;
    let kept = beside.map(Element::self_contained).take_while(|extension| {
        room = room.saturating_sub(extension.len());
        room > 0
    });
    kept.collect()
}

fn id(parent: Element<'_>) -> String {
    parent.child("id", NS).map(|id| id.text().trim().to_owned()).unwrap_or_default()
}

fn words(construct: Element<'_>) -> String {
    on_one_line(&plain(construct))
}

fn lang(element: Element<'_>) -> Option<String> {
    element.attr_ns("lang", XML_NS).map(str::trim).filter(|lang| !lang.is_empty()).map(str::to_owned)
}

/// The base of what is inside an element.
fn based(base: &Url, element: Element<'_>) -> Url {
    let own = element.attr_ns("base", XML_NS).and_then(|own| base.join(own.trim()).ok());
    own.unwrap_or_else(|| base.clone())
}

fn text(construct: Element<'_>, base: &Url) -> Option<Text> {
    let html = match construct.attr("type").unwrap_or("text") {
        "html" | "text/html" => construct.text().into_owned(),
        "xhtml" | "application/xhtml+xml" => of_xhtml(construct.child("div", XHTML_NS).unwrap_or(construct)),
        _ => String::new(),
    };
    if !html.trim().is_empty() {
        return Some(Text::Html(html, based(base, construct)));
    }
    // What is said to be markup and is none has words.
    let text = construct.deep_text();
    (!text.trim().is_empty()).then(|| Text::Plain(text.trim().to_owned()))
}

fn content(content: Element<'_>, base: &Url) -> Option<Content> {
    let kind = content.attr("type");
    if let Some(src) = content.attr("src") {
        let src = based(base, content).join(src.trim()).ok()?;
        return Some(Content::Elsewhere(src.into(), kind.map(str::to_owned)));
    }
    match kind {
        None | Some("text" | "html" | "xhtml" | "text/plain" | "text/html" | "application/xhtml+xml") => {
            text(content, base).map(Content::Text)
        }
        Some(_) if content.raw().len() <= FEED_HTML_BYTES_MAX => {
            Some(Content::Other(content.self_contained()))
        }
        Some(_) => None,
    }
}

fn people(parent: Element<'_>, name: &str) -> Vec<Person> {
    let people = parent.children().filter(|child| child.is(name, NS)).take(FEED_PARTS_MAX);
    let people = people.map(|child| person(child).0).map(|person| Person {
        uri: person.uri.filter(|uri| !uri.is_empty() && !uri.contains(char::is_whitespace)),
        email: person.email.filter(|email| email.contains('@')),
        ..person
    });
    people.filter(|person| *person != Person::default()).collect()
}

fn categories(entry: Element<'_>) -> Vec<Category> {
    let categories = entry.children().filter(|child| child.is("category", NS)).take(FEED_PARTS_MAX);
    let read = categories.filter_map(|child| {
        Some(Category {
            term: child.attr("term").map(str::trim).filter(|term| !term.is_empty())?.to_owned(),
            scheme: child.attr("scheme").filter(|scheme| Url::parse(scheme).is_ok()).map(str::to_owned),
            label: child.attr("label").map(str::to_owned),
        })
    });
    read.collect()
}

/// Links with absolute addresses; of those to the same in the same type and language, the first.
fn links(parent: Element<'_>, base: &Url) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for child in parent.children().filter(|child| child.is("link", NS)).take(FEED_PARTS_MAX) {
        let attr = |name: &str| child.attr(name).map(str::trim).filter(|value| !value.is_empty());
        let href = attr("href").and_then(|href| based(base, child).join(href).ok());
        let Some(href) = href else { continue };
        let own = |name: &str| attr(name).map(str::to_owned);
        let link = Link {
            rel: own("rel"),
            href: href.into(),
            kind: own("type"),
            hreflang: own("hreflang"),
            title: own("title"),
            length: own("length").filter(|length| length.parse::<u64>().is_ok()),
        };
        let is_same = |known: &Link| {
            known.is("alternate") && (&known.kind, &known.hreflang) == (&link.kind, &link.hreflang)
        };
        if !(link.is("alternate") && links.iter().any(is_same)) {
            links.push(link);
        }
    }
    links
}
