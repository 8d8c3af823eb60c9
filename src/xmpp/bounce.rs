//! Errors that come back for notices, read.

use crate::xml::{COMPONENT_NS, Element};

use super::ns;

/// The condition of RFC 6120 of a message that is an error.
pub fn condition(message: Element<'_>) -> Option<String> {
    let error = message.child("error", COMPONENT_NS)?;
    let mut conditions = error.children().filter(|child| child.ns() == ns::STANZAS && child.name() != "text");
    conditions.next().map(|condition| condition.name().to_owned())
}
