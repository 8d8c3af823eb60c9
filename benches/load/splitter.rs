//! Cuts a stream into stanzas by counting tags, and looks at nothing else: what a host can do at most.

use memchr::memchr;

/// Bytes that one read may bring.
const ROOM: usize = 256 * 1024;

/// What was read of a stream and is not a whole stanza yet.
pub(crate) struct Splitter {
    buffer: Vec<u8>,
    /// How much of the buffer was read, and how much of that was looked at.
    filled: usize,
    scanned: usize,
    depth: usize,
    is_closed: bool,
}

impl Splitter {
    /// Behind the head of a stream.
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::new(), filled: 0, scanned: 0, depth: 0, is_closed: false }
    }

    /// Whether the end tag of the stream was there.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Where the next bytes go.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.buffer.len() - self.filled < ROOM {
            self.buffer.resize(self.filled + 2 * ROOM, 0);
        }
        &mut self.buffer[self.filled..]
    }

    /// These bytes are the next.
    pub(crate) fn feed(&mut self, bytes: &[u8], each: impl FnMut(&[u8])) {
        if self.buffer.len() - self.filled < bytes.len() {
            self.buffer.resize(self.filled + bytes.len(), 0);
        }
        self.buffer[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.took(bytes.len(), each);
    }

    /// So many bytes are there now: `each` sees the stanzas that they complete.
    pub(crate) fn took(&mut self, count: usize, mut each: impl FnMut(&[u8])) {
        self.filled += count;
        let bytes = &self.buffer[..self.filled];
        let (mut start, mut at) = (0, self.scanned);
        while let Some(open) = memchr(b'<', &bytes[at..]).map(|open| at + open) {
            let Some(close) = memchr(b'>', &bytes[open..]).map(|close| open + close) else {
                at = open;
                break;
            };
            at = close + 1;
            match (bytes[open + 1], bytes[close - 1]) {
                (b'/', _) if self.depth == 0 => self.is_closed = true,
                (b'/', _) => self.depth -= 1,
                (_, b'/') => {}
                _ => self.depth += 1,
            }
            if self.depth == 0 {
                each(&bytes[start..at]);
                start = at;
            }
        }
        if memchr(b'<', &bytes[at..]).is_none() {
            at = self.filled;
        }
        self.buffer.copy_within(start..self.filled, 0);
        (self.filled, self.scanned) = (self.filled - start, at - start);
    }
}

/// The start tag of a stanza.
pub(crate) fn head(stanza: &[u8]) -> &[u8] {
    memchr(b'>', stanza).map_or(stanza, |end| &stanza[..end])
}

/// The value of an attribute in a start tag, as it is written there.
pub(crate) fn attr<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let mut rest = head;
    while let Some(equals) = memchr(b'=', rest) {
        let (before, after) = (&rest[..equals], &rest[equals + 1..]);
        let quote = *after.first()?;
        let value = after[1..].split(|byte| *byte == quote).next()?;
        if before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next() == Some(name.as_bytes()) {
            return std::str::from_utf8(value).ok();
        }
        rest = &after[value.len() + 2..];
    }
    None
}
