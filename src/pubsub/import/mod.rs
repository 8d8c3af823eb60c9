//! Feeds of the web that become entries of nodes. What is fetched is decided about here; fetching and reading are
//! somebody else's.

mod add;
pub mod address;
mod arrive;
mod configured;
pub mod document;
pub mod feed;
mod list;
mod pace;
mod plan;
mod push;
mod remove;
mod settle;

pub(super) use add::add_feed;
pub use add::{Begun, begin};
pub use arrive::{refused, take};
pub use configured::end_others;

pub use document::{Arrival, Deleted, Document};
pub use feed::{Feed, Feeds, Import, Known, Moved};
pub(super) use list::list_feeds;
pub use pace::Skips;
pub use plan::{Action, Plan, Rest, Step, plan};
pub use push::{Awaited, Intent, News, Offer, Push, awaited, intended, wanted};
pub(super) use remove::{end_all, remove_feed};
pub use settle::{Fetched, Outcome, Version, settle};
