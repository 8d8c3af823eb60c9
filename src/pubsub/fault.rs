//! Faults: what the operator has to act on. A caller never sees more than `internal-server-error`.

use super::refusal::Refusal;

/// Something is wrong with the service, not with the request.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store could not be read or written.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The store holds something that it cannot have been given.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The service broke one of its own rules.
    #[error("bug: {0}")]
    Bug(String),
}

/// Why a request did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The caller's business: becomes a stanza error.
    Refused(Refusal),
    /// The operator's business: logged.
    Faulted(Fault),
    /// It cannot be decided before the rosters of these owners are known. Nothing is changed.
    Missing(Vec<String>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Faulted(fault)
    }
}
