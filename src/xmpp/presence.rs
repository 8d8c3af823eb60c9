//! Presence stanzas, read and written — RFC 6121.

use crate::pubsub::presence::receive::Presence;
use crate::pubsub::presence::show::Show;
use crate::xml::write::Writer;
use crate::xml::{COMPONENT_NS, Element};

use super::ns;

/// Reads what a presence stanza says; nothing where its type is none of RFC 6121.
pub fn read(stanza: Element<'_>) -> Option<Presence> {
    match stanza.attr("type") {
        None => {
            let show = stanza.child("show", COMPONENT_NS).map(|show| show.text().trim().to_owned());
            // An unknown word is somebody who is online all the same.
            let show = show.and_then(|show| Show::parse(&show)).unwrap_or(Show::Online);
            let ago = stanza.child("ago", ns::AGO).and_then(|ago| ago.attr("secs")?.trim().parse().ok());
            Some(ago.map_or(Presence::Available(show), |seconds| Presence::Returned(show, seconds)))
        }
        Some("unavailable") => Some(Presence::Unavailable),
        Some("subscribe") => Some(Presence::Subscribe),
        Some("subscribed") => Some(Presence::Subscribed),
        Some("unsubscribe") => Some(Presence::Unsubscribe),
        Some("unsubscribed") => Some(Presence::Unsubscribed),
        Some("probe") => Some(Presence::Probe),
        Some("error") => Some(Presence::Error),
        Some(_) => None,
    }
}

/// Writes presence of the service to one address; what an error would say is never said.
pub fn write(service: &str, to: &str, presence: Presence) -> String {
    let kind = match presence {
        Presence::Available(_) | Presence::Returned(..) => None,
        Presence::Unavailable => Some("unavailable"),
        Presence::Subscribe => Some("subscribe"),
        Presence::Subscribed => Some("subscribed"),
        Presence::Unsubscribe => Some("unsubscribe"),
        Presence::Unsubscribed => Some("unsubscribed"),
        Presence::Probe => Some("probe"),
        Presence::Error => return String::new(),
    };
    let mut out = Writer::new();
    out.open("presence").attr("from", service).attr("to", to).attr_opt("type", kind);
    out.finish()
}
