//! What entries hold beside Atom, passed on to whoever knows it.

use crate::atom::entry::SEALS;
use crate::atom::{NS, THREADING_NS, XHTML_NS};
use crate::limits::{WEB_FOREIGN_BYTES_MAX, WEB_LINKS_MAX};
use crate::xml::Element;

/// What a browser runs wherever it stands in a document.
const RUN: &[&str] = &[
    XHTML_NS,
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/XSL/Transform",
];

/// The elements of other namespaces, each with all that it needs to stand alone. Seals are left out: what they seal is
/// not passed on byte by byte.
pub(super) fn foreign(entry: Element<'_>) -> Vec<String> {
    let foreign = entry.children().filter(|child| child.ns() != NS && !child.ns().is_empty());
    let passed = foreign.filter(|child| {
        let is_seal = SEALS.contains(&(child.ns(), child.name()));
        let is_broken = child.is("in-reply-to", THREADING_NS) && child.attr("ref").is_none();
        !is_seal && !is_broken && child.raw().len() <= WEB_FOREIGN_BYTES_MAX && !runs(*child)
    });
    passed.take(WEB_LINKS_MAX).map(Element::self_contained).collect()
}

fn runs(outer: Element<'_>) -> bool {
    let mut open = vec![outer];
    while let Some(element) = open.pop() {
        if RUN.contains(&element.ns()) {
            return true;
        }
        open.extend(element.children());
    }
    false
}
