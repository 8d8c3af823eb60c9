//! Feeds of the web, and where they go, in records.

mod kv;
mod verify;

pub(super) use verify::walk;
