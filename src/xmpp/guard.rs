//! Cuts the incoming stream into stanzas before any parser sees it, and drops what is over a limit on the way.
//!
//! A stanza that is too long or too deep is skipped while it streams in, with no more memory than its limit, and
//! its head is kept so that the sender can be told. The next stanza comes out as if nothing had been. So nothing
//! that a user can send ends the stream; only a server that does not speak XML can.

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use super::head::Head;
use super::scan::{Scanner, Tag};
use crate::xml::{Limit, Limits, Tree, XmlError};

/// Cuts a byte stream, fed in pieces of any size, into frames.
#[derive(Debug)]
pub struct Guard {
    limits: Limits,
    scanner: Scanner,
    /// From the start of the current stanza on; when skipping, from where the scanner is.
    buffer: BytesMut,
    /// How much of the buffer the scanner has seen.
    scanned: usize,
    /// Where the current stanza's start tag ends.
    head_end: Option<usize>,
    /// Whether the current stanza was refused and its rest is dropped.
    skipping: bool,
}

/// One piece of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A child of the stream, complete, and nothing around it.
    Stanza(Bytes),
    /// A child of the stream that was over a limit.
    Refused {
        /// Who sent it, as far as its start tag tells.
        head: Head,
        /// The limit.
        limit: Limit,
    },
    /// The end of the stream.
    Footer,
}

/// The stream itself is broken: the server does not speak XMPP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotXml {
    /// Text between stanzas.
    #[error("text between stanzas")]
    TextOutside,
    /// A document type declaration, or any declaration or comment between stanzas.
    #[error("a declaration inside the stream")]
    Declaration,
    /// An end tag that ends nothing.
    #[error("an end tag that ends nothing")]
    StrayEndTag,
    /// A `<` inside a tag, or a tag without a name.
    #[error("a tag inside a tag")]
    TagInTag,
}

/// A frame, read.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// A stanza, or another child of the stream such as a stream error.
    Stanza(Tree),
    /// What cannot be served: over a limit, or not well-formed inside.
    Refused {
        /// Who sent it, as far as its start tag tells.
        head: Head,
        /// What is wrong with it.
        why: XmlError,
    },
    /// The end of the stream.
    Footer,
}

impl Guard {
    /// A guard for a stream whose header was read already.
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            scanner: Scanner::new(),
            buffer: BytesMut::new(),
            scanned: 0,
            head_end: None,
            skipping: false,
        }
    }

    /// Takes the next bytes of the stream; call [`Guard::next_frame`] until it has nothing more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// How many bytes it holds on to.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// The next frame, if one is complete.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, NotXml> {
        loop {
            if self.scanner.is_outside() && !self.enter()? {
                return Ok(None);
            }
            let allowed = if self.skipping { usize::MAX } else { self.limits.bytes };
            let input = self.buffer.get(self.scanned..self.buffer.len().min(allowed)).unwrap_or_default();
            let (taken, tag) = self.scanner.next_tag(input)?;
            self.scanned += taken;
            if let Some(frame) = tag.and_then(|tag| self.tag_ends(tag)) {
                return Ok(Some(frame));
            }
            if tag.is_none() {
                let is_over = !self.skipping && self.buffer.len() > allowed;
                let frame = is_over.then(|| self.refuse(Limit::Bytes));
                self.drop_skipped();
                if frame.is_some() || self.buffer.len() == self.scanned {
                    return Ok(frame);
                }
            }
        }
    }

    /// Skips keepalives between stanzas; whether a tag begins.
    fn enter(&mut self) -> Result<bool, NotXml> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let blanks = self.buffer.iter().take_while(|byte| blank(byte)).count();
        self.buffer.advance(blanks);
        match self.buffer.first() {
            None => Ok(false),
            Some(b'<') => Ok(true),
            Some(_) => Err(NotXml::TextOutside),
        }
    }

    fn tag_ends(&mut self, tag: Tag) -> Option<Frame> {
        if self.head_end.is_none() {
            self.head_end = Some(self.scanned);
        }
        let depth = match tag {
            Tag::Empty => self.scanner.depth() + 1,
            Tag::Start | Tag::End | Tag::Footer => self.scanner.depth(),
        };
        let frame = if tag == Tag::Footer {
            Some(Frame::Footer)
        } else if !self.skipping && depth > self.limits.depth {
            Some(self.refuse(Limit::Depth))
        } else if self.scanner.is_outside() && !self.skipping {
            Some(Frame::Stanza(self.buffer.split_to(self.scanned).freeze()))
        } else {
            None
        };
        if self.scanner.is_outside() {
            // Of a stanza that was skipped, what is left goes; of a complete one, nothing is left.
            self.drop_skipped();
            (self.scanned, self.head_end, self.skipping) = (0, None, false);
        }
        frame
    }

    fn refuse(&mut self, limit: Limit) -> Frame {
        self.skipping = true;
        let tag = self.head_end.and_then(|end| self.buffer.get(..end));
        let head = tag.map_or_else(Head::default, Head::of_start_tag);
        self.drop_skipped();
        Frame::Refused { head, limit }
    }

    fn drop_skipped(&mut self) {
        if self.skipping {
            self.buffer.advance(self.scanned);
            self.scanned = 0;
        }
    }
}

/// Reads a frame. What is wrong inside a stanza is its sender's business and not the stream's.
pub fn read(frame: Frame, limits: &Limits) -> Arrival {
    let bytes = match frame {
        Frame::Stanza(bytes) => bytes,
        Frame::Refused { head, limit } => return Arrival::Refused { head, why: XmlError::Over(limit) },
        Frame::Footer => return Arrival::Footer,
    };
    let whole = bytes.len();
    match Tree::parse_stanza(bytes.clone(), limits) {
        Ok(tree) if tree.root().raw().len() == whole => Arrival::Stanza(tree),
        // The parser saw the stanza end elsewhere than the scanner did.
        Ok(_) => refused(&bytes, XmlError::Malformed("more than one element".into())),
        Err(why) => refused(&bytes, why),
    }
}

fn refused(stanza: &[u8], why: XmlError) -> Arrival {
    let end = match Scanner::new().next_tag(stanza) {
        Ok((end, Some(_))) => end,
        Ok((_, None)) | Err(_) => 0,
    };
    let head = stanza.get(..end).map_or_else(Head::default, Head::of_start_tag);
    Arrival::Refused { head, why }
}
