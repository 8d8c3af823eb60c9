//! Topics: the URLs of our feeds, which is what one subscribes to over the web.

use super::router::Web;
use super::slug;

/// A feed of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topic {
    pub(super) service: usize,
    /// The NodeID.
    pub(super) node: String,
}

impl Topic {
    /// The feed that is at a URL, if there may be one. Each has one URL.
    pub(super) fn of(web: &Web, url: &str) -> Option<Self> {
        let (segment, file) = url.strip_prefix(&web.settings.public.at("/n/"))?.split_once('/')?;
        if !matches!(file, "feed.atom" | "feed.json") {
            return None;
        }
        let (service, node) = slug::node(&web.services, segment)?;
        Some(Self { service, node })
    }
}

/// Whether a topic is a feed in JSON, wherever it was.
pub(super) fn is_json(topic: &str) -> bool {
    topic.ends_with("/feed.json")
}
