//! Every bound in the program, one constant each, with its reason.

// XML, as read from the stream, the store or the web.

/// Bytes of one stanza or fragment: Prosody's own default for components, so nothing larger comes from there.
pub const XML_BYTES_MAX: usize = 512 * 1024;
/// Elements inside each other: entries with XHTML stay below 20; code that recurses over 64 levels is safe.
pub const XML_DEPTH_MAX: usize = 64;
/// Elements of one fragment: the largest honest ones are member lists, about ten thousand rows in 512 KiB.
pub const XML_ELEMENTS_MAX: usize = 32 * 1024;
/// Attributes of one element, namespace declarations included: Atom and XMPP stay below ten.
pub const XML_ATTRIBUTES_MAX: usize = 128;
/// Bytes of one attribute value: room for a small `data:` link, which real entries hold.
pub const XML_ATTRIBUTE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of namespace declarations in scope at one place: they are repeated on each item that is cut out of a stanza.
pub const XML_SCOPE_BYTES_MAX: usize = 8 * 1024;

// The link to the host server.

/// Stanzas handed up and not yet answered: enough to keep a group commit full, few enough to answer all in a second.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 256;
/// Bytes of the same: 32 stanzas of the largest size; a tree takes several times the bytes it was read from.
pub const REQUEST_BYTES_IN_FLIGHT_MAX: usize = 16 * 1024 * 1024;
/// Bytes of answers that wait to be written; above it nothing more is read, so askers cannot outrun a slow host.
pub const REPLY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Batches of notices and barriers that wait to be written; the outbox holds the rest on disk.
pub const NOTICE_BATCHES_MAX: usize = 16;
/// Bytes of one write: so large that the cost of the call does not matter, so small that answers do not wait long.
pub const WRITE_BYTES: usize = 64 * 1024;
/// Bytes of one read.
pub const READ_BYTES: usize = 64 * 1024;
