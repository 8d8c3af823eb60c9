//! Atom entries (RFC 4287): what makes one acceptable, and what is in it. Pure.

pub mod filter;
pub mod id;
pub mod summary;
mod text;
pub mod uri;
mod words;

/// The namespace of Atom.
pub const NS: &str = "http://www.w3.org/2005/Atom";

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
        if ns == NS && name == "entry" {
            return Ok(());
        }
        return Err(format!("E01: this node takes Atom entries, {{{NS}}}entry, not {{{ns}}}{name}"));
    }
    if payload_type.is_empty() || payload_type == ns {
        return Ok(());
    }
    Err(format!("this node takes payloads in the namespace {payload_type}, not {ns}"))
}
