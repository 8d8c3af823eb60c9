//! A notice to an event message. Its body is rendered once; per recipient only the head is written.

use bytes::{BufMut, BytesMut};

use crate::pubsub::notice::{Event, Notice};
use crate::xml::write::{Writer, escape_attr};

use super::{form, ns};

/// A notice, rendered but for its recipients.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Up to the value of `to`.
    head: String,
    /// From after `to` to the end.
    tail: String,
}

impl Rendered {
    /// Renders a notice. Every copy has the same id, also when it is sent again after a lost link, so that clients
    /// can tell.
    pub fn new(notice: &Notice, id: &str) -> Self {
        let mut head = String::from("<message from='");
        escape_attr(&mut head, &notice.node.service);
        head.push_str("' id='");
        escape_attr(&mut head, id);
        head.push_str("' type='");
        head.push_str(if notice.normal { "normal" } else { "headline" });
        head.push_str("' to='");

        let mut body = Writer::new();
        let is_event = !matches!(notice.event, Event::Affiliation { .. });
        body.open(if is_event { "event" } else { "pubsub" });
        body.attr("xmlns", if is_event { ns::EVENT } else { ns::PUBSUB });
        event(&mut body, &notice.node.name, &notice.event);
        let tail = format!("'>{}</message>", body.finish());
        Self { head, tail }
    }

    /// Appends the message for one recipient.
    pub fn write_for(&self, to: &str, out: &mut BytesMut) {
        out.reserve(self.head.len() + to.len() + self.tail.len());
        out.put_slice(self.head.as_bytes());
        let mut escaped = String::with_capacity(to.len());
        escape_attr(&mut escaped, to);
        out.put_slice(escaped.as_bytes());
        out.put_slice(self.tail.as_bytes());
    }
}

fn event(out: &mut Writer, node: &str, event: &Event) {
    match event {
        Event::Published { id, publisher, payload } => {
            out.open("items").attr("node", node);
            if let Some(id) = id {
                out.open("item").attr("id", id).attr_opt("publisher", publisher.as_deref());
                out.raw(payload.as_deref().unwrap_or_default()).close();
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
        Event::Affiliation { jid, affiliation } => {
            out.open("affiliations").attr("node", node);
            out.open("affiliation")
                .attr("jid", jid)
                .attr("affiliation", affiliation.as_str())
                .close()
                .close();
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
    }
}
