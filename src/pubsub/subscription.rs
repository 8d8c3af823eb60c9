//! Subscriptions: who hears of a node — XEP-0060 [#substates].

use serde::{Deserialize, Serialize};

use super::jid::Jid;
use super::subscription_options::{Expire, SubscriptionOptions};
use super::time::Timestamp;

/// The state of a subscription. `none` is the absence of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// An owner has yet to approve it.
    Pending,
    /// The subscriber has yet to configure it.
    Unconfigured,
    /// Notices are delivered.
    Subscribed,
}

impl State {
    /// The word of the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Unconfigured => "unconfigured",
            Self::Subscribed => "subscribed",
        }
    }
}

/// What tells the subscriptions of one node apart, in the order in which they are kept and delivered to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubscriptionKey {
    /// The bare JID of the subscriber.
    pub bare: String,
    /// The resource, if a full JID is subscribed.
    pub resource: Option<String>,
    /// The SubID.
    pub subid: String,
}

/// A subscription of one JID to one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where notices go: a bare or a full JID.
    pub jid: Jid,
    /// Unique among the subscriptions of the node.
    pub subid: String,
    /// Its state.
    pub state: State,
    /// When it was made.
    pub created: Timestamp,
    /// Whether everybody may know of it — XEP-0465.
    pub public: bool,
    /// How its owner wants to hear.
    pub options: SubscriptionOptions,
    /// When the next digest is due, for those who want digests.
    pub digest_due: Option<Timestamp>,
    /// Items up to this place were in a digest already.
    pub digested: u64,
    /// The first place in the outbox whose notices are for it. Set by the store.
    pub since: u64,
}

impl Subscription {
    /// A new subscription.
    pub fn new(jid: Jid, subid: String, state: State, options: SubscriptionOptions, now: Timestamp) -> Self {
        let mut new = Self {
            jid,
            subid,
            state,
            created: now,
            public: false,
            options,
            digest_due: None,
            digested: 0,
            since: 0,
        };
        new.schedule_digest(now);
        new
    }

    /// Sets when the next digest is due.
    pub fn schedule_digest(&mut self, now: Timestamp) {
        let later = Timestamp(now.0.saturating_add_unsigned(self.options.digest_milliseconds));
        self.digest_due = self.options.digest.then_some(later);
    }

    /// When something has to be done about the subscription without anybody asking.
    pub fn due(&self) -> Option<Timestamp> {
        let end = match self.options.expire {
            Expire::At(end) => Some(end),
            Expire::Never | Expire::WithPresence => None,
        };
        self.digest_due.into_iter().chain(end).min()
    }

    /// Its place among the subscriptions of its node.
    pub fn key(&self) -> SubscriptionKey {
        SubscriptionKey {
            bare: self.jid.bare().to_owned(),
            resource: self.jid.resource().map(str::to_owned),
            subid: self.subid.clone(),
        }
    }
}
