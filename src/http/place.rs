//! Where the documents of a node are.

use crate::atom::uri;
use crate::pubsub::node::Node;

use super::router::Web;
use super::slug;

/// The places of one node's documents.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The URL of its page.
    pub(super) page: String,
    /// The path of its page, for links on our own pages.
    pub(super) path: String,
    /// The same over XMPP.
    pub(super) uri: String,
    /// How to subscribe over XMPP.
    pub(super) subscribe: String,
}

impl Places {
    pub(super) fn of(web: &Web, service: usize, node: &Node) -> Self {
        let path = format!("/n/{}", slug::of_node(&web.services, service, &node.id.name));
        let uri = uri::node(&node.id.service, &node.id.name);
        Self {
            page: web.settings.public.at(&path),
            path: format!("{}{path}", web.settings.public.path()),
            subscribe: uri.replacen("?;", "?pubsub;action=subscribe;", 1),
            uri,
        }
    }

    pub(super) fn feed(&self, json: bool) -> String {
        format!("{}/feed.{}", self.page, ending(json))
    }

    pub(super) fn archive(&self, number: u64, json: bool) -> String {
        format!("{}/archive/{number}.{}", self.page, ending(json))
    }

    pub(super) fn item(&self, id: &str) -> String {
        format!("{}/i/{}", self.page, slug::of(id))
    }
}

fn ending(json: bool) -> &'static str {
    if json { "json" } else { "atom" }
}
