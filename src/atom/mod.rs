//! Atom entries (RFC 4287): what makes one acceptable, what is added to it, who wrote it, and what is in it. Pure.

pub mod author;
pub mod complete;
pub(crate) mod construct;
pub mod entry;
pub mod filter;
pub mod id;
pub mod member;
mod opening;
pub mod profile;
pub mod shown;
pub mod summary;
pub(crate) mod text;
pub mod uri;
pub mod validation;
mod words;

pub use entry::Entry;
pub use profile::is_atom;

/// The namespace of Atom.
pub const NS: &str = "http://www.w3.org/2005/Atom";
/// The namespace of replies (RFC 4685).
const THREADING_NS: &str = "http://purl.org/syndication/thread/1.0";
/// The namespace of `xml:lang` and `xml:base`.
pub(crate) const XML_NS: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of what a feed says of its other documents (RFC 5005).
pub(crate) const HISTORY_NS: &str = "http://purl.org/syndication/history/1.0";
/// The namespace of deleted entries (RFC 6721).
pub(crate) const TOMBSTONES_NS: &str = "http://purl.org/atompub/tombstones/1.0";
/// The namespace of XHTML.
pub(crate) const XHTML_NS: &str = "http://www.w3.org/1999/xhtml";
