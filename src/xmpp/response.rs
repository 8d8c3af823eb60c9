//! A response to the payload of the result IQ.

use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::config::NodeConfig;
use crate::pubsub::entity::subscriptions::NamedSubscription;
use crate::pubsub::item::Item;
use crate::pubsub::paging::PageInfo;
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::subscription_options::{Expire, SubscriptionOptions};
use crate::pubsub::{Jid, Response, Timestamp};
use crate::xml::write::Writer;

use super::{command, disco, form, history, leaf, ns};

/// Writes the payload of a result; `service` is the JID that answers.
pub fn write(out: &mut Writer, service: &str, response: &Response) {
    match response {
        // What is said is no payload of an IQ, and tokens are not shown in one.
        Response::Done | Response::Said(_) | Response::AtomPub(_) => {}
        Response::ServiceInfo { contact } => disco::service(out, contact),
        Response::Version => version(out),
        Response::Time(now) => time(out, *now),
        Response::LastActivity(seconds) => {
            out.open("query").attr("xmlns", ns::LAST).attr("seconds", &seconds.to_string()).close();
        }
        Response::Nodes(nodes, info) => disco::nodes(out, service, nodes, info),
        Response::NodeInfo(description) => disco::node(out, description),
        Response::ItemIds { node, ids, info } => disco::items(out, service, node, ids, info),
        Response::OwnSubscriptions { node, list } => own_subscriptions(out, node.as_deref(), list),
        Response::OwnAffiliations { node, list } => own_affiliations(out, node.as_deref(), list),
        Response::Subscribed { node, subscription } => {
            out.open("pubsub").attr("xmlns", ns::PUBSUB);
            self::subscription(out, node, subscription);
            out.close();
        }
        Response::Items { node, items, with_publisher, with_cap_values, info } => {
            out.open("pubsub").attr("xmlns", ns::PUBSUB);
            out.open("items").attr("node", node);
            for item in items {
                self::item(out, item, *with_publisher);
            }
            cap_values(out, if *with_cap_values { items } else { &[] });
            out.close();
            page(out, info);
            out.close();
        }
        Response::History(found) => history::end(out, found),
        Response::HistoryEnds { node, ends } => history::ends(out, node, ends.as_ref()),
        Response::HistoryFields => history::fields(out),
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
        Response::Commands(nodes) => command::list(out, service, nodes),
        Response::CommandInfo { command } => command::info(out, command),
        Response::Stage { command, stage } => command::stage(out, command, stage),
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
    if subscription.state == State::Unconfigured {
        out.open("subscribe-options").open("required").close().close();
    }
    out.close();
}

/// What a publisher compares with, item by item — XEP-0395.
fn cap_values(out: &mut Writer, items: &[Item]) {
    if items.is_empty() {
        return;
    }
    out.open("cap-v-map").attr("xmlns", ns::CAP);
    for item in items {
        out.open("cap-value-map-entry").attr("item-id", &item.id);
        out.attr("cap-value", &item.seq.to_string()).close();
    }
    out.close();
}

fn item(out: &mut Writer, item: &Item, with_publisher: bool) {
    out.open("item").attr("id", &item.id);
    out.attr_opt("publisher", with_publisher.then_some(item.publisher.as_str()));
    out.raw(&item.given().unwrap_or_default()).close();
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
pub(super) fn page(out: &mut Writer, info: &PageInfo) {
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
