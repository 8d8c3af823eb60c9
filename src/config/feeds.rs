//! Feeds of the web, as they are written: each with a node that somebody will own.

use super::keys::{self, Written};
use super::validate::Validator;
use super::{Feed, Fetch, Service};
use crate::client::Network;
use crate::pubsub::import::address;

impl Validator<'_> {
    pub(super) fn fetch(&mut self, written: &Written, services: &[Service]) -> Fetch {
        let keys::Fetch { per_account, seconds, allow } = &written.fetch;
        let allow = self.networks("fetch.allow", allow.as_deref());
        if !written.feeds.is_empty() && written.admins.as_ref().is_none_or(Vec::is_empty) {
            self.note("feeds", "nobody would own their nodes; write admins = [\"juliet@example.org\"] above");
        }
        let of = written.feeds.len();
        let label = |number: usize, name: &str| match of {
            1 => format!("feeds.{name}"),
            _ => format!("feeds#{number}.{name}"),
        };
        let feeds = written
            .feeds
            .iter()
            .zip(1..)
            .filter_map(|(feed, number)| self.feed(feed, services, &|name| label(number, name)));
        let feeds = feeds.collect();
        let seconds = u64::try_from(*seconds).unwrap_or(u64::MAX);
        Fetch { per_account: *per_account, seconds, allow, feeds }
    }

    /// Networks that something may connect to although they are not public.
    pub(super) fn networks(&mut self, key: &str, written: Option<&[String]>) -> Vec<Network> {
        let networks = written.unwrap_or_default().iter().filter_map(|network| match network.parse() {
            Ok(network) => Some(network),
            Err(why) => self.wrong(key, why),
        });
        networks.collect()
    }

    fn feed(
        &mut self,
        feed: &keys::Feed,
        services: &[Service],
        key: &dyn Fn(&str) -> String,
    ) -> Option<Feed> {
        let url = match feed.url.as_deref().map(address::read) {
            Some(Ok(url)) => Some(String::from(url)),
            Some(Err(why)) => self.wrong(&key("url"), why),
            None => self.wrong(&key("url"), "is missing; write it like url = \"https://example.org/feed\""),
        };
        let node = match feed.node.as_deref() {
            Some(node) if !node.is_empty() => Some(node.to_owned()),
            Some(_) | None => self.wrong(&key("node"), "is missing; write it like node = \"news\""),
        };
        let named = feed.service.as_deref();
        let found = services.iter().find(|service| named.is_none_or(|named| named == service.jid.as_str()));
        let service = match (found, named) {
            (Some(_), None) if services.len() > 1 => {
                self.wrong(&key("service"), "is missing; write which of the components has the node")
            }
            (Some(service), _) => Some(service.jid.clone()),
            // What is wrong with the components is said there.
            (None, None) => None,
            (None, Some(named)) => {
                self.wrong(&key("service"), format!("`{named}` is none of the components"))
            }
        };
        Some(Feed { url: url?, node: node?, service: service? })
    }
}
