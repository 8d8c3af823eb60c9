//! A notice to a message. Its payload is rendered once; per recipient only the head, and what few ask for, is written.

use bytes::{BufMut, BytesMut};

use crate::atom::summary;
use crate::pubsub::Timestamp;
use crate::pubsub::notice::{Event, Notice, NoticeItem};
use crate::xml::write::{Writer, escape_attr, is_plain};

use super::multicast::{Addresses, Multicast};
use super::{form, leaf, ns};

/// A notice, rendered but for its recipients.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Up to the value of `to`.
    head: String,
    /// The end tag.
    end: &'static str,
    /// The children that every recipient gets.
    payload: String,
}

/// Who gets a copy of a notice, and how.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The address.
    pub to: &'a str,
    /// Whether to add a text.
    pub with_body: bool,
    /// The subscriptions that the copy is for, where there are several.
    pub subids: &'a [&'a str],
}

impl<'a> Recipient<'a> {
    /// Somebody who gets the notice as it is.
    pub fn plain(to: &'a str) -> Self {
        Self { to, with_body: false, subids: &[] }
    }
}

impl Rendered {
    /// Renders a notice. Every copy has the same id, also when it is sent again after a lost link, so that clients
    /// can tell.
    pub fn new(notice: &Notice, id: &str) -> Self {
        let is_message = notice.event != Event::PresenceWanted;
        let mut head = String::from(if is_message { "<message from='" } else { "<presence from='" });
        escape_attr(&mut head, &notice.node.service);
        head.push_str("' id='");
        escape_attr(&mut head, id);
        head.push_str("' type='");
        head.push_str(match notice.normal {
            _ if !is_message => "subscribe",
            true => "normal",
            false => "headline",
        });
        head.push_str("' to='");

        let mut out = Writer::new();
        children(&mut out, &notice.node.name, &notice.event);
        if let Event::Published { uid: Some(uid), .. } = &notice.event {
            out.open("stanza-id").attr("xmlns", ns::STANZA_ID).attr("by", &notice.node.service);
            out.attr("id", uid).close();
        }
        let end = if is_message { "</message>" } else { "</presence>" };
        Self { head, end, payload: out.finish() }
    }

    /// The size of a copy without its recipient and what only some ask for.
    pub fn bytes(&self) -> usize {
        self.head.len() + self.payload.len()
    }

    /// Appends the copy for one recipient, with a text as [`body`] makes it, or none.
    pub fn write_for(&self, recipient: Recipient<'_>, body: &str, out: &mut BytesMut) {
        out.reserve(self.head.len() + recipient.to.len() + self.payload.len() + 16);
        out.put_slice(self.head.as_bytes());
        // Hardly any address has something to escape.
        if is_plain(recipient.to) {
            out.put_slice(recipient.to.as_bytes());
        } else {
            let mut to = String::with_capacity(recipient.to.len());
            escape_attr(&mut to, recipient.to);
            out.put_slice(to.as_bytes());
        }
        out.put_slice(b"'>");
        self.write_rest(body, recipient.subids, out);
    }

    /// Appends one stanza that the multicast service turns into such a copy for each of its recipients.
    pub fn write_through(
        &self,
        multicast: &Multicast,
        addresses: &Addresses,
        body: &str,
        subids: &[&str],
        out: &mut BytesMut,
    ) {
        out.put_slice(self.head.as_bytes());
        let mut to = String::with_capacity(multicast.jid.len());
        escape_attr(&mut to, &multicast.jid);
        out.put_slice(to.as_bytes());
        out.put_slice(b"'>");
        addresses.write(out);
        self.write_rest(body, subids, out);
    }

    fn write_rest(&self, body: &str, subids: &[&str], out: &mut BytesMut) {
        out.put_slice(body.as_bytes());
        out.put_slice(self.payload.as_bytes());
        if !subids.is_empty() {
            out.put_slice(headers(subids).as_bytes());
        }
        out.put_slice(self.end.as_bytes());
    }
}

/// What was published, as text: nothing where none of it is for readers.
pub fn body<'a>(payloads: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = payloads.filter_map(summary::body).collect();
    if texts.is_empty() {
        return String::new();
    }
    let mut out = Writer::new();
    leaf(&mut out, "body", &texts.join("\n\n"));
    out.finish()
}

/// The SubIDs, behind the event — XEP-0060 [#subscriber-subscribe-multi], XEP-0131.
fn headers(subids: &[&str]) -> String {
    let mut out = Writer::new();
    out.open("headers").attr("xmlns", ns::SHIM);
    for subid in subids {
        out.open("header").attr("name", "SubID").text(subid).close();
    }
    out.finish()
}

pub(super) fn children(out: &mut Writer, node: &str, event: &Event) {
    match event {
        Event::PresenceWanted => return,
        Event::FeedTrouble { url, why, since } => return leaf(out, "body", &trouble(node, url, why, *since)),
        Event::Unreachable { jid, condition, .. } => {
            let end = format!("The subscription of {jid} to {node} has ended");
            leaf(out, "body", &format!("{end}: a notice came back with {condition}."));
        }
        Event::Authorization { jid, subid } => return form::authorization(out, node, jid.as_str(), subid),
        Event::Affiliation { jid, affiliation } => {
            out.open("pubsub").attr("xmlns", ns::PUBSUB).open("affiliations").attr("node", node);
            out.open("affiliation").attr("jid", jid).attr("affiliation", affiliation.as_str());
            out.close().close().close();
            return;
        }
        Event::Published { .. }
        | Event::Digest { .. }
        | Event::Retracted { .. }
        | Event::Purged
        | Event::Configured { .. }
        | Event::Deleted { .. }
        | Event::Subscription { .. } => {}
    }
    out.open("event").attr("xmlns", ns::EVENT);
    self::event(out, node, event);
    out.close();
    if let Event::Published { delayed: Some(time), .. } = event {
        delay(out, *time);
    }
}

fn event(out: &mut Writer, node: &str, event: &Event) {
    match event {
        Event::Published { id, publisher, payload, .. } => {
            out.open("items").attr("node", node);
            if let Some(id) = id {
                item(out, id, publisher.as_deref(), payload.as_deref());
            }
            out.close();
        }
        Event::Digest { items } => {
            out.open("items").attr("node", node);
            for NoticeItem { id, publisher, payload } in items {
                item(out, id, publisher.as_deref(), payload.as_deref());
            }
            out.close();
        }
        Event::Retracted { id } => {
            out.open("items").attr("node", node);
            out.open("retract").attr("id", id).close().close();
        }
        Event::Purged => {
            out.open("purge").attr("node", node).close();
        }
        Event::Configured { config } => {
            out.open("configuration").attr("node", node);
            if let Some(config) = config {
                form::node_config(out, "result", config);
            }
            out.close();
        }
        Event::Deleted { redirect } => {
            out.open("delete").attr("node", node);
            if let Some(uri) = redirect {
                out.open("redirect").attr("uri", uri).close();
            }
            out.close();
        }
        Event::Subscription { jid, subid, state } => {
            out.open("subscription").attr("node", node).attr("jid", jid.as_str());
            out.attr_opt("subid", subid.as_deref());
            out.attr("subscription", state.map_or("none", |state| state.as_str())).close();
        }
        Event::Unreachable { jid, subid, .. } => {
            out.open("subscription").attr("node", node).attr("jid", jid.as_str()).attr("subid", subid);
            out.attr("subscription", "none").close();
        }
        // These are no events.
        Event::Affiliation { .. }
        | Event::Authorization { .. }
        | Event::FeedTrouble { .. }
        | Event::PresenceWanted => {}
    }
}

/// What an owner is told of a feed.
fn trouble(node: &str, url: &str, why: &str, since: Option<Timestamp>) -> String {
    match since {
        Some(since) => {
            let since = since.to_rfc3339();
            format!(
                "The feed {url} does not reach the node {node} since {since}: {why}. It is tried on, once a day."
            )
        }
        None => {
            format!("The feed {url} does not reach the node {node} any more: {why}. It is not tried again.")
        }
    }
}

fn item(out: &mut Writer, id: &str, publisher: Option<&str>, payload: Option<&str>) {
    out.open("item").attr("id", id).attr_opt("publisher", publisher);
    out.raw(payload.unwrap_or_default()).close();
}

fn delay(out: &mut Writer, time: Timestamp) {
    out.open("delay").attr("xmlns", ns::DELAY).attr("stamp", &time.to_rfc3339()).close();
}
