//! What one person's attachments add to a summary — XEP-0470, XEP-0475.
//!
//! It follows from what is stored and from nothing else, so that what was put on a summary can be taken off it again. What
//! is counted here must therefore stay the same for what is there, or all summaries have to be made anew.

use bytes::Bytes;

use crate::limits::{REACTION_BYTES_MAX, REACTIONS_PER_PERSON_MAX};
use crate::pubsub::item::Item;
use crate::pubsub::jid::Jid;
use crate::xml::{Element, Limits, Tree};

use super::{NS, SIGNING_NS};

/// A person's part of a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Whether he has noticed the item; twice is no more.
    pub(super) noticed: bool,
    /// His reactions, each once.
    pub(super) reactions: Vec<String>,
    /// The person, if he has signed the item.
    pub(super) signer: Option<String>,
}

impl Share {
    /// The share of an attachment item; kinds of attachments that are not known here add nothing.
    pub(super) fn of(item: &Item) -> Self {
        item.payload.as_deref().map(|payload| Self::read(&item.publisher, payload)).unwrap_or_default()
    }

    fn read(person: &Jid, payload: &str) -> Self {
        let mut share = Self::default();
        let Ok(tree) = Tree::parse(Bytes::copy_from_slice(payload.as_bytes()), &Limits::default()) else {
            return share;
        };
        for attachment in tree.root().children() {
            match (attachment.ns(), attachment.name()) {
                (NS, "noticed") => share.noticed = true,
                (NS, "reactions") => share.react(attachment),
                (SIGNING_NS, "signature") if names(attachment, person) => {
                    share.signer = Some(person.bare().to_owned());
                }
                _ => {}
            }
        }
        share
    }

    /// Nothing so long is one emoji, and nobody means so many.
    fn react(&mut self, reactions: Element<'_>) {
        for reaction in reactions.children().filter(|child| child.is("reaction", NS)) {
            let text = reaction.text();
            let text = text.trim();
            let is_one = !text.is_empty() && text.len() <= REACTION_BYTES_MAX;
            let has_room = self.reactions.len() < REACTIONS_PER_PERSON_MAX;
            if is_one && has_room && !self.reactions.iter().any(|known| known == text) {
                self.reactions.push(text.to_owned());
            }
        }
    }
}

/// Whether a signature names a person as signer. Nobody signs for others: each signer publishes a signature of his own.
fn names(signature: Element<'_>, person: &Jid) -> bool {
    let mut signers = signature.children().filter(|child| child.is("signer", SIGNING_NS));
    signers.any(|signer| {
        // The specification has it both ways.
        let jid = signer.attr("jid").map_or_else(|| signer.text(), Into::into);
        Jid::parse(jid.trim()).is_some_and(|jid| jid.bare() == person.bare())
    })
}
