//! What the service, its nodes and their items say about themselves — XEP-0030, XEP-0128, XEP-0157, XEP-0060
//! [#entity-features], [#entity-metadata].

use crate::pubsub::context::Contact;
use crate::pubsub::entity::discover_nodes::NodeEntry;
use crate::pubsub::entity::node_info::NodeDescription;
use crate::pubsub::options;
use crate::pubsub::paging::PageInfo;
use crate::pubsub::profile;
use crate::pubsub::service::{OTHER_FEATURES, PUBSUB_FEATURES};
use crate::xml::Writer;

use super::form::field;
use super::{leaf, ns, response};

/// Writes what the service is, and whom to turn to.
pub(super) fn service(out: &mut Writer, contact: &[Contact]) {
    out.open("query").attr("xmlns", ns::DISCO_INFO);
    out.open("identity").attr("category", "pubsub").attr("type", "service").attr("name", "atomsub").close();
    features(out);
    if !contact.is_empty() {
        out.open("x").attr("xmlns", ns::FORM).attr("type", "result");
        field(out, "FORM_TYPE", "hidden", &[ns::SERVER_INFO.to_owned()]);
        for Contact { field: var, addresses } in contact {
            field(out, var, "list-multi", addresses);
        }
        out.close();
    }
    out.close();
}

fn features(out: &mut Writer) {
    for feature in OTHER_FEATURES.iter().chain(profile::ADVERTISED) {
        out.open("feature").attr("var", feature).close();
    }
    for feature in PUBSUB_FEATURES {
        out.open("feature").attr("var", &format!("{}#{feature}", ns::PUBSUB)).close();
    }
}

/// Writes a list of nodes.
pub(super) fn nodes(out: &mut Writer, service: &str, nodes: &[NodeEntry], info: &PageInfo) {
    out.open("query").attr("xmlns", ns::DISCO_ITEMS);
    for node in nodes {
        let title = Some(node.title.as_str()).filter(|title| !title.is_empty());
        out.open("item").attr("jid", service).attr("node", &node.name).attr_opt("name", title).close();
    }
    response::page(out, info);
    out.close();
}

/// Writes the ItemIDs of a node.
pub(super) fn items(out: &mut Writer, service: &str, node: &str, ids: &[String], info: &PageInfo) {
    out.open("query").attr("xmlns", ns::DISCO_ITEMS).attr("node", node);
    for id in ids {
        out.open("item").attr("jid", service).attr("name", id).close();
    }
    response::page(out, info);
    out.close();
}

/// Writes what a node is.
pub(super) fn node(out: &mut Writer, description: &NodeDescription) {
    let node = &description.node;
    out.open("query").attr("xmlns", ns::DISCO_INFO).attr("node", &node.id.name);
    let title = Some(node.config.title.as_str()).filter(|title| !title.is_empty());
    out.open("identity").attr("category", "pubsub").attr("type", "leaf").attr_opt("name", title).close();
    features(out);
    if node.config.cap_values {
        out.open("feature").attr("var", ns::CAP).close();
    }
    out.open("x").attr("xmlns", ns::FORM).attr("type", "result");
    field(out, "FORM_TYPE", "hidden", &[ns::META_DATA.to_owned()]);
    for (var, kind) in META_DATA {
        let Some(option) = options::field(var) else { continue };
        meta_data(out, var, kind, option.label, &(option.read)(&node.config));
    }
    let one = |value: &str| [value.to_owned()];
    for hint in &description.hints {
        meta_data(out, hint.var, hint.kind, hint.label, &one(&hint.value));
    }
    let subscribers = description.counts.subscriptions.to_string();
    meta_data(out, "pubsub#creator", "jid-single", "Who created the node", &one(node.creator.as_str()));
    let created = one(&node.created.to_rfc3339());
    meta_data(out, "pubsub#creation_date", "text-single", "When the node was created", &created);
    let label = "How many subscriptions there are";
    meta_data(out, "pubsub#num_subscribers", "text-single", label, &one(&subscribers));
    for (var, label, jids) in [
        ("pubsub#owner", "The owners of the node", &description.owners),
        ("pubsub#publisher", "Those who are on the list of publishers", &description.publishers),
    ] {
        if !jids.is_empty() {
            meta_data(out, var, "jid-multi", label, jids);
        }
    }
    out.close().close();
}

/// The options that are told to everybody who sees a node, with their types there — XEP-0060
/// [#registrar-formtypes-metadata].
const META_DATA: [(&str, &str); 7] = [
    ("pubsub#title", "text-single"),
    ("pubsub#description", "text-single"),
    ("pubsub#language", "list-single"),
    ("pubsub#type", "text-single"),
    ("pubsub#contact", "jid-multi"),
    ("pubsub#access_model", "list-single"),
    ("pubsub#publish_model", "list-single"),
];

/// A field of a form that nobody fills in: it needs no options to choose from.
fn meta_data(out: &mut Writer, var: &str, kind: &str, label: &str, values: &[String]) {
    out.open("field").attr("var", var).attr("type", kind).attr("label", label);
    for value in values {
        leaf(out, "value", value);
    }
    out.close();
}
