//! The engine: XEP-0060 as decisions over typed requests. Pure: no I/O, no async, no clock, no XML.

pub mod affiliation;
pub mod config;
pub mod fault;
pub mod item;
pub mod jid;
pub mod node;
pub mod notice;
pub mod refusal;
pub mod subscription;
pub mod time;
pub mod tx;
