//! Bounds of what feeds of the web may cost, from the fetch to the node.

use std::time::Duration;

// Fetching from the web.

/// Bytes of an answer as it comes: the largest feeds of podcasts, compressed, are a fifth of it.
pub const FETCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of it inflated: what those are then, and what six of them take at once, some 150 MB.
pub const FETCH_INFLATED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Answers under way at once.
pub const FETCHES_AT_ONCE: usize = 6;
/// The same from one host: politeness.
pub const FETCHES_AT_ONCE_PER_HOST: usize = 1;
/// Redirects followed: to TLS, to another name, to another path, and one more.
pub const FETCH_REDIRECTS_MAX: usize = 5;
/// How long a connection may take.
pub const FETCH_CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing may come.
pub const FETCH_IDLE_PATIENCE: Duration = Duration::from_secs(10);
/// How long one hop may take from its beginning to the end of its body.
pub const FETCH_PATIENCE: Duration = Duration::from_secs(30);

// Feeds as they are read.

/// Entries of a feed that are looked at: the newest; feeds that keep all they ever had have more.
pub const FEED_ENTRIES_MAX: usize = 300;
/// Entries that a feed says it has deleted.
pub const FEED_DELETED_MAX: usize = 300;
/// Elements of a feed, or values and names in JSON: 300 entries with XHTML of a hundred elements each.
pub const FEED_ELEMENTS_MAX: usize = 200_000;
/// Bytes of a feed in which every lonely `&` became a reference, and there were many.
pub const FEED_REPAIRED_BYTES_MAX: usize = 2 * FETCH_INFLATED_BYTES_MAX;
/// Bytes of one tag: room for a `data:` link.
pub const FEED_TAG_BYTES_MAX: usize = 64 * 1024;
/// Attributes of one tag, among which readers look for duplicates one by one.
pub const FEED_TAG_ATTRIBUTES_MAX: usize = 256;
/// Bytes of HTML in one entry: what becomes of it is to be an entry of half that size.
pub const FEED_HTML_BYTES_MAX: usize = 512 * 1024;
/// How long the HTML of one feed is read: that of the largest takes two seconds, unless it is made to be slow.
pub const FEED_HTML_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of an entry with its content: as much as can be configured to be taken. A longer one comes without it.
pub const FEED_ENTRY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of what is beside Atom in an entry: honest extensions have a few hundred.
pub const FEED_EXTENSIONS_BYTES_MAX: usize = 64 * 1024;
/// Authors, categories, links and extensions of one entry, of each kind: honest entries have a dozen.
pub const FEED_PARTS_MAX: usize = 64;
/// The longest rest that a feed may ask for: a day.
pub const FEED_REST_SECONDS_MAX: u64 = 24 * 60 * 60;

// Importing feeds.

/// How often the importer asks which feeds are to be fetched: so long does somebody wait who adds one.
pub const FEEDS_DUE_EVERY: Duration = Duration::from_secs(2);
/// Feeds under way. Each may have an answer in memory, some 400 MB if all are as long as they may be.
pub const FEEDS_UNDER_WAY_MAX: usize = 24;
/// The same at one host: one is fetched, the other is read. The others keep nobody waiting, however slow it is.
pub const FEEDS_UNDER_WAY_PER_HOST_MAX: usize = 2;
/// Feeds that are to be fetched, looked at to find some whose host has time: some milliseconds of the line, if so many are.
pub const FEEDS_DUE_MAX: usize = 256;
/// Feeds that are read at once, and not yet in their nodes: reading takes a processor, and several times the memory.
pub const FEEDS_READ_AT_ONCE: usize = 2;
/// Bytes of what a server calls a version.
pub const FEED_VERSION_BYTES_MAX: usize = 1024;
/// How long to wait where nothing can be fetched because this machine lacks something, such as certificates.
pub const FETCHER_RETRY_AFTER: Duration = Duration::from_secs(600);
/// Feeds that go to one node: an aggregate of what a few people write.
pub const FEEDS_PER_NODE_MAX: usize = 32;
/// Nodes that one feed goes to; whoever comes later can subscribe to one of them.
pub const IMPORTS_PER_FEED_MAX: usize = 1_000;
/// Feeds in one answer.
pub const FEEDS_LISTED_MAX: usize = 200;
/// Entries that a feed has when it is added: those that a reader shows at first.
pub const FEED_FIRST_MAX: usize = 20;
/// Entries of a feed that are known: twice what is read of it, so that none is taken for new because another came.
pub const FEED_KNOWN_MAX: usize = 2 * FEED_ENTRIES_MAX;
/// Changes that come from a feed in one go: some ten milliseconds, which others wait.
pub const FEED_STEPS_AT_ONCE: usize = 16;
/// Nodes looked at for that, and read in one go.
pub const FEED_IMPORTS_AT_ONCE: usize = 16;
/// Edits of an entry in the time below before the next has to wait: some feeds tell how many comments there are.
pub const FEED_EDITS_MAX: u8 = 3;
/// Seconds in which they are counted: a day.
pub const FEED_EDITS_SECONDS: u64 = 24 * 60 * 60;
/// Seconds between two fetches of a feed of which nothing tells how often it has news: an hour.
pub const FEED_PACE_SECONDS: u64 = 60 * 60;
/// The same at most: a day.
pub const FEED_PACE_SECONDS_MAX: u64 = 24 * 60 * 60;
/// Seconds for which a feed may fail before somebody is told: three days, in which most are mended.
pub const FEED_FAILING_SECONDS: u64 = 3 * 24 * 60 * 60;
/// Characters of what a feed is called, where feeds are listed.
pub const FEED_TITLE_CHARS_MAX: usize = 300;
/// Characters of why.
pub const FEED_TROUBLE_CHARS_MAX: usize = 300;
/// Seconds for which a feed says that it has moved for good before it is fetched from there: a week. Some say so by mistake.
pub const FEED_MOVED_SECONDS: u64 = 7 * 24 * 60 * 60;
/// Seconds after which a feed is fetched as if nothing were known of it: a week.
pub const FEED_WHOLE_SECONDS: u64 = 7 * 24 * 60 * 60;

// Hubs that push feeds.

/// Seconds for which a hub is asked to push: ten days, as WebSub advises.
pub const FEED_LEASE_SECONDS: u64 = 10 * 24 * 60 * 60;
/// The same at most, whatever a hub promises: one that forgot is asked again by then.
pub const FEED_LEASE_SECONDS_MAX: u64 = 14 * 24 * 60 * 60;
/// Seconds between two fetches of a feed whose hub pushes: six hours, in case it stops.
pub const FEED_PUSHED_SECONDS: u64 = 6 * 60 * 60;
/// Seconds until a hub that does not answer is asked again, at first.
pub const FEED_HUB_PATIENCE_SECONDS: u64 = 15 * 60;
/// Bytes of what a hub wants to have repeated, to see that it was asked.
pub const HUB_CHALLENGE_BYTES_MAX: usize = 1024;
/// How often a hub may push one feed: what changes more often it can tell in one.
pub const HUB_NEWS_EVERY: Duration = Duration::from_secs(10);
/// The same at once: an editor who puts things right.
pub const HUB_NEWS_AT_ONCE: u32 = 12;
/// Pushed documents that wait to be read; with more of them hubs have to try again.
pub const HUB_NEWS_WAITING_MAX: usize = 16;
