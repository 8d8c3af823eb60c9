//! Answers on their way from the decision to the link.

use bytes::Bytes;

use crate::host::{Link, Ticket};
use crate::xmpp::head::Head;

/// An answer that waits for its turn.
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) link: Link,
    pub(super) ticket: Ticket,
    pub(super) stanza: Bytes,
}

impl Answer {
    /// Whether somebody waits for it: who sent an IQ, or wrote a message that is answered.
    pub(super) fn is_awaited(&self) -> bool {
        self.head.wants_answer() || self.head.name == "message" && !self.stanza.is_empty()
    }

    /// Sends it, unless there is nothing to say.
    pub(super) fn send(self) {
        if !self.stanza.is_empty() {
            self.link.reply(self.stanza, self.ticket);
        }
    }
}
