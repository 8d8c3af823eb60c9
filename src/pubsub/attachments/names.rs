//! The names of attachment and summary nodes — XEP-0470, XEP-0060 [#impl-uri].

use std::borrow::Cow;

use crate::atom::uri;
use crate::pubsub::jid::Jid;

/// Before the URI of a target.
pub(in crate::pubsub) const ATTACHMENTS: &str = "urn:xmpp:pubsub-attachments:1/";
/// Before the name of a target's node.
pub(in crate::pubsub) const SUMMARIES: &str = "urn:xmpp:pubsub-attachments:summary:1/";

/// What a node is for, as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It holds what is attached to one item.
    Attachments,
    /// It holds the summaries of a node's items.
    Summary,
}

/// An item to which something is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) node: String,
    pub(super) item: String,
}

impl Kind {
    /// What a node of this name is for, if it is one of these.
    pub(super) fn of(name: &str) -> Option<Self> {
        if name.starts_with(ATTACHMENTS) {
            Some(Self::Attachments)
        } else if name.starts_with(SUMMARIES) {
            Some(Self::Summary)
        } else {
            None
        }
    }
}

impl Target {
    /// The item of this service that the name of an attachment node speaks of, however its URI is written.
    pub(super) fn of(service: &str, name: &str) -> Option<Self> {
        let named = uri::parse(name.strip_prefix(ATTACHMENTS)?)?;
        let is_here = Jid::parse(&named.jid).is_some_and(|jid| jid.as_str() == service);
        let target = Self { node: named.node?, item: named.item? };
        Some(target).filter(|target| is_here && !target.node.is_empty() && !target.item.is_empty())
    }

    /// The name of its attachment node.
    pub(super) fn attachments(&self, service: &str) -> String {
        format!("{ATTACHMENTS}{}", uri::item(service, &self.node, &self.item))
    }
}

/// The name of the summary node of a node.
pub(super) fn summary(node: &str) -> String {
    format!("{SUMMARIES}{node}")
}

/// Whether nodes of this name are the service's own.
pub(in crate::pubsub) fn is_reserved(name: &str) -> bool {
    Kind::of(name).is_some()
}

/// The one name under which a node is kept: an attachment node has as many as there are ways to write a URI.
pub(in crate::pubsub) fn canonical<'a>(service: &str, name: &'a str) -> Cow<'a, str> {
    match Target::of(service, name) {
        Some(target) => Cow::Owned(target.attachments(service)),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::{Target, canonical};

    #[test]
    fn however_a_name_is_written_it_is_one_node() {
        let kept = "urn:xmpp:pubsub-attachments:1/xmpp:pubsub.example.com?;node=urn%3Axmpp%3Amicroblog%3A0;item=a%2F1";
        for uri in [
            "xmpp:pubsub.example.com?;node=urn%3Axmpp%3Amicroblog%3A0;item=a%2F1",
            "xmpp:pubsub.example.com?;node=urn%3axmpp%3amicroblog%3a0;item=a/1",
            "xmpp:PubSub.Example.com?;item=a/1;node=urn:xmpp:microblog:0",
            "xmpp:pubsub.example.com?pubsub;node=urn:xmpp:microblog:0;item=a%2F1",
        ] {
            assert_eq!(
                canonical("pubsub.example.com", &format!("urn:xmpp:pubsub-attachments:1/{uri}")),
                kept
            );
        }
    }

    #[test]
    fn what_names_no_item_of_the_service_is_no_target() {
        for uri in [
            "xmpp:elsewhere.example.com?;node=news;item=p1",
            "xmpp:pubsub.example.com/home?;node=news;item=p1",
            "xmpp:pubsub.example.com?;node=news",
            "xmpp:pubsub.example.com?;node=news;item=",
            "xmpp:pubsub.example.com?;node=;item=p1",
            "http://pubsub.example.com/?;node=news;item=p1",
            "",
        ] {
            let name = format!("urn:xmpp:pubsub-attachments:1/{uri}");
            assert_eq!(Target::of("pubsub.example.com", &name), None, "{uri}");
        }
        assert_eq!(Target::of("pubsub.example.com", "news"), None);
    }
}
