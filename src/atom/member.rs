//! An entry as a member of a collection (RFC 5023): with where it is edited and when it was. That is between the service
//! and whoever edits it, so it is put in when an entry is got for that, and taken out when it comes back: a round changes
//! nothing, not even in what is signed.

use bytes::Bytes;

use crate::xml::write::{escape_attr, escape_text};
use crate::xml::{Element, Limits, Tree};

use super::NS;
use super::complete::{insert, prefix};
use super::entry::relation;

/// The namespace of AtomPub.
pub const APP_NS: &str = "http://www.w3.org/2007/app";
const XML_NS: &str = "http://www.w3.org/XML/1998/namespace";

/// An entry with where it is edited and when it was last; none where it is no entry.
pub fn member(xml: &str, edited: &str, href: &str) -> Option<String> {
    let tree = Tree::parse(Bytes::copy_from_slice(xml.as_bytes()), &Limits::default()).ok()?;
    let entry = Some(tree.root()).filter(|root| root.is("entry", NS))?;
    let xml = published(entry)?;
    let mut added = format!("<app:edited xmlns:app='{APP_NS}'>");
    escape_text(&mut added, edited);
    added.push_str("</app:edited><");
    added.push_str(prefix(&xml));
    added.push_str("link rel='edit' href='");
    escape_attr(&mut added, href);
    added.push_str("'/>");
    insert(&xml, &added).map(|inserted| inserted.xml)
}

/// An entry that somebody has sent, without what is only between him and the service.
pub fn published(entry: Element<'_>) -> Option<String> {
    let own = |child: &Element<'_>| {
        let is_edit = child.is("link", NS) && ["edit", "edit-media"].contains(&relation(*child));
        is_edit || child.is("edited", APP_NS)
    };
    let (raw, whole) = (entry.raw(), entry.self_contained());
    // What was added to it stands in its start tag.
    let added = whole.len() - raw.len();
    let place = |at: usize| Some(at.checked_sub(entry.place().start)? + added);
    let (mut out, mut copied) = (String::with_capacity(whole.len()), 0);
    for child in entry.children().filter(own) {
        out.push_str(whole.get(copied..place(child.place().start)?)?);
        copied = place(child.place().end)?;
    }
    out.push_str(whole.get(copied..)?);
    Some(out)
}

/// The same of an entry in a feed: with the feed's authors where it has none of its own, and with the language and the base
/// that hold for it there.
pub fn published_alone(feed: Element<'_>, entry: Element<'_>) -> Option<String> {
    let mut xml = published(entry)?;
    let credits = |part: Element<'_>| part.children().any(|child| child.is("author", NS));
    if !credits(entry) && !entry.child("source", NS).is_some_and(credits) {
        let authors = feed.children().filter(|child| child.is("author", NS));
        let authors: String = authors.map(Element::self_contained).collect();
        xml = insert(&xml, &authors)?.xml;
    }
    let name = xml.find(|c: char| c.is_whitespace() || c == '/' || c == '>')?;
    for inherited in ["lang", "base"] {
        let value = feed.attr_ns(inherited, XML_NS).filter(|_| entry.attr_ns(inherited, XML_NS).is_none());
        if let Some(value) = value {
            let mut attribute = format!(" xml:{inherited}='");
            escape_attr(&mut attribute, value);
            attribute.push('\'');
            xml.insert_str(name, &attribute);
        }
    }
    Some(xml)
}

/// Whether an entry is not to be published yet.
pub fn is_draft(entry: Element<'_>) -> bool {
    let draft = entry.child("control", APP_NS).and_then(|control| control.child("draft", APP_NS));
    draft.is_some_and(|draft| draft.text().trim() == "yes")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{is_draft, member, published, published_alone};
    use crate::xml::{Limits, Tree};

    const ATOM: &str = "xmlns='http://www.w3.org/2005/Atom'";
    const EDITED: &str =
        "<app:edited xmlns:app='http://www.w3.org/2007/app'>2026-11-20T10:00:00Z</app:edited>";

    fn tree(xml: &str) -> Tree {
        Tree::parse(Bytes::from(xml.to_owned()), &Limits::default()).unwrap()
    }

    #[test]
    fn a_round_changes_nothing() {
        for (xml, prefix) in [
            (format!("<entry {ATOM}> <title/>\n<content>a</content> </entry>"), ""),
            (format!("<a:entry xmlns:a='http://www.w3.org/2005/Atom' {ATOM}><a:title/></a:entry>"), "a:"),
            (format!("<entry {ATOM}></entry>"), ""),
        ] {
            let shown = member(&xml, "2026-11-20T10:00:00Z", "https://a/?b&c").unwrap();
            let added = format!("{EDITED}<{prefix}link rel='edit' href='https://a/?b&amp;c'/>");
            assert!(shown.contains(&added), "{shown}");
            assert_eq!(published(tree(&shown).root()).unwrap(), xml);
            // There is one of each, whatever was there.
            assert_eq!(member(&shown, "2026-11-20T10:00:00Z", "https://a/?b&c").unwrap(), shown);
        }
        assert_eq!(member("<feed xmlns='http://www.w3.org/2005/Atom'/>", "", ""), None);
        let kept = format!("<entry {ATOM}><link rel='editor' href='x'/><edited>a</edited></entry>");
        assert_eq!(published(tree(&kept).root()).unwrap(), kept);
        let marks = "<link rel='edit-media' href='x'/><link rel='http://www.iana.org/assignments/relation/edit' href='y'/>";
        let marked = format!("<entry {ATOM}>{marks}<title/></entry>");
        assert_eq!(published(tree(&marked).root()).unwrap(), format!("<entry {ATOM}><title/></entry>"));
    }

    #[test]
    fn an_entry_takes_along_what_its_feed_says_of_it() {
        let feed = |entry: &str| {
            let author = "<author><name>Ed</name></author>";
            let feed = tree(&format!(
                "<feed {ATOM} xmlns:x='urn:x' xml:lang='de' xml:base=\"https://a/'b/\">{author}<id>f</id>{entry}</feed>"
            ));
            let entry = feed.root().children().last().unwrap();
            published_alone(feed.root(), entry).unwrap()
        };
        let start = "<entry xml:base='https://a/&apos;b/' xml:lang='de' xmlns='http://www.w3.org/2005/Atom' xmlns:x='urn:x'>";
        let author = "<author xmlns='http://www.w3.org/2005/Atom' xmlns:x='urn:x'><name>Ed</name></author>";
        assert_eq!(
            feed(&format!("<entry>{EDITED}<title/></entry>")),
            format!("{start}<title/>{author}</entry>")
        );
        let own = "<author><name>Ines</name></author>";
        for credited in [own.to_owned(), format!("<source>{own}</source>")] {
            let alone = feed(&format!("<entry xml:lang='en'>{credited}</entry>"));
            assert!(alone.contains(" xml:lang='en'") && !alone.contains("Ed"), "{alone}");
            assert_eq!(alone.matches("xml:lang").count(), 1);
        }
    }

    #[test]
    fn a_draft_says_so() {
        let draft = |word: &str| {
            let control = format!(
                "<c:control xmlns:c='http://www.w3.org/2007/app'><c:draft>{word}</c:draft></c:control>"
            );
            is_draft(tree(&format!("<entry {ATOM}>{control}</entry>")).root())
        };
        assert!(draft("yes") && draft(" yes ") && !draft("no"));
        assert!(!is_draft(tree(&format!("<entry {ATOM}/>")).root()));
    }
}
