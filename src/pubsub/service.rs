//! What the service says about itself — XEP-0060 [#entity-features], XEP-0030, XEP-0092, XEP-0199, XEP-0202, XEP-0012.

/// What is advertised: the features of XEP-0060 that work, as the use cases list them, without their prefix.
pub const PUBSUB_FEATURES: &[&str] = &[
    "access-open",
    "config-node",
    "config-node-max",
    "create-and-configure",
    "create-nodes",
    "delete-items",
    "delete-nodes",
    "instant-nodes",
    "item-ids",
    "manage-subscriptions",
    "member-affiliation",
    "meta-data",
    "modify-affiliations",
    "outcast-affiliation",
    "persistent-items",
    "publish",
    "publish-only-affiliation",
    "publisher-affiliation",
    "purge-nodes",
    "retract-items",
    "retrieve-affiliations",
    "retrieve-default",
    "retrieve-items",
    "retrieve-subscriptions",
    "rsm",
    "subscribe",
    "subscription-notifications",
];

/// The namespaces of other specifications that the service implements.
pub const OTHER_FEATURES: &[&str] = &[
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/pubsub",
    "http://jabber.org/protocol/rsm",
    "jabber:iq:last",
    "jabber:iq:version",
    "urn:xmpp:ping",
    "urn:xmpp:time",
];
