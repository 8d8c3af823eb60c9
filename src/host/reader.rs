//! The reading half of a connection: bytes to stanzas, and the watch on whether the host is there at all.

use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::pings::Pings;
use super::replies::Replies;
use super::session::End;
use super::tickets::Tickets;
use super::{Inbound, StreamError, Ticket, Timeouts};
use crate::xml::{COMPONENT_NS, Limits};
use crate::xmpp::guard::{Arrival, Frame, Guard, read};

/// Having to wait this long for bytes means that the host has nothing more for us yet.
const DRY: Duration = Duration::from_millis(10);

/// What is read, and where it goes.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) half: BufReader<OwnedReadHalf>,
    pub(super) guard: Guard,
    pub(super) inbound: mpsc::Sender<Inbound>,
    pub(super) tickets: Tickets,
    pub(super) replies: Arc<Replies>,
    pub(super) pings: Arc<Pings>,
    pub(super) limits: Limits,
    pub(super) timeouts: Timeouts,
    /// Whether the host was asked for a sign of life.
    pub(super) is_asked: bool,
}

impl Reader {
    /// Reads until the stream ends.
    pub(super) async fn run(&mut self) -> End {
        // The login may have read ahead.
        let mut outcome = self.take_all().await;
        loop {
            match outcome {
                Ok(()) => outcome = self.step().await,
                Err(end) => return end,
            }
        }
    }

    async fn step(&mut self) -> Result<(), End> {
        let began = Instant::now();
        let patience = if self.is_asked { self.timeouts.answer } else { self.timeouts.quiet };
        let Ok(bytes) = timeout(patience, self.half.fill_buf()).await else { return self.is_quiet() };
        let bytes = bytes.map_err(End::Io)?;
        if bytes.is_empty() {
            return Err(End::Closed);
        }
        let taken = bytes.len();
        self.guard.feed(bytes);
        self.half.consume(taken);
        self.acknowledge();
        self.is_asked = false;
        // While there is always more to read, a ping may be somewhere behind it; when not, it should be here by now.
        let late = if began.elapsed() > DRY { self.pings.late(self.timeouts.barrier) } else { None };
        self.take_all().await?;
        if late.is_some() && self.pings.late(self.timeouts.barrier) == late {
            return Err(End::PingLost);
        }
        Ok(())
    }

    /// Acknowledges at once what was read. Otherwise the system waits 40 ms for something to send along with it, and as
    /// long waits a host that sends in pieces and holds back the next until the last is acknowledged, as Prosody does.
    fn acknowledge(&self) {
        // Only faster: without it all works as well.
        #[cfg(target_os = "linux")]
        let _ = SockRef::from(self.half.get_ref().as_ref()).set_tcp_quickack(true);
    }

    /// Takes what came completely.
    async fn take_all(&mut self) -> Result<(), End> {
        while let Some(frame) = self.guard.next_frame().map_err(End::NotXml)? {
            self.take(frame).await?;
        }
        Ok(())
    }

    /// Nothing came for a while.
    fn is_quiet(&mut self) -> Result<(), End> {
        if self.is_asked {
            return Err(End::Silent);
        }
        self.pings.want();
        self.is_asked = true;
        Ok(())
    }

    async fn take(&mut self, frame: Frame) -> Result<(), End> {
        let size = match &frame {
            Frame::Stanza(bytes) => bytes.len(),
            Frame::Refused { .. } | Frame::Footer => 0,
        };
        match read(frame, &self.limits) {
            Arrival::Footer => Err(End::Footer),
            Arrival::Refused { head, why } => {
                tracing::debug!(from = head.from, "refused a stanza: {why}");
                self.hand_up(size, |ticket| Inbound::Refused { head, why, ticket }).await
            }
            Arrival::Stanza(stanza) => {
                if let Some(error) = StreamError::read(&stanza) {
                    return Err(End::Stream(error));
                }
                let root = stanza.root();
                if root.ns() != COMPONENT_NS {
                    tracing::debug!(name = root.name(), ns = root.ns(), "ignored what is no stanza");
                    return Ok(());
                }
                if root.name() == "iq" && root.attr("id").is_some_and(|id| self.pings.is_back(id)) {
                    return Ok(());
                }
                self.hand_up(size, |ticket| Inbound::Stanza(stanza, ticket)).await
            }
        }
    }

    /// Waits until there is room, so that the host and not our memory holds what we cannot answer yet.
    async fn hand_up(&mut self, size: usize, what: impl FnOnce(Ticket) -> Inbound) -> Result<(), End> {
        self.replies.have_room().await;
        let ticket = self.tickets.take(size).await.ok_or(End::ShutDown)?;
        self.inbound.send(what(ticket)).await.map_err(|_| End::ShutDown)
    }
}
