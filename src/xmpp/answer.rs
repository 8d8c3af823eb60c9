//! Answers to IQs: the envelope around a response or a refusal.

use bytes::Bytes;

use crate::pubsub::{Refusal, Response};
use crate::xml::Writer;

use super::head::Head;
use super::{chat, history, refusal, response};

/// The result of a request; empty where success is silent, as it is for messages that nobody wrote by hand.
pub fn result(head: &Head, response: &Response) -> Bytes {
    if let Response::Said(said) = response {
        return chat::write(head, said);
    }
    if head.name == "message" {
        return Bytes::new();
    }
    let mut out = Writer::new();
    if let Response::History(page) = response {
        history::results(&mut out, head, page);
    }
    envelope(&mut out, head, "result");
    response::write(&mut out, head.to.as_deref().unwrap_or_default(), response);
    out.finish().into()
}

/// The error for a stanza that is refused, or what is said instead of it.
pub fn error(head: &Head, refusal: &Refusal) -> Bytes {
    if let Some(said) = &refusal.said {
        return chat::write(head, said);
    }
    let mut out = Writer::new();
    envelope(&mut out, head, "error");
    if let Some(unchanged) = &refusal.unchanged {
        response::write(&mut out, head.to.as_deref().unwrap_or_default(), unchanged);
    }
    refusal::write(&mut out, refusal);
    out.finish().into()
}

/// A stanza that goes back where the other came from.
fn envelope(out: &mut Writer, head: &Head, kind: &str) {
    out.open(if head.name == "message" { "message" } else { "iq" }).attr("type", kind);
    out.attr_opt("id", head.id.as_deref());
    out.attr_opt("from", head.to.as_deref()).attr_opt("to", head.from.as_deref());
}
