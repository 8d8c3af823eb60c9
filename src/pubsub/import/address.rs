//! URLs of feeds: which can be fetched at all, and in one spelling each.

use url::Url;

use crate::limits::URI_BYTES_MAX;

/// Reads the URL of a feed as somebody wrote it; an error says what to write instead.
pub fn read(text: &str) -> Result<Url, String> {
    let text = text.trim();
    // Some programs hand feeds on with a scheme of their own.
    let text = text.strip_prefix("feed://").map_or_else(
        || text.strip_prefix("feed:").unwrap_or(text).to_owned(),
        |rest| format!("http://{rest}"),
    );
    let mut url = Url::parse(&text)
        .map_err(|_| format!("`{text}` is no URL; write it like https://example.org/feed"))?;
    url.set_fragment(None);
    check(&url)?;
    Ok(url)
}

/// Whether a URL is one that can be asked for at all. Where it leads is looked at when it is fetched.
pub fn check(url: &Url) -> Result<(), String> {
    let refuse = |why: &str| Err(why.to_owned());
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("only http: and https: are fetched");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a URL with a user name or a password is not fetched");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return refuse("the URL names no host");
    }
    if url.as_str().len() > URI_BYTES_MAX {
        return refuse("the URL is too long");
    }
    Ok(())
}

/// Whether a URL is below another one, over TLS or not.
pub(super) fn is_below(url: &Url, base: &str) -> bool {
    let Ok(base) = Url::parse(base) else { return false };
    let path = base.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(path);
    let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
    host(url) == host(&base) && url.port() == base.port() && rest.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{is_below, read};

    #[test]
    fn urls_are_below_others() {
        let base = "https://feeds.example.org/a";
        for (url, expected) in [
            ("https://feeds.example.org/a/n/news/feed.atom", true),
            ("http://feeds.example.org/a/?x", true),
            ("https://feeds.example.org./a/n", true),
            ("https://feeds.example.org/a/../b", false),
            ("https://feeds.example.org/ab", false),
            ("https://feeds.example.org:8443/a/n", false),
            ("https://example.org/a/n", false),
        ] {
            assert_eq!(is_below(&read(url).unwrap(), base), expected, "{url}");
        }
        assert!(is_below(&read("https://feeds.example.org").unwrap(), "https://feeds.example.org"));
    }

    #[test]
    fn urls_have_one_spelling() {
        for (text, url) in [
            ("https://example.org/feed", Some("https://example.org/feed")),
            (" HTTP://Example.ORG:80/a/../feed#top ", Some("http://example.org/feed")),
            ("feed://example.org/feed", Some("http://example.org/feed")),
            ("feed:https://example.org/feed", Some("https://example.org/feed")),
            ("https://müller.example", Some("https://xn--mller-kva.example/")),
            ("example.org/feed", None),
            ("ftp://example.org/", None),
            ("https://me:secret@example.org/", None),
            ("xmpp:pubsub.example.org?;node=news", None),
            ("", None),
        ] {
            assert_eq!(read(text).ok().as_ref().map(url::Url::as_str), url, "{text}");
        }
    }
}
