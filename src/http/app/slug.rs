//! What an entry would like to be called (RFC 5023, 9.7), made an ItemID that is safe in every URL.

use axum::http::HeaderMap;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::limits::SLUG_CHARS_MAX;

/// The ItemID that a request wishes for.
pub(super) fn wished(headers: &HeaderMap) -> Option<String> {
    let slug = decoded(headers.get("slug")?.as_bytes())?;
    let mut id = String::new();
    for c in slug.nfkd().filter(|c| !is_combining_mark(*c)).take(4 * SLUG_CHARS_MAX) {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.truncate(SLUG_CHARS_MAX);
    let id = id.trim_end_matches('-');
    // What has no letter may mean something to clients: a node says what it is in its item 0.
    id.chars().any(|c| c.is_ascii_lowercase()).then(|| id.to_owned())
}

/// Percent-encoded UTF-8, as text.
fn decoded(bytes: &[u8]) -> Option<String> {
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let hex = after.get(..2).filter(|_| *byte == b'%').and_then(|hex| str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => out.push(*byte),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::wished;

    #[test]
    fn a_slug_becomes_an_id_or_is_ignored() {
        for (slug, expected) in [
            ("harbour-reopens", Some("harbour-reopens")),
            ("The Beach at S%C3%A8te", Some("the-beach-at-sete")),
            ("  a // b.. ", Some("a-b")),
            ("../../etc/passwd", Some("etc-passwd")),
            ("%2e%2e", None),
            ("0", None),
            ("2026-11-20", None),
            ("2026-11-20 news", Some("2026-11-20-news")),
            ("test_post", Some("test-post")),
            ("urn:xmpp:avatar:metadata", Some("urn-xmpp-avatar-metadata")),
            ("%E5%8C%97%E4%BA%AC", None),
            ("%FF", None),
            ("50% off %zz", Some("50-off-zz")),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("slug", HeaderValue::from_str(slug).unwrap());
            assert_eq!(wished(&headers).as_deref(), expected, "{slug}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("slug", HeaderValue::from_str(&"ab-".repeat(100)).unwrap());
        let long = wished(&headers).unwrap();
        assert!(long.len() <= 80 && !long.ends_with('-'), "{long}");
        assert_eq!(wished(&HeaderMap::new()), None);
    }
}
