//! The importer: has feeds of the web fetched when they are due, and hands what came to the line.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{self, JoinSet};
use tokio::time::sleep;

use crate::feeds::fetch::Fetcher;
use crate::feeds::guard::{Guard, Settings};
use crate::limits::{FEEDS_DUE_EVERY, FEEDS_UNDER_WAY_MAX, FETCHER_RETRY_AFTER, STORE_RETRY_AFTER};
use crate::pubsub::import::{Feed, Rest};

use super::feeds::FeedJob;
use super::line::{Job, now};

/// The importer.
pub(super) struct Importer {
    pub(super) settings: Settings,
    /// How many seconds a feed is left alone at least.
    pub(super) least: u64,
    pub(super) line: mpsc::Sender<Job>,
}

impl Importer {
    /// Imports until the line ends.
    pub(super) async fn run(self) {
        let mut fetcher = None;
        let mut under_way = JoinSet::new();
        let mut urls: BTreeMap<task::Id, String> = BTreeMap::new();
        while let Some(due) = self.due().await {
            let new = due.into_iter().filter(|feed| !urls.values().any(|url| *url == feed.url));
            let new: Vec<Feed> = new.take(FEEDS_UNDER_WAY_MAX.saturating_sub(urls.len())).collect();
            for feed in new {
                // Before the first feed nothing of what it takes to fetch need be there.
                let Some(fetcher) = self.fetcher(&mut fetcher).await else { break };
                let (url, line) = (feed.url.clone(), self.line.clone());
                let handle = under_way.spawn(import(fetcher, feed, line));
                urls.insert(handle.id(), url);
            }
            tokio::select! {
                () = sleep(FEEDS_DUE_EVERY) => {}
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
        self.line.send(Job::Feeds(FeedJob::Due(FEEDS_UNDER_WAY_MAX, asker))).await.ok()?;
        due.await.ok()
    }

    async fn fetcher(&self, known: &mut Option<Arc<Fetcher>>) -> Option<Arc<Fetcher>> {
        if known.is_none() {
            match Guard::new(&self.settings) {
                Ok(guard) => *known = Some(Arc::new(Fetcher::new(guard, self.least))),
                Err(why) => {
                    tracing::error!("{why}");
                    sleep(FETCHER_RETRY_AFTER).await;
                }
            }
        }
        known.clone()
    }
}

/// Fetches a feed, and has the line take it bit by bit.
async fn import(by: Arc<Fetcher>, feed: Feed, line: mpsc::Sender<Job>) {
    let (fetched, _turn) = by.fetch(&feed, now(), rand::random()).await;
    let fetched = Arc::new(fetched);
    tracing::debug!(url = feed.url, "fetched");
    let mut from = Rest { after: None };
    loop {
        let (asker, taken) = oneshot::channel();
        if line.send(Job::Feeds(FeedJob::Take(Arc::clone(&fetched), from, asker))).await.is_err() {
            return;
        }
        match taken.await {
            Ok(Some(rest)) => from = rest,
            Ok(None) => return,
            // The store could not keep it. It is fetched again.
            Err(_) => return sleep(STORE_RETRY_AFTER).await,
        }
    }
}
