//! `atomsub`: an XMPP component that is a publish-subscribe service for Atom entries.
//!
//! One straight line, from bytes to bytes:
//!
//! ```text
//! bytes -> guard -> stanza -> Request -> decision -> commit -> reply + outbox -> bytes
//!          xmpp     xml       xmpp       pubsub      store     xmpp   outbox     host
//! ```
//!
//! Everything up to and including the decision is pure. `feeds`, `host`, `http` and `store` do I/O; `run` alone wires
//! them.
//! Imports point one way only: a module may use those before it in this line and none that stands beside it.
//! `tests/tidy.rs` reads the line and holds them to it:
//!
//! ```text
//! limits < xml < atom < pubsub < xmpp store < feeds host http outbox < config < cli telemetry < run < main
//! ```

pub mod atom;
pub mod cli;
pub mod config;
pub mod feeds;
pub mod host;
pub mod http;
pub mod limits;
pub mod outbox;
pub mod pubsub;
pub mod run;
pub mod store;
pub mod telemetry;
pub mod xml;
pub mod xmpp;
