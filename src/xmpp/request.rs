//! An IQ's payload to a request, or the refusal that the specification names for what is missing or odd in it.
//!
//! One match on type, namespace and name. Clients are read leniently where that is harmless: attributes and elements
//! that nobody asked for are ignored, numbers that are none are as good as absent where the specification has no error.

use crate::pubsub::command;
use crate::pubsub::entity::affiliations::OwnAffiliations;
use crate::pubsub::entity::discover_items::DiscoverItems;
use crate::pubsub::entity::discover_nodes::DiscoverNodes;
use crate::pubsub::entity::node_info::NodeInfo;
use crate::pubsub::entity::subscriptions::OwnSubscriptions;
use crate::pubsub::entity::type_filter::TypeFilter;
use crate::pubsub::form::{Form, boolean};
use crate::pubsub::owner::affiliations::{Affiliations, ChangeAffiliations};
use crate::pubsub::owner::configure::{Configuration, Configure};
use crate::pubsub::owner::create::Create;
use crate::pubsub::owner::delete::Delete;
use crate::pubsub::owner::purge::Purge;
use crate::pubsub::owner::subscription_requests::Authorize;
use crate::pubsub::owner::subscriptions::{Change, ChangeSubscriptions, Subscriptions};
use crate::pubsub::publisher::publish::{NewItem, Payload, Publish};
use crate::pubsub::publisher::retract::Retract;
use crate::pubsub::subscriber::history::HistoryEnds;
use crate::pubsub::subscriber::items::Items;
use crate::pubsub::subscriber::options::{DefaultOptions, Options, SetOptions};
use crate::pubsub::subscriber::subscribe::Subscribe;
use crate::pubsub::subscriber::unsubscribe::Unsubscribe;
use crate::pubsub::{Refusal, Request, Why};
use crate::xml::Element;

use super::paging::{order, rsm};
use super::{chat, history, ns};

/// The two kinds of IQ that ask for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `type='get'`
    Get,
    /// `type='set'`
    Set,
}

/// Reads what an IQ asks for.
pub fn read(kind: Kind, iq: Element<'_>) -> Result<Request, Refusal> {
    let mut children = iq.children();
    let (Some(payload), None) = (children.next(), children.next()) else {
        return Err(Why::BadRequest.because("an IQ of type get or set holds exactly one element"));
    };
    match (kind, payload.ns(), payload.name()) {
        (_, ns::PUBSUB, "pubsub") => pubsub(kind, payload),
        (_, ns::OWNER, "pubsub") => owner(kind, payload),
        (Kind::Get, ns::DISCO_INFO, "query") => Ok(match node_of(payload) {
            None => Request::ServiceInfo,
            Some(node) if command::find(&node).is_some() => Request::CommandInfo(node),
            Some(node) => Request::NodeInfo(NodeInfo { node }),
        }),
        (Kind::Get, ns::DISCO_ITEMS, "query") => {
            let rsm = rsm(payload)?.unwrap_or_default();
            Ok(match node_of(payload) {
                None => Request::DiscoverNodes(DiscoverNodes {
                    types: types(payload)?,
                    without_comments: false,
                    rsm,
                }),
                Some(node) if node == ns::COMMANDS => Request::Commands,
                Some(node) => Request::DiscoverItems(DiscoverItems { node, rsm }),
            })
        }
        (Kind::Set, ns::COMMANDS, "command") => Ok(Request::Execute(super::command::read(payload))),
        (Kind::Set, ns::MAM, "query") => history::query(payload),
        (Kind::Get, ns::MAM, "query") => Ok(Request::HistoryFields),
        (Kind::Get, ns::MAM, "metadata") => Ok(Request::HistoryEnds(HistoryEnds { node: node(payload)? })),
        (Kind::Get, ns::PING, "ping") => Ok(Request::Ping),
        (Kind::Get, ns::VERSION, "query") => Ok(Request::Version),
        (Kind::Get, ns::TIME, "time") => Ok(Request::Time),
        (Kind::Get, ns::LAST, "query") => Ok(Request::LastActivity),
        (_, ns, name) => Err(Why::ServiceUnavailable.because(format!("nothing here serves {{{ns}}}{name}"))),
    }
}

/// XEP-0462: of which types the nodes are that are asked for.
fn types(query: Element<'_>) -> Result<Option<TypeFilter>, Refusal> {
    let Some(filter) = query.child("filter", ns::TYPE_FILTER) else { return Ok(None) };
    let form = form(filter).ok_or_else(|| Why::BadRequest.because("<filter/> needs a form"))?;
    if let Some(foreign) = form.form_type.as_deref().filter(|form_type| *form_type != ns::TYPE_FILTER) {
        return Err(Why::BadRequest.because(format!("this is no filter but {foreign}")));
    }
    TypeFilter::read(&form).map(Some)
}

/// Requests in the namespace of subscribers and publishers.
fn pubsub(kind: Kind, pubsub: Element<'_>) -> Result<Request, Refusal> {
    let Some(action) = first_of(pubsub, ns::PUBSUB, &["configure", "options", "publish-options"]) else {
        return Err(Why::BadRequest.because("the <pubsub/> asks for nothing"));
    };
    match (kind, action.name()) {
        (Kind::Get, "subscriptions") => {
            Ok(Request::OwnSubscriptions(OwnSubscriptions { node: node_of(action) }))
        }
        (Kind::Get, "affiliations") => {
            Ok(Request::OwnAffiliations(OwnAffiliations { node: node_of(action) }))
        }
        (Kind::Set, "subscribe") => {
            let options = options_beside(pubsub, action)?;
            let public = action.child("public", ns::PPS).is_some();
            Ok(Request::Subscribe(Subscribe { node: node(action)?, jid: jid(action)?, options, public }))
        }
        (Kind::Set, "unsubscribe") => Ok(Request::Unsubscribe(Unsubscribe {
            node: node(action)?,
            jid: jid(action)?,
            subid: action.attr("subid").map(str::to_owned),
        })),
        (Kind::Get, "options") => Ok(Request::Options(options(action)?)),
        (Kind::Set, "options") => {
            let form = form(action).ok_or_else(|| Why::BadRequest.because("<options/> needs a form"))?;
            Ok(Request::SetOptions(SetOptions { which: options(action)?, form }))
        }
        (Kind::Get, "default") => Ok(Request::DefaultOptions(DefaultOptions { node: node_of(action) })),
        (Kind::Get, "items") => items(pubsub, action),
        (Kind::Set, "publish") => publish(pubsub, action),
        (Kind::Set, "retract") => Ok(Request::Retract(Retract {
            node: node(action)?,
            ids: item_ids(action),
            notify: action.attr("notify").and_then(boolean) == Some(true),
        })),
        (Kind::Set, "create") => create(pubsub, action),
        (_, name) => Err(Why::NotImplemented.because(format!("<{name}/> is not served here"))),
    }
}

/// Requests in the namespace of owners.
fn owner(kind: Kind, pubsub: Element<'_>) -> Result<Request, Refusal> {
    let Some(action) = first_of(pubsub, ns::OWNER, &[]) else {
        return Err(Why::BadRequest.because("the <pubsub/> asks for nothing"));
    };
    match (kind, action.name()) {
        (Kind::Get, "default") => Ok(Request::DefaultConfiguration),
        (Kind::Get, "configure") => Ok(Request::Configuration(Configuration { node: node(action)? })),
        (Kind::Set, "configure") => {
            let form = form(action);
            let form = form.ok_or_else(|| Why::BadRequest.because("<configure/> needs a form"))?;
            Ok(Request::Configure(Configure { node: node(action)?, form }))
        }
        (Kind::Set, "purge") => Ok(Request::Purge(Purge { node: node(action)? })),
        (Kind::Get, "affiliations") => Ok(Request::Affiliations(Affiliations { node: node(action)? })),
        (Kind::Set, "affiliations") => Ok(Request::ChangeAffiliations(ChangeAffiliations {
            node: node(action)?,
            changes: rows(action, "affiliation")
                .map(|row| (attr(row, "jid"), attr(row, "affiliation")))
                .collect(),
        })),
        (Kind::Get, "subscriptions") => Ok(Request::Subscriptions(Subscriptions { node: node(action)? })),
        (Kind::Set, "subscriptions") => Ok(Request::ChangeSubscriptions(ChangeSubscriptions {
            node: node(action)?,
            changes: rows(action, "subscription")
                .map(|row| Change {
                    jid: attr(row, "jid"),
                    state: attr(row, "subscription"),
                    subid: row.attr("subid").map(str::to_owned),
                })
                .collect(),
        })),
        (Kind::Set, "delete") => Ok(Request::Delete(Delete {
            node: node(action)?,
            redirect: action
                .child("redirect", ns::OWNER)
                .and_then(|redirect| redirect.attr("uri"))
                .map(str::to_owned),
        })),
        (_, name) => Err(Why::NotImplemented.because(format!("<{name}/> is not served here"))),
    }
}

fn options(options: Element<'_>) -> Result<Options, Refusal> {
    Ok(Options { node: node(options)?, jid: jid(options)?, subid: options.attr("subid").map(str::to_owned) })
}

/// The options that come with a subscription: behind it, and without a node or JID of their own.
fn options_beside(pubsub: Element<'_>, subscribe: Element<'_>) -> Result<Option<Form>, Refusal> {
    let Some(options) = pubsub.child("options", ns::PUBSUB) else { return Ok(None) };
    let first = pubsub.children().next().is_some_and(|first| first.is("options", ns::PUBSUB));
    let foreign = |name| options.attr(name).is_some_and(|value| Some(value) != subscribe.attr(name));
    if first || foreign("node") || foreign("jid") {
        let text = "<options/> comes after <subscribe/>, which names the node and the JID";
        return Err(Why::BadRequest.because(text));
    }
    Ok(form(options))
}

/// Reads what a message to a service asks for, if it asks for something: an owner's answer to a request for approval, or
/// what somebody wrote by hand.
pub fn read_message(message: Element<'_>, service: &str) -> Option<Request> {
    let form = form(message).filter(|form| form.form_type.as_deref() == Some(ns::SUBSCRIBE_AUTHORIZATION));
    let approval = form.map(|form| Request::Authorize(Authorize { form }));
    approval.or_else(|| chat::read(message, service).map(Request::Chat))
}

fn items(pubsub: Element<'_>, items: Element<'_>) -> Result<Request, Refusal> {
    let max_items = match items.attr("max_items").map(str::trim) {
        None | Some("" | "max" | "-1") => None,
        Some(number) => Some(
            number
                .parse()
                .map_err(|_| Why::BadRequest.because(format!("max_items is a number, not {number:?}")))?,
        ),
    };
    Ok(Request::Items(Items {
        node: node(items)?,
        subid: items.attr("subid").map(str::to_owned),
        ids: item_ids(items),
        max_items,
        order: order(pubsub)?,
        rsm: rsm(pubsub)?,
    }))
}

fn publish(pubsub: Element<'_>, publish: Element<'_>) -> Result<Request, Refusal> {
    let node = node(publish)?;
    let items = publish
        .children()
        .filter(|child| child.is("item", ns::PUBSUB))
        .map(|item| NewItem {
            id: item.attr("id").map(str::to_owned),
            wish: None,
            payloads: item.children().map(Payload::of).collect(),
        })
        .collect();
    let options = pubsub.child("publish-options", ns::PUBSUB).and_then(form);
    if let Some(foreign) = options.as_ref().and_then(|form| form.form_type.as_deref())
        && foreign != ns::PUBLISH_OPTIONS
    {
        return Err(Why::InvalidOptions.because(format!("these are no publish-options but {foreign}")));
    }
    Ok(Request::Publish(Publish { node, items, options }))
}

fn create(pubsub: Element<'_>, create: Element<'_>) -> Result<Request, Refusal> {
    let configure = pubsub.child("configure", ns::PUBSUB);
    if pubsub.children().next().is_some_and(|first| first.is("configure", ns::PUBSUB)) {
        return Err(Why::BadRequest.because("<configure/> comes after <create/>"));
    }
    if configure.is_some_and(|configure| configure.attr("node").is_some()) {
        return Err(Why::BadRequest.because("the node is named by <create/>, not by <configure/>"));
    }
    Ok(Request::Create(Create { node: node_of(create), configure: configure.and_then(form) }))
}

/// The element that says what is asked: the first child but those that only accompany another.
fn first_of<'a>(pubsub: Element<'a>, ns: &str, companions: &[&str]) -> Option<Element<'a>> {
    let own = || pubsub.children().filter(|child| child.ns() == ns);
    own().find(|child| !companions.contains(&child.name())).or_else(|| own().next())
}

/// The data form inside an element, read without regard to field types, which clients often omit or get wrong.
pub(super) fn form(parent: Element<'_>) -> Option<Form> {
    let x = parent.child("x", ns::FORM)?;
    let mut form = Form { cancelled: x.attr("type") == Some("cancel"), ..Form::default() };
    for field in x.children().filter(|child| child.is("field", ns::FORM)) {
        let Some(var) = field.attr("var") else { continue };
        let values = field.children().filter(|child| child.is("value", ns::FORM));
        let values: Vec<String> = values.map(|value| value.text().into_owned()).collect();
        if var == "FORM_TYPE" {
            form.form_type = values.into_iter().next();
        } else {
            form.fields.push((var.to_owned(), values));
        }
    }
    Some(form)
}

fn item_ids(parent: Element<'_>) -> Vec<String> {
    let items = parent.children().filter(|child| child.is("item", ns::PUBSUB));
    items.map(|item| item.attr("id").unwrap_or_default().to_owned()).collect()
}

fn rows<'a>(list: Element<'a>, name: &'static str) -> impl Iterator<Item = Element<'a>> {
    list.children().filter(move |row| row.is(name, ns::OWNER))
}

fn attr(element: Element<'_>, name: &str) -> String {
    element.attr(name).unwrap_or_default().to_owned()
}

fn node_of(element: Element<'_>) -> Option<String> {
    element.attr("node").filter(|node| !node.is_empty()).map(str::to_owned)
}

pub(super) fn node(element: Element<'_>) -> Result<String, Refusal> {
    let missing = || Why::NodeidRequired.because(format!("<{}/> needs the attribute node", element.name()));
    node_of(element).ok_or_else(missing)
}

fn jid(element: Element<'_>) -> Result<String, Refusal> {
    let missing = || Why::JidRequired.because(format!("<{}/> needs the attribute jid", element.name()));
    element.attr("jid").map(str::to_owned).ok_or_else(missing)
}
