//! The web side: what anyone may read over XMPP, for whoever has nothing but a browser or a feed reader.
//!
//! It is off unless it is configured. It does I/O, like `host` and `store`, and decides nothing: what it shows it asks the
//! engine for, through the line ([`engine`]), as a stranger ([`crate::pubsub::reader`]). Whoever publishes here
//! ([`app`]) does so as an account whose token he shows.

mod answer;
mod app;
mod article;
mod atom;
mod cache;
mod caller;
mod documents;
pub mod engine;
mod event;
mod events;
mod feed;
mod frame;
mod hub;
mod json;
mod list;
mod live;
mod look;
mod pace;
mod page;
mod pages;
mod place;
mod router;
pub mod serve;
mod settings;
mod signature;
pub mod slug;
mod stall;
mod topic;
mod websub;

pub use engine::{Asked, Engine, NoAnswer, Question, Seen};
pub use hub::{Hub, run as run_hub};
pub use router::{Web, router};
pub use serve::Server;
pub use settings::{PublicUrl, Settings};
pub use websub::CALLBACKS;
