//! The proof that the store is whole, made between the batches of the line.

use std::time::Instant;

use crate::limits::{PROOF_PORTION, PROOF_PORTION_BUSY, STORE_RETRY_AFTER};
use crate::pubsub::Fault;
use crate::store::Store;

/// How far the proof is.
pub(super) struct Proof {
    begun: Instant,
    /// When to go on; never once it is complete.
    next: Option<Instant>,
}

impl Proof {
    pub(super) fn new() -> Self {
        let begun = Instant::now();
        Self { begun, next: Some(begun) }
    }

    /// Whether there is something to do now.
    pub(super) fn is_pending(&self) -> bool {
        self.next.is_some_and(|next| next <= Instant::now())
    }

    /// Goes on for a moment. An error is that the store is damaged: nothing more is to be served from it.
    pub(super) fn go_on(&mut self, store: &mut dyn Store, is_idle: bool) -> Result<(), Fault> {
        if !self.is_pending() {
            return Ok(());
        }
        match store.prove(if is_idle { PROOF_PORTION } else { PROOF_PORTION_BUSY }) {
            Ok(true) => {
                let seconds = self.begun.elapsed().as_secs();
                tracing::info!(seconds, "the store is whole");
                self.next = None;
            }
            Ok(false) => {}
            Err(damage @ Fault::Corrupt(_)) => return Err(damage),
            Err(fault @ (Fault::Unavailable(_) | Fault::Bug(_))) => {
                tracing::error!("{fault}");
                self.next = Some(Instant::now() + STORE_RETRY_AFTER);
            }
        }
        Ok(())
    }
}
