//! Topics: the URLs of our feeds, which is what one subscribes to over the web.

use super::router::Web;
use super::slug;

/// A feed of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topic {
    pub(super) service: usize,
    /// The NodeID.
    pub(super) node: String,
    /// Whether it is the one in JSON.
    pub(super) json: bool,
}

impl Topic {
    /// The feed that is at a URL, if there may be one. Each has one URL.
    pub(super) fn of(web: &Web, url: &str) -> Option<Self> {
        let (segment, file) = url.strip_prefix(&web.settings.public.at("/n/"))?.split_once('/')?;
        let json = match file {
            "feed.atom" => false,
            "feed.json" => true,
            _ => return None,
        };
        let (service, node) = slug::node(&web.services, segment)?;
        Some(Self { service, node, json })
    }
}
