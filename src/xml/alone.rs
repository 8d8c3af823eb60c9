//! Cuts an element out of what surrounds it, so that it means the same on its own.

use super::tree::{Declaration, Element, ElementSlot, Slot};
use super::write::escape_attr;
use super::{COMPONENT_NS, STREAM_NS};

/// See [`Element::self_contained`].
pub(super) fn self_contained(element: Element<'_>) -> String {
    let Some(slot) = element.slot() else { return String::new() };
    let raw = element.raw();
    let prefix_len = if slot.prefix.len() == 0 { 0 } else { slot.prefix.len() + 1 };
    let (start, rest) = raw.split_at_checked(1 + prefix_len + slot.name.len()).unwrap_or((raw, ""));
    let inherited = inherited(element, slot);
    let added: usize = inherited.iter().map(|(prefix, ns)| prefix.len() + ns.len() + 16).sum();
    let mut out = String::with_capacity(raw.len() + added);
    out.push_str(start);
    for (prefix, ns) in inherited {
        out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
        out.push_str(prefix);
        out.push_str("='");
        escape_attr(&mut out, ns);
        out.push('\'');
    }
    out.push_str(rest);
    out
}

/// The declarations in scope that the element does not make itself, those of the nearest ancestor first.
fn inherited<'a>(element: Element<'a>, slot: &'a ElementSlot) -> Vec<(&'a str, &'a str)> {
    let arena = element.arena;
    let strings = arena.strings.as_str();
    let declared_by = |slot: &ElementSlot| -> &'a [Declaration] {
        let range = slot.declarations.start as usize..slot.declarations.end as usize;
        arena.declarations.get(range).unwrap_or_default()
    };
    let mut seen: std::collections::HashSet<&str> =
        declared_by(slot).iter().map(|declaration| declaration.prefix.of(strings)).collect();
    let mut inherited = Vec::new();
    let mut parent = slot.parent;
    while let Some(index) = parent {
        let Some(Slot::Element(ancestor)) = arena.nodes.get(index as usize) else { break };
        for declaration in declared_by(ancestor) {
            let (prefix, ns) = (declaration.prefix.of(strings), declaration.ns.of(strings));
            // An ancestor that undeclares the default namespace leaves nothing to inherit.
            if seen.insert(prefix) && !ns.is_empty() {
                inherited.push((prefix, ns));
            }
        }
        parent = ancestor.parent;
    }
    if arena.stream && seen.insert("") {
        inherited.push(("", COMPONENT_NS));
    }
    if arena.stream && !seen.contains("stream") && uses_stream_prefix(element) {
        inherited.push(("stream", STREAM_NS));
    }
    inherited
}

fn uses_stream_prefix(element: Element<'_>) -> bool {
    let arena = element.arena;
    let strings = arena.strings.as_str();
    let inside = arena.nodes.get(element.index as usize..element.end() as usize).unwrap_or_default();
    let elements = inside.iter().filter_map(|slot| match slot {
        Slot::Element(slot) => Some((slot.prefix, slot.ns)),
        Slot::Text(_) => None,
    });
    let attrs = inside.iter().filter_map(|slot| match slot {
        Slot::Element(slot) => arena.attrs.get(slot.attrs.start as usize..slot.attrs.end as usize),
        Slot::Text(_) => None,
    });
    let attrs = attrs.flatten().map(|attr| (attr.prefix, attr.ns));
    elements.chain(attrs).any(|(prefix, ns)| prefix.of(strings) == "stream" && ns.of(strings) == STREAM_NS)
}
