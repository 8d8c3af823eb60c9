//! The wire, pure: stanzas to requests, and outcomes back to stanzas.

pub mod answer;
pub mod bounce;
mod chat;
mod command;
mod disco;
pub mod form;
pub mod guard;
pub mod head;
mod history;
pub mod multicast;
pub mod notice;
pub mod ns;
mod paging;
pub mod presence;
pub mod refusal;
pub mod request;
pub mod response;
pub mod roster;
mod scan;

use crate::xml::Writer;

/// Writes an element that holds nothing but text.
fn leaf(out: &mut Writer, name: &'static str, text: &str) {
    out.open(name).text(text).close();
}

/// An IQ that asks somebody what he says under this namespace.
fn question(service: &str, of: &str, id: &str, xmlns: &str) -> String {
    let mut out = Writer::new();
    out.open("iq").attr("type", "get").attr("from", service).attr("to", of).attr("id", id);
    out.open("query").attr("xmlns", xmlns);
    out.finish()
}
