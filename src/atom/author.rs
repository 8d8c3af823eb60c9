//! Who wrote an entry, against who publishes it: only the publisher is known for sure.
//!
//! A claim is an author's `xmpp:` URI; names and other URIs claim nothing that could be verified.

use bytes::Bytes;
use jid::BareJid;

use crate::xml::{Limits, Tree};

use super::complete::{author, insert, prefix};
use super::construct::person;
use super::entry::{Entry, Person};
use super::{NS, uri};

/// What a node does about an entry that names somebody else as its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// It is taken as it is; the attribute `publisher` tells the truth.
    Annotate,
    /// It is refused.
    Reject,
    /// The publisher becomes its author.
    Replace,
}

impl Policy {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Annotate, Self::Reject, Self::Replace];

    /// The policy in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Annotate => "annotate",
            Self::Reject => "reject",
            Self::Replace => "replace",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|policy| policy.as_str() == word)
    }
}

/// What an entry says about its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorship {
    /// The publisher, or nobody else.
    Verified,
    /// Somebody who is not called by a JID.
    Unclaimed,
    /// Somebody else, from whom it is taken.
    Repost,
    /// Somebody else.
    Mismatch,
}

/// Whether an author of an entry claims to be somebody else than this bare JID, be it beside it.
pub fn names_others(entry: &Entry, publisher: &str) -> bool {
    entry.credited().iter().any(|author| claim(author, publisher) == Some(Claim::SomebodyElse))
}

/// What an entry says about its author when this bare JID publishes it.
pub fn authorship(entry: &Entry, publisher: &str) -> Authorship {
    let authors = entry.credited();
    let claims: Vec<Claim> = authors.iter().filter_map(|author| claim(author, publisher)).collect();
    if authors.is_empty() || claims.contains(&Claim::Publisher) {
        Authorship::Verified
    } else if claims.is_empty() {
        Authorship::Unclaimed
    } else if entry.source.is_some() || entry.links("via").next().is_some() {
        Authorship::Repost
    } else {
        Authorship::Mismatch
    }
}

/// The entry with the publisher in place of the authors who claim to be somebody else, once; none where it cannot be rewritten.
pub fn replaced(xml: &str, publisher: &str) -> Option<String> {
    let tree = Tree::parse(Bytes::copy_from_slice(xml.as_bytes()), &Limits::default()).ok()?;
    let authors = tree.root().children().filter(|child| child.is("author", NS));
    let claims: Vec<_> = authors.map(|author| (author, claim(&person(author).0, publisher))).collect();
    let mut own = String::new();
    if claims.iter().all(|(_, claim)| *claim != Some(Claim::Publisher)) {
        author(&mut own, prefix(xml), publisher);
    }

    let (mut out, mut copied) = (String::with_capacity(xml.len()), 0);
    let others = claims.into_iter().filter(|(_, claim)| *claim == Some(Claim::SomebodyElse));
    for place in others.map(|(author, _)| author.place()) {
        out.push_str(xml.get(copied..place.start)?);
        // Once, where the first of them was.
        out.push_str(&std::mem::take(&mut own));
        copied = place.end;
    }
    out.push_str(xml.get(copied..)?);
    // The claim was in the source, whose authors are the entry's only if it has none.
    if own.is_empty() { Some(out) } else { insert(&out, &own).map(|completed| completed.xml) }
}

/// Whom an author claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Publisher,
    SomebodyElse,
}

pub(super) fn claim(author: &Person, publisher: &str) -> Option<Claim> {
    let uri = author.uri.as_deref()?;
    if !uri::is_xmpp(uri) {
        return None;
    }
    let named = uri::parse(uri).and_then(|named| bare(&named.jid));
    Some(if named.as_deref() == Some(publisher) { Claim::Publisher } else { Claim::SomebodyElse })
}

/// The bare JID, normalised as that of the publisher is.
fn bare(jid: &str) -> Option<String> {
    let bare = jid.split_once('/').map_or(jid, |(bare, _)| bare);
    BareJid::new(bare).ok().map(|bare| bare.to_string())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Authorship, authorship, replaced};
    use crate::atom::Entry;
    use crate::xml::{Limits, Tree};

    const ED: &str = "<author><name>Ed</name><uri>xmpp:ed@example.com</uri></author>";
    const MALLORY: &str = "<author><name>mallory</name><uri>xmpp:mallory@evil.example</uri></author>";

    fn entry(inner: &str) -> String {
        format!("<entry xmlns='http://www.w3.org/2005/Atom'>{inner}</entry>")
    }

    #[test]
    fn authors_are_compared_as_jids() {
        let uri = |uri: &str| format!("<author><uri>{uri}</uri></author>");
        let cases = [
            (String::new(), Authorship::Verified),
            (uri("xmpp:mallory@evil.example"), Authorship::Verified),
            (uri("XMPP:Mallory@EVIL.example/phone"), Authorship::Verified),
            (uri("xmpp:m%61llory@evil.example"), Authorship::Verified),
            (format!("{ED}{MALLORY}"), Authorship::Verified),
            ("<author><name>Ed</name></author>".to_owned(), Authorship::Unclaimed),
            (uri("https://ed.example"), Authorship::Unclaimed),
            ("<source><author><name>Ines</name></author></source>".to_owned(), Authorship::Unclaimed),
            (ED.to_owned(), Authorship::Mismatch),
            (uri("xmpp:"), Authorship::Mismatch),
            (uri("xmpp:mallory@evil.example.org"), Authorship::Mismatch),
            (format!("{ED}<link rel='via' href='xmpp:x'/>"), Authorship::Repost),
            (format!("{ED}<source/>"), Authorship::Repost),
            (format!("<source>{ED}</source>"), Authorship::Repost),
            (format!("{MALLORY}<source>{ED}</source>"), Authorship::Verified),
        ];
        for (inner, expected) in cases {
            let tree = Tree::parse(Bytes::from(entry(&inner)), &Limits::default()).unwrap();
            let read = Entry::read(tree.root()).unwrap();
            assert_eq!(authorship(&read, "mallory@evil.example"), expected, "{inner}");
        }
    }

    #[test]
    fn the_publisher_takes_the_place_of_others() {
        let decoy = format!("<![CDATA[{ED}]]>");
        let cases = [
            (format!("<id>1</id>{ED} <title/>"), format!("<id>1</id>{MALLORY} <title/>")),
            (format!("{ED}<title/>{ED}"), format!("{MALLORY}<title/>")),
            (
                format!("<author><name>Ines</name></author>{ED}"),
                format!("<author><name>Ines</name></author>{MALLORY}"),
            ),
            (format!("{decoy}{ED}"), format!("{decoy}{MALLORY}")),
            (format!("<source>{ED}</source>"), format!("<source>{ED}</source>{MALLORY}")),
            (format!("{ED}<title/>{MALLORY}"), format!("<title/>{MALLORY}")),
        ];
        for (inner, expected) in cases {
            assert_eq!(replaced(&entry(&inner), "mallory@evil.example"), Some(entry(&expected)), "{inner}");
        }
    }
}
