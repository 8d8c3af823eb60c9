//! The web side, asked over real connections: what it shows is decided by the engine over a store in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "what cannot be set up has failed the test"
)]

mod archives;
mod attacks;
mod client;
mod collections;
mod connections;
#[path = "../engine/counter.rs"]
mod counter;
mod entries;
mod events;
mod feeds;
mod hooks;
mod house;
mod hub;
mod hub_denied;
mod hub_forms;
mod hub_sent;
mod hub_start;
mod json;
mod list;
mod pages;
mod posted;
mod publishing;
mod subscriber;
mod tokens;
mod websub;
