//! The wire, pure: stanzas to requests, and outcomes back to stanzas.

pub mod guard;
pub mod head;
mod scan;
