//! The store: what every implementation does, and what becomes of it when disks and processes fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failure is a failed test"
)]
#![expect(clippy::print_stdout, reason = "a killed child says how far it came")]
#![expect(unreachable_pub, reason = "a test program exports nothing")]

mod configuration;
mod conformance;
mod damage;
mod durability;
mod faults;
mod feeds;
mod histories;
mod map;
mod nouns;
mod proof;
mod queue;
mod schema;
mod space;
mod transfer;
mod witness;
