//! The deliverer of a service: asks the line for portions, hands them to the link, and has them proven.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::sleep;

use crate::host::{Down, Link, Session};
use crate::limits::PROOF_AFTER;
use crate::outbox::Portion;

use super::line::{Job, Step};

/// The deliverer of one service.
pub(super) struct Deliverer {
    pub(super) service: usize,
    pub(super) link: Link,
    pub(super) line: mpsc::Sender<Job>,
    pub(super) wake: Arc<Notify>,
}

type Proof = Pin<Box<dyn Future<Output = Result<u64, Down>> + Send>>;

impl Deliverer {
    /// Delivers on one connection after the other, until the link has shut down.
    pub(super) async fn run(self) {
        while let Ok(session) = self.link.next_session().await {
            // A new connection proves nothing of what was sent on the one before.
            if self.step(Step::Lost).await.is_err() {
                return;
            }
            // However it ends, there will be another connection or a shutdown.
            let _ = self.serve(&session).await;
        }
    }

    async fn serve(&self, session: &Session) -> Result<(), Down> {
        let sent = Arc::new(AtomicU64::new(0));
        let mut proof: Option<Proof> = None;
        loop {
            if let Some(portion) = self.next().await? {
                if !portion.stanzas.is_empty() {
                    session.notices(portion.stanzas).await?;
                }
                sent.store(portion.number, Ordering::Relaxed);
                proof.get_or_insert_with(|| prove(session.clone(), Arc::clone(&sent)));
                continue;
            }
            match proof.as_mut() {
                None => self.wake.notified().await,
                Some(waiting) => tokio::select! {
                    proven = waiting => {
                        let proven = proven?;
                        self.step(Step::Proven(proven)).await?;
                        let rest = sent.load(Ordering::Relaxed) > proven;
                        proof = rest.then(|| prove(session.clone(), Arc::clone(&sent)));
                    }
                    () = self.wake.notified() => {}
                },
            }
        }
    }

    async fn next(&self) -> Result<Option<Portion>, Down> {
        let (asker, portion) = oneshot::channel();
        self.step(Step::Next(asker)).await?;
        portion.await.map_err(|_| Down)
    }

    async fn step(&self, step: Step) -> Result<(), Down> {
        self.line.send(Job::Outbox(self.service, step)).await.map_err(|_| Down)
    }
}

/// After a little while, so that one proof does for many, asks the host whether it has read all that was sent.
fn prove(session: Session, sent: Arc<AtomicU64>) -> Proof {
    Box::pin(async move {
        sleep(PROOF_AFTER).await;
        let portion = sent.load(Ordering::Relaxed);
        session.barrier().await?;
        Ok(portion)
    })
}
