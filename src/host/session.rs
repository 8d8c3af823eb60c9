//! One connection from login to end: its two halves run until the first of them ends.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use super::pings::Pings;
use super::reader::Reader;
use super::replies::Replies;
use super::tickets::Tickets;
use super::writer::Writer;
use super::{Connection, Inbound, Settings, StreamError};
use crate::limits::NOTICE_BATCHES_MAX;
use crate::xmpp::guard::NotXml;

/// The connection ended, and with it whatever was not proven to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the link is down")]
pub struct Down;

/// A handle on one connection. A barrier vouches for the notices of its own connection only, hence they share it.
#[derive(Clone, Debug)]
pub struct Session(pub(super) mpsc::Sender<Outgoing>);

/// What waits to be written behind the answers.
#[derive(Debug)]
pub(super) enum Outgoing {
    Notices(Bytes),
    Barrier(oneshot::Sender<()>),
}

impl Session {
    /// Queues complete stanzas, ideally some 64 KiB of them; waits while the queue is full.
    pub async fn notices(&self, stanzas: Bytes) -> Result<(), Down> {
        self.0.send(Outgoing::Notices(stanzas)).await.map_err(|_| Down)
    }

    /// Resolves once the host has read all notices that were queued here before.
    pub async fn barrier(&self) -> Result<(), Down> {
        let (waiter, back) = oneshot::channel();
        self.0.send(Outgoing::Barrier(waiter)).await.map_err(|_| Down)?;
        back.await.map_err(|_| Down)
    }

    /// Waits until this connection is over.
    pub async fn ended(&self) {
        self.0.closed().await;
    }

    /// Whether this connection is still the one.
    pub fn is_up(&self) -> bool {
        !self.0.is_closed()
    }
}

/// Why a connection ended.
#[derive(Debug, Error)]
pub(super) enum End {
    #[error("{0}")]
    Io(io::Error),
    #[error("the server closed the connection")]
    Closed,
    #[error("the server ended the stream")]
    Footer,
    #[error("stream error: {0}")]
    Stream(StreamError),
    #[error("the server does not speak XMPP: {0}")]
    NotXml(NotXml),
    #[error("the server gives no sign of life")]
    Silent,
    #[error("the server takes nothing more")]
    Stalled,
    #[error("a ping to ourselves did not come back; is another instance connected with the same JID?")]
    PingLost,
    #[error("shut down")]
    ShutDown,
}

/// What all connections of a link share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) inbound: mpsc::Sender<Inbound>,
    pub(super) tickets: Tickets,
    pub(super) replies: Arc<Replies>,
    pub(super) session: watch::Sender<Option<Session>>,
}

impl Shared {
    /// Serves one connection until it ends or `stop` says so.
    pub(super) async fn serve(&self, connection: Connection, stop: &mut watch::Receiver<bool>) -> End {
        let (sender, outgoing) = mpsc::channel(NOTICE_BATCHES_MAX);
        let pings = Arc::new(Pings::new(&self.settings.jid));
        let mut reader = Reader {
            half: connection.reader,
            guard: connection.guard,
            inbound: self.inbound.clone(),
            tickets: self.tickets.clone(),
            replies: Arc::clone(&self.replies),
            pings: Arc::clone(&pings),
            limits: self.settings.limits,
            timeouts: self.settings.timeouts,
            is_asked: false,
        };
        let mut writer = Writer {
            half: connection.writer,
            replies: Arc::clone(&self.replies),
            outgoing,
            pings,
            stall: self.settings.timeouts.stall,
            chunk: Vec::new(),
            written: 0,
            in_chunk: Vec::new(),
        };
        self.session.send_replace(Some(Session(sender)));
        let end = tokio::select! {
            biased;
            () = stopped(stop) => End::ShutDown,
            end = writer.run() => end,
            end = async {
                match self.inbound.send(Inbound::Up).await {
                    Ok(()) => reader.run().await,
                    Err(_) => End::ShutDown,
                }
            } => end,
        };
        // No more notices; those queued are the outbox's to send again.
        self.session.send_replace(None);
        if matches!(end, End::ShutDown) {
            writer.drain(&self.tickets, self.settings.timeouts.drain).await;
        }
        writer.give_back();
        end
    }
}

/// Waits until the link is told to stop, or nobody is left to tell it.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that all handles are gone, which is the same wish.
    let _ = stop.wait_for(|stop| *stop).await;
}
