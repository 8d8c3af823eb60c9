//! Rosters of others, asked for and read — RFC 6121, as a privileged component may (XEP-0356).

use std::collections::BTreeSet;

use crate::pubsub::Jid;
use crate::pubsub::roster::{Roster, RosterContact};
use crate::xml::{COMPONENT_NS, Element};

use super::ns;

/// What a host lets us do, if that is what a message says: whether its rosters may be read.
pub fn privilege(message: Element<'_>) -> Option<bool> {
    let privilege =
        message.children().find(|child| child.name() == "privilege" && is_privilege(child.ns()))?;
    let mut permissions =
        privilege.children().filter(|perm| perm.name() == "perm" && is_privilege(perm.ns()));
    Some(permissions.any(|perm| {
        perm.attr("access") == Some("roster") && matches!(perm.attr("type"), Some("get" | "both"))
    }))
}

/// Asks for the roster of a user of the host.
pub fn question(service: &str, owner: &str, id: &str) -> String {
    super::question(service, owner, id, ns::ROSTER)
}

/// The roster in an answer: an empty one where the host has none or does not show it, nothing where it may later.
pub fn answer(iq: Element<'_>) -> Option<Roster> {
    if let Some(error) = iq.child("error", COMPONENT_NS) {
        return (error.attr("type") != Some("wait")).then(Roster::default);
    }
    let query = iq.child("query", ns::ROSTER)?;
    let items = query.children().filter(|item| item.is("item", ns::ROSTER));
    Some(Roster(items.filter_map(contact).collect()))
}

/// Whether a request is the news that a roster has changed.
pub fn is_push(iq: Element<'_>) -> bool {
    iq.attr("type") == Some("set") && iq.child("query", ns::ROSTER).is_some()
}

fn contact(item: Element<'_>) -> Option<(String, RosterContact)> {
    let jid = Jid::from_host(item.attr("jid")?);
    let groups = item.children().filter(|group| group.is("group", ns::ROSTER));
    let groups: BTreeSet<String> = groups.map(|group| group.text().into_owned()).collect();
    let sees_owner = matches!(item.attr("subscription"), Some("from" | "both"));
    Some((jid.bare().to_owned(), RosterContact { sees_owner, groups }))
}

fn is_privilege(ns: &str) -> bool {
    matches!(ns, "urn:xmpp:privilege:1" | "urn:xmpp:privilege:2")
}
