//! The outbox alone, step by step: who is told, in which order, and what is sent again after what.

#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]
#![expect(unreachable_pub, reason = "a test program exports nothing")]

#[expect(dead_code, reason = "the tests of the store use more of it")]
#[path = "../store/map.rs"]
mod map;
mod multicast;
#[expect(dead_code, reason = "the tests of the store use more of it")]
#[path = "../store/nouns.rs"]
mod nouns;
mod proven;
mod scene;
mod told;
