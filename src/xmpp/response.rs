//! A response to the payload of the result IQ.

use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::config::NodeConfig;
use crate::pubsub::entity::discover_nodes::NodeEntry;
use crate::pubsub::entity::node_info::NodeDescription;
use crate::pubsub::entity::subscriptions::NamedSubscription;
use crate::pubsub::item::Item;
use crate::pubsub::options::FIELDS;
use crate::pubsub::paging::PageInfo;
use crate::pubsub::service::{OTHER_FEATURES, PUBSUB_FEATURES};
use crate::pubsub::subscription::Subscription;
use crate::pubsub::subscription_options::{Expire, SubscriptionOptions};
use crate::pubsub::{Jid, Response, Timestamp};
use crate::xml::write::Writer;

use super::form::{self, field};
use super::{command, leaf, ns};

/// Writes the payload of a result; `service` is the JID that answers.
pub fn write(out: &mut Writer, service: &str, response: &Response) {
    match response {
        Response::Done => {}
        Response::ServiceInfo => service_info(out),
        Response::Version => version(out),
        Response::Time(now) => time(out, *now),
        Response::LastActivity(seconds) => {
            out.open("query").attr("xmlns", ns::LAST).attr("seconds", &seconds.to_string()).close();
        }
        Response::Nodes(nodes, info) => self::nodes(out, service, nodes, info),
        Response::NodeInfo(description) => node_info(out, description),
        Response::ItemIds { node, ids, info } => {
            out.open("query").attr("xmlns", ns::DISCO_ITEMS).attr("node", node);
            for id in ids {
                out.open("item").attr("jid", service).attr("name", id).close();
            }
            page(out, info);
            out.close();
        }
        Response::OwnSubscriptions { node, list } => own_subscriptions(out, node.as_deref(), list),
        Response::OwnAffiliations { node, list } => own_affiliations(out, node.as_deref(), list),
        Response::Subscribed { node, subscription } => {
            out.open("pubsub").attr("xmlns", ns::PUBSUB);
            self::subscription(out, node, subscription);
            out.close();
        }
        Response::Items { node, items, with_publisher, info } => {
            self::items(out, node, items, *with_publisher, info);
        }
        Response::Published { node, ids } => {
            out.open("pubsub").attr("xmlns", ns::PUBSUB);
            out.open("publish").attr("node", node);
            for id in ids {
                out.open("item").attr("id", id).close();
            }
            out.close().close();
        }
        Response::Created { node } => {
            out.open("pubsub").attr("xmlns", ns::PUBSUB);
            out.open("create").attr("node", node).close().close();
        }
        Response::Configuration { node, config } => configuration(out, node.as_deref(), config),
        Response::Affiliations { node, list } => affiliations(out, node, list),
        Response::Subscriptions { node, list } => subscriptions(out, node, list),
        Response::Options { node, subscription } => options(out, node, subscription),
        Response::DefaultOptions { node } => default_options(out, node.as_deref()),
        Response::Commands => command::list(out, service),
        Response::CommandInfo => command::info(out),
        Response::PendingNodes(nodes) => command::nodes(out, nodes),
        Response::PendingSent => command::end(out, "completed"),
        Response::PendingCancelled => command::end(out, "canceled"),
    }
}

fn options(out: &mut Writer, node: &str, subscription: &Subscription) {
    out.open("pubsub").attr("xmlns", ns::PUBSUB);
    out.open("options").attr("node", node).attr("jid", subscription.jid.as_str());
    out.attr("subid", &subscription.subid);
    form::subscription_options(out, &subscription.options);
    out.close().close();
}

fn default_options(out: &mut Writer, node: Option<&str>) {
    out.open("pubsub").attr("xmlns", ns::PUBSUB).open("default").attr_opt("node", node);
    form::subscription_options(out, &SubscriptionOptions::default());
    out.close().close();
}

fn version(out: &mut Writer) {
    out.open("query").attr("xmlns", ns::VERSION);
    leaf(out, "name", "atomsub");
    leaf(out, "version", env!("CARGO_PKG_VERSION"));
    out.close();
}

fn time(out: &mut Writer, now: Timestamp) {
    out.open("time").attr("xmlns", ns::TIME);
    leaf(out, "tzo", "+00:00");
    leaf(out, "utc", &now.to_rfc3339());
    out.close();
}

fn service_info(out: &mut Writer) {
    out.open("query").attr("xmlns", ns::DISCO_INFO);
    out.open("identity").attr("category", "pubsub").attr("type", "service").attr("name", "atomsub").close();
    features(out);
    out.close();
}

fn features(out: &mut Writer) {
    for feature in OTHER_FEATURES {
        out.open("feature").attr("var", feature).close();
    }
    for feature in PUBSUB_FEATURES {
        out.open("feature").attr("var", &format!("{}#{feature}", ns::PUBSUB)).close();
    }
}

fn nodes(out: &mut Writer, service: &str, nodes: &[NodeEntry], info: &PageInfo) {
    out.open("query").attr("xmlns", ns::DISCO_ITEMS);
    for node in nodes {
        let title = Some(node.title.as_str()).filter(|title| !title.is_empty());
        out.open("item").attr("jid", service).attr("node", &node.name).attr_opt("name", title).close();
    }
    page(out, info);
    out.close();
}

fn node_info(out: &mut Writer, description: &NodeDescription) {
    let node = &description.node;
    out.open("query").attr("xmlns", ns::DISCO_INFO).attr("node", &node.id.name);
    let title = Some(node.config.title.as_str()).filter(|title| !title.is_empty());
    out.open("identity").attr("category", "pubsub").attr("type", "leaf").attr_opt("name", title).close();
    features(out);
    out.open("x").attr("xmlns", ns::FORM).attr("type", "result");
    field(out, "FORM_TYPE", "hidden", &[ns::META_DATA.to_owned()]);
    for option in FIELDS.iter().filter(|option| META_DATA.contains(&option.var)) {
        form::option(out, option, &node.config);
    }
    let one = |value: &str| [value.to_owned()];
    field(out, "pubsub#creator", "jid-single", &one(node.creator.as_str()));
    field(out, "pubsub#creation_date", "text-single", &one(&node.created.to_rfc3339()));
    field(out, "pubsub#num_subscribers", "text-single", &one(&description.counts.subscriptions.to_string()));
    for (var, jids) in [("pubsub#owner", &description.owners), ("pubsub#publisher", &description.publishers)]
    {
        if !jids.is_empty() {
            field(out, var, "jid-multi", jids);
        }
    }
    out.close().close();
}

/// The options that are told to everybody who sees a node — XEP-0060 [#registrar-formtypes-metadata].
const META_DATA: &[&str] = &[
    "pubsub#title",
    "pubsub#description",
    "pubsub#language",
    "pubsub#type",
    "pubsub#contact",
    "pubsub#access_model",
    "pubsub#publish_model",
    "pubsub#max_items",
];

fn own_subscriptions(out: &mut Writer, node: Option<&str>, list: &[NamedSubscription]) {
    out.open("pubsub").attr("xmlns", ns::PUBSUB);
    out.open("subscriptions").attr_opt("node", node);
    for (node, subscription) in list {
        self::subscription(out, node, subscription);
    }
    out.close().close();
}

fn own_affiliations(out: &mut Writer, node: Option<&str>, list: &[(String, Affiliation)]) {
    out.open("pubsub").attr("xmlns", ns::PUBSUB);
    out.open("affiliations").attr_opt("node", node);
    for (node, affiliation) in list {
        out.open("affiliation").attr("node", node).attr("affiliation", affiliation.as_str()).close();
    }
    out.close().close();
}

fn subscription(out: &mut Writer, node: &str, subscription: &Subscription) {
    out.open("subscription").attr("node", node).attr("jid", subscription.jid.as_str());
    out.attr("subid", &subscription.subid).attr("subscription", subscription.state.as_str());
    if let Expire::At(end) = subscription.options.expire {
        out.attr("expiry", &end.to_rfc3339());
    }
    out.close();
}

fn items(out: &mut Writer, node: &str, items: &[Item], with_publisher: bool, info: &PageInfo) {
    out.open("pubsub").attr("xmlns", ns::PUBSUB);
    out.open("items").attr("node", node);
    for item in items {
        self::item(out, item, with_publisher);
    }
    out.close();
    page(out, info);
    out.close();
}

fn item(out: &mut Writer, item: &Item, with_publisher: bool) {
    out.open("item").attr("id", &item.id);
    out.attr_opt("publisher", with_publisher.then_some(item.publisher.as_str()));
    out.raw(item.payload.as_deref().unwrap_or_default()).close();
}

fn configuration(out: &mut Writer, node: Option<&str>, config: &NodeConfig) {
    out.open("pubsub").attr("xmlns", ns::OWNER);
    out.open(if node.is_some() { "configure" } else { "default" }).attr_opt("node", node);
    form::node_config(out, "form", config);
    out.close().close();
}

fn affiliations(out: &mut Writer, node: &str, list: &[(Jid, Affiliation)]) {
    out.open("pubsub").attr("xmlns", ns::OWNER).open("affiliations").attr("node", node);
    for (jid, affiliation) in list {
        out.open("affiliation").attr("jid", jid.as_str()).attr("affiliation", affiliation.as_str()).close();
    }
    out.close().close();
}

fn subscriptions(out: &mut Writer, node: &str, list: &[Subscription]) {
    out.open("pubsub").attr("xmlns", ns::OWNER).open("subscriptions").attr("node", node);
    for subscription in list {
        out.open("subscription").attr("jid", subscription.jid.as_str());
        out.attr("subscription", subscription.state.as_str());
        out.attr("subid", &subscription.subid).close();
    }
    out.close().close();
}

/// Where a page is in the whole result.
fn page(out: &mut Writer, info: &PageInfo) {
    out.open("set").attr("xmlns", ns::RSM);
    if let Some(span) = &info.span {
        out.open("first");
        out.attr_opt("index", span.index.map(|index| index.to_string()).as_deref());
        out.text(&span.first).close();
        leaf(out, "last", &span.last);
    }
    if let Some(count) = info.count {
        leaf(out, "count", &count.to_string());
    }
    out.close();
}
