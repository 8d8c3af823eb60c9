//! `atomsub`: an XMPP component that is a publish-subscribe service for Atom entries.
//!
//! One straight line, from bytes to bytes:
//!
//! ```text
//! bytes -> guard -> stanza -> Request -> decision -> commit -> reply + outbox -> bytes
//!          host     xml       xmpp       pubsub      store     xmpp   outbox     host
//! ```
//!
//! Everything up to and including the decision is pure. `host` and `store` do I/O; `run` alone wires them.
//! Imports point one way only, and `tests/tidy.rs` holds them to it:
//!
//! ```text
//! run -> cli host outbox -> xmpp store -> pubsub -> atom -> xml -> limits
//! ```

pub mod atom;
pub mod cli;
pub mod config;
pub mod host;
pub mod limits;
pub mod outbox;
pub mod pubsub;
pub mod run;
pub mod store;
pub mod telemetry;
pub mod xml;
pub mod xmpp;
