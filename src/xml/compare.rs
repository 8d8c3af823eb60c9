//! Whether two elements say the same, however they are written.

use std::collections::BTreeSet;

use super::tree::{Element, Node, Nodes};

/// Compares expanded names, attributes as sets, and content in order; the error names the first difference.
///
/// Prefixes, quotes, entities, CDATA and comments are spelling, not content.
pub fn infoset_equal(a: Element<'_>, b: Element<'_>) -> Result<(), String> {
    head_equal(a, b)?;
    let mut levels: Vec<(Nodes<'_>, Nodes<'_>)> = vec![(a.nodes(), b.nodes())];
    while let Some((left, right)) = levels.last_mut() {
        match (left.next(), right.next()) {
            (None, None) => {
                levels.pop();
            }
            (Some(Node::Text(a)), Some(Node::Text(b))) if a == b => {}
            (Some(Node::Element(a)), Some(Node::Element(b))) => {
                head_equal(a, b)?;
                levels.push((a.nodes(), b.nodes()));
            }
            (a, b) => return Err(format!("{a:?} is not {b:?}")),
        }
    }
    Ok(())
}

fn head_equal(a: Element<'_>, b: Element<'_>) -> Result<(), String> {
    if (a.ns(), a.name()) != (b.ns(), b.name()) {
        return Err(format!("{{{}}}{} is not {{{}}}{}", a.ns(), a.name(), b.ns(), b.name()));
    }
    let (left, right): (BTreeSet<_>, BTreeSet<_>) = (a.attrs().collect(), b.attrs().collect());
    if left == right {
        Ok(())
    } else {
        Err(format!("attributes of {}: {left:?} are not {right:?}", a.name()))
    }
}
