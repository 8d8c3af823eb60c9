//! `xmpp:` URIs of people, nodes and items — RFC 5122, XEP-0060 [#impl-uri].
//!
//! They are written in one way, which every client in use can read, and read in all the ways that clients write them:
//! encoded or not, in any order, with the query type `pubsub` or none. Of other IRIs no more is asked than their scheme.

use std::fmt::Write as _;

/// What an `xmpp:` URI names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The JID, as it was written.
    pub jid: String,
    /// The NodeID.
    pub node: Option<String>,
    /// The ItemID.
    pub item: Option<String>,
}

/// The URI of an entity. Clients compare it with the JID as a string, so only what no URI can hold is encoded.
pub fn entity(bare: &str) -> String {
    let mut uri = String::with_capacity(5 + bare.len());
    uri.push_str("xmpp:");
    for letter in bare.chars() {
        let stays =
            !letter.is_ascii() || letter.is_ascii_alphanumeric() || "-._~!$&'()*+,;=@:[]".contains(letter);
        if stays { uri.push(letter) } else { encode_char(&mut uri, letter) }
    }
    uri
}

/// The URI of a node.
pub fn node(service: &str, node: &str) -> String {
    let mut uri = entity(service);
    uri.push_str("?;node=");
    encode(&mut uri, node);
    uri
}

/// The URI of an item.
pub fn item(service: &str, node: &str, item: &str) -> String {
    let mut uri = self::node(service, node);
    uri.push_str(";item=");
    encode(&mut uri, item);
    uri
}

/// The scheme of an absolute IRI, whatever it is.
pub fn scheme(iri: &str) -> Option<&str> {
    let (scheme, _) = iri.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some(scheme)
}

/// Whether it is an `xmpp:` URI, well written or not.
pub(super) fn is_xmpp(iri: &str) -> bool {
    scheme(iri).is_some_and(|scheme| scheme.eq_ignore_ascii_case("xmpp"))
}

/// Reads an `xmpp:` URI; what it says beyond a JID, a node and an item is ignored.
pub fn parse(uri: &str) -> Option<Named> {
    let uri = uri.trim();
    let (_, rest) = uri.split_once(':').filter(|_| is_xmpp(uri))?;
    // The account that is to be used, which nobody asks us for.
    let rest = match rest.strip_prefix("//") {
        Some(with_account) => with_account.split_once('/')?.1,
        None => rest,
    };
    let (jid, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut named = Named { jid: decoded(jid), node: None, item: None };
    if named.jid.is_empty() {
        return None;
    }
    let mut parts = query.split(';').peekable();
    if let Some(kind) = parts.next_if(|first| !first.contains('='))
        && !matches!(kind, "" | "pubsub")
    {
        return Some(named);
    }
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        let place = match key {
            "node" => &mut named.node,
            "item" => &mut named.item,
            _ => continue,
        };
        place.get_or_insert_with(|| decoded(value));
    }
    Some(named)
}

/// Appends a NodeID or an ItemID, all but unreserved characters encoded.
fn encode(out: &mut String, text: &str) {
    for letter in text.chars() {
        let is_unreserved = letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        if is_unreserved { out.push(letter) } else { encode_char(out, letter) }
    }
}

fn encode_char(out: &mut String, letter: char) {
    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
        // Writing into a string does not fail.
        let _ = write!(out, "%{byte:02X}");
    }
}

/// The text with its escapes read; where they are none, it is taken to be unencoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Named, entity, item, node, parse};

    #[test]
    fn all_but_unreserved_characters_are_encoded() {
        assert_eq!(node("pubsub.example.org", "news"), "xmpp:pubsub.example.org?;node=news");
        assert_eq!(
            item("pubsub.example.org", "urn:xmpp:microblog:0:comments/ä", "a;b=c&d ~-._%"),
            "xmpp:pubsub.example.org?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2F%C3%A4;item=a%3Bb%3Dc%26d%20~-._%25"
        );
    }

    #[test]
    fn a_jid_stays_what_clients_compare_it_with() {
        let cases = [
            ("miho@example.com", "xmpp:miho@example.com"),
            ("jürgen@müller.example", "xmpp:jürgen@müller.example"),
            (r"d\27artagnan@example.com", "xmpp:d%5C27artagnan@example.com"),
            ("100%@example.com", "xmpp:100%25@example.com"),
            ("[::1]", "xmpp:[::1]"),
        ];
        for (jid, uri) in cases {
            assert_eq!(entity(jid), uri);
            assert_eq!(parse(uri).map(|named| named.jid).as_deref(), Some(jid), "{uri}");
        }
    }

    #[test]
    fn uris_are_read_however_clients_write_them() {
        let named = |jid: &str, node: Option<&str>, item: Option<&str>| {
            Some(Named { jid: jid.to_owned(), node: node.map(str::to_owned), item: item.map(str::to_owned) })
        };
        let comments = Some("urn:xmpp:microblog:0:comments/1");
        let cases = [
            ("xmpp:a.example?;node=news;item=1", named("a.example", Some("news"), Some("1"))),
            ("xmpp:a.example?;item=1;node=news", named("a.example", Some("news"), Some("1"))),
            ("XMPP:a.example?pubsub;action=retrieve;node=n;item=1", named("a.example", Some("n"), Some("1"))),
            ("xmpp:a.example?pubsub;node=n", named("a.example", Some("n"), None)),
            ("xmpp:a.example?node=n;item=1", named("a.example", Some("n"), Some("1"))),
            ("xmpp:a.example?;node=urn:xmpp:microblog:0:comments/1", named("a.example", comments, None)),
            (
                "xmpp:a.example?;node=urn%3Axmpp%3Amicroblog%3a0%3Acomments%2F1",
                named("a.example", comments, None),
            ),
            ("xmpp:a.example?;node=a=b%2;x=y", named("a.example", Some("a=b%2"), None)),
            ("xmpp:a.example?;node=%FF", named("a.example", Some("%FF"), None)),
            (" xmpp:a.example?;node=y z ", named("a.example", Some("y z"), None)),
            ("xmpp:ed@a.example/home?message;body=hi", named("ed@a.example/home", None, None)),
            ("xmpp://me@b.example/ed@a.example?;node=n", named("ed@a.example", Some("n"), None)),
            ("xmpp:", None),
            ("http://a.example?;node=n", None),
            ("a.example", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(parse(uri), expected, "{uri}");
        }
    }
}
