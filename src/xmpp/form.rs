//! Data forms, written — XEP-0004. What is in them is declared in `pubsub::options`.

use crate::pubsub::config::NodeConfig;
use crate::pubsub::options::{FIELDS, Field, Kind};
use crate::pubsub::presence::show::Show;
use crate::pubsub::subscription_options::{self, SubscriptionOptions};
use crate::xml::Writer;

use super::{leaf, ns};

/// Writes the configuration of a node, as a form to fill in or as a result.
pub fn node_config(out: &mut Writer, kind: &str, config: &NodeConfig) {
    out.open("x").attr("xmlns", ns::FORM).attr("type", kind);
    field(out, "FORM_TYPE", "hidden", &[ns::NODE_CONFIG.to_owned()]);
    for option in FIELDS {
        self::option(out, option, config);
    }
    out.close();
}

/// Writes one option of a node with its value.
pub(super) fn option(out: &mut Writer, option: &Field, config: &NodeConfig) {
    out.open("field").attr("var", option.var).attr("type", kind(option.kind)).attr("label", option.label);
    for value in (option.read)(config) {
        leaf(out, "value", &value);
    }
    if let Kind::Choice(words) = option.kind {
        for word in words() {
            out.open("option").attr("label", word);
            leaf(out, "value", word);
            out.close();
        }
    }
    out.close();
}

/// Writes the options of a subscription, to fill in.
pub(super) fn subscription_options(out: &mut Writer, options: &SubscriptionOptions) {
    out.open("x").attr("xmlns", ns::FORM).attr("type", "form");
    field(out, "FORM_TYPE", "hidden", &[ns::SUBSCRIBE_OPTIONS.to_owned()]);
    for option in subscription_options::FIELDS {
        out.open("field").attr("var", option.var).attr("type", option.kind).attr("label", option.label);
        for value in (option.read)(options) {
            leaf(out, "value", &value);
        }
        if option.kind == "list-multi" {
            for word in Show::ALL.map(Show::as_str) {
                out.open("option").attr("label", word);
                leaf(out, "value", word);
                out.close();
            }
        }
        out.close();
    }
    out.close();
}

/// Writes the form by which an owner approves or denies a subscription.
pub(super) fn authorization(out: &mut Writer, node: &str, jid: &str, subid: &str) {
    out.open("x").attr("xmlns", ns::FORM).attr("type", "form");
    leaf(out, "title", "Subscription request");
    leaf(out, "instructions", "Say whether this entity may subscribe to your node.");
    let one = |value: &str| [value.to_owned()];
    field(out, "FORM_TYPE", "hidden", &one(ns::SUBSCRIBE_AUTHORIZATION));
    field(out, "pubsub#subid", "hidden", &one(subid));
    field(out, "pubsub#node", "text-single", &one(node));
    field(out, "pubsub#subscriber_jid", "jid-single", &one(jid));
    field(out, "pubsub#allow", "boolean", &one("false"));
    out.close();
}

/// Writes a field that is not an option.
pub(super) fn field(out: &mut Writer, var: &str, kind: &str, values: &[String]) {
    out.open("field").attr("var", var).attr("type", kind);
    for value in values {
        leaf(out, "value", value);
    }
    out.close();
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Text | Kind::IntegerOrMax => "text-single",
        Kind::Lines => "text-multi",
        Kind::Jids => "jid-multi",
        Kind::Choice(_) => "list-single",
    }
}
