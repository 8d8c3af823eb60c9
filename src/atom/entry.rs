//! What the service has to know of an entry, read in one pass over the tree that the stanza's reader has made.

use crate::xml::Element;

use super::construct::{Kind, is_content_right, is_date, is_iri, is_markup_right, person};
use super::opening::first_line;
use super::validation::Flaw;
use super::{NS, THREADING_NS};

/// The namespaces of a signature and of what is encrypted (RFC 4287, 5).
pub(super) const SEALS: [(&str, &str); 2] = [
    ("http://www.w3.org/2000/09/xmldsig#", "Signature"),
    ("http://www.w3.org/2001/04/xmlenc#", "EncryptedData"),
];
/// The prefix that relations of links may have.
const RELATIONS: &str = "http://www.iana.org/assignments/relation/";

/// The facts about an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The atom:id, without white space around it.
    pub id: Option<String>,
    /// Its own authors.
    pub authors: Vec<Person>,
    /// Its links that lead somewhere.
    pub links: Vec<Link>,
    /// Whether it has content.
    pub has_content: bool,
    /// Where it comes from.
    pub source: Option<Source>,
    /// Whether it replies to another one (RFC 4685).
    pub is_reply: bool,
    /// Whether it is signed, or partly encrypted: then not a byte of it may change.
    pub is_sealed: bool,
    /// The first line of the content or the summary of an entry that has no title.
    pub opening: String,
    /// What is wrong with it, by the numbers of the rules.
    pub flaws: Vec<Flaw>,
}

/// Somebody who wrote something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// Where to find them.
    pub uri: Option<String>,
    /// How to write to them.
    pub email: Option<String>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is to the entry; `alternate` where nothing is said.
    pub rel: String,
    /// Where it leads.
    pub href: String,
    /// The media type of what is there.
    pub kind: Option<String>,
    /// The language of what is there.
    pub hreflang: Option<String>,
}

/// The feed that an entry was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The authors of that feed, who are the entry's where it has none.
    pub authors: Vec<Person>,
}

impl Entry {
    /// Reads an entry; none where the element is something else.
    pub fn read(element: Element<'_>) -> Option<Self> {
        if !element.is("entry", NS) {
            return None;
        }
        let mut reader = Reader::default();
        // A signature of the whole entry may be anywhere in it.
        reader.entry.is_sealed =
            element.descendants().any(|inside| SEALS.contains(&(inside.ns(), inside.name())));
        for child in element.children() {
            if child.ns() == NS {
                reader.construct(child);
            } else {
                reader.extension(child);
            }
        }
        Some(reader.finish())
    }

    /// Its own authors, or else those of its source (4.2.1).
    pub(super) fn credited(&self) -> &[Person] {
        let sources = self.source.as_ref().map_or(&[][..], |source| &source.authors);
        if self.authors.is_empty() { sources } else { &self.authors }
    }

    /// Its links of one relation.
    pub fn links<'a>(&'a self, rel: &'a str) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |link| link.rel == rel)
    }
}

/// An entry so far, and how often what it has once was found.
#[derive(Default)]
struct Reader<'a> {
    entry: Entry,
    ids: u32,
    titles: u32,
    updated: u32,
    published: u32,
    rights: u32,
    sources: u32,
    content: Option<Element<'a>>,
    contents: u32,
    summary: Option<Element<'a>>,
    summaries: u32,
    /// Whether the content is elsewhere, or nothing to read.
    needs_summary: bool,
}

impl<'a> Reader<'a> {
    fn construct(&mut self, child: Element<'a>) {
        match child.name() {
            "id" => self.id(&child.text()),
            "title" => {
                self.titles += 1;
                self.markup(child);
            }
            "updated" => {
                self.updated += 1;
                self.date(child);
            }
            "published" => {
                self.published += 1;
                self.date(child);
            }
            "author" => {
                let (person, is_right) = person(child);
                self.entry.authors.push(person);
                self.unless(is_right, Flaw::Person);
            }
            "contributor" => self.unless(person(child).1, Flaw::Person),
            "link" => self.link(child),
            "category" => self.category(child),
            "content" => self.content(child),
            "summary" => {
                self.summaries += 1;
                self.summary.get_or_insert(child);
                self.markup(child);
            }
            "rights" => {
                self.rights += 1;
                self.markup(child);
            }
            "source" => {
                self.sources += 1;
                let authors = child.children().filter(|part| part.is("author", NS));
                self.entry.source =
                    Some(Source { authors: authors.map(|author| person(author).0).collect() });
            }
            _ => {}
        }
    }

    /// What is in an entry beside Atom.
    fn extension(&mut self, child: Element<'_>) {
        if child.is("in-reply-to", THREADING_NS) {
            self.entry.is_reply = true;
        }
    }

    fn id(&mut self, text: &str) {
        self.ids += 1;
        self.unless(is_iri(text), Flaw::IdNoIri);
        let id = text.trim();
        if !id.is_empty() {
            self.entry.id.get_or_insert_with(|| id.to_owned());
        }
    }

    fn markup(&mut self, child: Element<'_>) {
        let kind = Kind::of(child);
        self.unless(kind.is_markup() && is_markup_right(child, kind), Flaw::Markup);
    }

    fn date(&mut self, child: Element<'_>) {
        self.unless(is_date(&child.text()), Flaw::Date);
    }

    fn link(&mut self, child: Element<'_>) {
        let Some(href) = child.attr("href") else { return self.unless(false, Flaw::Link) };
        self.entry.links.push(Link {
            rel: relation(child).to_owned(),
            href: href.to_owned(),
            kind: child.attr("type").map(str::to_owned),
            hreflang: child.attr("hreflang").map(str::to_owned),
        });
    }

    fn category(&mut self, child: Element<'_>) {
        let is_right = child.attr("term").is_some() && child.attr("scheme").is_none_or(is_iri);
        self.unless(is_right, Flaw::Category);
    }

    fn content(&mut self, child: Element<'a>) {
        let kind = Kind::of(child);
        self.contents += 1;
        // Of several contents plain text says best what the entry is about.
        if self.content.is_none() || kind == Kind::Text {
            self.content = Some(child);
        }
        self.needs_summary |= child.attr("src").is_some() || kind == Kind::Binary;
        self.unless(is_content_right(child, kind), Flaw::ContentType);
        self.unless(is_markup_right(child, kind), Flaw::Markup);
    }

    fn finish(mut self) -> Entry {
        self.unless(self.ids > 0, Flaw::NoId);
        self.unless(self.ids < 2, Flaw::SeveralIds);
        self.unless(self.titles > 0, Flaw::NoTitle);
        self.unless(self.titles < 2, Flaw::SeveralTitles);
        self.unless(self.updated > 0, Flaw::NoUpdated);
        self.unless(self.updated < 2, Flaw::SeveralUpdated);
        self.unless(!self.entry.credited().is_empty(), Flaw::NoAuthor);
        self.unless(self.contents < 2, Flaw::SeveralContents);
        self.unless(self.contents > 0 || self.entry.links("alternate").next().is_some(), Flaw::NoLink);
        self.unless(!has_same_alternates(&self.entry), Flaw::SameLinks);
        self.unless(self.summaries > 0 || !self.needs_summary, Flaw::NoSummary);
        let most = self.published.max(self.rights).max(self.sources).max(self.summaries);
        self.unless(most < 2, Flaw::Several);

        let mut entry = self.entry;
        entry.has_content = self.contents > 0;
        if self.titles == 0 {
            let texts = [self.content, self.summary];
            entry.opening = texts.into_iter().flatten().find_map(first_line).unwrap_or_default();
        }
        entry.flaws.sort_unstable();
        entry.flaws.dedup();
        entry
    }

    fn unless(&mut self, is_right: bool, flaw: Flaw) {
        if !is_right {
            self.entry.flaws.push(flaw);
        }
    }
}

/// What a link is to its entry.
pub(super) fn relation(link: Element<'_>) -> &str {
    let rel = link.attr("rel").unwrap_or("alternate");
    rel.strip_prefix(RELATIONS).unwrap_or(rel)
}

/// Whether two alternate links have the same type and language, or none.
fn has_same_alternates(entry: &Entry) -> bool {
    let mut kinds: Vec<_> =
        entry.links("alternate").map(|link| (link.kind.as_deref(), link.hreflang.as_deref())).collect();
    kinds.sort_unstable();
    kinds.windows(2).any(|pair| pair.first() == pair.last())
}
