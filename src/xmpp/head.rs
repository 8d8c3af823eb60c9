//! What a stanza says about itself in its start tag: enough to answer it with an error.

use bytes::Bytes;

use crate::xml::{COMPONENT_NS, Limits, Tree};

/// The start tag of a stanza. All values are kept as they came; nothing is known to be a JID.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `iq`, `message` or `presence`; empty when the start tag could not be read or is another namespace's.
    pub name: String,
    /// Who sent it.
    pub from: Option<String>,
    /// To whom.
    pub to: Option<String>,
    /// What an answer has to repeat.
    pub id: Option<String>,
    /// The attribute `type`.
    pub kind: Option<String>,
}

impl Head {
    /// Reads a start tag, whatever follows it in the stanza, and however many attributes it has.
    pub fn of_start_tag(tag: &[u8]) -> Self {
        let inside = tag.strip_suffix(b">").unwrap_or(tag);
        let inside = inside.strip_suffix(b"/").unwrap_or(inside);
        let alone: Bytes = [inside, b"/>"].concat().into();
        let all = tag.len() + 2;
        let limits = Limits {
            bytes: all,
            depth: 1,
            elements: 1,
            attributes: all,
            attribute_bytes: all,
            scope_bytes: all,
        };
        Tree::parse_stanza(alone, &limits).map_or_else(|_| Self::default(), |tree| Self::of(&tree))
    }

    /// The head of a stanza that was read.
    pub fn of(stanza: &Tree) -> Self {
        let root = stanza.root();
        if root.ns() != COMPONENT_NS {
            return Self::default();
        }
        let attr = |name| root.attr(name).map(str::to_owned);
        Self {
            name: root.name().to_owned(),
            from: attr("from"),
            to: attr("to"),
            id: attr("id"),
            kind: attr("type"),
        }
    }

    /// Whether the sender waits for an answer: only an `iq` that asks for something does.
    pub fn wants_answer(&self) -> bool {
        self.name == "iq" && matches!(self.kind.as_deref(), Some("get" | "set"))
    }
}
