//! A feed and an entry as Atom (RFC 4287), with archives (RFC 5005) and tombstones (RFC 6721).

use crate::atom::shown::{Markup, Shown, ShownLink, ShownPerson};
use crate::atom::{HISTORY_NS, NS, TOMBSTONES_NS};
use crate::xml::write::Writer;

use super::feed::{Feed, FeedEntry};

pub(super) const KIND: &str = "application/atom+xml; charset=utf-8";
const DECLARATION: &str = "<?xml version='1.0' encoding='utf-8'?>\n";

/// The feed document.
pub(super) fn feed(feed: &Feed) -> String {
    let mut out = Writer::new();
    out.raw(DECLARATION).open("feed").attr("xmlns", NS);
    out.attr("xmlns:fh", HISTORY_NS).attr("xmlns:at", TOMBSTONES_NS);
    let about = &feed.about;
    out.attr_opt("xml:lang", about.language.as_deref());
    text(&mut out, "id", &feed.places.uri);
    text(&mut out, "title", &about.title);
    if let Some(subtitle) = &about.subtitle {
        text(&mut out, "subtitle", subtitle);
    }
    text(&mut out, "updated", &feed.updated);
    person(&mut out, "author", &about.author);
    if let Some(logo) = &about.logo {
        text(&mut out, "logo", logo);
    }
    out.open("generator").attr("version", env!("CARGO_PKG_VERSION")).text("atomsub").close();
    if feed.archive.is_some() {
        out.open("fh:archive").close();
    }
    for (rel, kind, href) in links(feed, false) {
        out.open("link").attr("rel", rel).attr_opt("type", kind).attr("href", &href).close();
    }
    for gone in &feed.gone {
        out.open("at:deleted-entry").attr("ref", &gone.id).attr("when", &gone.when).close();
    }
    for shown in &feed.entries {
        out.open("entry");
        entry_inside(&mut out, &shown.shown);
        out.close();
    }
    out.finish()
}

/// The entry document.
pub(super) fn entry(entry: &FeedEntry) -> String {
    let mut out = Writer::new();
    out.raw(DECLARATION).open("entry").attr("xmlns", NS);
    entry_inside(&mut out, &entry.shown);
    out.finish()
}

/// Where a feed leads, in either format: also what its `Link` header says. An archive has no hub, since nobody can
/// subscribe to it.
pub(super) fn links(feed: &Feed, json: bool) -> Vec<(&'static str, Option<&'static str>, String)> {
    const KINDS: [&str; 2] = ["application/atom+xml", "application/feed+json"];
    let kinds = if json { [KINDS[1], KINDS[0]] } else { KINDS };
    let [own, other] = kinds.map(Some);
    let places = &feed.places;
    let mut links = vec![
        ("self", own, feed.own_url(json)),
        ("alternate", Some("text/html"), places.page.clone()),
        // Readers take an untyped alternate for a page.
        ("alternate", Some(KINDS[0]), places.uri.clone()),
        ("alternate", other, feed.own_url(!json)),
    ];
    links.extend(feed.hub.clone().map(|hub| ("hub", None, hub)));
    links.extend(feed.archive.map(|_| ("current", own, places.feed(json))));
    links.extend(feed.older.map(|older| ("prev-archive", own, places.archive(older, json))));
    let newer = feed.newer.filter(|_| feed.archive.is_some());
    links.extend(newer.map(|newer| ("next-archive", own, places.archive(newer, json))));
    links
}

/// What is inside an entry; its element is open and has no namespace to declare.
pub(super) fn entry_inside(out: &mut Writer, shown: &Shown) {
    out.attr_opt("xml:lang", shown.language.as_deref());
    text(out, "id", &shown.id);
    text(out, "title", &shown.title);
    for author in &shown.authors {
        person(out, "author", author);
    }
    for contributor in &shown.contributors {
        person(out, "contributor", contributor);
    }
    if let Some(published) = &shown.published {
        text(out, "published", published);
    }
    text(out, "updated", &shown.updated);
    for shown in &shown.links {
        link(out, shown);
    }
    for category in &shown.categories {
        out.open("category").attr("term", &category.term);
        out.attr_opt("scheme", category.scheme.as_deref())
            .attr_opt("label", category.label.as_deref())
            .close();
    }
    if let Some(rights) = &shown.rights {
        text(out, "rights", rights);
    }
    if let Some(summary) = &shown.summary {
        markup(out, "summary", summary);
    }
    if let Some(content) = &shown.content {
        markup(out, "content", content);
    }
    for foreign in &shown.foreign {
        out.raw(foreign);
    }
}

fn text(out: &mut Writer, name: &'static str, text: &str) {
    out.open(name).text(text).close();
}

fn person(out: &mut Writer, name: &'static str, person: &ShownPerson) {
    out.open(name);
    text(out, "name", &person.name);
    if let Some(uri) = &person.uri {
        text(out, "uri", uri);
    }
    out.close();
}

fn link(out: &mut Writer, link: &ShownLink) {
    out.open("link").attr("rel", &link.rel).attr_opt("type", link.kind.as_deref());
    out.attr_opt("hreflang", link.hreflang.as_deref()).attr_opt("title", link.title.as_deref());
    out.attr_opt("length", link.length.as_deref()).attr("href", &link.href).close();
}

fn markup(out: &mut Writer, name: &'static str, markup: &Markup) {
    out.open(name);
    match markup {
        Markup::Text(text) => out.attr("type", "text").text(text),
        Markup::Elsewhere { src, kind } => out.attr_opt("type", kind.as_deref()).attr("src", src),
        Markup::Html(html) => out.attr("type", "html").text(html),
        Markup::Xhtml(html) => match markup.xhtml() {
            Some(xhtml) => out.attr("type", "xhtml").raw(&xhtml),
            None => out.attr("type", "html").text(html),
        },
    };
    out.close();
}
