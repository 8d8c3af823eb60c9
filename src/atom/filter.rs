//! Filters: which entries somebody wants to hear of — XEP-0060 [#impl-content], the "keyword subscriptions" of
//! draft-saintandre-atompub-notify.
//!
//! A filter asks four questions; those without values are not asked. The values of one question are alternatives,
//! different questions have to be answered with yes all of them:
//!
//! - *category*: has the entry a category of this term, or with `{scheme}term` of this term and scheme?
//! - *author*: is it by somebody of this name, URI or JID, or published by this JID, as far as the node tells who
//!   published? An entry without an author has those of its source (RFC 4287, 4.2.1).
//! - *language*: is it, or a text in it, in this language? `de` is also for `de-AT` (RFC 4647, 3.3.1), `*` for any. An
//!   entry that says nothing is in the language of its node.
//! - *words*: do all words of this line occur in its title, summary and content, or the beginning of very long ones?
//!
//! Case does not matter, but in schemes. What is no entry has no categories and no words.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::limits::FILTER_TEXT_BYTES_MAX;
use crate::xml::{Element, Limits, Tree};

use super::words::{Words, folded, has_word};
use super::{NS, XML_NS, text, uri};

/// The parts of an entry that hold text for readers.
const TEXTS: [&str; 3] = ["title", "summary", "content"];

/// What an entry has to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Terms, or `{scheme}term`.
    pub categories: Vec<String>,
    /// Names, URIs or JIDs.
    pub authors: Vec<String>,
    /// Language ranges.
    pub languages: Vec<String>,
    /// Lines of words.
    pub words: Vec<String>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_all(&self) -> bool {
        let Self { categories, authors, languages, words } = self;
        categories.is_empty() && authors.is_empty() && languages.is_empty() && words.is_empty()
    }

    /// Whether it lets an entry through.
    pub fn matches(&self, facets: &Facets) -> bool {
        any(&self.categories, |category| facets.has_category(category))
            && any(&self.authors, |author| facets.is_by(author))
            && any(&self.languages, |range| facets.is_in(range))
            && any(&self.words, |line| facets.words.have_all_of(line))
    }
}

fn any(values: &[String], is: impl Fn(&str) -> bool) -> bool {
    values.is_empty() || values.iter().any(|value| is(value))
}

/// Whether a category can be asked for by this: it has a term.
pub fn is_category(value: &str) -> bool {
    !category(value).1.is_empty()
}

/// Whether an author can be asked for by this.
pub fn is_author(value: &str) -> bool {
    !folded(value).is_empty()
}

/// Whether this is a basic language range (RFC 4647, 2.1).
pub fn is_language(value: &str) -> bool {
    let mut subtags = value.split('-').enumerate();
    value == "*"
        || subtags.all(|(at, subtag)| {
            let is_letter = |byte: u8| byte.is_ascii_alphabetic() || at > 0 && byte.is_ascii_digit();
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(is_letter)
        })
}

/// Whether there is a word to look for.
pub fn is_line(value: &str) -> bool {
    has_word(value)
}

/// What filters look at in an item, read once for all of them.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    /// Schemes, and folded terms.
    categories: Vec<(String, String)>,
    /// Names, URIs and bare JIDs, folded.
    authors: BTreeSet<String>,
    languages: Vec<String>,
    words: Words,
}

impl Facets {
    /// Those of an item with this payload, by this publisher, on a node in this language.
    pub fn of(payload: Option<&str>, publisher: Option<&str>, language: &str) -> Self {
        let mut facets = Self::default();
        let source = payload.map(|payload| Bytes::copy_from_slice(payload.as_bytes()));
        if let Some(tree) = source.and_then(|source| Tree::parse(source, &Limits::default()).ok())
            && tree.root().is("entry", NS)
        {
            facets.read(tree.root());
        }
        facets.authors.extend(publisher.map(folded));
        if facets.languages.is_empty() && !language.is_empty() {
            facets.languages.push(language.to_owned());
        }
        facets
    }

    fn read(&mut self, entry: Element<'_>) {
        let mut room = FILTER_TEXT_BYTES_MAX;
        self.read_language(entry);
        for child in entry.children().filter(|child| child.ns() == NS) {
            match child.name() {
                "category" => {
                    let scheme = child.attr("scheme").unwrap_or_default().trim().to_owned();
                    self.categories.push((scheme, folded(child.attr("term").unwrap_or_default())));
                }
                "author" => self.read_author(child),
                name if TEXTS.contains(&name) => {
                    self.read_language(child);
                    let text = text::plain(child);
                    let text = beginning(&text, room);
                    room -= text.len();
                    self.words.add(text);
                }
                _ => {}
            }
        }
        if self.authors.is_empty()
            && let Some(source) = entry.child("source", NS)
        {
            for author in source.children().filter(|child| child.is("author", NS)) {
                self.read_author(author);
            }
        }
    }

    fn read_author(&mut self, author: Element<'_>) {
        for child in author.children().filter(|child| child.is("name", NS) || child.is("uri", NS)) {
            let text = child.text();
            self.authors.extend(bare_jid(&text).map(|bare| folded(&bare)));
            self.authors.extend(Some(folded(&text)).filter(|text| !text.is_empty()));
        }
    }

    fn read_language(&mut self, element: Element<'_>) {
        let language = element.attr_ns("lang", XML_NS).map(str::trim).filter(|tag| !tag.is_empty());
        self.languages.extend(language.map(str::to_owned));
    }

    fn has_category(&self, wanted: &str) -> bool {
        let (scheme, term) = category(wanted);
        let term = folded(term);
        let is_scheme = |other: &str| scheme.is_none_or(|scheme| scheme == other);
        self.categories.iter().any(|(scheme, other)| *other == term && is_scheme(scheme))
    }

    fn is_by(&self, wanted: &str) -> bool {
        self.authors.contains(&folded(bare_jid(wanted).as_deref().unwrap_or(wanted)))
    }

    fn is_in(&self, range: &str) -> bool {
        let is_of = |tag: &String| {
            let start = tag.get(..range.len());
            let is_end = matches!(tag.as_bytes().get(range.len()), None | Some(b'-'));
            start.is_some_and(|start| start.eq_ignore_ascii_case(range)) && is_end
        };
        if range == "*" { !self.languages.is_empty() } else { self.languages.iter().any(is_of) }
    }
}

/// As much of a text as has room.
fn beginning(text: &str, room: usize) -> &str {
    let end = (0..=room.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// The scheme, if one is asked for, and the term.
fn category(wanted: &str) -> (Option<&str>, &str) {
    let with_scheme = wanted.trim().strip_prefix('{').and_then(|rest| rest.split_once('}'));
    with_scheme.map_or((None, wanted.trim()), |(scheme, term)| (Some(scheme.trim()), term.trim()))
}

/// The bare JID in the `xmpp:` URI of somebody.
fn bare_jid(uri: &str) -> Option<String> {
    let named = uri::parse(uri)?;
    named.jid.split('/').next().filter(|bare| !bare.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{FILTER_TEXT_BYTES_MAX, Facets, Filter};

    #[test]
    fn the_beginning_of_very_long_texts_is_read() {
        let long = "ä ".repeat(FILTER_TEXT_BYTES_MAX / 3);
        let entry = |content: &str| {
            format!("<entry xmlns='http://www.w3.org/2005/Atom'><content>{content}</content></entry>")
        };
        let filter = Filter { words: vec!["harbour".to_owned()], ..Filter::default() };
        for (content, expected) in [(format!("harbour {long}"), true), (format!("{long} harbour"), false)] {
            assert_eq!(filter.matches(&Facets::of(Some(&entry(&content)), None, "")), expected);
        }
    }
}
