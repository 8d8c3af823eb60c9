//! What the service says about itself — XEP-0060 [#entity-features], XEP-0030, XEP-0092, XEP-0199, XEP-0202, XEP-0012.

/// What is advertised: the features of XEP-0060 that work, as the use cases list them, without their prefix.
pub const PUBSUB_FEATURES: &[&str] = &[
    "access-open",
    "auto-create",
    "config-node",
    "config-node-max",
    "create-and-configure",
    "create-nodes",
    "delete-items",
    "delete-nodes",
    "get-pending",
    "instant-nodes",
    "item-ids",
    "last-published",
    "leased-subscription",
    "manage-subscriptions",
    "member-affiliation",
    "meta-data",
    "modify-affiliations",
    "multi-items",
    "multi-subscribe",
    "outcast-affiliation",
    "persistent-items",
    "presence-notifications",
    "publish",
    "publish-node-full",
    "publish-options",
    "publish-only-affiliation",
    "publisher-affiliation",
    "purge-nodes",
    "retract-items",
    "retrieve-affiliations",
    "retrieve-default",
    "retrieve-default-sub",
    "retrieve-items",
    "retrieve-subscriptions",
    "rsm",
    "subscribe",
    "subscription-notifications",
    "subscription-options",
];

/// What works besides where the host lets the service read rosters.
pub const ROSTER_FEATURES: &[&str] = &["access-presence", "access-roster"];

/// The namespaces of other specifications that the service implements.
pub const OTHER_FEATURES: &[&str] = &[
    "http://jabber.org/protocol/commands",
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/pubsub",
    "http://jabber.org/protocol/rsm",
    "jabber:iq:last",
    "jabber:iq:version",
    "urn:xmpp:order-by:1",
    "urn:xmpp:order-by:1@http://jabber.org/protocol/pubsub",
    "urn:xmpp:ping",
    "urn:xmpp:time",
];
