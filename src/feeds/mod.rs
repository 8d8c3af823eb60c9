//! Feeds of the web: fetched, read, and made into entries. It does I/O, like `host` and `store`; reading is pure.

pub mod fetch;
pub mod guard;
pub mod reading;
