//! Nodes of certain types only — XEP-0462, in a list of XEP-0060 [#entity-nodes].
//!
//! Refuses: `bad-request` for both lists, as the specification asks, and for none, so that nobody takes a list that was
//! not filtered for one that was.
//! Features: `urn:xmpp:pubsub-filter:0`.

use std::collections::BTreeSet;

use crate::pubsub::form::Form;
use crate::pubsub::refusal::{Refusal, Why};

/// Which values of `pubsub#type` are wanted; the empty one stands for nodes without a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeFilter {
    /// Only these.
    Included(BTreeSet<String>),
    /// All but these.
    Excluded(BTreeSet<String>),
}

impl TypeFilter {
    /// Reads a submitted form.
    pub fn read(form: &Form) -> Result<Self, Refusal> {
        match (types(form, "included-types"), types(form, "excluded-types")) {
            (Some(types), None) => Ok(Self::Included(types)),
            (None, Some(types)) => Ok(Self::Excluded(types)),
            (Some(_), Some(_)) => {
                Err(Why::BadRequest.because("say either included-types or excluded-types, not both"))
            }
            (None, None) => {
                Err(Why::BadRequest.because("a filter needs the field included-types or excluded-types"))
            }
        }
    }

    /// Whether nodes of this type are listed.
    pub fn admits(&self, payload_type: &str) -> bool {
        match self {
            Self::Included(types) => types.contains(payload_type.trim()),
            Self::Excluded(types) => !types.contains(payload_type.trim()),
        }
    }
}

/// The values of a field, if it is there.
fn types(form: &Form, var: &str) -> Option<BTreeSet<String>> {
    let (_, values) = form.fields.iter().find(|(name, _)| name == var)?;
    Some(values.iter().map(|value| value.trim().to_owned()).collect())
}
