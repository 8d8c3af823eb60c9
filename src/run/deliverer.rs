//! The deliverer of a service: asks the line for portions, hands them to the link, and has them proven.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::sleep;

use crate::host::{Down, Link, Session};
use crate::limits::{MULTICAST_PORTIONS_MAX, PROOF_AFTER, STORE_RETRY_AFTER};
use crate::outbox::Portion;
use crate::pubsub::Fault;
use crate::xmpp::multicast::Multicast;

use super::line::{Job, Step};
use super::multicast::Guide;

/// The deliverer of one service.
pub(super) struct Deliverer {
    pub(super) service: usize,
    pub(super) link: Link,
    pub(super) line: mpsc::Sender<Job>,
    pub(super) guide: Arc<Guide>,
    pub(super) wake: Arc<Notify>,
}

impl Deliverer {
    /// Delivers on one connection after the other, until the link has shut down.
    pub(super) async fn run(self) {
        while let Ok(session) = self.link.next_session().await {
            tokio::select! {
                // However it ends, there will be another connection or a shutdown.
                _ = self.deliver(&session) => {}
                () = session.ended() => {}
            }
            if self.line.is_closed() {
                return;
            }
        }
    }

    /// Delivers on one connection: through the host's multicast service, if there is one, as long as that works.
    async fn deliver(&self, session: &Session) -> Result<(), Down> {
        if let Some(multicast) = self.guide.find(session).await? {
            self.begin(session, Some(&multicast)).await?;
            self.guide.drained(session, &multicast).await?;
        }
        self.begin(session, None).await
    }

    /// Delivers one way; ends without an error when another one is to be taken.
    async fn begin(&self, session: &Session, multicast: Option<&Multicast>) -> Result<(), Down> {
        // What was sent on another connection, or another way, is not proven any more.
        self.step(Step::Begin(multicast.cloned())).await?;
        let (sent, seen) = watch::channel(0);
        let (passed, has_passed) = watch::channel(0);
        let has_passed = multicast.map(|_| has_passed);
        tokio::select! {
            ended = self.send(session, has_passed, sent) => ended,
            ended = self.prove(session, multicast, seen, passed) => ended,
            () = self.guide.given_up(), if multicast.is_some() => Ok(()),
        }
    }

    /// Hands portions to the link as long as there are some, and waits for more. Where it has to look at what has passed
    /// a multicast service, it waits for that too.
    async fn send(
        &self,
        session: &Session,
        mut passed: Option<watch::Receiver<u64>>,
        sent: watch::Sender<u64>,
    ) -> Result<(), Down> {
        let mut first = None;
        loop {
            match self.next().await? {
                Ok(Some(Portion { number, stanzas })) => {
                    let first = *first.get_or_insert(number);
                    if let Some(passed) = &mut passed {
                        let has_room = |passed: &u64| number < first.max(*passed) + MULTICAST_PORTIONS_MAX;
                        passed.wait_for(has_room).await.map_err(|_| Down)?;
                    }
                    if !stanzas.is_empty() {
                        session.notices(stanzas).await?;
                    }
                    sent.send_replace(number);
                }
                Ok(None) => self.wake.notified().await,
                Err(_) => sleep(STORE_RETRY_AFTER).await,
            }
        }
    }

    /// Asks the host again and again whether it has read all that was sent, a little while after something was, so
    /// that one proof does for many. What went through a multicast service has to have passed that too.
    async fn prove(
        &self,
        session: &Session,
        multicast: Option<&Multicast>,
        mut sent: watch::Receiver<u64>,
        passed: watch::Sender<u64>,
    ) -> Result<(), Down> {
        let mut proven = 0;
        loop {
            sent.wait_for(|sent| *sent > proven).await.map_err(|_| Down)?;
            sleep(PROOF_AFTER).await;
            proven = *sent.borrow();
            let echo = match multicast {
                Some(multicast) => Some(self.guide.echo(session, multicast).await?),
                None => None,
            };
            session.barrier().await?;
            if let Some(echo) = echo
                && !self.guide.has_passed(echo).await
            {
                return Ok(());
            }
            self.step(Step::Proven(proven)).await?;
            passed.send_replace(proven);
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
