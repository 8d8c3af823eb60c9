//! Whom notices reach: what a service has learned about others since it started.

use super::bounce::Bounces;
use super::presence::presences::Presences;

/// What the outbox has to know besides the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Who is online.
    pub presences: Presences,
    /// Whose notices came back.
    pub bounces: Bounces,
}
