//! Answers on their way from the decision to the link.

use bytes::Bytes;
use uuid::Uuid;

use crate::host::{Link, Ticket};
use crate::pubsub::{Failure, Fault, Refusal, Why};
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

/// What a caller sees of a fault; the operator finds the rest in the log by its id.
pub(super) fn hidden(fault: &Fault) -> Refusal {
    let id = Uuid::now_v7().simple();
    tracing::error!(%id, "{fault}");
    Why::Internal.because(format!("the service could not do this; its log tells more under {id}"))
}

/// Logs what went wrong where nobody asked.
pub(super) fn told<R>(done: Result<R, Failure>) -> Result<R, Fault> {
    done.map_err(|failure| {
        let fault = match failure {
            Failure::Refused(refusal) => Fault::Bug(format!("the service refused itself: {:?}", refusal.why)),
            Failure::Faulted(fault) => fault,
            Failure::Missing(owners) => Fault::Bug(format!("nothing waits for the rosters of {owners:?}")),
        };
        tracing::error!("{fault}");
        fault
    })
}
