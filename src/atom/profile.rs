//! What a node takes, by its `pubsub#type`: the profiles of XEP-0472, XEP-0501 and XEP-0508, and what is no Atom.

use super::entry::Entry;
use super::validation::Flaw;
use super::{NS, uri};

/// The values of `pubsub#type` that are profiles of Atom, whatever their version: their payloads are entries.
const OF_ATOM: &[&str] =
    &["urn:xmpp:pubsub-social-feed:", "urn:xmpp:microblog:", "urn:xmpp:pubsub-social-gallery:"];
/// The values of `pubsub#type` of nodes that only hold other nodes together.
const WITHOUT_ITEMS: &[&str] = &["urn:xmpp:forums:root:", "urn:xmpp:forums:category:"];
/// The `pubsub#type` of nodes whose payloads are encrypted, whatever they were before.
const ENCRYPTED: &str = "urn:xmpp:openpgp:pubsub:0";

/// A profile that asks something of each entry.
struct Profile {
    /// How its types begin.
    types: &'static [&'static str],
    /// Whether an entry is one of it.
    is_met: fn(&Entry) -> bool,
    /// What is right.
    text: &'static str,
}

/// The table.
static PROFILES: &[Profile] = &[
    Profile {
        types: &["urn:xmpp:pubsub-social-feed:gallery:", "urn:xmpp:pubsub-social-gallery:"],
        is_met: |entry| entry.links("enclosure").any(|link| is_image(link.kind.as_deref())),
        text: "P-GALLERY: an entry of a gallery has a <link rel='enclosure'/> whose type is one of images",
    },
    Profile {
        types: &["urn:xmpp:pubsub-social-feed:stories:"],
        is_met: |entry| entry.links("enclosure").count() == 1,
        text: "P-STORIES: a story has exactly one <link rel='enclosure'/>",
    },
    Profile {
        types: &["urn:xmpp:pubsub-social-feed:flat-forums:"],
        is_met: is_topic,
        text: "P-FORUM: a topic has a <title/>, a <content/> and one <link rel='replies'/> to a node for comments",
    },
    Profile {
        types: &["urn:xmpp:pubsub-social-feed:threaded-forums:"],
        is_met: |entry| is_topic(entry) && !entry.is_reply,
        text: "P-THREADS: a topic has a <title/>, a <content/> and one <link rel='replies'/> to a node for \
               comments, and is no reply itself",
    },
];

/// Whether a node of this type holds Atom entries.
pub fn is_atom(payload_type: &str) -> bool {
    payload_type == NS || is_social(payload_type)
}

/// Whether this type is a profile of Atom: the base of XEP-0472, or one that is based on it.
pub fn is_social(payload_type: &str) -> bool {
    begins(payload_type, OF_ATOM)
}

/// Whether a node of this type holds items at all.
pub fn takes_items(payload_type: &str) -> bool {
    !begins(payload_type, WITHOUT_ITEMS)
}

/// Whether a node of this type, which is not of Atom, takes payloads in this namespace.
pub fn takes(payload_type: &str, ns: &str) -> bool {
    payload_type.is_empty() || payload_type == ns || payload_type == ENCRYPTED
}

/// Refuses an entry that is not what the profile of its node asks for; the error says what is right.
pub fn check(payload_type: &str, entry: &Entry) -> Result<(), &'static str> {
    let asked = PROFILES.iter().find(|profile| begins(payload_type, profile.types));
    match asked {
        Some(profile) if !(profile.is_met)(entry) => Err(profile.text),
        Some(_) | None => Ok(()),
    }
}

fn begins(payload_type: &str, with: &[&str]) -> bool {
    with.iter().any(|beginning| payload_type.starts_with(beginning))
}

fn is_image(kind: Option<&str>) -> bool {
    kind.and_then(|kind| kind.get(..6)).is_some_and(|top| top.eq_ignore_ascii_case("image/"))
}

/// Whether an entry can be discussed in a forum. Its replies are in a node; feeds of them may be linked too.
fn is_topic(entry: &Entry) -> bool {
    let comments =
        entry.links("replies").filter(|link| uri::parse(&link.href).is_some_and(|to| to.node.is_some()));
    !entry.flaws.contains(&Flaw::NoTitle) && entry.has_content && comments.count() == 1
}
