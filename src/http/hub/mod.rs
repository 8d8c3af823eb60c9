//! The hub (WebSub): whoever has a URL that can be posted to is sent a feed whenever it changes.
//!
//! `POST /hub` takes wishes; `rounds` asks callbacks whether they want what was wished for, and hands documents over.
//! What is decided is up to the engine ([`crate::pubsub::hub`]), also what is still to be told after a restart.

mod call;
mod delivery;
mod form;
mod pending;
mod queue;
mod request;
mod rounds;
mod verification;
mod watch;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::Notify;

pub(super) use request::{about, request};
pub use rounds::run;

use crate::client::{Guard, Network, Settings};
use crate::http::pace::Pace;
use crate::limits::{
    HUB_ANSWER_BYTES_MAX, HUB_AT_ONCE_PER_HOST, HUB_DELIVERIES_AT_ONCE, HUB_PATIENCE, HUB_QUESTIONS_AT_ONCE,
    HUB_WISHES_AT_ONCE_MAX, HUB_WISHES_EVERY, HUB_WISHES_OF_ALL_AT_ONCE_MAX, HUB_WISHES_OF_ALL_EVERY,
};
use crate::pubsub::hub::{Share, Wish};
use crate::pubsub::node::NodeKey;

use pending::Waiting;
use watch::Watch;

/// Where it is, under the public URL.
pub(super) const PATH: &str = "/hub";

/// The hub.
#[derive(Debug)]
pub struct Hub {
    /// For questions to callbacks, which are small, and are asked of whoever is named.
    asking: Guard,
    /// For documents to those that have said that they want them.
    delivering: Guard,
    pending: Waiting,
    /// How often each host was to be asked, and each caller had somebody asked.
    pace: Pace<Share>,
    /// How often anybody had.
    pace_of_all: Pace<()>,
    watch: Watch,
    /// Something is to be done.
    wake: Notify,
}

impl Hub {
    /// A hub that calls itself this, and may also talk to these networks although they are not public.
    pub fn new(agent: &str, allow: &[Network]) -> Result<Self, String> {
        let asking = Guard::new(&Settings {
            patience: HUB_PATIENCE,
            at_once: [HUB_QUESTIONS_AT_ONCE, HUB_AT_ONCE_PER_HOST],
            bytes: [HUB_ANSWER_BYTES_MAX, HUB_ANSWER_BYTES_MAX],
            ..Settings::new(agent, allow.to_vec())
        })?;
        Ok(Self {
            delivering: asking.beside([HUB_DELIVERIES_AT_ONCE, HUB_AT_ONCE_PER_HOST]),
            asking,
            pending: Waiting::default(),
            pace: Pace::new(HUB_WISHES_EVERY, HUB_WISHES_AT_ONCE_MAX, Share::All),
            pace_of_all: Pace::new(HUB_WISHES_OF_ALL_EVERY, HUB_WISHES_OF_ALL_AT_ONCE_MAX, ()),
            watch: Watch::default(),
            wake: Notify::new(),
        })
    }

    /// Counts a wish; how long to wait where it is one too many for its caller, its host, or all together.
    fn count(&self, wish: &Wish) -> Result<(), Duration> {
        let caller = wish.caller.clone().map(Share::Caller);
        caller.into_iter().chain([Share::Host(wish.host.clone())]).try_for_each(|of| self.pace.count(of))?;
        self.pace_of_all.count(())
    }

    /// A commit has changed these nodes.
    pub(super) fn changed(&self, nodes: &BTreeSet<NodeKey>) {
        if self.watch.changed(nodes) {
            self.wake.notify_one();
        }
    }
}
