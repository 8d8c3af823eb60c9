//! The link to the XMPP server.
//!
//! `connect` logs in, `link` keeps one connection up for ever, `reader` and `writer` are its two halves, `pings` prove
//! that the host is there and has read what was sent. Stanzas go up with a [`Ticket`] each, so that nobody can make
//! the service hold more of them than it can answer.

mod backoff;
mod connect;
mod link;
mod login;
mod pings;
mod reader;
mod replies;
mod secret;
mod session;
mod settings;
mod tickets;
mod writer;

pub use backoff::{Backoff, Pace, Repeat};
pub use connect::{Connection, connect};
pub use link::{Inbound, Link, start};
pub use login::{LoginError, StreamError};
pub use secret::Secret;
pub use session::{Down, Session};
pub use settings::{Settings, Timeouts};
pub use tickets::Ticket;
