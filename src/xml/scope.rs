//! Which namespace each prefix stands for, at the place the parser is at.
//!
//! Looking a prefix up costs the same at every depth, so nesting does not make parsing slow.

use std::collections::HashMap;

use super::tree::Span;
use super::{Limit, XmlError};

/// The prefix bindings in scope; the empty prefix is the default namespace.
#[derive(Debug, Default)]
pub(super) struct Scope {
    bindings: HashMap<String, Vec<Span>>,
    /// What to undo when an element ends, innermost last: the prefix, and what its declaration cost.
    declared: Vec<(String, usize)>,
    bytes: usize,
}

impl Scope {
    /// Binds `prefix` around the root, for good and for free.
    pub(super) fn surround(&mut self, prefix: &str, ns: Span) {
        self.bindings.entry(prefix.to_owned()).or_default().push(ns);
    }

    /// A mark to give to [`Scope::leave`] when the element that is entered now ends.
    pub(super) fn enter(&self) -> usize {
        self.declared.len()
    }

    /// Binds `prefix` until the element ends; `bytes_max` bounds all that is declared in scope.
    pub(super) fn declare(&mut self, prefix: &str, ns: Span, bytes_max: usize) -> Result<(), XmlError> {
        let cost = prefix.len() + ns.len();
        self.bytes += cost;
        if self.bytes > bytes_max {
            return Err(XmlError::Over(Limit::ScopeBytes));
        }
        self.bindings.entry(prefix.to_owned()).or_default().push(ns);
        self.declared.push((prefix.to_owned(), cost));
        Ok(())
    }

    /// Whether the element entered at `mark` declared `prefix` itself.
    pub(super) fn is_declared_since(&self, mark: usize, prefix: &str) -> bool {
        self.declared.get(mark..).unwrap_or_default().iter().any(|(known, _)| known == prefix)
    }

    /// Forgets what was declared since `mark`.
    pub(super) fn leave(&mut self, mark: usize) {
        for (prefix, cost) in self.declared.drain(mark..) {
            self.bytes -= cost;
            if let Some(bindings) = self.bindings.get_mut(&prefix) {
                bindings.pop();
            }
        }
    }

    /// The namespace that `prefix` stands for here.
    pub(super) fn resolve(&self, prefix: &str) -> Option<Span> {
        self.bindings.get(prefix)?.last().copied()
    }
}
