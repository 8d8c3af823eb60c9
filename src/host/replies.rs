//! Answers that wait to be written. They outlive a connection: whoever asked is still there when the link is not.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::Ticket;
use crate::limits::REPLY_BYTES_MAX;

/// An answer and the place it frees.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) bytes: Bytes,
    pub(super) _ticket: Ticket,
}

/// The queue; as long as there are tickets, and no longer.
#[derive(Debug, Default)]
pub(super) struct Replies {
    queue: Mutex<Queue>,
    queued: Notify,
    written: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Reply>,
    /// Bytes of those that wait and those that are being written.
    bytes: usize,
}

impl Replies {
    pub(super) fn push(&self, bytes: Bytes, ticket: Ticket) {
        let mut queue = self.queue();
        queue.bytes += bytes.len();
        queue.waiting.push_back(Reply { bytes, _ticket: ticket });
        self.queued.notify_one();
    }

    /// Takes the next one to write; [`Replies::done`] or [`Replies::put_back`] follow.
    pub(super) fn pop(&self) -> Option<Reply> {
        self.queue().waiting.pop_front()
    }

    /// These were written, so their places are free.
    pub(super) fn done(&self, written: impl Iterator<Item = Reply>) {
        let bytes: usize = written.map(|reply| reply.bytes.len()).sum();
        self.queue().bytes -= bytes;
        self.written.notify_one();
    }

    /// These were not written after all; they are the next ones again.
    pub(super) fn put_back(&self, unwritten: impl DoubleEndedIterator<Item = Reply>) {
        let mut queue = self.queue();
        for reply in unwritten.rev() {
            queue.waiting.push_front(reply);
        }
        self.queued.notify_one();
    }

    /// Waits until there may be one to take.
    pub(super) async fn queued(&self) {
        self.queued.notified().await;
    }

    /// Waits until so few bytes are queued that another request may come.
    pub(super) async fn have_room(&self) {
        while self.queue().bytes > REPLY_BYTES_MAX {
            self.written.notified().await;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
