//! One XML element with all that is in it: a flat arena in document order, walked by index.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::{Limits, XmlError, alone, parse};

/// A parsed element. Cloning shares it.
#[derive(Clone)]
pub struct Tree(pub(super) Arc<Arena>);

/// All nodes of a tree in document order, and the text they point into.
pub(super) struct Arena {
    /// The bytes as they came.
    pub(super) source: String,
    /// Names, namespaces, attribute values and text, unescaped.
    pub(super) strings: String,
    /// The root is the first.
    pub(super) nodes: Vec<Slot>,
    pub(super) attrs: Vec<AttrSlot>,
    pub(super) declarations: Vec<Declaration>,
    /// Whether a component's stream is around the root.
    pub(super) stream: bool,
}

/// Where a string lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A place in the arena.
pub(super) enum Slot {
    Element(ElementSlot),
    Text(Span),
}

/// An element's place: its name, and where its parts are.
pub(super) struct ElementSlot {
    pub(super) prefix: Span,
    pub(super) name: Span,
    pub(super) ns: Span,
    /// Into `attrs`.
    pub(super) attrs: Span,
    /// Into `declarations`.
    pub(super) declarations: Span,
    /// Into `source`.
    pub(super) raw: Span,
    pub(super) parent: Option<u32>,
    /// The slot after the last one inside this element.
    pub(super) end: u32,
}

/// An attribute that is not a namespace declaration.
pub(super) struct AttrSlot {
    pub(super) prefix: Span,
    pub(super) name: Span,
    pub(super) ns: Span,
    pub(super) value: Span,
}

/// A namespace declaration; an empty prefix declares the default namespace.
#[derive(Clone, Copy)]
pub(super) struct Declaration {
    pub(super) prefix: Span,
    pub(super) ns: Span,
}

impl Tree {
    /// Reads one element that stands alone: something stored, or fetched from elsewhere.
    pub fn parse(source: Bytes, limits: &Limits) -> Result<Self, XmlError> {
        Ok(Self(Arc::new(parse::parse(source, false, limits)?)))
    }

    /// Reads one child of a component's stream, under the stream's own declarations.
    pub fn parse_stanza(source: Bytes, limits: &Limits) -> Result<Self, XmlError> {
        Ok(Self(Arc::new(parse::parse(source, true, limits)?)))
    }

    /// The outermost element.
    pub fn root(&self) -> Element<'_> {
        Element { arena: &self.0, index: 0 }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tree").field(&self.root().raw()).finish()
    }
}

/// One element of a [`Tree`].
#[derive(Clone, Copy)]
pub struct Element<'a> {
    pub(super) arena: &'a Arena,
    pub(super) index: u32,
}

/// A child of an element.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// An element.
    Element(Element<'a>),
    /// Text, unescaped; never next to other text.
    Text(&'a str),
}

/// An attribute with its expanded name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attr<'a> {
    /// Its namespace, empty for most.
    pub ns: &'a str,
    /// Its local name.
    pub name: &'a str,
    /// Its value, unescaped and normalised.
    pub value: &'a str,
}

impl<'a> Element<'a> {
    /// Local name.
    pub fn name(self) -> &'a str {
        self.text_at(|slot| slot.name)
    }

    /// Namespace, empty when it is in none.
    pub fn ns(self) -> &'a str {
        self.text_at(|slot| slot.ns)
    }

    /// Whether this is `name` in `ns`.
    pub fn is(self, name: &str, ns: &str) -> bool {
        self.name() == name && self.ns() == ns
    }

    /// The value of the attribute `name` that is in no namespace.
    pub fn attr(self, name: &str) -> Option<&'a str> {
        self.attr_ns(name, "")
    }

    /// The value of the attribute `name` in `ns`.
    pub fn attr_ns(self, name: &str, ns: &str) -> Option<&'a str> {
        self.attrs().find(|attr| attr.name == name && attr.ns == ns).map(|attr| attr.value)
    }

    /// All attributes as they were written, namespace declarations left out.
    pub fn attrs(self) -> impl Iterator<Item = Attr<'a>> {
        let strings = self.arena.strings.as_str();
        self.attr_slots().iter().map(move |slot| Attr {
            ns: slot.ns.of(strings),
            name: slot.name.of(strings),
            value: slot.value.of(strings),
        })
    }

    /// The elements directly inside.
    pub fn children(self) -> Children<'a> {
        Children(self.nodes())
    }

    /// All elements inside, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Element<'a>> {
        let Self { arena, index } = self;
        (index + 1..self.end())
            .map(move |index| Element { arena, index })
            .filter(|inside| inside.slot().is_some())
    }

    /// The first child `name` in `ns`.
    pub fn child(self, name: &str, ns: &str) -> Option<Element<'a>> {
        self.children().find(|child| child.is(name, ns))
    }

    /// Elements and text directly inside, in document order.
    pub fn nodes(self) -> Nodes<'a> {
        Nodes { arena: self.arena, next: self.index + 1, end: self.end() }
    }

    /// The text directly inside, without that of children.
    pub fn text(self) -> Cow<'a, str> {
        join(self.nodes().filter_map(|node| match node {
            Node::Text(text) => Some(text),
            Node::Element(_) => None,
        }))
    }

    /// All text inside, that of descendants included.
    pub fn deep_text(self) -> Cow<'a, str> {
        let inside = self.index as usize + 1..self.end() as usize;
        join(self.arena.nodes.get(inside).unwrap_or_default().iter().filter_map(|slot| match slot {
            Slot::Text(span) => Some(span.of(&self.arena.strings)),
            Slot::Element(_) => None,
        }))
    }

    /// The element exactly as it came, from `<` to `>`.
    pub fn raw(self) -> &'a str {
        self.slot().map_or("", |slot| slot.raw.of(&self.arena.source))
    }

    /// Where in the source of its tree the element is, from `<` to `>`.
    pub fn place(self) -> Range<usize> {
        self.slot().map_or(0..0, |slot| slot.raw.start as usize..slot.raw.end as usize)
    }

    /// The element as it came, with the namespace declarations that it inherited added to its own start tag.
    ///
    /// Added are all prefixes that ancestors inside the stanza declare, as content may use them too, the default
    /// namespace unless the element declares its own, and `stream:` where something inside uses it. All else is
    /// kept byte by byte; an ancestor's `xml:lang` and `xml:base` are not inherited.
    pub fn self_contained(self) -> String {
        alone::self_contained(self)
    }

    pub(super) fn slot(self) -> Option<&'a ElementSlot> {
        match self.arena.nodes.get(self.index as usize)? {
            Slot::Element(slot) => Some(slot),
            Slot::Text(_) => None,
        }
    }

    pub(super) fn attr_slots(self) -> &'a [AttrSlot] {
        let range = self.slot().map_or(0..0, |slot| slot.attrs.start as usize..slot.attrs.end as usize);
        self.arena.attrs.get(range).unwrap_or_default()
    }

    /// The slot after the last one inside.
    pub(super) fn end(self) -> u32 {
        self.slot().map_or(0, |slot| slot.end)
    }

    fn text_at(self, part: impl FnOnce(&ElementSlot) -> Span) -> &'a str {
        self.slot().map_or("", |slot| part(slot).of(&self.arena.strings))
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Element").field(&self.raw()).finish()
    }
}

/// The nodes directly inside an element.
#[derive(Clone)]
pub struct Nodes<'a> {
    arena: &'a Arena,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        match self.arena.nodes.get(index as usize)? {
            Slot::Element(slot) => {
                self.next = slot.end;
                Some(Node::Element(Element { arena: self.arena, index }))
            }
            Slot::Text(span) => {
                self.next = index + 1;
                Some(Node::Text(span.of(&self.arena.strings)))
            }
        }
    }
}

/// The elements directly inside an element.
#[derive(Clone)]
pub struct Children<'a>(Nodes<'a>);

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        self.0.find_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }
}

/// The pieces in one; copied only when there are several.
fn join<'a>(mut pieces: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let mut whole = Cow::Borrowed(pieces.next().unwrap_or_default());
    for piece in pieces {
        whole.to_mut().push_str(piece);
    }
    whole
}
