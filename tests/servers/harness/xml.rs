//! Reads a stream of stanzas, on purpose by other means than the product's own reader, and finds things in them.

use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use minidom::Element;
use rxml::error::EndOrError;
use rxml::parser::{CommentMode, Options, WithOptions as _};
use rxml::{Event, Parse as _, Parser};

/// The namespace of what users and publishers ask.
pub(crate) const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// The namespace of what owners ask.
pub(crate) const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// The namespace of what subscribers hear.
pub(crate) const EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// The namespace of entries.
pub(crate) const ATOM: &str = "http://www.w3.org/2005/Atom";
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// What is below this is skipped: a bounced stanza may hold anything, and minidom recurses.
const DEPTH_MAX: usize = 100;

/// What a stream brings.
pub(crate) enum Incoming {
    /// The stream's head, without its content.
    Open(Element),
    /// A whole child of the stream.
    Stanza(Element),
    /// The end, with or without a footer.
    Closed,
}

/// The reading half of a stream.
pub(crate) struct Reader {
    socket: TcpStream,
    parser: Parser,
    unread: Vec<u8>,
    open: Vec<Element>,
    depth: usize,
    has_footer: bool,
}

impl Reader {
    /// Reads from this socket.
    pub(crate) fn new(socket: TcpStream) -> Self {
        let options = Options { max_token_length: 1 << 20, context: None, comments: CommentMode::Discard };
        Self {
            socket,
            parser: Parser::with_options(options),
            unread: Vec::new(),
            open: Vec::new(),
            depth: 0,
            has_footer: false,
        }
    }

    /// Begins a new stream on the same socket.
    pub(crate) fn restart(&mut self) {
        *self = Self::new(self.socket.try_clone().unwrap());
    }

    /// Whether the stream was closed, and not only the connection.
    pub(crate) fn has_footer(&self) -> bool {
        self.has_footer
    }

    /// The next thing, unless none comes in time.
    pub(crate) fn next(&mut self, end: Instant) -> Option<Incoming> {
        loop {
            if let Some(incoming) = self.parse() {
                return Some(incoming);
            }
            let patience = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(patience)).unwrap();
            let mut chunk = [0; 16 * 1024];
            match self.socket.read(&mut chunk) {
                Ok(0) => return Some(Incoming::Closed),
                Ok(n) => self.unread.extend_from_slice(&chunk[..n]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return None;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Some(Incoming::Closed),
            }
        }
    }

    fn parse(&mut self) -> Option<Incoming> {
        loop {
            let mut rest = self.unread.as_slice();
            let parsed = self.parser.parse(&mut rest, false);
            let read = self.unread.len() - rest.len();
            self.unread.drain(..read);
            match parsed {
                Ok(Some(Event::StartElement(_, (ns, name), attrs))) => {
                    let mut element = Element::bare(name.as_str(), ns.as_str());
                    *element.attrs_mut() = attrs;
                    self.depth += 1;
                    if self.depth == 1 {
                        return Some(Incoming::Open(element));
                    }
                    if self.depth < DEPTH_MAX {
                        self.open.push(element);
                    }
                }
                Ok(Some(Event::Text(_, text))) => {
                    if let Some(element) = self.open.last_mut() {
                        element.append_text(text);
                    }
                }
                Ok(Some(Event::EndElement(_))) => {
                    self.depth -= 1;
                    if self.depth + 1 >= DEPTH_MAX {
                        continue;
                    }
                    let Some(element) = self.open.pop() else {
                        self.has_footer = true;
                        return Some(Incoming::Closed);
                    };
                    match self.open.last_mut() {
                        Some(parent) => _ = parent.append_child(element),
                        None => return Some(Incoming::Stanza(element)),
                    }
                }
                Ok(Some(Event::XmlDeclaration(..))) => {}
                Ok(None) => return Some(Incoming::Closed),
                Err(EndOrError::NeedMoreData) => return None,
                Err(EndOrError::Error(error)) => panic!("the server sent what is not XML: {error}"),
            }
        }
    }
}

/// The first descendant that one reaches by these names, whatever their namespaces.
pub(crate) fn find<'a>(from: &'a Element, names: &[&str]) -> Option<&'a Element> {
    names.iter().try_fold(from, |at, name| at.children().find(|child| child.name() == *name))
}

/// An attribute, or nothing.
pub(crate) fn attr<'a>(element: &'a Element, name: &'a str) -> &'a str {
    element.attr(name).unwrap_or_default()
}

/// The children of that name, whatever their namespaces.
pub(crate) fn named<'a>(parent: &'a Element, name: &'a str) -> Vec<&'a Element> {
    parent.children().filter(|child| child.name() == name).collect()
}

/// An error as XEP-0060's tables write it: `type/condition` and, where there is one, `/application condition`.
pub(crate) fn error(stanza: &Element) -> String {
    let shown = String::from(stanza);
    assert_eq!(stanza.attr("type"), Some("error"), "an error is expected: {shown}");
    let error = find(stanza, &["error"]).unwrap_or_else(|| panic!("no <error/> in {shown}"));
    let mut children = error.children();
    let condition = children.next().unwrap_or_else(|| panic!("no condition in {shown}"));
    assert_eq!(condition.ns(), STANZAS, "the stanza condition comes first: {shown}");
    let mut name = format!("{}/{}", attr(error, "type"), condition.name());
    for child in children.filter(|child| child.ns() == "http://jabber.org/protocol/pubsub#errors") {
        name =
            name + "/" + child.name() + &child.attr("feature").map(|f| format!("({f})")).unwrap_or_default();
    }
    name
}
