//! The link: one connection after the other, for ever.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::replies::Replies;
use super::session::{Down, End, Session, Shared, stopped};
use super::tickets::{Ticket, Tickets};
use super::{Backoff, LoginError, Pace, Repeat, Settings, connect};
use crate::xml::{Tree, XmlError};
use crate::xmpp::head::Head;

/// What comes from the host.
#[derive(Debug)]
pub enum Inbound {
    /// The link is up; stanzas follow.
    Up,
    /// A stanza. Its ticket goes back with the answer, or is dropped when there is none.
    Stanza(Tree, Ticket),
    /// A stanza that cannot be served; a request still has to be answered.
    Refused {
        /// Who sent it, as far as its start tag tells.
        head: Head,
        /// What is wrong with it.
        why: XmlError,
        /// As for a stanza.
        ticket: Ticket,
    },
    /// The link is down; it will be up again.
    Down,
}

/// A handle on the link. When all are gone, the link shuts down.
#[derive(Clone, Debug)]
pub struct Link {
    replies: Arc<Replies>,
    session: watch::Receiver<Option<Session>>,
    stop: Arc<watch::Sender<bool>>,
}

impl Link {
    /// Queues an answer. It waits for the next connection if there is none.
    pub fn reply(&self, stanza: Bytes, ticket: Ticket) {
        self.replies.push(stanza, ticket);
    }

    /// Whether the link is up.
    pub fn is_up(&self) -> bool {
        self.session.borrow().is_some()
    }

    /// The connection, to send notices on.
    pub fn session(&self) -> Result<Session, Down> {
        self.session.borrow().clone().ok_or(Down)
    }

    /// Waits until there is a connection; an error when the link has shut down for good.
    pub async fn next_session(&self) -> Result<Session, Down> {
        let mut session = self.session.clone();
        let up = session.wait_for(Option::is_some).await.map_err(|_| Down)?;
        up.clone().ok_or(Down)
    }

    /// Stops reading, writes the answers under way, and closes the stream.
    pub fn shut_down(&self) {
        self.stop.send_replace(true);
    }
}

/// Starts to connect, and keeps connecting until shut down. The server need not be up yet.
pub fn start(settings: Settings, inbound: mpsc::Sender<Inbound>) -> (Link, JoinHandle<()>) {
    let replies = Arc::new(Replies::default());
    let (session, session_seen) = watch::channel(None);
    let (stop, stop_seen) = watch::channel(false);
    let link = Link { replies: Arc::clone(&replies), session: session_seen, stop: Arc::new(stop) };
    let shared = Shared { settings, inbound, tickets: Tickets::new(), replies, session };
    (link, tokio::spawn(keep_up(shared, stop_seen)))
}

async fn keep_up(shared: Shared, mut stop: watch::Receiver<bool>) {
    let timeouts = shared.settings.timeouts;
    let (mut backoff, mut repeat) = (Backoff::new(&timeouts), Repeat::new(timeouts.repeat));
    loop {
        let connected = tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            connected = connect(&shared.settings) => connected,
        };
        let pace = match connected {
            Ok(connection) => {
                let began = Instant::now();
                tracing::info!(jid = shared.settings.jid, server = shared.settings.server, "linked");
                let end = shared.serve(connection, &mut stop).await;
                let lasted = began.elapsed();
                backoff.held(lasted);
                if lasted >= timeouts.retry_refused {
                    repeat.clear();
                }
                let is_over = matches!(end, End::ShutDown);
                let pace = tell_end(&shared.settings, end, &mut repeat);
                let is_told = tokio::select! {
                    biased;
                    sent = shared.inbound.send(Inbound::Down) => sent.is_ok(),
                    () = stopped(&mut stop) => false,
                };
                if is_over || !is_told {
                    return;
                }
                pace
            }
            Err(error) => tell(&error.advice(&shared.settings), error.pace(), &mut repeat),
        };
        if sleeps_until_stopped(backoff.pause(pace, rand::random()), &mut stop).await {
            return;
        }
    }
}

/// Logs why a connection ended; how soon to try again.
fn tell_end(settings: &Settings, end: End, repeat: &mut Repeat) -> Pace {
    match end {
        End::ShutDown => {
            tracing::info!(jid = settings.jid, "link closed");
            Pace::Soon
        }
        // A component that is thrown out by another needs the same advice as one that is not let in.
        End::Stream(error) => {
            let error = LoginError::from(error);
            tell(&error.advice(settings), error.pace(), repeat)
        }
        end @ (End::Io(_)
        | End::Closed
        | End::Footer
        | End::NotXml(_)
        | End::Silent
        | End::Stalled
        | End::PingLost) => tell(&format!("lost the link to {}: {end}", settings.server), Pace::Soon, repeat),
    }
}

/// Logs a complaint, loudly when someone has to do something about it.
fn tell(line: &str, pace: Pace, repeat: &mut Repeat) -> Pace {
    match (repeat.is_due(line, Instant::now()), pace) {
        (true, Pace::Slow) => tracing::error!("{line}"),
        (true, Pace::Soon) => tracing::warn!("{line}"),
        (false, _) => tracing::debug!("{line}"),
    }
    pace
}

async fn sleeps_until_stopped(pause: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    timeout(pause, stopped(stop)).await.is_ok()
}
