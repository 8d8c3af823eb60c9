//! Bounds of the web side: what is shown of a node, to whom, and how much of it at a time.

use std::time::Duration;

/// Questions of the web with the line at a time: so many, at most, does a request over XMPP wait for.
pub const WEB_QUESTIONS_MAX: usize = 16;
/// How long a reader waits for the engine before he is told to come back.
pub const WEB_PATIENCE: Duration = Duration::from_secs(5);
/// How long somebody waits for rosters before he asks again: hosts answer in less. Each time it is twice as long.
pub const WEB_ROSTER_PAUSE: Duration = Duration::from_millis(100);
/// The same at the most: a roster that turns him away is good for two seconds.
pub const WEB_ROSTER_PAUSE_MAX: Duration = Duration::from_secs(1);
/// How often he asks: that takes longer than a host has to answer, and less than a request may take.
pub const WEB_ROSTER_ROUNDS_MAX: u8 = 14;
/// Connections at a time, if the system allows twice as many files: each takes some 20 KB, and most of them only listen.
pub const WEB_CONNECTIONS_MAX: usize = 1024;
/// How long to wait after a connection that could not be accepted: file descriptors come back.
pub const WEB_ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long the head of a request may take to come, and a connection may be idle.
pub const WEB_HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of the head of a request: browsers stay below a tenth of it.
pub const WEB_HEAD_BYTES_MAX: usize = 32 * 1024;
/// Headers of a request: browsers send twenty, a proxy adds ten.
pub const WEB_HEADERS_MAX: usize = 64;
/// Bytes of the body of a request: an entry of the largest size in a form that is half as compact, and more.
pub const WEB_BODY_BYTES_MAX: usize = 1024 * 1024;
/// How long a request may take to be read and answered.
pub const WEB_REQUEST_PATIENCE: Duration = Duration::from_secs(20);
/// How long the other end may take nothing of an answer.
pub const WEB_STALL_PATIENCE: Duration = Duration::from_secs(20);
/// How old a connection gets. Whoever listens comes back, and misses nothing.
pub const WEB_CONNECTION_AGE_MAX: Duration = Duration::from_secs(60 * 60);
/// How long an answer that is under way has when its connection is to end.
pub const WEB_LAST_WORDS: Duration = Duration::from_secs(1);
/// Requests a second of one caller: a reader of many feeds behind one address stays below it.
pub const WEB_CALLS_PER_SECOND_MAX: u32 = 50;
/// The same at once: a page with all its parts for everybody in an office.
pub const WEB_CALLS_AT_ONCE_MAX: u32 = 300;
/// Callers that are told apart: some 2 MB.
pub const WEB_CALLERS_MAX: usize = 20_000;
/// Nodes on one page of the list.
pub const WEB_NODES_PAGE: usize = 100;
/// Nodes looked at for it at once, where most are hidden: the line is held up for some ten milliseconds.
pub const WEB_NODES_SCANNED_MAX: usize = 1_000;

/// Places in one archive of a feed, so at most so many entries.
pub const WEB_RANGE: u64 = 50;
/// Entries published or modified last that a feed has in any case: a day of a busy one.
pub const WEB_NEWEST: usize = 25;
/// Authors of an entry on the web: beyond, nobody reads.
pub const WEB_PEOPLE_MAX: usize = 20;
/// Links of an entry on the web, and as many categories and elements of other namespaces.
pub const WEB_LINKS_MAX: usize = 50;
/// Characters of a title on the web.
pub const WEB_TITLE_CHARS_MAX: usize = 300;
/// How long the HTML of one document is read: all that fits takes some fifty milliseconds, unless it is made to be slow.
pub const HTML_TIME_MAX: Duration = Duration::from_secs(1);
/// Bytes of HTML that are read before the clock is looked at: even slow ones are read in some milliseconds.
pub const HTML_PIECE_BYTES: usize = 1024;
/// Bytes of one element of another namespace that is passed on: those in use are some lines.
pub const WEB_FOREIGN_BYTES_MAX: usize = 8 * 1024;
/// Bytes of entries shown in full in one document; of the others it has the titles and where they lead.
pub const WEB_CONTENT_BYTES_MAX: usize = 1024 * 1024;
/// Documents rendered at a time: rendering takes a processor for some ten milliseconds, and much longer at the worst.
pub const WEB_RENDERINGS_MAX: usize = 2;
/// Bytes of rendered documents that are kept.
pub const WEB_CACHE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Rendered documents that are kept.
pub const WEB_CACHE_PAGES_MAX: usize = 10_000;
/// How long they are kept, where nothing has changed: what depends on the time alone changes by then.
pub const WEB_CACHE_AGE_MAX: Duration = Duration::from_secs(10 * 60);
/// Changes of nodes that are remembered, so that what was rendered before one is not kept after it.
pub const WEB_CHANGES_REMEMBERED: usize = 4096;
/// Nodes in the OPML document, all services together: what readers of feeds can import.
pub const WEB_OPML_NODES_MAX: usize = 2_000;
/// Looks at the store for one list, where most nodes are hidden: beyond, the list ends.
pub const WEB_LOOKS_MAX: usize = 50;
/// Lists that are kept while they are good.
pub const WEB_LISTS_MAX: usize = 100;
/// How long a list of nodes is good.
pub const WEB_LIST_AGE_MAX: Duration = Duration::from_secs(5);
/// Who listens to live events, all together: half of the connections.
pub const WEB_LISTENERS_MAX: usize = 512;
/// The same of one caller: a browser opens six connections, an office has some browsers.
pub const WEB_LISTENERS_OF_ONE_MAX: usize = 32;
/// Events that wait for the slowest listener of a node, who then has to come back.
pub const WEB_EVENTS_HELD: usize = 64;
/// Events of one listener that wait to be written, so that slow ones cost little.
pub const WEB_EVENTS_AHEAD: usize = 2;
/// Bytes of an entry that is told in full.
pub const WEB_EVENT_BYTES_MAX: usize = 64 * 1024;
/// How often a listener hears that the connection is there; the time after which proxies end a silent one is 60 seconds.
pub const WEB_HEARTBEAT: Duration = Duration::from_secs(25);
/// How long a listener whose connection ends waits before he comes back.
pub const WEB_RETRY_AFTER: Duration = Duration::from_secs(5);
/// Tombstones in a feed.
pub const WEB_TOMBSTONES_MAX: usize = 100;
/// Changes told to somebody who comes back to listen; beyond, he has to read the feed again.
pub const WEB_CHANGES_MAX: u64 = 500;
/// The same read from the store in one go.
pub const WEB_CHANGES_AT_ONCE: usize = 50;
/// Tombstones of a node: as many as a reader would be told of.
pub const TOMBSTONES_PER_NODE_MAX: u64 = 500;
/// Seconds for which a tombstone lasts: a month, in which most readers come by.
pub const TOMBSTONE_SECONDS_MAX: u64 = 30 * 24 * 60 * 60;
