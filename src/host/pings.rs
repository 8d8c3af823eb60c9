//! Pings to ourselves (XEP-0199). The host routes them back, which proves that it has read all that was sent before.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use crate::xml::Writer;

/// The pings of one connection that are under way.
#[derive(Debug)]
pub(super) struct Pings {
    jid: String,
    /// Nobody else can know it, so nobody else can answer in the host's place.
    prefix: String,
    state: Mutex<State>,
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// Oldest first, as they come back.
    under_way: VecDeque<Ping>,
    is_wanted: bool,
}

#[derive(Debug)]
struct Ping {
    number: u64,
    sent: Instant,
    waiter: Option<oneshot::Sender<()>>,
}

impl Pings {
    pub(super) fn new(jid: &str) -> Self {
        let prefix = format!("{:032x}-", rand::random::<u128>());
        Self { jid: jid.to_owned(), prefix, state: Mutex::default(), wanted: Notify::new() }
    }

    /// Asks the writer for a ping, ahead of the notices.
    pub(super) fn want(&self) {
        self.state().is_wanted = true;
        self.wanted.notify_one();
    }

    /// Waits until a ping is wanted.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// The ping that is wanted, if one is.
    pub(super) fn take_wanted(&self) -> Option<String> {
        let is_wanted = std::mem::take(&mut self.state().is_wanted);
        is_wanted.then(|| self.ping(None))
    }

    /// Renders the next ping; `waiter` is told when it is back.
    pub(super) fn ping(&self, waiter: Option<oneshot::Sender<()>>) -> String {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.under_way.push_back(Ping { number, sent: Instant::now(), waiter });
        let id = format!("{}{number}", self.prefix);
        let mut xml = Writer::new();
        xml.open("iq").attr("type", "get").attr("from", &self.jid).attr("to", &self.jid).attr("id", &id);
        xml.open("ping").attr("xmlns", "urn:xmpp:ping");
        xml.finish()
    }

    /// Takes note of a ping that is back; whether `id` is one of ours.
    pub(super) fn is_back(&self, id: &str) -> bool {
        let Some(number) = id.strip_prefix(&self.prefix).and_then(|number| number.parse::<u64>().ok()) else {
            return false;
        };
        let mut state = self.state();
        // The stream is ordered: what was sent before this one was read too.
        while state.under_way.front().is_some_and(|ping| ping.number <= number) {
            if let Some(waiter) = state.under_way.pop_front().and_then(|ping| ping.waiter) {
                // Whoever waited may be gone.
                let _ = waiter.send(());
            }
        }
        true
    }

    /// The oldest ping that is not back, if it was sent longer ago than `patience`.
    pub(super) fn late(&self, patience: Duration) -> Option<u64> {
        self.state().under_way.front().filter(|ping| ping.sent.elapsed() > patience).map(|ping| ping.number)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
