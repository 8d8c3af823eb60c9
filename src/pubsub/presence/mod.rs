//! Presence: what the service learns from it, and what follows for subscriptions and items.
//!
//! `contact` is what was agreed and is kept, `presences` is who is online and is not. `receive` decides about each
//! presence stanza; `online` and `offline` hold what follows when somebody comes or goes; `ask` asks to see presence
//! where a node needs it.
//!
//! Features: `presence-notifications`, `since`.

pub mod ask;
pub mod contact;
mod hearing;
mod offline;
mod online;
pub mod presences;
pub mod receive;
pub mod show;
mod since;
