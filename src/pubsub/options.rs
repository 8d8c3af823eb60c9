//! Every option of a node, declared once: forms, defaults, preconditions and metadata derive from this table.

use super::config::{
    AccessModel, ItemReply, NodeConfig, NodeFull, NotificationType, OverwritePolicy, PublishModel, SendLast,
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
        Field {
            var: concat!("pubsub#", $var),
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

macro_rules! text {
    ($var:literal, $field:ident, $label:literal) => {
        Field {
            var: concat!("pubsub#", $var),
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
    ($var:literal, $field:ident, $label:literal) => {
        Field {
            var: concat!("pubsub#", $var),
            kind: Kind::IntegerOrMax,
            label: $label,
            read: |config| vec![config.$field.map_or_else(|| "max".to_owned(), |n| n.to_string())],
            write: |config, values| {
                config.$field = integer_or_max(single(values)?)?;
                Some(())
            },
        }
    };
}

macro_rules! choice {
    ($var:literal, $field:ident, $words:ident, $label:literal) => {
        Field {
            var: concat!("pubsub#", $var),
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
    number!("max_items", max_items, "How many items are kept"),
    choice!("publish_node_full", node_full, NodeFull, "What happens when the node is full"),
    number!("item_expire", item_expire, "Seconds after which an item is removed"),
    number!("max_payload_size", max_payload_size, "The largest payload in bytes"),
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
    choice!("itemreply", itemreply, ItemReply, "To whom replies go; publisher: items name their publisher"),
];

/// The option of a name.
pub fn field(var: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.var == var)
}

/// The configuration that results when a form is applied; fields that are not in the form keep their values, and
/// fields that are not ours do nothing.
pub fn apply(base: &NodeConfig, form: &Form) -> Result<NodeConfig, Refusal> {
    let mut config = base.clone();
    for (var, values) in &form.fields {
        if set(&mut config, var, values) == Some(false) {
            let text = format!("{var} cannot be {:?}", values.join(", "));
            return Err(Why::InvalidConfiguration.because(text));
        }
    }
    Ok(config)
}

/// Whether a node is configured as a form says, whatever words the form has for it — XEP-0060
/// [#publisher-publish-options].
pub fn require(config: &NodeConfig, form: &Form) -> Result<(), Refusal> {
    for (var, values) in &form.fields {
        let mut wanted = config.clone();
        match set(&mut wanted, var, values) {
            None => return Err(Why::InvalidOptions.because(format!("there is no option {var:?}"))),
            Some(false) => {
                let text = format!("{var} cannot be {:?}", values.join(", "));
                return Err(Why::InvalidOptions.because(text));
            }
            Some(true) if differs(&wanted, config) => {
                let is = field(var).map(|field| (field.read)(config).join(", ")).unwrap_or_default();
                return Err(Why::PreconditionNotMet.because(format!("{var} is {is:?} here")));
            }
            Some(true) => {}
        }
    }
    Ok(())
}

/// Compares values, of lists without regard to their order.
fn differs(wanted: &NodeConfig, config: &NodeConfig) -> bool {
    FIELDS.iter().any(|field| {
        let (mut wanted, mut values) = ((field.read)(wanted), (field.read)(config));
        wanted.sort();
        values.sort();
        wanted != values
    })
}

/// Sets one option; `None` when there is no such option, false when it cannot have these values.
fn set(config: &mut NodeConfig, var: &str, values: &[String]) -> Option<bool> {
    if var == "pubsub#send_item_subscribe" {
        // Libervia's name for one of the values of send_last_published_item.
        let on_sub = values.first().and_then(|value| boolean(value));
        if let Some(on_sub) = on_sub {
            config.send_last = if on_sub { SendLast::OnSub } else { SendLast::Never };
        }
        return Some(on_sub.is_some());
    }
    field(var).map(|field| (field.write)(config, values).is_some())
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

/// `max`, or what clients write instead of it.
#[expect(
    clippy::option_option,
    reason = "the outer is whether it was understood, the inner is the option's value"
)]
fn integer_or_max(value: &str) -> Option<Option<u64>> {
    match value {
        "max" | "-1" | "" => Some(None),
        number => number.parse().ok().map(Some),
    }
}
