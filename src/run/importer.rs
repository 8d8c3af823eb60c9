//! The importer: has feeds of the web fetched when they are due, and hands what came to the line.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{self, JoinSet};
use tokio::time::sleep;

use crate::client::{Guard, Settings};
use crate::feeds::fetch::Fetcher;
use crate::limits::{
    FEEDS_DUE_EVERY, FEEDS_DUE_MAX, FEEDS_UNDER_WAY_MAX, FEEDS_UNDER_WAY_PER_HOST_MAX, FETCHER_RETRY_AFTER,
    HUB_NEWS_WAITING_MAX, STORE_RETRY_AFTER,
};
use crate::pubsub::import::{Feed, Fetched, News, Outcome, Rest};

use super::feeds::FeedJob;
use super::line::{Job, now};

/// The importer.
pub(super) struct Importer {
    pub(super) settings: Settings,
    /// How many seconds a feed is left alone at least.
    pub(super) least: u64,
    /// What the URLs of callbacks begin with, where there are any.
    pub(super) callbacks: Option<String>,
    /// What hubs push.
    pub(super) news: mpsc::Receiver<News>,
    pub(super) line: mpsc::Sender<Job>,
}

/// What is to be brought to the nodes.
enum Errand {
    Fetch(Box<Feed>),
    Read(News),
}

impl Errand {
    fn url(&self) -> &str {
        match self {
            Self::Fetch(feed) => &feed.url,
            Self::Read(news) => &news.feed,
        }
    }
}

impl Importer {
    /// Imports until the line ends.
    pub(super) async fn run(mut self) {
        let mut fetcher = None;
        let mut under_way = JoinSet::new();
        let mut urls: BTreeMap<task::Id, String> = BTreeMap::new();
        let mut waiting: Vec<News> = Vec::new();
        while let Some(due) = self.due().await {
            let pushed = mem::take(&mut waiting).into_iter().map(Errand::Read);
            let errands: Vec<Errand> =
                pushed.chain(due.into_iter().map(Box::new).map(Errand::Fetch)).collect();
            // Before the first feed nothing of what it takes to fetch need be there.
            let by = if errands.is_empty() { None } else { self.fetcher(&mut fetcher).await };
            for errand in errands {
                let is_free = is_free(urls.values().map(String::as_str), errand.url());
                match (by.clone().filter(|_| is_free), errand) {
                    (Some(by), errand) => {
                        let (url, line) = (errand.url().to_owned(), self.line.clone());
                        urls.insert(under_way.spawn(import(by, errand, line)).id(), url);
                    }
                    (None, Errand::Read(news)) => waiting.push(news),
                    // It is due until it is settled.
                    (None, Errand::Fetch(_)) => {}
                }
            }
            tokio::select! {
                () = sleep(FEEDS_DUE_EVERY) => {}
                Some(news) = self.news.recv(), if waiting.len() < HUB_NEWS_WAITING_MAX => waiting.push(news),
                Some(ended) = under_way.join_next_with_id() => {
                    let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    urls.remove(&id);
                }
            }
        }
    }

    /// The feeds that are to be fetched; none when the line has ended.
    async fn due(&self) -> Option<Vec<Feed>> {
        let (asker, due) = oneshot::channel();
        // Those under way are due until they are settled.
        self.line.send(Job::Feeds(FeedJob::Due(FEEDS_DUE_MAX, asker))).await.ok()?;
        due.await.ok()
    }

    async fn fetcher(&self, known: &mut Option<Arc<Fetcher>>) -> Option<Arc<Fetcher>> {
        if known.is_none() {
            match Guard::new(&self.settings) {
                Ok(guard) => *known = Some(Arc::new(Fetcher::new(guard, self.least, self.callbacks.clone()))),
                Err(why) => {
                    tracing::error!("{why}");
                    sleep(FETCHER_RETRY_AFTER).await;
                }
            }
        }
        known.clone()
    }
}

/// Whether something can be done with a feed while others are under way.
fn is_free<'a>(under_way: impl Iterator<Item = &'a str>, url: &str) -> bool {
    let (mut all, mut there) = (0, 0);
    for other in under_way {
        // One thing after the other with each feed, or an old version could overtake a new one.
        if other == url {
            return false;
        }
        all += 1;
        there += usize::from(host(other) == host(url));
    }
    all < FEEDS_UNDER_WAY_MAX && there < FEEDS_UNDER_WAY_PER_HOST_MAX
}

/// The host of a URL in its one spelling, with the port.
fn host(url: &str) -> &str {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Has what is new in a feed brought to its nodes bit by bit, and its hub asked for more of it.
async fn import(by: Arc<Fetcher>, errand: Errand, line: mpsc::Sender<Job>) {
    let url = errand.url().to_owned();
    let (fetched, turn) = match errand {
        Errand::Fetch(feed) => by.fetch(&feed, now(), rand::random()).await,
        Errand::Read(news) => match by.read(news, now(), rand::random()).await {
            Ok(read) => read,
            // It is fetched in time.
            Err(why) => return tracing::info!(url, why, "what was pushed cannot be read"),
        },
    };
    match &fetched.outcome {
        Outcome::Failed(why) => tracing::info!(url, why, "a feed could not be fetched"),
        Outcome::Gone => tracing::info!(url, "a feed is gone for good"),
        Outcome::Read { .. } | Outcome::Unchanged => tracing::debug!(url, "fetched"),
    }
    if take(Arc::new(fetched), &line).await.is_none() {
        // The store could not keep it. It is fetched again.
        return sleep(STORE_RETRY_AFTER).await;
    }
    drop(turn);
    let (asker, wanted) = oneshot::channel();
    if line.send(Job::Feeds(FeedJob::Wanted(url.clone(), asker))).await.is_err() {
        return;
    }
    if let Ok(Some(push)) = wanted.await
        && let Err(why) = by.subscribe(&push).await
    {
        tracing::info!(url, hub = push.hub, why, "a hub cannot be asked to push");
    }
}

/// Has the line take it all.
async fn take(fetched: Arc<Fetched>, line: &mpsc::Sender<Job>) -> Option<()> {
    let mut from = Rest { after: None };
    loop {
        let (asker, taken) = oneshot::channel();
        line.send(Job::Feeds(FeedJob::Take(Arc::clone(&fetched), from, asker))).await.ok()?;
        match taken.await.ok()? {
            Some(rest) => from = rest,
            None => return Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_free;

    #[test]
    fn one_slow_host_keeps_nobody_waiting() {
        let slow = ["https://a.example/1", "https://a.example/2"];
        let many: Vec<String> = (0..24).map(|n| format!("https://{n}.example/")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (under_way, url, expected) in [
            (&[][..], "https://a.example/1", true),
            (&slow[..1], "https://a.example/1", false),
            (&slow[..1], "https://a.example/2", true),
            (&slow, "https://a.example/3", false),
            (&slow, "http://a.example?3", false),
            (&slow, "https://b.example/https://a.example/", true),
            (&many[..23], "https://b.example/", true),
            (&many, "https://b.example/", false),
        ] {
            assert_eq!(is_free(under_way.iter().copied(), url), expected, "{url}");
        }
    }
}
