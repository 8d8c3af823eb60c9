//! The namespaces of the wire.

/// XEP-0060, requests of subscribers and publishers.
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// XEP-0060, requests of owners.
pub const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// XEP-0060, events.
pub const EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// XEP-0060, error conditions.
pub const ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
/// XEP-0060, form of a node's configuration.
pub const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
/// XEP-0060, form of what a publisher requires of a node.
pub const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
/// XEP-0060, form of a subscription's options.
pub const SUBSCRIBE_OPTIONS: &str = "http://jabber.org/protocol/pubsub#subscribe_options";
/// XEP-0060, form that approves or denies a subscription.
pub const SUBSCRIBE_AUTHORIZATION: &str = "http://jabber.org/protocol/pubsub#subscribe_authorization";
/// XEP-0050.
pub const COMMANDS: &str = "http://jabber.org/protocol/commands";
/// XEP-0131.
pub const SHIM: &str = "http://jabber.org/protocol/shim";
/// XEP-0060, metadata form.
pub const META_DATA: &str = "http://jabber.org/protocol/pubsub#meta-data";
/// XEP-0157.
pub const SERVER_INFO: &str = "http://jabber.org/network/serverinfo";
/// RFC 6120, error conditions.
pub const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// XEP-0030, what something is.
pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// XEP-0030, what something has.
pub const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// XEP-0033.
pub const ADDRESS: &str = "http://jabber.org/protocol/address";
/// XEP-0004.
pub const FORM: &str = "jabber:x:data";
/// XEP-0059.
pub const RSM: &str = "http://jabber.org/protocol/rsm";
/// XEP-0413.
pub const ORDER_BY: &str = "urn:xmpp:order-by:1";
/// XEP-0462.
pub const TYPE_FILTER: &str = "urn:xmpp:pubsub-filter:0";
/// XEP-0312.
pub const AGO: &str = "urn:xmpp:ago:0";
/// XEP-0395.
pub const CAP: &str = "urn:xmpp:pubsub:cap:0";
/// XEP-0465.
pub const PPS: &str = "urn:xmpp:pps:0";
/// XEP-0313.
pub const MAM: &str = "urn:xmpp:mam:2";
/// XEP-0359.
pub const STANZA_ID: &str = "urn:xmpp:sid:0";
/// XEP-0297.
pub const FORWARD: &str = "urn:xmpp:forward:0";
/// XEP-0122.
pub const VALIDATE: &str = "http://jabber.org/protocol/xdata-validate";
/// RFC 6120, what clients send and get.
pub const CLIENT: &str = "jabber:client";
/// XEP-0199.
pub const PING: &str = "urn:xmpp:ping";
/// XEP-0092.
pub const VERSION: &str = "jabber:iq:version";
/// XEP-0202.
pub const TIME: &str = "urn:xmpp:time";
/// XEP-0012.
pub const LAST: &str = "jabber:iq:last";
/// XEP-0203.
pub const DELAY: &str = "urn:xmpp:delay";
/// RFC 6121, the contact list.
pub const ROSTER: &str = "jabber:iq:roster";
