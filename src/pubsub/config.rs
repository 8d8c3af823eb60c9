//! The configuration of a node: one typed field per `pubsub#` option, with defaults that fit Atom.
//!
//! The defaults let the first publish of the clients in use pass their publish-options. How each field is named,
//! read, written and described is declared in `options`.

use serde::{Deserialize, Serialize};

use crate::atom;
use crate::atom::author::Policy;
use crate::atom::validation::Mode;
use crate::limits::ITEMS_PER_NODE_MAX;

use super::item::Item;
use super::jid::Jid;

/// How a node is configured — XEP-0060 [#registrar-formtypes-config].
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the form, independent of the others")]
pub struct NodeConfig {
    /// `pubsub#title`
    pub title: String,
    /// `pubsub#description`
    pub description: String,
    /// `pubsub#language`
    pub language: String,
    /// `pubsub#contact`: JIDs of those to ask about the node.
    pub contact: Vec<String>,
    /// `pubsub#type`: the namespace of the payloads, or the name of a profile.
    pub payload_type: String,
    /// `pubsub#access_model`
    pub access_model: AccessModel,
    /// `pubsub#roster_groups_allowed`
    pub roster_groups: Vec<String>,
    /// `pubsub#publish_model`
    pub publish_model: PublishModel,
    /// `pubsub#max_items`; `None` is `max`, which is the service's own maximum.
    pub max_items: Option<u64>,
    /// `pubsub#publish_node_full`
    pub node_full: NodeFull,
    /// `pubsub#item_expire`, in seconds; `None` is `max`.
    pub item_expire: Option<u64>,
    /// `pubsub#max_payload_size`, in bytes; `None` is the service's limit.
    pub max_payload_size: Option<u64>,
    /// `pubsub#persist_items`
    pub persist_items: bool,
    /// `pubsub#deliver_notifications`
    pub deliver_notifications: bool,
    /// `pubsub#deliver_payloads`
    pub deliver_payloads: bool,
    /// `pubsub#notify_config`
    pub notify_config: bool,
    /// `pubsub#notify_delete`: kept, but subscribers are told of a deletion in any case.
    pub notify_delete: bool,
    /// `pubsub#notify_retract`
    pub notify_retract: bool,
    /// `pubsub#notify_sub`
    pub notify_sub: bool,
    /// `pubsub#notification_type`
    pub notification_type: NotificationType,
    /// `pubsub#send_last_published_item`
    pub send_last: SendLast,
    /// `pubsub#presence_based_delivery`
    pub presence_based_delivery: bool,
    /// `pubsub#purge_offline`
    pub purge_offline: bool,
    /// `pubsub#tempsub`
    pub tempsub: bool,
    /// `pubsub#subscribe`: whether subscriptions are possible at all.
    pub subscribe: bool,
    /// `pubsub#overwrite_policy`, which Libervia's service has and its client sets.
    pub overwrite_policy: OverwritePolicy,
    /// Whether a subscription is complete only when its subscriber has said how to deliver. Ours.
    pub options_required: bool,
    /// Whether answers with items carry the values that XEP-0395 compares. Ours, and off: clients that take every child
    /// of `<items/>` for an item (Smack) cannot read such answers.
    pub cap_values: bool,
    /// Who may attach to the items. Ours.
    pub attachers: Attachers,
    /// Whether programs may suggest the node to people — XEP-0460.
    pub suggestions: bool,
    /// `pubsub#itemreply`
    pub itemreply: ItemReply,
    /// The node that this one is linked to — XEP-0496; empty: none.
    pub link: String,
    /// The node above this one; empty: none, or that of the node that this one is linked to.
    pub parent: String,
    /// How much is insisted on in entries. Ours.
    pub validation: Mode,
    /// What is done about entries that name somebody else as their author. Ours.
    pub author_policy: Policy,
    /// Whether an entry without an ItemID modifies the publisher's item with its atom:id. Ours.
    pub upsert: bool,
    /// Whether notices of modified items carry the payload where others do not. Ours, and a deviation: clients fetch an
    /// item by its id only when they do not know it (Movim, Converse), so they would never see it as it is now.
    pub payload_on_modify: bool,
}

impl NodeConfig {
    /// How many items are kept.
    pub fn items_max(&self) -> u64 {
        self.max_items.unwrap_or(ITEMS_PER_NODE_MAX)
    }

    /// The publisher of an item of the node, where the node tells who that is.
    pub fn told_publisher<'a>(&self, item: &'a Item) -> Option<&'a Jid> {
        (self.itemreply == ItemReply::Publisher).then_some(&item.publisher)
    }
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            language: String::new(),
            contact: Vec::new(),
            payload_type: atom::NS.to_owned(),
            access_model: AccessModel::Open,
            roster_groups: Vec::new(),
            publish_model: PublishModel::Publishers,
            max_items: None,
            node_full: NodeFull::RetractOldest,
            item_expire: None,
            max_payload_size: None,
            persist_items: true,
            deliver_notifications: true,
            deliver_payloads: true,
            notify_config: true,
            notify_delete: true,
            notify_retract: true,
            notify_sub: true,
            notification_type: NotificationType::Headline,
            send_last: SendLast::Never,
            presence_based_delivery: false,
            purge_offline: false,
            tempsub: false,
            subscribe: true,
            overwrite_policy: OverwritePolicy::OriginalPublisher,
            options_required: false,
            cap_values: false,
            attachers: Attachers::Inherit,
            suggestions: false,
            itemreply: ItemReply::Publisher,
            link: String::new(),
            parent: String::new(),
            validation: Mode::Complete,
            author_policy: Policy::Annotate,
            upsert: true,
            payload_on_modify: true,
        }
    }
}

/// Declares an enumeration together with its words in the protocol.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of the form.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word of the protocol.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads the word of the protocol.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

words! {
    /// Who may subscribe and retrieve items — XEP-0060 [#accessmodels].
    AccessModel {
        /// Everybody.
        Open = "open",
        /// Those who are subscribed to an owner's presence.
        Presence = "presence",
        /// Those in certain groups of an owner's roster.
        Roster = "roster",
        /// Those whom an owner approves.
        Authorize = "authorize",
        /// Those with an affiliation.
        Whitelist = "whitelist",
    }
}

words! {
    /// Who may publish.
    PublishModel {
        /// Owners and publishers.
        Publishers = "publishers",
        /// Subscribers too.
        Subscribers = "subscribers",
        /// Everybody.
        Open = "open",
    }
}

words! {
    /// What happens when a node is full.
    NodeFull {
        /// The oldest item goes, and subscribers are told.
        RetractOldest = "retract-oldest",
        /// The oldest item goes.
        DiscardOldest = "discard-oldest",
        /// The publisher is refused.
        Reject = "reject",
    }
}

words! {
    /// The type of the message that carries a notice.
    NotificationType {
        /// Not stored for those who are offline.
        Headline = "headline",
        /// Stored by most hosts.
        Normal = "normal",
    }
}

words! {
    /// When the newest item is sent unasked.
    SendLast {
        /// Never.
        Never = "never",
        /// To a new subscriber.
        OnSub = "on_sub",
        /// To a new subscriber, and to a subscriber who comes online.
        OnSubAndPresence = "on_sub_and_presence",
    }
}

words! {
    /// Who may overwrite an item.
    OverwritePolicy {
        /// Whoever published it, and owners.
        OriginalPublisher = "original_publisher",
        /// Every publisher.
        AnyPublisher = "any_publisher",
    }
}

words! {
    /// Who may attach to items — XEP-0470.
    Attachers {
        /// Whoever may publish, as the specification has it.
        Inherit = "inherit",
        /// Whoever may publish or read.
        Readers = "readers",
    }
}

words! {
    /// To whom replies to an item go, which decides whether the publisher is told.
    ItemReply {
        /// The publisher: items carry the `publisher` attribute.
        Publisher = "publisher",
        /// The owner: they do not.
        Owner = "owner",
        /// Nobody: they do not.
        None = "none",
    }
}
