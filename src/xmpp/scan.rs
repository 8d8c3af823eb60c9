//! Finds where tags begin and end in a byte stream, and nothing else.
//!
//! It looks at every byte once, however the stream is cut into pieces, and remembers only what kind of thing it
//! is inside of and how deep. What it takes for a tag may still be nonsense; the XML parser decides that later.

use memchr::memchr;

use super::guard::NotXml;

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Content,
    /// Behind `<`.
    Open,
    /// Behind `<!`, and this much of `--` or `[CDATA[`.
    Bang(&'static [u8], usize),
    /// In a comment, behind this many dashes.
    Comment(u8),
    /// In a CDATA section, behind this many brackets.
    CData(u8),
    /// In a processing instruction, perhaps behind `?`.
    Instruction(bool),
    /// In a start tag, perhaps behind `/`.
    Start(bool),
    /// In an attribute value with this quote.
    Value(u8),
    End,
    /// In the end tag of the stream, behind this much of its name.
    Footer(usize),
}

/// The end of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Start,
    Empty,
    End,
    /// The stream's own end tag.
    Footer,
}

const STREAM: &[u8] = b"stream:stream";
const COMMENT: &[u8] = b"--";
const CDATA: &[u8] = b"[CDATA[";

/// Where a byte stream is, as far as tags go.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    depth: usize,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self { state: State::Content, depth: 0 }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether no stanza has begun.
    pub(super) fn is_outside(&self) -> bool {
        self.depth == 0 && self.state == State::Content
    }

    /// Reads up to the end of the next tag. Returns how many bytes it took, and the tag if it ended.
    pub(super) fn next_tag(&mut self, input: &[u8]) -> Result<(usize, Option<Tag>), NotXml> {
        let mut at = 0;
        while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
            // Long stretches without meaning are leapt over.
            let leap_to = match self.state {
                State::Content => Some(b'<'),
                State::Comment(0) => Some(b'-'),
                State::CData(0) => Some(b']'),
                State::Instruction(false) => Some(b'?'),
                State::Value(quote) => Some(quote),
                State::End => Some(b'>'),
                State::Open
                | State::Bang(..)
                | State::Comment(_)
                | State::CData(_)
                | State::Instruction(true)
                | State::Start(_)
                | State::Footer(_) => None,
            };
            let skipped = leap_to.map_or(Some(0), |byte| memchr(byte, rest));
            let Some((skipped, byte)) = skipped.and_then(|skipped| Some((skipped, *rest.get(skipped)?)))
            else {
                break;
            };
            at += skipped + 1;
            if let Some(tag) = self.step(byte)? {
                return Ok((at, Some(tag)));
            }
        }
        Ok((input.len(), None))
    }

    fn step(&mut self, byte: u8) -> Result<Option<Tag>, NotXml> {
        self.state = match (self.state, byte) {
            (State::Content, _) => State::Open,
            (State::Open, _) => self.open(byte)?,
            (State::Bang(expected, seen), _) => bang(expected, seen, byte)?,
            (State::Comment(2..) | State::CData(2..) | State::Instruction(true), b'>') => State::Content,
            (State::Comment(dashes), b'-') => State::Comment(dashes.saturating_add(1)),
            (State::Comment(_), _) => State::Comment(0),
            (State::CData(brackets), b']') => State::CData(brackets.saturating_add(1)),
            (State::CData(_), _) => State::CData(0),
            (State::Instruction(_), _) => State::Instruction(byte == b'?'),
            (State::Start(empty), b'>') => return Ok(Some(self.start_ends(empty))),
            (State::Start(_), b'"' | b'\'') => State::Value(byte),
            (State::Start(_), b'<') => return Err(NotXml::TagInTag),
            (State::Start(_), _) => State::Start(byte == b'/'),
            (State::Value(_), _) => State::Start(false),
            (State::End, _) => {
                self.state = State::Content;
                self.depth -= 1;
                return Ok(Some(Tag::End));
            }
            (State::Footer(seen), b'>') if seen == STREAM.len() => return Ok(Some(Tag::Footer)),
            (State::Footer(seen), b' ' | b'\t' | b'\r' | b'\n') if seen == STREAM.len() => self.state,
            (State::Footer(seen), _) if STREAM.get(seen) == Some(&byte) => State::Footer(seen + 1),
            (State::Footer(_), _) => return Err(NotXml::StrayEndTag),
        };
        Ok(None)
    }

    fn open(&self, byte: u8) -> Result<State, NotXml> {
        match byte {
            b'/' if self.depth == 0 => Ok(State::Footer(0)),
            b'/' => Ok(State::End),
            b'!' | b'?' if self.depth == 0 => Err(NotXml::Declaration),
            // Which of the two it is, the next byte tells.
            b'!' => Ok(State::Bang(b"", 0)),
            b'?' => Ok(State::Instruction(false)),
            b'>' | b'<' => Err(NotXml::TagInTag),
            _ => Ok(State::Start(false)),
        }
    }

    fn start_ends(&mut self, empty: bool) -> Tag {
        self.state = State::Content;
        if empty {
            Tag::Empty
        } else {
            self.depth += 1;
            Tag::Start
        }
    }
}

fn bang(expected: &'static [u8], seen: usize, byte: u8) -> Result<State, NotXml> {
    let expected = match (seen, byte) {
        (0, b'-') => COMMENT,
        (0, b'[') => CDATA,
        _ => expected,
    };
    if expected.get(seen) != Some(&byte) {
        return Err(NotXml::Declaration);
    }
    Ok(match seen + 1 {
        seen if seen < expected.len() => State::Bang(expected, seen),
        _ if expected == COMMENT => State::Comment(0),
        _ => State::CData(0),
    })
}
