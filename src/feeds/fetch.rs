//! One fetch of a feed: asked for with what is known of it, read if there is something new.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::guard::{Answer, Ask, Guard};
use super::reading::{Origin, date, read};
use crate::limits::{FEED_VERSION_BYTES_MAX, FEEDS_READ_AT_ONCE};
use crate::pubsub::Timestamp;
use crate::pubsub::import::{Feed, Fetched, Outcome, Version};

/// What is asked for.
const FORMATS: &str = "application/atom+xml, application/feed+json;q=0.9, application/rss+xml;q=0.9, \
                       application/rdf+xml;q=0.8, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";

/// Fetches feeds.
#[derive(Debug)]
pub struct Fetcher {
    guard: Guard,
    /// How many are read at once.
    readers: Arc<Semaphore>,
    /// How many seconds a feed is left alone at least.
    least: u64,
}

impl Fetcher {
    /// A fetcher that goes where its guard lets it, and leaves each feed alone for so many seconds at least.
    pub fn new(guard: Guard, least: u64) -> Self {
        Self { guard, readers: Arc::new(Semaphore::new(FEEDS_READ_AT_ONCE)), least }
    }

    /// Fetches a feed. What comes of it is always something; `chance` goes along. No more is read at once than there are
    /// turns, so the turn is to be kept as long as what was read.
    pub async fn fetch(&self, feed: &Feed, now: Timestamp, chance: u16) -> (Fetched, Turn) {
        let place = feed.place(now).to_owned();
        let is_whole = feed.is_wanted_whole(now);
        let fetched = Fetched {
            url: feed.url.clone(),
            place: place.clone(),
            outcome: Outcome::Unchanged,
            moved: None,
            version: Version::default(),
            rest: 0,
            least: self.least,
            chance,
        };
        let failed = |why: String| (Fetched { outcome: Outcome::Failed(why), ..fetched.clone() }, None);
        let Ok(url) = place.parse::<Url>() else { return failed("it has moved to no URL".to_owned()) };
        let headers = headers(feed, is_whole);
        let answer = match self.guard.send(Ask { headers, ..Ask::get(url) }).await {
            Ok(answer) => answer,
            Err(error) => return failed(error.to_string()),
        };
        let fetched = Fetched {
            moved: answer.moved.as_ref().map(ToString::to_string),
            version: version(&answer.headers),
            rest: rest(&answer.headers, now),
            ..fetched
        };
        let mut turn = None;
        let outcome = match answer.status {
            StatusCode::NOT_MODIFIED => Outcome::Unchanged,
            StatusCode::GONE => Outcome::Gone,
            status if status.is_success() => {
                // Nobody closes the semaphore, so there is always a permit.
                turn = Arc::clone(&self.readers).acquire_owned().await.ok();
                aside(feed, answer, now, is_whole).await
            }
            status => Outcome::Failed(format!("the server answers {status}")),
        };
        (Fetched { outcome, ..fetched }, turn)
    }
}

/// A turn at reading; it ends when this is dropped.
pub type Turn = Option<OwnedSemaphorePermit>;

/// Reads what was fetched, beside the threads that others need.
async fn aside(feed: &Feed, answer: Answer, now: Timestamp, is_whole: bool) -> Outcome {
    let feed = feed.url.clone();
    let read = tokio::task::spawn_blocking(move || {
        let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let feed = feed.parse().unwrap_or_else(|_| answer.url.clone());
        read(&answer.body, Origin { feed: &feed, url: &answer.url, content_type, now })
    });
    match read.await {
        Ok(Ok(document)) => Outcome::Read { document: Box::new(document), is_whole },
        Ok(Err(unreadable)) => Outcome::Failed(unreadable.to_string()),
        Err(_) => Outcome::Failed("it cannot be read, because of a bug in the reader".to_owned()),
    }
}

/// What is known is told as it was heard, quotes and all.
fn headers(feed: &Feed, is_whole: bool) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(FORMATS))]);
    let known = [(IF_NONE_MATCH, &feed.etag), (IF_MODIFIED_SINCE, &feed.last_modified)];
    for (name, value) in known.into_iter().filter(|_| !is_whole) {
        if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

fn version(headers: &HeaderMap) -> Version {
    let of =
        |name| text(headers, &name).filter(|value| value.len() <= FEED_VERSION_BYTES_MAX).map(str::to_owned);
    Version { etag: of(ETAG), last_modified: of(LAST_MODIFIED) }
}

/// How many seconds the server wants to be left alone.
fn rest(headers: &HeaderMap, now: Timestamp) -> u64 {
    let until = |value: &str| {
        let seconds = (date(value)?.timestamp_millis() - now.0) / 1000;
        u64::try_from(seconds).ok()
    };
    let retry =
        text(headers, &RETRY_AFTER).and_then(|value| value.trim().parse().ok().or_else(|| until(value)));
    let directives = text(headers, &CACHE_CONTROL).map(|value| value.split(',').map(str::trim));
    let age = directives.and_then(|mut directives| {
        directives.find_map(|one| one.strip_prefix("max-age=")?.trim_matches('"').parse().ok())
    });
    let fresh = age.or_else(|| text(headers, &EXPIRES).and_then(until));
    retry.unwrap_or_default().max(fresh.unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::rest;
    use crate::pubsub::Timestamp;

    #[test]
    fn servers_say_in_many_ways_when_to_come_back() {
        let now = Timestamp::parse("2026-11-26T10:00:00Z").unwrap();
        for (headers, expected) in [
            (&[][..], 0),
            (&[("retry-after", "120")], 120),
            (&[("retry-after", "Thu, 26 Nov 2026 10:05:00 GMT")], 300),
            (&[("cache-control", "public, max-age=600")], 600),
            (&[("cache-control", "no-cache")], 0),
            (&[("expires", "Thu, 26 Nov 2026 11:00:00 GMT")], 3600),
            (&[("expires", "Thu, 26 Nov 2026 09:00:00 GMT")], 0),
            (&[("expires", "-1")], 0),
            (&[("cache-control", "max-age=60"), ("expires", "Thu, 26 Nov 2026 11:00:00 GMT")], 60),
            (&[("cache-control", "max-age=60"), ("retry-after", "90")], 90),
        ] {
            let headers = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            let headers: HeaderMap = headers.collect();
            assert_eq!(rest(&headers, now), expected, "{headers:?}");
        }
    }
}
