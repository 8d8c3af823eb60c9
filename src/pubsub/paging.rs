//! Pages of items: their order, and opaque cursors that carry both ends of their page — XEP-0059, XEP-0413.
//!
//! Clients disagree on which end of a page a cursor names (`before=<first>`, `before=<last>`). So both ends of a page
//! are the same kind of cursor: it holds the lowest and the highest place of the page, and "before" means older than
//! the lowest, "after" newer than the highest, whichever of the two a client sends.

use std::fmt::Write as _;

use super::item::Item;

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

impl Rsm {
    /// Whether pages are walked from the last one to the first.
    pub fn is_backward(&self) -> bool {
        self.after.is_none() && self.before.is_some()
    }

    /// The cursor that the page is next to; without one it is the first page, or the last one.
    pub fn cursor(&self) -> Option<&str> {
        self.after.as_deref().or(self.before.as_deref()).filter(|cursor| !cursor.is_empty())
    }
}

/// Which of its two places orders an item — XEP-0413.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// When its ItemID was first published: an item stays where it is when it is modified.
    Creation,
    /// When it was last published: a modified item is the newest.
    #[default]
    Modification,
}

impl OrderBy {
    /// The place of an item.
    pub fn place(self, item: &Item) -> u64 {
        match self {
            Self::Creation => item.created_seq,
            Self::Modification => item.seq,
        }
    }
}

/// In which order items are told. All pages of a result and the items of each page are in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By which of their places.
    pub by: OrderBy,
    /// Whether the newest is the first.
    pub descending: bool,
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

impl PageInfo {
    /// The same, said to whoever asked for the last page to walk backward from there: without its index, since slixmpp
    /// ends a walk in either direction when index and length add up to the count.
    #[must_use]
    pub fn to_walk(mut self, rsm: &Rsm) -> Self {
        if let Some(span) = self.span.as_mut().filter(|_| rsm.is_backward() && rsm.cursor().is_none()) {
            span.index = None;
        }
        self
    }
}

/// How many items a node has, and the place of the newest that it has had. A retraction changes the one, a publication
/// the other, and neither is ever undone, so as long as both are the same, so are the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// How many items there are.
    pub count: u64,
    /// The newest place.
    pub newest: u64,
}

/// A cursor over items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which places it holds.
    pub by: OrderBy,
    /// The lowest place of the page.
    pub low: u64,
    /// The highest place of the page.
    pub high: u64,
    /// How many items the page had.
    pub len: u64,
    /// How many items were older than the page, and what there was at that time, if that is known.
    pub older: Option<(u64, Stock)>,
}

impl Cursor {
    /// The two ends of the page: safe in URL paths, and told apart by their last letter if there is more than one item.
    pub fn ends(&self) -> (String, String) {
        (self.encode('a'), self.encode(if self.len == 1 { 'a' } else { 'z' }))
    }

    fn encode(&self, end: char) -> String {
        let kind = match self.by {
            OrderBy::Creation => 'c',
            OrderBy::Modification => 'p',
        };
        let mut text = String::with_capacity(32);
        // Writing to a String cannot fail.
        let _ = write!(text, "{kind}{:x}-{:x}-{:x}-", self.low, self.high, self.len);
        if let Some((older, stock)) = self.older {
            let _ = write!(text, "{older:x}-{:x}-{:x}-", stock.count, stock.newest);
        }
        text.push(end);
        text
    }

    /// Reads a cursor of ours.
    pub fn decode(text: &str) -> Option<Self> {
        let (by, rest) = match text.split_at_checked(1)? {
            ("c", rest) => (OrderBy::Creation, rest),
            ("p", rest) => (OrderBy::Modification, rest),
            _ => return None,
        };
        let rest = rest.strip_suffix("-a").or_else(|| rest.strip_suffix("-z"))?;
        let numbers: Vec<u64> =
            rest.split('-').map(|part| u64::from_str_radix(part, 16).ok()).collect::<Option<_>>()?;
        match *numbers.as_slice() {
            [low, high, len] => Some(Self { by, low, high, len, older: None }),
            [low, high, len, older, count, newest] => {
                Some(Self { by, low, high, len, older: Some((older, Stock { count, newest })) })
            }
            _ => None,
        }
    }

    /// How many items are older than the page, if nothing has changed since.
    pub fn older_now(&self, now: Stock) -> Option<u64> {
        self.older.filter(|(_, then)| *then == now).map(|(older, _)| older)
    }
}
