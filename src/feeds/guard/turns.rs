//! How much is under way at once: to one host, and in all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{FETCHES_AT_ONCE, FETCHES_AT_ONCE_PER_HOST};

/// Who may go.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// Those hosts that somebody is at, or waits for.
    hosts: Mutex<BTreeMap<String, Weak<Semaphore>>>,
}

/// A turn; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _one: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(FETCHES_AT_ONCE)), hosts: Mutex::default() }
    }
}

impl Turns {
    /// Waits for a turn at a host. Whoever waits for a busy host keeps nobody from going to another.
    pub(super) async fn take(&self, host: &str) -> Turn {
        // Nobody closes a semaphore, so there is always a permit.
        let one = self.host(host).acquire_owned().await.ok();
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok();
        Turn { _one: one, _of_all: of_all }
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host).and_then(Weak::upgrade) {
            return known;
        }
        hosts.retain(|_, known| known.strong_count() > 0);
        let new = Arc::new(Semaphore::new(FETCHES_AT_ONCE_PER_HOST));
        hosts.insert(host.to_owned(), Arc::downgrade(&new));
        new
    }
}
