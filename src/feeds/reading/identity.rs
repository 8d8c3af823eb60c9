//! Which entry is which: the atom:id of one, from whatever the feed says of it, the same each time.

use std::fmt::Write as _;

use sha1::{Digest, Sha1};
use url::Url;

use crate::atom::construct::is_iri;

use super::draft::{Content, Draft, Text};

/// The atom:id of an entry: its own where that is an IRI, else one made of what it has instead; of the place where it can
/// be read; or of what it says.
pub(super) fn id(draft: &Draft, feed: &Url) -> String {
    let own = draft.id.trim();
    if is_iri(own) {
        return own.to_owned();
    }
    if !own.is_empty() {
        return tag(feed, &[feed.as_str(), own]);
    }
    if let Some(page) = draft.page().map(without_tracking).filter(|page| is_iri(page)) {
        return page;
    }
    let content = match &draft.content {
        Some(Content::Text(Text::Plain(text) | Text::Xhtml(text)) | Content::Other(text)) => text,
        Some(Content::Elsewhere(src, _)) => src,
        None => match &draft.summary {
            Some(Text::Plain(text) | Text::Xhtml(text)) => text,
            None => "",
        },
    };
    tag(feed, &[feed.as_str(), &draft.title, content])
}

/// An id that nobody else makes (RFC 4151), as far as what it is made of differs.
fn tag(feed: &Url, parts: &[&str]) -> String {
    format!("tag:{},2005:{}", feed.host_str().unwrap_or("localhost"), hex(parts))
}

/// A text without the parameters that only say where a link was found.
pub(super) fn without_tracking(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("utm_") {
        let (before, parameter) = rest.split_at_checked(at).unwrap_or_default();
        let end = parameter.find(['&', '"', '\'', '<', '#', ' ']).unwrap_or(parameter.len());
        let (parameter, after) = parameter.split_at_checked(end).unwrap_or_default();
        out.push_str(before);
        if out.ends_with(['?', '&', ';']) {
            let next = after.strip_prefix("&amp;").or_else(|| after.strip_prefix('&'));
            if next.is_none() {
                let kept = out.trim_end_matches("&amp;").trim_end_matches(['?', '&']).len();
                out.truncate(kept);
            }
            rest = next.unwrap_or(after);
        } else {
            out.push_str(parameter);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// A digest in lower-case hex.
pub(super) fn hex(parts: &[&str]) -> String {
    let mut sum = Sha1::new();
    for part in parts {
        sum.update(part.as_bytes());
        sum.update([0]);
    }
    let mut hex = String::with_capacity(40);
    for byte in sum.finalize() {
        // Writing into a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
