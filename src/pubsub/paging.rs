//! Pages of items: one order, opaque cursors that carry both ends of their page — XEP-0059, XEP-0060 [#subscriber-retrieve-returnsome].
//!
//! Clients disagree on which end of a page a cursor names (`before=<first>`, `before=<last>`). So both ends of a page
//! are the same kind of cursor: it holds the lowest and the highest place of the page, and "before" means older than
//! the lowest, "after" newer than the highest, whichever of the two a client sends.

use std::fmt::Write as _;

/// What a client asks of XEP-0059.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rsm {
    /// At most so many.
    pub max: Option<usize>,
    /// The page after this cursor.
    pub after: Option<String>,
    /// The page before this cursor; empty: the last page.
    pub before: Option<String>,
}

/// Where a page begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first cursor.
    pub first: String,
    /// The last cursor.
    pub last: String,
    /// How many come before the page in the whole result.
    pub index: Option<u64>,
}

/// What is told about a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageInfo {
    /// Its ends, unless it is empty.
    pub span: Option<Span>,
    /// The size of the whole result.
    pub count: Option<u64>,
}

/// A cursor over items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The lowest place of the page.
    pub low: u64,
    /// The highest place of the page.
    pub high: u64,
    /// How many items were older than the page when it was made, if that is known.
    pub index: Option<u64>,
    /// How many items the page had.
    pub len: u64,
}

impl Cursor {
    /// The cursor as text: safe in URL paths, and told apart from its twin by its last letter.
    pub fn encode(self, end: char) -> String {
        let mut text = String::with_capacity(24);
        // Writing to a String cannot fail.
        let _ = write!(text, "p{:x}-{:x}-{:x}-", self.low, self.high, self.len);
        if let Some(index) = self.index {
            let _ = write!(text, "{index:x}");
        }
        let _ = write!(text, "-{end}");
        text
    }

    /// Reads a cursor of ours.
    pub fn decode(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('p')?.split('-');
        let mut next = || u64::from_str_radix(parts.next()?, 16).ok();
        Some(Self { low: next()?, high: next()?, len: next()?, index: next() })
    }
}
