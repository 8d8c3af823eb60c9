//! The wire, pure: stanzas to requests, and outcomes back to stanzas.

pub mod answer;
pub mod guard;
pub mod head;
pub mod notice;
pub mod ns;
pub mod refusal;
pub mod request;
pub mod response;
mod scan;
