//! What the link has to know: whom to connect to, as whom, and how patient to be.

use std::time::Duration;

use super::Secret;
use crate::xml::Limits;

/// One component of one server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The component's JID, such as `pubsub.example.org`.
    pub jid: String,
    /// Where the server listens for components: `host:port`.
    pub server: String,
    /// The secret that both sides know.
    pub secret: Secret,
    /// What one stanza may cost.
    pub limits: Limits,
    /// How long to wait for what.
    pub timeouts: Timeouts,
}

/// How long the link waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection and the login together.
    pub login: Duration,
    /// For the host to say anything, before it is asked whether it is there.
    pub quiet: Duration,
    /// For any sign of life after that question.
    pub answer: Duration,
    /// For a barrier to come back; it waits behind all that the host has yet to read.
    pub barrier: Duration,
    /// For the host to take a single byte of what is being written.
    pub stall: Duration,
    /// For answers under way, when the link is shut down.
    pub drain: Duration,
    /// The first and shortest pause before connecting again.
    pub retry_min: Duration,
    /// The longest pause before connecting again.
    pub retry_max: Duration,
    /// The shortest pause when someone has to change something first, such as a wrong secret.
    pub retry_refused: Duration,
    /// After how long the same complaint is logged again.
    pub repeat: Duration,
}

impl Settings {
    /// The usual limits and timeouts.
    pub fn new(jid: impl Into<String>, server: impl Into<String>, secret: Secret) -> Self {
        Self {
            jid: jid.into(),
            server: server.into(),
            secret,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            login: Duration::from_secs(10),
            quiet: Duration::from_secs(60),
            answer: Duration::from_secs(15),
            barrier: Duration::from_secs(60),
            stall: Duration::from_secs(60),
            drain: Duration::from_secs(3),
            retry_min: Duration::from_millis(200),
            retry_max: Duration::from_secs(60),
            retry_refused: Duration::from_secs(15),
            repeat: Duration::from_secs(600),
        }
    }
}
