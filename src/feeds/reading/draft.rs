//! An entry in parts, from whatever format it was read, and how it is written as an Atom entry.

use chrono::{DateTime, SecondsFormat, Utc};
use sha1::{Digest, Sha1};
use url::Url;

use crate::atom;
use crate::atom::entry::Person;
use crate::limits::FEED_PARTS_MAX;
use crate::xml::Writer;

use super::html;
use super::identity::without_tracking;

/// The parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// As the feed has it; empty where it has none.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) summary: Option<Text>,
    pub(super) content: Option<Content>,
    pub(super) rights: Option<Text>,
    pub(super) authors: Vec<Person>,
    pub(super) contributors: Vec<Person>,
    pub(super) categories: Vec<Category>,
    pub(super) links: Vec<Link>,
    pub(super) published: Option<DateTime<Utc>>,
    pub(super) updated: Option<DateTime<Utc>>,
    /// The feed that the feed has it from.
    pub(super) source: Option<Source>,
    pub(super) lang: Option<String>,
    /// What is beside Atom in it, as XML.
    pub(super) extensions: Vec<String>,
}

/// The feed that a feed has an entry from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Its atom:id.
    pub(super) id: String,
    /// What is said of it, as XML.
    pub(super) xml: String,
}

/// A text for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Plain(String),
    /// HTML as it came, and where relative links in it lead from.
    Html(String, Url),
    /// A `div` of which nothing acts.
    Xhtml(String),
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(Text),
    /// It is at this address, and of this type.
    Elsewhere(String, Option<String>),
    /// The whole element, of some media type.
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) term: String,
    pub(super) scheme: Option<String>,
    pub(super) label: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) rel: Option<String>,
    pub(super) href: String,
    pub(super) kind: Option<String>,
    pub(super) hreflang: Option<String>,
    pub(super) title: Option<String>,
    pub(super) length: Option<String>,
}

impl Text {
    /// As it is written.
    pub(super) fn source(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Html(text, _) | Self::Xhtml(text) => text,
        }
    }
}

impl Link {
    /// A link of some relation.
    pub(super) fn new(rel: &str, href: impl Into<String>) -> Self {
        Self { rel: Some(rel.to_owned()), href: href.into(), ..Self::default() }
    }

    pub(super) fn is(&self, rel: &str) -> bool {
        self.rel.as_deref().unwrap_or("alternate") == rel
    }
}

/// A feed without its entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    pub(super) updated: Option<DateTime<Utc>>,
    pub(super) authors: Vec<Person>,
    pub(super) links: Vec<Link>,
    pub(super) logo: Option<String>,
    pub(super) rights: Option<String>,
    pub(super) lang: Option<String>,
    /// Where it was fetched from.
    pub(super) url: String,
}

impl Draft {
    /// When it was published or modified.
    pub(super) fn date(&self) -> Option<DateTime<Utc>> {
        self.updated.or(self.published)
    }

    /// Where it can be read.
    pub(super) fn page(&self) -> Option<&str> {
        self.links.iter().find(|link| link.is("alternate")).map(|link| link.href.as_str())
    }

    /// The entry with its HTML as something that can be shown.
    pub(super) fn harmless(self, go_on: &dyn Fn() -> bool) -> Self {
        let text = |text| match text {
            Text::Html(source, base) => html::harmless(&source, &base, go_on),
            Text::Plain(_) | Text::Xhtml(_) => Some(text),
        };
        let content = |content| match content {
            Content::Text(inside) => text(inside).map(Content::Text),
            Content::Elsewhere(..) | Content::Other(_) => Some(content),
        };
        Self {
            summary: self.summary.and_then(text),
            content: self.content.and_then(content),
            rights: self.rights.and_then(text),
            ..self
        }
    }

    /// The entry as a valid one: what it lacks comes from the feed. Without dates, where it has none.
    pub(super) fn write(&self, id: &str, head: &Head, with_content: bool) -> String {
        let mut out = Writer::new();
        out.open("entry").attr("xmlns", atom::NS);
        out.attr_opt("xml:lang", self.lang.as_deref().or(head.lang.as_deref()));
        leaf(&mut out, "id", id);
        leaf(&mut out, "title", &self.title);
        if let Some(date) = self.date() {
            dated(&mut out, "published", self.published.unwrap_or(date));
            dated(&mut out, "updated", date);
        }
        people(&mut out, "author", &self.authors);
        // The source that it has need not say who wrote it.
        if self.authors.is_empty() && self.source.is_some() {
            head.write_authors(&mut out);
        }
        people(&mut out, "contributor", &self.contributors);
        self.links.iter().for_each(|link| link.write(&mut out));
        if self.source.is_none() {
            Link::new("via", head.url.as_str()).write(&mut out);
        }
        for Category { term, scheme, label } in self.categories.iter().take(FEED_PARTS_MAX) {
            out.open("category").attr("term", term);
            out.attr_opt("scheme", scheme.as_deref()).attr_opt("label", label.as_deref()).close();
        }
        text(&mut out, "rights", self.rights.as_ref());
        self.write_texts(&mut out, with_content);
        match &self.source {
            Some(source) => {
                out.raw(&source.xml);
            }
            None => head.write_source(&mut out, self.date()),
        }
        for extension in self.extensions.iter().take(FEED_PARTS_MAX) {
            out.raw(extension);
        }
        out.finish()
    }

    fn write_texts(&self, out: &mut Writer, with_content: bool) {
        let content = self.content.as_ref().filter(|_| with_content);
        let needs_summary = matches!(content, Some(Content::Elsewhere(..) | Content::Other(_)));
        if self.summary.is_none() && needs_summary {
            leaf(out, "summary", &self.title);
        }
        text(out, "summary", self.summary.as_ref());
        match content {
            Some(Content::Text(content)) => text(out, "content", Some(content)),
            Some(Content::Elsewhere(src, kind)) => {
                out.open("content").attr("src", src).attr_opt("type", kind.as_deref()).close();
            }
            Some(Content::Other(xml)) => {
                out.raw(xml);
            }
            None if self.page().is_some() => {}
            // An entry without a page of its own has a content.
            None if self.summary.is_none() => leaf(out, "content", &self.title),
            None => text(out, "content", self.summary.as_ref()),
        }
    }

    /// What it says, in a number. Dates do not count, nor white space, nor what only says who clicked where: feeds
    /// change those without changing anything.
    pub(super) fn print(&self) -> u64 {
        let undated = Self { published: None, updated: None, source: None, ..self.clone() };
        let xml = undated.write("", &Head::default(), true);
        let mut sum = Sha1::new();
        for word in without_tracking(&xml).split_whitespace() {
            sum.update(word);
            sum.update(" ");
        }
        sum.finalize().iter().take(8).fold(0, |print, byte| print << 8 | u64::from(*byte))
    }
}

impl Head {
    /// Its hub, and what the feed is called there, where it has both.
    pub(super) fn hub(&self) -> Option<(String, String)> {
        let href = |rel| self.links.iter().find(|link| link.is(rel)).map(|link| link.href.clone());
        href("hub").zip(href("self"))
    }

    /// Who wrote the feed, or else the feed itself: nothing is by nobody.
    fn write_authors(&self, out: &mut Writer) {
        if self.authors.is_empty() {
            let name = if self.title.is_empty() { self.url.clone() } else { self.title.clone() };
            people(out, "author", &[Person { name, ..Person::default() }]);
        }
        people(out, "author", &self.authors);
    }

    /// The feed as the source of an entry, with somebody who wrote it.
    fn write_source(&self, out: &mut Writer, date: Option<DateTime<Utc>>) {
        out.open("source");
        leaf(out, "id", &self.id);
        leaf(out, "title", &self.title);
        if let Some(updated) = self.updated.or(date) {
            dated(out, "updated", updated);
        }
        self.write_authors(out);
        Link::new("self", self.url.as_str()).write(out);
        self.links.iter().filter(|link| link.is("alternate")).for_each(|link| link.write(out));
        for (name, text) in [("subtitle", &self.subtitle), ("logo", &self.logo), ("rights", &self.rights)] {
            if let Some(text) = text {
                leaf(out, name, text);
            }
        }
        out.close();
    }
}

impl Link {
    fn write(&self, out: &mut Writer) {
        out.open("link").attr_opt("rel", self.rel.as_deref()).attr_opt("type", self.kind.as_deref());
        out.attr_opt("hreflang", self.hreflang.as_deref()).attr_opt("title", self.title.as_deref());
        out.attr_opt("length", self.length.as_deref()).attr("href", &self.href).close();
    }
}

fn people(out: &mut Writer, name: &'static str, people: &[Person]) {
    for Person { name: called, uri, email } in people.iter().take(FEED_PARTS_MAX) {
        out.open(name);
        let called = if called.is_empty() { uri.as_ref().or(email.as_ref()) } else { Some(called) };
        leaf(out, "name", called.map_or("", String::as_str));
        for (name, text) in [("uri", uri), ("email", email)] {
            if let Some(text) = text {
                leaf(out, name, text);
            }
        }
        out.close();
    }
}

fn text(out: &mut Writer, name: &'static str, text: Option<&Text>) {
    match text {
        None => {}
        Some(Text::Plain(text)) => leaf(out, name, text),
        // What was not looked at is no markup.
        Some(Text::Html(source, _)) => leaf(out, name, &html::words(source)),
        Some(Text::Xhtml(div)) => {
            out.open(name).attr("type", "xhtml").raw(div).close();
        }
    }
}

fn dated(out: &mut Writer, name: &'static str, date: DateTime<Utc>) {
    leaf(out, name, &date.to_rfc3339_opts(SecondsFormat::Secs, true));
}

fn leaf(out: &mut Writer, name: &'static str, text: &str) {
    out.open(name).text(text).close();
}
