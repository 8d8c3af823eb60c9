//! The roll call after the link came up: all contacts are greeted, and after a while it is known who is online.

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::host::{Down, Link};
use crate::limits::{CONTACTS_PAUSE, PRESENCES_COMPLETE_AFTER};

use super::line::Job;
use super::presence::Learned;

/// The roll call of one service.
pub(super) struct RollCall {
    pub(super) service: usize,
    pub(super) link: Link,
    pub(super) line: mpsc::Sender<Job>,
}

impl RollCall {
    /// Calls; it is stopped when the link is lost.
    pub(super) async fn run(self) {
        // It ends early with the link or with the program.
        let _ = self.call().await;
    }

    async fn call(&self) -> Result<(), Down> {
        let session = self.link.session()?;
        let mut after = None;
        loop {
            let (asker, page) = oneshot::channel();
            self.ask(Learned::Greeting(after, asker)).await?;
            let (stanzas, last) = page.await.map_err(|_| Down)?;
            if !stanzas.is_empty() {
                session.notices(stanzas).await?;
            }
            if last.is_none() {
                break;
            }
            after = last;
            sleep(CONTACTS_PAUSE).await;
        }
        sleep(PRESENCES_COMPLETE_AFTER).await;
        let mut after = None;
        loop {
            let (asker, page) = oneshot::channel();
            self.ask(Learned::Settled(after, asker)).await?;
            after = page.await.map_err(|_| Down)?;
            if after.is_none() {
                return Ok(());
            }
            sleep(CONTACTS_PAUSE).await;
        }
    }

    async fn ask(&self, learned: Learned) -> Result<(), Down> {
        self.line.send(Job::Learned(self.service, learned)).await.map_err(|_| Down)
    }
}
