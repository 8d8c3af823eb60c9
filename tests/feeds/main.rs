//! Feeds of the web: what may be fetched, what is read of it, and what becomes of it in the nodes. The web is a real
//! server on this machine.

// Everything here is a test, also what clippy does not recognise as one: a panic is how it reports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod guard;
mod reading;
mod web;
