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
pub mod text;
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
const XML_NS: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of XHTML.
const XHTML_NS: &str = "http://www.w3.org/1999/xhtml";
