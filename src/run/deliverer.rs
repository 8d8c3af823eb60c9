//! The deliverer of a service: asks the line for portions, hands them to the link, and has them proven.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::sleep;

use crate::host::{Down, Link, Session};
use crate::limits::{PROOF_AFTER, STORE_RETRY_AFTER};
use crate::outbox::Portion;
use crate::pubsub::Fault;

use super::line::{Job, Step};

/// The deliverer of one service.
pub(super) struct Deliverer {
    pub(super) service: usize,
    pub(super) link: Link,
    pub(super) line: mpsc::Sender<Job>,
    pub(super) wake: Arc<Notify>,
}

impl Deliverer {
    /// Delivers on one connection after the other, until the link has shut down.
    pub(super) async fn run(self) {
        while let Ok(session) = self.link.next_session().await {
            // A new connection proves nothing of what was sent on the one before.
            if self.step(Step::Lost).await.is_err() {
                return;
            }
            let (sent, seen) = watch::channel(0);
            tokio::select! {
                // However it ends, there will be another connection or a shutdown.
                _ = self.send(&session, sent) => {}
                _ = self.prove(&session, seen) => {}
                () = session.ended() => {}
            }
        }
    }

    /// Hands portions to the link as long as there are some, and waits for more.
    async fn send(&self, session: &Session, sent: watch::Sender<u64>) -> Result<(), Down> {
        loop {
            match self.next().await? {
                Ok(Some(portion)) => {
                    if !portion.stanzas.is_empty() {
                        session.notices(portion.stanzas).await?;
                    }
                    sent.send_replace(portion.number);
                }
                Ok(None) => self.wake.notified().await,
                Err(_) => sleep(STORE_RETRY_AFTER).await,
            }
        }
    }

    /// Asks the host again and again whether it has read all that was sent, a little while after something was, so
    /// that one proof does for many.
    async fn prove(&self, session: &Session, mut sent: watch::Receiver<u64>) -> Result<(), Down> {
        let mut proven = 0;
        loop {
            sent.wait_for(|sent| *sent > proven).await.map_err(|_| Down)?;
            sleep(PROOF_AFTER).await;
            proven = *sent.borrow();
            session.barrier().await?;
            self.step(Step::Proven(proven)).await?;
        }
    }

    async fn next(&self) -> Result<Result<Option<Portion>, Fault>, Down> {
        let (asker, portion) = oneshot::channel();
        self.step(Step::Next(asker)).await?;
        portion.await.map_err(|_| Down)
    }

    async fn step(&self, step: Step) -> Result<(), Down> {
        self.line.send(Job::Outbox(self.service, step)).await.map_err(|_| Down)
    }
}
