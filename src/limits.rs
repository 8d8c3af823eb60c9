//! Every bound in the program, one constant each, with its reason.

use std::time::Duration;

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

// The store.

/// Bytes that sled may keep in memory: the busy nodes of a large service; sled goes over it by a half.
pub const STORE_CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of a segment of sled's file: records above a quarter of it would go to files that nothing syncs.
pub const STORE_SEGMENT_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of disk kept back: sled fills up to one segment and writes its snapshot when it opens.
pub const STORE_RESERVE_BYTES: usize = 2 * STORE_SEGMENT_BYTES;
/// How often the lock of a store is asked for before somebody else is said to have it.
pub const STORE_LOCK_ATTEMPTS: usize = 10;
/// How long to wait between.
pub const STORE_LOCK_PAUSE: Duration = Duration::from_millis(50);
/// How many findings `verify` lists: enough to see what kind of damage it is.
pub const STORE_FINDINGS_MAX: usize = 100;
