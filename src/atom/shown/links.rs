//! Where an entry leads, as far as that is somewhere for a reader.

use std::fmt::Write as _;

use ammonia::Url;

use crate::atom::entry::relation;
use crate::atom::{NS, XML_NS};
use crate::limits::{URI_BYTES_MAX, WEB_LINKS_MAX};
use crate::xml::Element;

/// The schemes of links that nothing runs by.
const SCHEMES: &[&str] = &[
    "http", "https", "xmpp", "mailto", "tel", "geo", "magnet", "ftp", "gemini", "gopher", "urn", "tag",
    "news",
];
/// Links that say how an entry is managed, or where it stands in a feed that it is taken from.
const OF_FEEDS: &[&str] = &[
    "self",
    "edit",
    "edit-media",
    "hub",
    "first",
    "last",
    "next",
    "previous",
    "prev-archive",
    "next-archive",
    "current",
    "service",
];

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownLink {
    /// What it is to the entry.
    pub rel: String,
    /// Where it leads.
    pub href: String,
    /// The media type of what is there.
    pub kind: Option<String>,
    /// The language of what is there.
    pub hreflang: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// How many bytes there are.
    pub length: Option<String>,
}

/// The links of an entry: alternates first, and of those each kind once.
pub(super) fn links(entry: Element<'_>, own: [ShownLink; 2]) -> Vec<ShownLink> {
    let base = base(entry, None);
    let written = entry.children().filter(|child| child.is("link", NS)).take(WEB_LINKS_MAX);
    let written = written.filter_map(|element| link(element, base.as_ref()));
    let (alternates, others): (Vec<_>, Vec<_>) = written.partition(|link| link.rel == "alternate");
    let (web, elsewhere): (Vec<_>, Vec<_>) =
        alternates.into_iter().partition(|link| link.href.starts_with("http"));
    let [page, item] = own;
    let mut links: Vec<ShownLink> = Vec::new();
    for link in web.into_iter().chain([page, item]).chain(elsewhere) {
        let is_same = |known: &ShownLink| {
            (&known.kind, &known.hreflang) == (&link.kind, &link.hreflang) || known.href == link.href
        };
        if !links.iter().any(is_same) {
            links.push(link);
        }
    }
    links.extend(others);
    links
}

fn link(element: Element<'_>, base: Option<&Url>) -> Option<ShownLink> {
    let own_base = self::base(element, base);
    let href = href(element.attr("href")?, own_base.as_ref())?;
    let rel = relation(element);
    if OF_FEEDS.contains(&rel) || rel.is_empty() || rel.contains(char::is_whitespace) {
        return None;
    }
    let attr = |name| element.attr(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
    let kind = attr("type").filter(|kind| kind.contains('/') && !kind.contains(char::is_whitespace));
    // Readers take an untyped alternate for a page.
    let kind = kind.or_else(|| href.starts_with("xmpp:").then(|| ATOM.to_owned()));
    let length = attr("length").filter(|length| length.parse::<u64>().is_ok());
    Some(ShownLink {
        rel: rel.to_owned(),
        href,
        kind,
        hreflang: attr("hreflang"),
        title: attr("title"),
        length,
    })
}

/// What an `xmpp:` URI leads to.
pub(super) const ATOM: &str = "application/atom+xml";

/// The absolute form of a reference, if it leads somewhere.
pub(super) fn href(reference: &str, base: Option<&Url>) -> Option<String> {
    let reference = reference.trim();
    let scheme = reference.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_absolute = scheme.as_deref().is_some_and(|scheme| SCHEMES.contains(&scheme));
    let is_web = scheme.as_deref().is_some_and(|scheme| scheme.starts_with("http"));
    let href = match base {
        _ if is_absolute && !is_web => encoded(reference),
        _ if is_absolute => Url::parse(reference).ok()?.to_string(),
        Some(base) => base.join(reference).ok().filter(|url| SCHEMES.contains(&url.scheme()))?.to_string(),
        None => return None,
    };
    (href.len() <= URI_BYTES_MAX).then_some(href)
}

/// What no URI can hold, encoded.
fn encoded(reference: &str) -> String {
    let mut uri = String::with_capacity(reference.len());
    for letter in reference.chars() {
        if letter.is_whitespace() || letter.is_control() || "<>\"{}|\\^`".contains(letter) {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                // Writing into a string does not fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        } else {
            uri.push(letter);
        }
    }
    uri
}

/// What relative references inside an element start from.
pub(super) fn base(element: Element<'_>, outer: Option<&Url>) -> Option<Url> {
    let own = element.attr_ns("base", XML_NS);
    match (own, outer) {
        (None, outer) => outer.cloned(),
        (Some(own), Some(outer)) => outer.join(own).ok(),
        (Some(own), None) => Url::parse(own).ok(),
    }
    .filter(|url| ["http", "https"].contains(&url.scheme()))
}
