//! Atom entries (RFC 4287): what makes one acceptable. Pure.

pub mod author;
pub mod complete;
mod construct;
pub mod entry;
pub mod id;
mod opening;
pub mod summary;
pub mod uri;
pub mod validation;

pub use entry::Entry;

/// The namespace of Atom.
pub const NS: &str = "http://www.w3.org/2005/Atom";
/// The namespace of replies (RFC 4685).
const THREADING_NS: &str = "http://purl.org/syndication/thread/1.0";
/// The namespace of XHTML.
const XHTML_NS: &str = "http://www.w3.org/1999/xhtml";

/// The values of `pubsub#type` that are profiles of Atom: their payloads are entries all the same.
const PROFILES: &[&str] =
    &["urn:xmpp:pubsub-social-feed:", "urn:xmpp:microblog:", "urn:xmpp:pubsub-social-gallery:"];

/// Whether a node of this `pubsub#type` holds Atom entries.
pub fn is_atom(payload_type: &str) -> bool {
    payload_type == NS || PROFILES.iter().any(|profile| payload_type.starts_with(profile))
}

/// Accepts a payload by the name of its root, or says why not.
pub fn accept(payload_type: &str, ns: &str, name: &str) -> Result<(), String> {
    if is_atom(payload_type) {
        let is_entry = ns == NS && name == "entry";
        return if is_entry { Ok(()) } else { Err(validation::text(validation::Flaw::NoEntry)) };
    }
    if payload_type.is_empty() || payload_type == ns {
        return Ok(());
    }
    Err(format!("this node takes payloads in the namespace {payload_type}, not {ns}"))
}
