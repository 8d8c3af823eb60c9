//! Hubs as feeds name them, and how they are asked to push — WebSub.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LINK};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::client::{Ask, Guard};
use crate::limits::FEED_LEASE_SECONDS;
use crate::pubsub::import::{Push, address};

/// The hub that an answer names in its headers, and what the feed is called there, where it says both — RFC 8288.
pub(super) fn named(headers: &HeaderMap, base: &Url) -> Option<(String, String)> {
    let links: Vec<(String, String)> =
        headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).flat_map(links).collect();
    let of = |wanted: &str| {
        let is_wanted = |rels: &str| rels.split_whitespace().any(|rel| rel.eq_ignore_ascii_case(wanted));
        let (href, _) = links.iter().find(|(_, rels)| is_wanted(rels))?;
        Some(base.join(href).ok()?.to_string())
    };
    of("hub").zip(of("self"))
}

/// The links of a header: where they lead, and their relations.
fn links(header: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for link in header.split('<').skip(1) {
        let Some((href, parameters)) = link.split_once('>') else { continue };
        let named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let mut rels = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
        if let Some((_, rel)) = rels.next() {
            let rel = rel.trim().trim_end_matches([',', ' ']).trim_matches('"');
            links.push((href.trim().to_owned(), rel.to_owned()));
        }
    }
    links
}

/// Asks a hub to push to a callback; an error says why that came to nothing.
pub(super) async fn subscribe(guard: &Guard, push: &Push, callback: &str) -> Result<(), String> {
    let hub = address::read(&push.hub)?;
    let form = Serializer::new(String::new())
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.topic", &push.topic)
        .append_pair("hub.callback", callback)
        .append_pair("hub.secret", push.secret.reveal())
        .append_pair("hub.lease_seconds", &FEED_LEASE_SECONDS.to_string())
        .finish();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, form_type)]);
    let ask = Ask { headers, ..Ask::post(hub, form.into()) };
    let answer = guard.send(ask).await.map_err(|error| error.to_string())?;
    if answer.status.is_success() { Ok(()) } else { Err(format!("the hub answers {}", answer.status)) }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, LINK};

    use super::named;

    #[test]
    fn hubs_are_named_in_headers() {
        let found = Some(("https://hub.example/".to_owned(), "https://blog.example/feed".to_owned()));
        for (headers, expected) in [
            (&["<https://hub.example/>; rel=\"hub\", </feed>; rel=self"][..], found.clone()),
            (&["<https://hub.example/>;rel=hub", "<feed>; title=\"a, b\"; Rel=\"self alternate\""], found),
            (&["<https://hub.example/>; rel=hub"], None),
            (&["<https://hub.example/>; rev=hub, <feed>; rel=self"], None),
            (&["hub"], None),
            (&[], None),
        ] {
            let headers = headers.iter().map(|value| (LINK, HeaderValue::from_static(value)));
            let headers: HeaderMap = headers.collect();
            let base = "https://blog.example/a".parse().unwrap();
            assert_eq!(named(&headers, &base), expected, "{headers:?}");
        }
    }
}
