//! Answers to IQs: the envelope around a response or a refusal.

use bytes::Bytes;

use crate::pubsub::{Refusal, Response};
use crate::xml::Writer;

use super::head::Head;
use super::{refusal, response};

/// The result of a request; empty where success is silent, as it is for messages.
pub fn result(head: &Head, response: &Response) -> Bytes {
    if head.name == "message" {
        return Bytes::new();
    }
    let mut out = envelope(head, "result");
    response::write(&mut out, head.to.as_deref().unwrap_or_default(), response);
    out.finish().into()
}

/// The error for a stanza that is refused.
pub fn error(head: &Head, refusal: &Refusal) -> Bytes {
    let mut out = envelope(head, "error");
    if let Some(unchanged) = &refusal.unchanged {
        response::write(&mut out, head.to.as_deref().unwrap_or_default(), unchanged);
    }
    refusal::write(&mut out, refusal);
    out.finish().into()
}

/// A stanza that goes back where the other came from.
fn envelope(head: &Head, kind: &str) -> Writer {
    let mut out = Writer::new();
    out.open(if head.name == "message" { "message" } else { "iq" }).attr("type", kind);
    out.attr_opt("id", head.id.as_deref());
    out.attr_opt("from", head.to.as_deref()).attr_opt("to", head.from.as_deref());
    out
}
