//! One fetch of a feed: asked for with what is known of it, read if there is something new.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::hub;
use super::reading::{Origin, date, read};
use crate::client::{Ask, Guard};
use crate::limits::{FEED_HTML_TIME_MAX, FEED_VERSION_BYTES_MAX, FEEDS_READ_AT_ONCE, URI_BYTES_MAX};
use crate::pubsub::Timestamp;
use crate::pubsub::import::{Document, Feed, Fetched, News, Offer, Outcome, Push, Version, address};
use crate::pubsub::secret::Secret;

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
    /// What the URLs of callbacks begin with, where hubs can reach them.
    callbacks: Option<String>,
}

impl Fetcher {
    /// A fetcher that goes where its guard lets it, and leaves each feed alone for so many seconds at least. Hubs are asked
    /// to push where callbacks have URLs, which begin with this.
    pub fn new(guard: Guard, least: u64, callbacks: Option<String>) -> Self {
        Self { guard, readers: Arc::new(Semaphore::new(FEEDS_READ_AT_ONCE)), least, callbacks }
    }

    /// Fetches a feed. What comes of it is always something; `chance` goes along. No more is read at once than there are
    /// turns, so the turn is to be kept as long as what was read.
    pub async fn fetch(&self, feed: &Feed, now: Timestamp, chance: u16) -> (Fetched, Turn) {
        let place = feed.place(now);
        let is_whole = feed.is_wanted_whole(now);
        let nothing = self.nothing(&feed.url, place, chance);
        let failed = |why: String| (Fetched { outcome: Outcome::Failed(why), ..nothing.clone() }, None);
        let Ok(url) = place.parse::<Url>() else { return failed("it has moved to no URL".to_owned()) };
        let headers = headers(feed, is_whole);
        let answer = match self.guard.send(Ask { headers, ..Ask::get(url) }).await {
            Ok(answer) => answer,
            Err(error) => return failed(error.to_string()),
        };
        let mut fetched = Fetched {
            moved: answer.moved.as_ref().map(ToString::to_string),
            version: version(&answer.headers),
            rest: rest(&answer.headers, now),
            ..nothing
        };
        let mut turn = None;
        match answer.status {
            StatusCode::NOT_MODIFIED => {}
            StatusCode::GONE => fetched.outcome = Outcome::Gone,
            status if status.is_success() => {
                turn = self.turn().await;
                let named = hub::named(&answer.headers, &answer.url);
                let content_type = text(&answer.headers, &CONTENT_TYPE).map(str::to_owned);
                let read = aside(&feed.url, answer.url, content_type, answer.body, now).await;
                fetched.hub =
                    named.or_else(|| read.as_ref().ok()?.hub.clone()).and_then(|hub| self.offer(hub));
                fetched.outcome = match read {
                    Ok(document) => Outcome::Read { document: Box::new(document), is_whole },
                    Err(why) => Outcome::Failed(why),
                };
            }
            status => fetched.outcome = Outcome::Failed(format!("the server answers {status}")),
        }
        (fetched, turn)
    }

    /// Reads what a hub has pushed, as if it had been fetched; nothing where it cannot be read.
    pub async fn read(&self, news: News, now: Timestamp, chance: u16) -> Result<(Fetched, Turn), String> {
        let turn = self.turn().await;
        let url = news.feed.parse().map_err(|_| "it is of no feed".to_owned())?;
        let document = aside(&news.feed, url, news.content_type, news.body, now).await?;
        // A hub may leave out what it has pushed before.
        let document = Document { is_partial: true, is_complete: false, ..document };
        let outcome = Outcome::Read { document: Box::new(document), is_whole: false };
        Ok((Fetched { outcome, ..self.nothing(&news.feed, &news.feed, chance) }, turn))
    }

    /// Asks a hub to push.
    pub async fn subscribe(&self, push: &Push) -> Result<(), String> {
        match &self.callbacks {
            Some(callbacks) => hub::subscribe(&self.guard, push, &format!("{callbacks}{}", push.token)).await,
            None => Ok(()),
        }
    }

    fn nothing(&self, feed: &str, place: &str, chance: u16) -> Fetched {
        Fetched {
            url: feed.to_owned(),
            place: place.to_owned(),
            outcome: Outcome::Unchanged,
            moved: None,
            version: Version::default(),
            hub: None,
            rest: 0,
            least: self.least,
            chance,
        }
    }

    async fn turn(&self) -> Turn {
        // Nobody closes the semaphore, so there is always a permit.
        Arc::clone(&self.readers).acquire_owned().await.ok()
    }

    /// A hub that can push, with what nobody else is told.
    fn offer(&self, (hub, topic): (String, String)) -> Option<Offer> {
        self.callbacks.as_ref()?;
        let chance = || format!("{:032x}", rand::random::<u128>());
        let is_short = topic.len() <= URI_BYTES_MAX;
        (is_short && address::read(&hub).is_ok()).then(|| Offer {
            hub,
            topic,
            token: chance(),
            secret: Secret::new(chance()),
        })
    }
}

/// A turn at reading; it ends when this is dropped.
pub type Turn = Option<OwnedSemaphorePermit>;

/// Reads what came from a URL, beside the threads that others need; an error says why it cannot be read.
async fn aside(
    feed: &str,
    url: Url,
    content_type: Option<String>,
    body: Bytes,
    now: Timestamp,
) -> Result<Document, String> {
    let feed = feed.parse().unwrap_or_else(|_| url.clone());
    let read = tokio::task::spawn_blocking(move || {
        let end = Instant::now() + FEED_HTML_TIME_MAX;
        let origin = Origin { feed: &feed, url: &url, content_type: content_type.as_deref(), now };
        read(&body, origin, &|| Instant::now() < end)
    });
    match read.await {
        Ok(read) => read.map_err(|unreadable| unreadable.to_string()),
        Err(_) => Err("it cannot be read, because of a bug in the reader".to_owned()),
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
