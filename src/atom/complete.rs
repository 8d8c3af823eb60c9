//! Adds to an entry what it lacks, in one piece before its end tag, and changes nothing else.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::xml::write::{escape_attr, escape_text};

use super::entry::Entry;
use super::uri;
use super::validation::{Flaw, Mode, Verdict, verdict};

/// What the service knows of an entry besides what is in it.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The JID of the service.
    pub service: &'a str,
    /// The NodeID.
    pub node: &'a str,
    /// The ItemID.
    pub item: &'a str,
    /// The bare JID of who publishes.
    pub publisher: &'a str,
    /// When.
    pub time: DateTime<Utc>,
}

impl Publication<'_> {
    /// The URI of the item: the atom:id of an entry that has none of its own.
    pub fn uri(&self) -> String {
        uri::item(self.service, self.node, self.item)
    }
}

/// An entry to which something was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The entry.
    pub xml: String,
    /// Where in it the addition begins.
    pub at: usize,
    /// How long the addition is.
    pub len: usize,
}

/// Adds what a mode adds; none where nothing is to be added. A signed or encrypted entry stays as it is.
///
/// Without the addition it is what was published again, but for an entry that was an empty element: that has got an end
/// tag, which is another spelling of the same.
pub fn complete(mode: Mode, xml: &str, entry: &Entry, known: Publication<'_>) -> Option<Completed> {
    if entry.is_sealed {
        return None;
    }
    let lacks = |flaw| entry.flaws.contains(&flaw) && verdict(mode, flaw) == Verdict::Add;
    let prefix = prefix(xml);
    let mut added = String::new();
    if lacks(Flaw::NoId) {
        text(&mut added, prefix, "id", &known.uri());
    }
    if lacks(Flaw::NoTitle) {
        text(&mut added, prefix, "title", &entry.opening);
    }
    if lacks(Flaw::NoUpdated) {
        text(&mut added, prefix, "updated", &known.time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    if lacks(Flaw::NoAuthor) {
        author(&mut added, prefix, known.publisher);
    }
    if lacks(Flaw::NoLink) {
        link(&mut added, prefix, &known.uri());
    }
    if added.is_empty() { None } else { insert(xml, &added) }
}

/// Puts something into an element, behind all that is in it.
pub fn insert(xml: &str, addition: &str) -> Option<Completed> {
    let opened = xml.strip_suffix("/>").map(|start| format!("{start}></{}>", name(xml)));
    let xml = opened.as_deref().unwrap_or(xml);
    let at = xml.rfind("</")?;
    let (before, after) = xml.split_at_checked(at)?;
    Some(Completed { xml: [before, addition, after].concat(), at, len: addition.len() })
}

/// The prefix of an element with its colon, if it has one: with it, what is added is in the same namespace.
pub(super) fn prefix(xml: &str) -> &str {
    let name = name(xml);
    name.find(':').and_then(|colon| name.get(..=colon)).unwrap_or_default()
}

/// The name of an element with its prefix.
fn name(xml: &str) -> &str {
    let start = xml.strip_prefix('<').unwrap_or(xml);
    start.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next().unwrap_or_default()
}

/// Writes the publisher as an author: called like the account, or like the service that publishes.
pub(super) fn author(out: &mut String, prefix: &str, publisher: &str) {
    let name = publisher.split_once('@').map_or(publisher, |(local, _)| local);
    tag(out, "<", prefix, "author>");
    text(out, prefix, "name", name);
    text(out, prefix, "uri", &uri::entity(publisher));
    tag(out, "</", prefix, "author>");
}

fn link(out: &mut String, prefix: &str, href: &str) {
    tag(out, "<", prefix, "link rel='alternate' href='");
    escape_attr(out, href);
    out.push_str("'/>");
}

fn text(out: &mut String, prefix: &str, name: &str, text: &str) {
    tag(out, "<", prefix, name);
    if text.is_empty() {
        return out.push_str("/>");
    }
    out.push('>');
    escape_text(out, text);
    tag(out, "</", prefix, name);
    out.push('>');
}

fn tag(out: &mut String, opening: &str, prefix: &str, rest: &str) {
    for part in [opening, prefix, rest] {
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;

    use super::{Completed, Publication, complete};
    use crate::atom::Entry;
    use crate::atom::validation::Mode;
    use crate::xml::{Limits, Tree};

    const ATOM: &str = "xmlns='http://www.w3.org/2005/Atom'";
    const ID: &str = "<id>xmpp:pubsub.example.com?;node=news%2F1;item=b1</id>";
    const UPDATED: &str = "<updated>2026-11-20T09:10:00Z</updated>";
    const AUTHOR: &str = "<author><name>bob</name><uri>xmpp:bob@example.net</uri></author>";
    const LINK: &str = "<link rel='alternate' href='xmpp:pubsub.example.com?;node=news%2F1;item=b1'/>";

    fn completed(xml: &str) -> Option<Completed> {
        let tree = Tree::parse(Bytes::from(xml.to_owned()), &Limits::default()).unwrap();
        let entry = Entry::read(tree.root()).unwrap();
        let known = Publication {
            service: "pubsub.example.com",
            node: "news/1",
            item: "b1",
            publisher: "bob@example.net",
            time: DateTime::from_timestamp(1_795_165_800, 0).unwrap(),
        };
        complete(Mode::Complete, xml, &entry, known)
    }

    #[test]
    fn what_is_missing_comes_last_and_in_one_piece() {
        let cases = [
            ("<title>Hi</title>".to_owned(), format!("{ID}{UPDATED}{AUTHOR}{LINK}")),
            (
                format!("<id>1</id>{UPDATED}{AUTHOR}<content>a &lt;\nb</content>"),
                "<title>a &lt;</title>".to_owned(),
            ),
            (format!("<id>1</id><title/>{UPDATED}{AUTHOR}<link href='x'/>"), String::new()),
            (format!("<id>1</id><title/>{UPDATED}<source>{AUTHOR}</source>"), LINK.to_owned()),
        ];
        for (inner, expected) in cases {
            let xml = format!("<entry {ATOM}>{inner}</entry>");
            let Some(Completed { xml: whole, at, len }) = completed(&xml) else {
                assert_eq!(expected, "", "{xml}");
                continue;
            };
            assert_eq!(whole, format!("<entry {ATOM}>{inner}{expected}</entry>"));
            assert_eq!(&whole[at..at + len], expected);
        }
    }

    #[test]
    fn the_root_is_closed_and_named_as_it_was() {
        let empty = format!("<entry {ATOM} />");
        let whole = format!("<entry {ATOM} >{ID}<title/>{UPDATED}{AUTHOR}{LINK}</entry>");
        assert_eq!(completed(&empty).map(|completed| completed.xml), Some(whole));

        let prefixed = "<a:entry xmlns:a='http://www.w3.org/2005/Atom' xmlns='urn:x'><a:id>1</a:id>\
            <a:title/><a:content/><a:updated>2026-11-20T09:10:00Z</a:updated></a:entry\n>";
        let author =
            "<a:author><a:name>bob</a:name><a:uri>xmpp:bob@example.net</a:uri></a:author></a:entry\n>";
        let completed = completed(prefixed).map(|completed| completed.xml).unwrap();
        assert_eq!(completed, prefixed.replace("</a:entry\n>", author));
    }

    #[test]
    fn signed_and_encrypted_entries_stay_as_they_are() {
        for seal in [
            "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>",
            "<e:EncryptedData xmlns:e='http://www.w3.org/2001/04/xmlenc#'/>",
        ] {
            assert_eq!(completed(&format!("<entry {ATOM}>{seal}</entry>")), None, "{seal}");
        }
    }
}
