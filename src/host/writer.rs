//! The writing half of a connection: answers first, then notices, in writes of about 64 KiB.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::pings::Pings;
use super::replies::{Replies, Reply};
use super::session::{End, Outgoing};
use super::tickets::Tickets;
use crate::limits::WRITE_BYTES;

/// How long the farewell may take; nothing depends on it.
const FAREWELL: Duration = Duration::from_secs(1);

/// What is written, and what waits to be.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) half: OwnedWriteHalf,
    pub(super) replies: Arc<Replies>,
    pub(super) outgoing: mpsc::Receiver<Outgoing>,
    pub(super) pings: Arc<Pings>,
    pub(super) stall: Duration,
    /// What is being written, and how much of it was.
    pub(super) chunk: Vec<u8>,
    pub(super) written: usize,
    /// The answers inside the chunk.
    pub(super) in_chunk: Vec<Reply>,
}

impl Writer {
    /// Writes until that fails. May be dropped and called again.
    pub(super) async fn run(&mut self) -> End {
        loop {
            if let Err(end) = self.write_chunk().await {
                return end;
            }
            self.fill();
            if self.chunk.is_empty() {
                self.wait().await;
            }
        }
    }

    /// Writes what is queued and what is still being answered, then says good-bye.
    pub(super) async fn drain(&mut self, tickets: &Tickets, patience: Duration) {
        let all_written = async {
            tokio::select! {
                _ = self.run() => return,
                () = tickets.all_back() => {}
            }
            while self.write_chunk().await.is_ok() {
                self.fill();
                if self.chunk.is_empty() {
                    return;
                }
            }
        };
        // What is left after that is sent again by the outbox, or asked again by the client.
        let in_time = timeout(patience, all_written).await.is_ok();
        // In the middle of a stanza, there is no good moment for a footer.
        if in_time && self.chunk.is_empty() {
            let farewell = async {
                self.half.write_all(b"</stream:stream>").await?;
                self.half.shutdown().await
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }

    /// Gives back the answers that were not written; the next connection writes them.
    pub(super) fn give_back(&mut self) {
        self.replies.put_back(self.in_chunk.drain(..));
    }

    fn fill(&mut self) {
        while self.chunk.len() < WRITE_BYTES {
            let Some(reply) = self.replies.pop() else { break };
            self.chunk.extend_from_slice(&reply.bytes);
            self.in_chunk.push(reply);
        }
        if let Some(ping) = self.pings.take_wanted() {
            self.chunk.extend_from_slice(ping.as_bytes());
        }
        while self.chunk.len() < WRITE_BYTES {
            let Ok(item) = self.outgoing.try_recv() else { break };
            self.put(item);
        }
    }

    fn put(&mut self, item: Outgoing) {
        match item {
            Outgoing::Notices(bytes) => self.chunk.extend_from_slice(&bytes),
            Outgoing::Barrier(waiter) => {
                let ping = self.pings.ping(Some(waiter));
                self.chunk.extend_from_slice(ping.as_bytes());
            }
        }
    }

    async fn wait(&mut self) {
        tokio::select! {
            biased;
            () = self.replies.queued() => {}
            () = self.pings.wanted() => {}
            Some(item) = self.outgoing.recv() => self.put(item),
        }
    }

    async fn write_chunk(&mut self) -> Result<(), End> {
        while let Some(rest) = self.chunk.get(self.written..).filter(|rest| !rest.is_empty()) {
            match timeout(self.stall, self.half.write(rest)).await {
                Ok(Ok(0)) => return Err(End::Closed),
                Ok(Ok(count)) => self.written += count,
                Ok(Err(error)) => return Err(End::Io(error)),
                Err(_) => return Err(End::Stalled),
            }
        }
        self.written = 0;
        self.chunk.clear();
        // One large batch is no reason to hold on to its space.
        self.chunk.shrink_to(2 * WRITE_BYTES);
        if !self.in_chunk.is_empty() {
            self.replies.done(self.in_chunk.drain(..));
        }
        Ok(())
    }
}
