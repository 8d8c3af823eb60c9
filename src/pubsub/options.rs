//! Every option of a node, declared once: forms, defaults, preconditions and metadata derive from this table.

use std::collections::BTreeSet;

use crate::atom::author::Policy;
use crate::atom::validation::Mode;
use crate::limits::ITEMS_PER_NODE_MAX;

use super::caching;
use super::config::{
    AccessModel, Attachers, ItemReply, NodeConfig, NodeFull, NotificationType, OverwritePolicy, PublishModel,
    SendLast,
};
use super::form::{Form, boolean};
use super::refusal::{Refusal, Why};

/// One `pubsub#` option.
pub struct Field {
    /// Its name on the wire.
    pub var: &'static str,
    /// How a form shows it.
    pub kind: Kind,
    /// What it means, for people.
    pub label: &'static str,
    /// Its value in a configuration, as words of the protocol.
    pub read: fn(&NodeConfig) -> Vec<String>,
    write: fn(&mut NodeConfig, &[String]) -> Option<()>,
}

/// The kinds of form fields.
#[derive(Clone, Copy)]
pub enum Kind {
    /// 0 or 1.
    Boolean,
    /// One line.
    Text,
    /// A number, or `max`.
    IntegerOrMax,
    /// Several lines.
    Lines,
    /// Several JIDs.
    Jids,
    /// One of some words.
    Choice(fn() -> Vec<&'static str>),
}

macro_rules! flag {
    ($var:literal, $field:ident, $label:literal) => {
        flag!(= concat!("pubsub#", $var), $field, $label)
    };
    (= $var:expr, $field:ident, $label:literal) => {
        Field {
            var: $var,
            kind: Kind::Boolean,
            label: $label,
            read: |config| vec![if config.$field { "1" } else { "0" }.to_owned()],
            write: |config, values| {
                config.$field = boolean(single(values)?)?;
                Some(())
            },
        }
    };
}

/// The option that names the node to which a node is linked — XEP-0496.
pub const LINK: &str = "{urn:xmpp:pubsub-relationships:0}link";
/// The option that names the node above a node.
pub const PARENT: &str = "{urn:xmpp:pubsub-relationships:0}parent";

macro_rules! text {
    ($var:literal, $field:ident, $label:literal) => {
        text!(in concat!("pubsub#", $var), $field, $label)
    };
    (in $var:expr, $field:ident, $label:literal) => {
        Field {
            var: $var,
            kind: Kind::Text,
            label: $label,
            read: |config| vec![config.$field.clone()],
            write: |config, values| {
                config.$field = text(values)?;
                Some(())
            },
        }
    };
}

macro_rules! number {
    ($var:literal, $field:ident, $most:expr, $label:literal) => {
        Field {
            var: concat!("pubsub#", $var),
            kind: Kind::IntegerOrMax,
            label: $label,
            read: |config| vec![config.$field.map_or_else(|| "max".to_owned(), |n| n.to_string())],
            write: |config, values| {
                config.$field = integer_or_max(single(values)?, $most)?;
                Some(())
            },
        }
    };
}

macro_rules! choice {
    ($var:literal, $field:ident, $words:ident, $label:literal) => {
        choice!(= concat!("pubsub#", $var), $field, $words, $label)
    };
    (= $var:expr, $field:ident, $words:ident, $label:literal) => {
        Field {
            var: $var,
            kind: Kind::Choice(|| $words::ALL.iter().map(|word| word.as_str()).collect()),
            label: $label,
            read: |config| vec![config.$field.as_str().to_owned()],
            write: |config, values| {
                config.$field = $words::parse(single(values)?)?;
                Some(())
            },
        }
    };
}

/// The table — XEP-0060 [#registrar-formtypes-config].
pub static FIELDS: &[Field] = &[
    text!("title", title, "A short name for the node"),
    text!("description", description, "What the node is about"),
    text!("language", language, "The default language of the node"),
    text!("type", payload_type, "The namespace of the payloads, or the name of a profile"),
    Field {
        var: "pubsub#contact",
        kind: Kind::Jids,
        label: "The JIDs of those to ask about the node",
        read: |config| config.contact.clone(),
        write: |config, values| {
            config.contact = values.to_vec();
            Some(())
        },
    },
    choice!("access_model", access_model, AccessModel, "Who may subscribe and retrieve items"),
    Field {
        var: "pubsub#roster_groups_allowed",
        kind: Kind::Lines,
        label: "The roster groups that may subscribe and retrieve items",
        read: |config| config.roster_groups.clone(),
        write: |config, values| {
            config.roster_groups = values.to_vec();
            Some(())
        },
    },
    choice!("publish_model", publish_model, PublishModel, "Who may publish"),
    flag!("persist_items", persist_items, "Whether items are kept"),
    number!("max_items", max_items, ITEMS_PER_NODE_MAX, "How many items are kept"),
    choice!("publish_node_full", node_full, NodeFull, "What happens when the node is full"),
    number!("item_expire", item_expire, u64::MAX, "Seconds after which an item is removed"),
    number!("max_payload_size", max_payload_size, u64::MAX, "The largest payload in bytes"),
    flag!("deliver_notifications", deliver_notifications, "Whether events are delivered"),
    flag!("deliver_payloads", deliver_payloads, "Whether events carry the payload"),
    flag!("notify_config", notify_config, "Whether subscribers hear of a new configuration"),
    flag!("notify_delete", notify_delete, "Whether subscribers hear of the node's deletion (they always do)"),
    flag!("notify_retract", notify_retract, "Whether subscribers hear of deleted items"),
    flag!("notify_sub", notify_sub, "Whether owners hear of new and ended subscriptions"),
    choice!("notification_type", notification_type, NotificationType, "The type of event messages"),
    choice!("send_last_published_item", send_last, SendLast, "When the newest item is sent unasked"),
    flag!("presence_based_delivery", presence_based_delivery, "Whether only those online hear of events"),
    flag!("purge_offline", purge_offline, "Whether items go when their publisher goes offline"),
    flag!("tempsub", tempsub, "Whether subscriptions end when the subscriber goes offline"),
    flag!("subscribe", subscribe, "Whether subscriptions are possible"),
    choice!(
        "overwrite_policy",
        overwrite_policy,
        OverwritePolicy,
        "Whether publishers may overwrite each other's items"
    ),
    flag!(
        = "x-pubsub#options_required",
        options_required,
        "Whether subscribers have to configure their subscriptions"
    ),
    choice!(
        = "x-pubsub#validation",
        validation,
        Mode,
        "Whether entries have to be valid (strict), get what they lack (complete), or are not looked at (off)"
    ),
    choice!(
        = "x-pubsub#author_policy",
        author_policy,
        Policy,
        "What becomes of entries that name another author than their publisher; annotate: they are kept"
    ),
    flag!(
        = "x-pubsub#upsert",
        upsert,
        "Whether an entry without an ItemID modifies the item of its atom:id and publisher"
    ),
    flag!(
        = "x-pubsub#payload_on_modify",
        payload_on_modify,
        "Whether events of modified items carry the payload even where others do not"
    ),
    flag!(
        = "{urn:xmpp:pubsub:cap:0}cap-values",
        cap_values,
        "Whether answers with items carry the values to compare and publish with"
    ),
    flag!(= caching::SUGGESTIONS, suggestions, "Whether programs may suggest the node to people"),
    choice!(
        = "x-pubsub#attachments",
        attachers,
        Attachers,
        "Who may attach reactions to items: inherit is whoever may publish, readers is whoever may read too"
    ),
    choice!("itemreply", itemreply, ItemReply, "To whom replies go; publisher: items name their publisher"),
    text!(in LINK, link, "The node that this one belongs to: it goes when that one goes, and has its parent"),
    text!(in PARENT, parent, "The node above: this one goes with it, and who uses this one has to be allowed there"),
];

/// Names for what other options say: they are understood, and not shown.
static ALIASES: &[Field] = &[
    Field {
        var: caching::ALWAYS_NOTIFY,
        kind: Kind::Boolean,
        label: "Whether subscribers hear of every change",
        read: |config| vec![if caching::always_notifies(config) { "1" } else { "0" }.to_owned()],
        write: |config, values| {
            caching::always_notify(config, boolean(single(values)?)?);
            Some(())
        },
    },
    // Libervia's, for whether the newest item is sent to a new subscriber.
    Field {
        var: "pubsub#send_item_subscribe",
        kind: Kind::Boolean,
        label: "Whether the newest item is sent to a new subscriber",
        read: |config| vec![if config.send_last == SendLast::Never { "0" } else { "1" }.to_owned()],
        write: |config, values| {
            let (wanted, is) = (boolean(single(values)?)?, config.send_last != SendLast::Never);
            if wanted != is {
                config.send_last = if wanted { SendLast::OnSub } else { SendLast::Never };
            }
            Some(())
        },
    },
];

/// The option of a name.
pub fn field(var: &str) -> Option<&'static Field> {
    FIELDS.iter().chain(ALIASES).find(|field| field.var == var)
}

/// Gives an option its values; nothing where there is no such option or it cannot have them.
pub fn set(config: &mut NodeConfig, var: &str, values: &[String]) -> Option<()> {
    (field(var)?.write)(config, values)
}

/// The configuration that results when a form is applied; fields that are not in the form keep their values, and
/// fields that are not ours do nothing.
pub fn apply(base: &NodeConfig, form: &Form) -> Result<NodeConfig, Refusal> {
    let mut config = base.clone();
    for (var, values) in &form.fields {
        if let Some(field) = field(var)
            && (field.write)(&mut config, values).is_none()
        {
            let text = format!("{var} cannot be {:?}", values.join(", "));
            return Err(Why::InvalidConfiguration.because(text));
        }
    }
    Ok(config)
}

/// Whether a node is configured as a form says, whatever words the form has for it — XEP-0060
/// [#publisher-publish-options]. No payload has more than `payload_bytes_max` anyway.
pub fn require(config: &NodeConfig, form: &Form, payload_bytes_max: u64) -> Result<(), Refusal> {
    let cap = |config: &mut NodeConfig| {
        config.max_payload_size = config.max_payload_size.filter(|bytes| *bytes < payload_bytes_max);
    };
    let mut is = config.clone();
    cap(&mut is);
    // What was asked for so far is what is there, so one is enough for all fields.
    let mut wanted = is.clone();
    for (var, values) in &form.fields {
        let Some(field) = field(var) else {
            return Err(Why::InvalidOptions.because(format!("there is no option {var:?}")));
        };
        if (field.write)(&mut wanted, values).is_none() {
            return Err(Why::InvalidOptions.because(format!("{var} cannot be {:?}", values.join(", "))));
        }
        cap(&mut wanted);
        let (wanted, is) = ((field.read)(&wanted), (field.read)(&is));
        if as_set(&wanted) != as_set(&is) {
            let text = format!("{var} is {:?} here, not {:?}", is.join(", "), wanted.join(", "));
            return Err(Why::PreconditionNotMet.because(text));
        }
    }
    Ok(())
}

/// The values of an option, of lists without regard to their order.
fn as_set(values: &[String]) -> BTreeSet<&str> {
    values.iter().map(String::as_str).collect()
}

fn single(values: &[String]) -> Option<&str> {
    match values {
        [value] => Some(value.trim()),
        _ => None,
    }
}

/// A text field that a client emptied may come without any value.
fn text(values: &[String]) -> Option<String> {
    match values {
        [] => Some(String::new()),
        [value] => Some(value.clone()),
        _ => None,
    }
}

/// `max`, or what clients write instead of it, also a number as large. Nothing can be kept, or said, in 0.
#[expect(
    clippy::option_option,
    reason = "the outer is whether it was understood, the inner is the option's value"
)]
fn integer_or_max(value: &str, most: u64) -> Option<Option<u64>> {
    match value {
        "max" | "-1" | "" => Some(None),
        number => match number.parse().ok()? {
            0 => None,
            number => Some(Some(number).filter(|number| *number < most)),
        },
    }
}
