//! From bytes to a [`super::Tree`]: rxml's raw events, our own prefix scopes and limits.

use bytes::Bytes;
use rxml::error::EndOrError;
use rxml::parser::{CommentMode, RawQName};
use rxml::{Error, NcName, NcNameStr, Options, Parse, RawEvent, RawParser, WithOptions};

use super::scope::Scope;
use super::tree::{Arena, AttrSlot, Declaration, ElementSlot, Slot, Span};
use super::{COMPONENT_NS, Limit, Limits, STREAM_NS, XmlError};

/// Reads one element; `stream` tells whether the declarations of a component's stream are in scope.
pub(super) fn parse(source: Bytes, stream: bool, limits: &Limits) -> Result<Arena, XmlError> {
    // Positions are 32 bits wide, whatever the limit says.
    if source.len() > limits.bytes.min(i32::MAX as usize) {
        return Err(XmlError::Over(Limit::Bytes));
    }
    let source = String::from_utf8(source.into()).map_err(|_| malformed("invalid UTF-8"))?;
    let mut builder = Builder::new(&source, stream, limits);
    let mut parser = RawParser::with_options(Options {
        // rxml sets a buffer of this size aside, so a short stanza gets a short one; text may be longer.
        max_token_length: limits.attribute_bytes.min(source.len()).saturating_add(1),
        context: None,
        comments: CommentMode::Discard,
    });
    let mut rest = source.as_bytes();
    loop {
        match parser.parse(&mut rest, true) {
            Ok(Some(event)) => {
                let read = source.split_at_checked(source.len() - rest.len());
                builder.event(event, read.map_or("", |(read, _)| read))?;
            }
            Ok(None) => break,
            Err(EndOrError::NeedMoreData) => return Err(malformed("ends too early")),
            Err(EndOrError::Error(Error::RestrictedXml("long name or reference"))) => {
                return Err(XmlError::Over(Limit::AttributeBytes));
            }
            Err(EndOrError::Error(error)) => return Err(malformed(&error)),
        }
    }
    Ok(Arena {
        source,
        strings: builder.strings,
        nodes: builder.nodes,
        attrs: builder.attrs,
        declarations: builder.declarations,
        stream,
    })
}

/// The tree so far, and where the parser is in it.
struct Builder<'l> {
    limits: &'l Limits,
    stream: bool,
    strings: String,
    nodes: Vec<Slot>,
    attrs: Vec<AttrSlot>,
    declarations: Vec<Declaration>,
    scope: Scope,
    open: Vec<Open>,
    /// Attributes of the start tag being read, whose prefixes may be declared after them.
    head: Vec<(RawQName, Span)>,
    /// Attributes and declarations of the start tag being read.
    head_count: usize,
    elements: usize,
    /// Whether the last slot is text that may go on.
    in_text: bool,
}

/// An element whose end was not seen yet.
struct Open {
    index: u32,
    scope_mark: usize,
}

impl<'l> Builder<'l> {
    fn new(source: &str, stream: bool, limits: &'l Limits) -> Self {
        // Room for what there usually is, at once and not bit by bit: a start tag, its text, its end tag.
        let tags = memchr::memchr_iter(b'<', source.as_bytes()).count().min(limits.elements);
        let mut builder = Self {
            limits,
            stream,
            strings: String::with_capacity(source.len()),
            nodes: Vec::with_capacity(tags),
            attrs: Vec::with_capacity(tags),
            declarations: Vec::with_capacity(4),
            scope: Scope::default(),
            open: Vec::with_capacity(8),
            head: Vec::with_capacity(8),
            head_count: 0,
            elements: 0,
            in_text: false,
        };
        builder.surround("xml", rxml::XMLNS_XML);
        if stream {
            builder.surround("", COMPONENT_NS);
            builder.surround("stream", STREAM_NS);
        }
        builder
    }

    fn surround(&mut self, prefix: &str, ns: &str) {
        let ns = self.keep(ns);
        self.scope.surround(prefix, ns);
    }

    /// Takes the next event; `read` is what the parser has taken from the source to tell it.
    ///
    /// The events' own lengths would not do: they leave out empty CDATA sections.
    fn event(&mut self, event: RawEvent, read: &str) -> Result<(), XmlError> {
        match event {
            RawEvent::XmlDeclaration(..) if self.stream => Err(malformed("XML declaration in a stream")),
            RawEvent::XmlDeclaration(..) => Ok(()),
            // Told when the name ends, so the tag starts at the last `<`.
            RawEvent::ElementHeadOpen(_, name) => self.head_open(name, read.rfind('<').ok_or_else(lost)?),
            RawEvent::Attribute(_, name, value) => self.attribute(name, &value),
            RawEvent::ElementHeadClose(_) => self.head_close(),
            // Told when the tag ends.
            RawEvent::ElementFoot(_) => self.foot(read),
            RawEvent::Text(_, text) => {
                self.text(&text);
                Ok(())
            }
        }
    }

    fn head_open(&mut self, (prefix, name): RawQName, start: usize) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(XmlError::Over(Limit::Elements));
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlError::Over(Limit::Depth));
        }
        let start = narrow(start);
        let (attrs, declarations) = (narrow(self.attrs.len()), narrow(self.declarations.len()));
        let slot = ElementSlot {
            prefix: self.keep(as_str(prefix.as_ref())),
            name: self.keep(&name),
            ns: Span::default(),
            attrs: Span { start: attrs, end: attrs },
            declarations: Span { start: declarations, end: declarations },
            raw: Span { start, end: start },
            parent: self.open.last().map(|open| open.index),
            end: 0,
        };
        let index = narrow(self.nodes.len());
        self.nodes.push(Slot::Element(slot));
        self.open.push(Open { index, scope_mark: self.scope.enter() });
        self.head_count = 0;
        self.in_text = false;
        Ok(())
    }

    fn attribute(&mut self, name: RawQName, value: &str) -> Result<(), XmlError> {
        self.head_count += 1;
        if self.head_count > self.limits.attributes {
            return Err(XmlError::Over(Limit::Attributes));
        }
        if value.len() > self.limits.attribute_bytes {
            return Err(XmlError::Over(Limit::AttributeBytes));
        }
        let value = self.keep(value);
        match name {
            (None, local) if local == "xmlns" => self.declare("", value),
            (Some(prefix), local) if prefix == "xmlns" => self.declare(&local, value),
            name => {
                self.head.push((name, value));
                Ok(())
            }
        }
    }

    fn declare(&mut self, prefix: &str, ns: Span) -> Result<(), XmlError> {
        let mark = self.open.last().map_or(0, |open| open.scope_mark);
        if self.scope.is_declared_since(mark, prefix) {
            return Err(XmlError::DuplicateAttribute(format!("xmlns:{prefix}")));
        }
        let written = self.keep(prefix);
        self.declarations.push(Declaration { prefix: written, ns });
        self.scope.declare(prefix, ns, self.limits.scope_bytes)
    }

    /// All declarations of the start tag are known now, so its names can be resolved.
    fn head_close(&mut self) -> Result<(), XmlError> {
        let attrs_start = self.attrs.len();
        for ((prefix, name), value) in std::mem::take(&mut self.head) {
            // The default namespace is not for attributes.
            let ns = match &prefix {
                None => Span::default(),
                Some(prefix) => self.resolve(prefix)?,
            };
            let prefix = self.keep(as_str(prefix.as_ref()));
            let name = self.keep(&name);
            self.attrs.push(AttrSlot { prefix, name, ns, value });
        }
        self.no_duplicates(attrs_start)?;
        let (attrs, declarations) = (narrow(self.attrs.len()), narrow(self.declarations.len()));
        let index = self.open.last().map_or(0, |open| open.index);
        let Some(Slot::Element(slot)) = self.nodes.get_mut(index as usize) else { return Err(lost()) };
        slot.attrs.end = attrs;
        slot.declarations.end = declarations;
        let prefix = slot.prefix.of(&self.strings);
        slot.ns = match self.scope.resolve(prefix) {
            Some(ns) => ns,
            // No prefix, and no default namespace around: in none.
            None if prefix.is_empty() => Span::default(),
            None => return Err(XmlError::UndeclaredPrefix(prefix.to_owned())),
        };
        Ok(())
    }

    fn no_duplicates(&self, start: usize) -> Result<(), XmlError> {
        let attrs = self.attrs.get(start..).unwrap_or_default();
        let mut names: Vec<_> =
            attrs.iter().map(|attr| (attr.name.of(&self.strings), attr.ns.of(&self.strings))).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => {
                let name = pair.first().map_or("", |(name, _)| name);
                Err(XmlError::DuplicateAttribute(name.to_owned()))
            }
            None => Ok(()),
        }
    }

    fn text(&mut self, text: &str) {
        let span = self.keep(text);
        match self.nodes.last_mut() {
            // Nothing was kept in between, so the two pieces lie side by side.
            Some(Slot::Text(last)) if self.in_text => last.end = span.end,
            _ => self.nodes.push(Slot::Text(span)),
        }
        self.in_text = true;
    }

    fn foot(&mut self, read: &str) -> Result<(), XmlError> {
        self.in_text = false;
        let end = narrow(self.nodes.len());
        let Some(open) = self.open.pop() else { return Err(lost()) };
        self.scope.leave(open.scope_mark);
        let Some(Slot::Element(slot)) = self.nodes.get_mut(open.index as usize) else { return Err(lost()) };
        slot.end = end;
        slot.raw.end = narrow(read.len());
        if read.ends_with('>') { Ok(()) } else { Err(lost()) }
    }

    fn resolve(&self, prefix: &str) -> Result<Span, XmlError> {
        self.scope.resolve(prefix).ok_or_else(|| XmlError::UndeclaredPrefix(prefix.to_owned()))
    }

    fn keep(&mut self, text: &str) -> Span {
        let start = narrow(self.strings.len());
        self.strings.push_str(text);
        Span { start, end: narrow(self.strings.len()) }
    }
}

fn as_str(prefix: Option<&NcName>) -> &str {
    prefix.map_or("", |prefix| NcNameStr::as_str(prefix))
}

/// Positions fit: the source is shorter than 2 GiB, and what is kept of it is not longer.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn malformed(reason: &(impl ToString + ?Sized)) -> XmlError {
    XmlError::Malformed(reason.to_string())
}

/// The parser's events do not fit each other, which it promises not to happen.
fn lost() -> XmlError {
    malformed("elements do not match")
}
