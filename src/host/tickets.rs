//! How many stanzas may be under way, and how many bytes of them.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{REQUEST_BYTES_IN_FLIGHT_MAX, REQUESTS_IN_FLIGHT_MAX};

/// A place among the stanzas under way: freed when the answer was written, or when the ticket is dropped.
#[derive(Debug)]
pub struct Ticket {
    _place: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

/// All places.
#[derive(Clone, Debug)]
pub(super) struct Tickets {
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Tickets {
    pub(super) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(REQUESTS_IN_FLIGHT_MAX)),
            bytes: Arc::new(Semaphore::new(REQUEST_BYTES_IN_FLIGHT_MAX)),
        }
    }

    /// Waits for a place for a stanza of this size; nothing when the link is closing.
    pub(super) async fn take(&self, bytes: usize) -> Option<Ticket> {
        // A single stanza always fits in the end.
        let bytes = u32::try_from(bytes.min(REQUEST_BYTES_IN_FLIGHT_MAX)).ok()?;
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let bytes = Arc::clone(&self.bytes).acquire_many_owned(bytes).await.ok()?;
        Some(Ticket { _place: place, _bytes: bytes })
    }

    /// Waits until nothing is under way any more.
    pub(super) async fn all_back(&self) {
        let all = u32::try_from(REQUESTS_IN_FLIGHT_MAX).unwrap_or(u32::MAX);
        // The semaphore is never closed, so this is no error.
        let _all_places = self.places.acquire_many(all).await;
    }
}
