//! Feeds of the web that become entries of nodes. What is fetched is decided about here; fetching and reading are
//! somebody else's.

pub mod document;
pub mod feed;

pub use document::{Arrival, Deleted, Document};
pub use feed::{Feed, Feeds, Import, Known, Moved};
