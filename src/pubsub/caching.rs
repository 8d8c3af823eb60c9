//! What a client may keep of a node instead of asking again, and whether it hears of every change — XEP-0460.
//!
//! All hints are told for every node, as the specification asks, and each is derived from what the service does.
//!
//! - What is notified is what is stored and retrieved, by everybody who may: items and their set are consistent.
//! - Whatever is published, new or again, goes to the end: items are stable.
//! - A purge leaves nothing.

use super::config::{NodeConfig, NodeFull};

/// One field of the node's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Its name.
    pub var: &'static str,
    /// Its type.
    pub kind: &'static str,
    /// What it means, for people.
    pub label: &'static str,
    /// Its value.
    pub value: String,
}

/// The option by which owners allow suggestions.
pub const SUGGESTIONS: &str = "{urn:xmpp:pubsub-caching:0}allowed-for-suggestions";
/// The option that stands for all that make a node tell of every change.
pub const ALWAYS_NOTIFY: &str = "{urn:xmpp:pubsub-caching:0}always-notify";

/// All hints for a node, of a service whose store outlives the program or does not.
pub fn hints(config: &NodeConfig, is_durable: bool) -> Vec<Hint> {
    let hint = |var, kind, label, value: &str| Hint { var, kind, label, value: value.to_owned() };
    let yes_no = |var, label, value| hint(var, "boolean", label, if value { "true" } else { "false" });
    let persistence = match (config.persist_items, is_durable) {
        (false, _) => "transient",
        (true, true) => "persistent",
        (true, false) => "semi-persistent",
    };
    let expire = config.item_expire.map_or_else(|| "max".to_owned(), |seconds| seconds.to_string());
    let kept = config.items_max().to_string();
    vec![
        hint("pubsub#max_items", "text-single", "How many items are kept", &kept),
        hint("pubsub#item_expire", "text-single", "Seconds after which an item is removed", &expire),
        hint("{urn:xmpp:pubsub-caching:0}persistence", "list-single", "How items are stored", persistence),
        yes_no(
            "{urn:xmpp:pubsub-caching:0}consistent-items",
            "Whether an item is the same for everybody and at all times",
            true,
        ),
        yes_no("{urn:xmpp:pubsub-caching:0}consistent-set", "Whether everybody gets the same items", true),
        yes_no("{urn:xmpp:pubsub-caching:0}stable-items", "Whether items are always added at the end", true),
        yes_no(ALWAYS_NOTIFY, "Whether subscribers hear of every change", always_notifies(config)),
        yes_no(SUGGESTIONS, "Whether the node may be suggested to people", config.suggestions),
        yes_no(
            "{urn:xmpp:pubsub-caching:0}purge-keep-last-item",
            "Whether a purge leaves the last item",
            false,
        ),
    ]
}

/// Whether subscribers hear of every change of the node and its items, asked for or not.
pub fn always_notifies(config: &NodeConfig) -> bool {
    config.deliver_notifications
        && config.notify_retract
        && config.notify_config
        && !config.presence_based_delivery
        && config.node_full != NodeFull::DiscardOldest
}

/// Makes subscribers hear of every change, or of deleted items only where the publisher asks for it.
pub(super) fn always_notify(config: &mut NodeConfig, always: bool) {
    if always == always_notifies(config) {
        return;
    }
    config.notify_retract = always;
    if always {
        config.deliver_notifications = true;
        config.notify_config = true;
        config.presence_based_delivery = false;
        if config.node_full == NodeFull::DiscardOldest {
            config.node_full = NodeFull::RetractOldest;
        }
    }
}
