//! A summary of attachments as it is counted, and as it is written — XEP-0470, XEP-0475.

use std::cmp::Reverse;

use bytes::Bytes;

use crate::limits::{REACTION_KINDS_MAX, SIGNERS_MAX};
use crate::pubsub::Fault;
use crate::pubsub::refusal::{Refusal, Why};
use crate::xml::{Element, Limits, Tree, Writer};

use super::share::Share;
use super::{SIGNING_NS, SUMMARY_NS};

/// The attachments of all people to one item. What is written says all that is counted, so it is what is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    noticed: u64,
    /// The most frequent first, of those the one that came first.
    reactions: Vec<(String, u64)>,
    signers: Vec<String>,
}

impl Tally {
    /// Reads a summary that was written here.
    pub(super) fn read(summary: &str) -> Result<Self, Fault> {
        let tree = Tree::parse(Bytes::copy_from_slice(summary.as_bytes()), &Limits::default());
        let tree = tree.map_err(|error| Fault::Bug(format!("a summary of attachments: {error}")))?;
        let mut tally = Self::default();
        for part in tree.root().children() {
            match (part.ns(), part.name()) {
                (SUMMARY_NS, "noticed") => tally.noticed = count(part),
                (SUMMARY_NS, "reactions") => {
                    let each = part.children().map(|one| (one.text().into_owned(), count(one)));
                    tally.reactions = each.collect();
                }
                (SIGNING_NS, "signature") => {
                    tally.signers = part.children().map(|signer| signer.text().into_owned()).collect();
                }
                _ => {}
            }
        }
        Ok(tally)
    }

    /// Puts a person's new share in place of his last one. Refuses what would make the summary too long: whoever is not
    /// refused is counted.
    pub(super) fn replace(&mut self, last: &Share, new: &Share) -> Result<(), Refusal> {
        self.noticed = (self.noticed + u64::from(new.noticed)).saturating_sub(u64::from(last.noticed));
        for gone in last.reactions.iter().filter(|reaction| !new.reactions.contains(reaction)) {
            if let Some((_, count)) = self.reactions.iter_mut().find(|(known, _)| known == gone) {
                *count = count.saturating_sub(1);
            }
        }
        for added in new.reactions.iter().filter(|reaction| !last.reactions.contains(reaction)) {
            match self.reactions.iter_mut().find(|(known, _)| known == added) {
                Some((_, count)) => *count += 1,
                None => self.reactions.push((added.clone(), 1)),
            }
        }
        self.reactions.retain(|(_, count)| *count > 0);
        self.reactions.sort_by_key(|(_, count)| Reverse(*count));
        if last.signer != new.signer {
            self.signers.retain(|signer| last.signer.as_ref() != Some(signer));
            self.signers.extend(new.signer.clone());
        }
        self.fits()
    }

    fn fits(&self) -> Result<(), Refusal> {
        if self.reactions.len() > REACTION_KINDS_MAX {
            let text =
                format!("this item has {REACTION_KINDS_MAX} kinds of reactions already: choose one of them");
            return Err(Why::NotAcceptable.because(text));
        }
        if self.signers.len() > SIGNERS_MAX {
            return Err(Why::NotAcceptable.because(format!("this item has {SIGNERS_MAX} signatures already")));
        }
        Ok(())
    }

    /// Writes the summary.
    pub(super) fn write(&self) -> String {
        let mut out = Writer::new();
        out.open("summary").attr("xmlns", SUMMARY_NS);
        if self.noticed > 0 {
            out.open("noticed").attr("count", &self.noticed.to_string()).close();
        }
        if !self.reactions.is_empty() {
            out.open("reactions");
            for (reaction, count) in &self.reactions {
                let count = Some(count).filter(|count| **count > 1).map(u64::to_string);
                out.open("reaction").attr_opt("count", count.as_deref()).text(reaction).close();
            }
            out.close();
        }
        if !self.signers.is_empty() {
            out.open("signature").attr("xmlns", SIGNING_NS);
            for signer in &self.signers {
                out.open("signer").text(signer).close();
            }
            out.close();
        }
        out.finish()
    }
}

/// How often something is there; once where nothing is said.
fn count(of: Element<'_>) -> u64 {
    of.attr("count").and_then(|count| count.parse().ok()).unwrap_or(1)
}
