//! Every bound in the program, one constant each, with its reason.

mod atompub;
mod feeds;
mod hub;
mod multicast;
mod web;

use std::time::Duration;

pub use atompub::*;
pub use feeds::*;
pub use hub::*;
pub use multicast::*;
pub use web::*;

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
/// Stanzas between a link and its reception: the link's tickets are what bounds requests.
pub const INBOUND_QUEUE_MAX: usize = 256;

// The line from request to answer.

/// Requests waiting to be decided: all links together, beyond their own tickets.
pub const LINE_QUEUE_MAX: usize = 1024;
/// Requests decided before their one commit: bounds the memory of a batch and the wait of its first.
pub const BATCH_MAX: usize = 256;
/// How long what need not be durable at once, such as proof of delivery, may wait for a commit of something else.
pub const SETTLE_AFTER: Duration = Duration::from_millis(200);
/// How long what nobody waits for rests after a fault of the store, which may last: no busy loop, no flood of logs.
pub const STORE_RETRY_AFTER: Duration = Duration::from_secs(5);
/// How long the proof of the store goes on in one go when nobody waits: less than anybody notices who comes then.
pub const PROOF_PORTION: Duration = Duration::from_millis(1);
/// The same between two commits, when somebody waits: a fraction of what a commit takes.
pub const PROOF_PORTION_BUSY: Duration = Duration::from_micros(100);
/// How long the service that is told to stop goes on delivering: what is not delivered then is after the next start.
pub const LAST_WORDS: Duration = Duration::from_secs(2);
/// How often it looks meanwhile whether all is delivered.
pub const LAST_WORDS_GLANCE: Duration = Duration::from_millis(20);

// The engine.

/// Bytes of a NodeID: what a JID part may have, so that it fits into every `xmpp:` URI that names it.
pub const NODE_NAME_BYTES_MAX: usize = 1023;
/// Bytes of an ItemID: likewise.
pub const ITEM_ID_BYTES_MAX: usize = 1023;
/// Bytes of a URI that a node redirects to: a JID and a NodeID, percent-encoded.
pub const URI_BYTES_MAX: usize = 4 * 1024;
/// Nodes of one creator, admins apart, when another one for comments is asked for: a post a day for thirty years.
pub const COMMENTS_CREATED_MAX: u64 = 10_000;
/// Items of a node that wants to keep as many as it may: thirty years of a feed with ten entries a day.
pub const ITEMS_PER_NODE_MAX: u64 = 100_000;
/// Items in one answer: enough for every client's largest page.
pub const ITEMS_PAGE_MAX: usize = 500;
/// Items published or retracted by one request, which is one transaction: some clients send a dozen.
pub const ITEMS_PER_REQUEST_MAX: usize = 50;
/// Items read from the store in one go while a page fills up, since its size in bytes is not known before.
pub const ITEMS_READ_AT_ONCE: usize = 50;
/// Results in one answer from the history of a node.
pub const HISTORY_PAGE_MAX: usize = 100;
/// Items looked at for one answer, where few may match.
pub const ITEMS_SCANNED_MAX: usize = 2_000;
/// Bytes of their payloads.
pub const BYTES_SCANNED_MAX: usize = 16 * 1024 * 1024;
/// Bytes of payloads in one answer: hosts close the stream on a stanza of more than 512 KiB.
pub const RESULT_BYTES_MAX: usize = 256 * 1024;
/// Nodes in one answer of service discovery.
pub const NODES_PAGE_MAX: usize = 500;
/// Nodes read from the store in one go while a page fills up, since it is not known before how many are hidden.
pub const NODES_READ_AT_ONCE: usize = 100;
/// Nodes looked at for one answer, where most may be hidden from the sender or of types that are not wanted.
pub const NODES_SCANNED_MAX: usize = 10_000;
/// Subscriptions in one answer to an owner: some 300 KiB of rows, below the hosts' limit for a stanza.
pub const SUBSCRIPTIONS_LISTED_MAX: usize = 2_000;
/// Characters of each line of a text that tells of an entry in a few words.
pub const BODY_CHARS_MAX: usize = 280;
/// Characters of the title that an entry without one gets: what clients show of a title.
pub const TITLE_CHARS_MAX: usize = 120;
/// Bytes of an atom:id by which an item is found: longer ones are no honest IRIs, and each is kept three times.
pub const ATOM_ID_BYTES_MAX: usize = 2048;
/// Items with the same atom:id that are looked at for the one to modify: a publisher has one, others may copy it.
pub const ITEMS_WITH_ATOM_ID_MAX: usize = 16;
/// Bytes of a link there: longer ones are no help to a reader.
pub const BODY_LINK_BYTES_MAX: usize = 1024;
/// Items sent to somebody who comes back: what a client shows of an absence; its history has the rest.
pub const INTERIM_ITEMS_MAX: usize = 100;
/// Values of one filter of a subscription: alternatives that somebody typed.
pub const FILTER_VALUES_MAX: usize = 16;
/// Bytes of them together, so that a page of filtered subscriptions stays below a megabyte.
pub const FILTER_BYTES_MAX: usize = 1024;
/// Items read in search of those that a filter lets through, for one digest or for somebody who comes back.
pub const ITEMS_FILTERED_MAX: usize = 500;
/// Bytes of their payloads: 500 short entries; reading their words takes some 50 ms, which others wait.
pub const BYTES_FILTERED_MAX: usize = 512 * 1024;
/// Bytes of an entry's text in which filters look for words: a long article. More would hold up the others.
pub const FILTER_TEXT_BYTES_MAX: usize = 128 * 1024;
/// By how much the clocks of a subscriber and of the service may differ: XEP-0312 speaks of five minutes.
pub const CLOCK_SKEW_SECONDS: u64 = 300;
/// The shortest time between two digests.
pub const DIGEST_MILLISECONDS_MIN: u64 = 1_000;
/// Items in one digest: the newest of the period.
pub const DIGEST_ITEMS_MAX: usize = 50;
/// The longest lease of a subscription: a year.
pub const LEASE_SECONDS_MAX: u64 = 366 * 24 * 60 * 60;
/// How often the service looks for what is due without anybody asking: ends of leases, digests, items that expire.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(1);
/// Subscriptions, nodes and items seen to in one go.
pub const UPKEEP_PORTION: usize = 256;
/// Requests for approval sent to an owner who asks for them.
pub const PENDING_TOLD_MAX: usize = 500;
/// Subscriptions of one entity (its bare and full JIDs) to one node.
pub const SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX: usize = 32;

/// Nodes that a node depends on by its relations, one after the other: more than any hierarchy of the clients in use, few
/// enough to ask all of them about each access.
pub const RELATIONS_MAX: usize = 16;
/// Ties followed from one node to what it belongs to: its relations, and as many entries with comments.
pub const TIES_SEEN_MAX: usize = 2 * RELATIONS_MAX;
/// Entries looked at that name one node for their comments: those of one person in nodes that are about to go.
pub const NAMED_FOR_COMMENTS_MAX: usize = 16;

// Attachments.

/// Reactions of one person to one item that are counted: more than anybody picks.
pub const REACTIONS_PER_PERSON_MAX: usize = 32;
/// Bytes of a reaction that is counted: the longest emoji of Unicode, two people kissing, has 35.
pub const REACTION_BYTES_MAX: usize = 64;
/// Kinds of reactions to one item: its summary is one payload, and is read and written with each reaction.
pub const REACTION_KINDS_MAX: usize = 256;
/// Signatures of one item in its summary: an item has a few authors.
pub const SIGNERS_MAX: usize = 32;

// Conversations.

/// Nodes in one answer: a screen of a phone.
pub const CHAT_NODES_MAX: usize = 20;
/// Entries in one answer.
pub const CHAT_ITEMS_MAX: usize = 5;
/// Characters of one answer: what somebody reads in a conversation.
pub const CHAT_ANSWER_CHARS_MAX: usize = 4_000;
/// Characters of a node's title there.
pub const CHAT_TITLE_CHARS_MAX: usize = 100;
/// Bytes of a line that is read: a word and the longest name of a node, percent-encoded in a URI.
pub const CHAT_WORDS_BYTES_MAX: usize = 4 * 1024;
/// Bytes of what names a conversation, with the one it came out of: two UUIDs and more.
pub const CHAT_THREAD_BYTES_MAX: usize = 1024;
/// Answers to one person in the time below: more than a person needs, and the end of a conversation of two programs.
pub const CHAT_ANSWERS_MAX: u32 = 30;
/// Seconds after which answers are counted anew: ten minutes.
pub const CHAT_SECONDS: u64 = 10 * 60;
/// People whose answers are counted, for each service: some 2 MB.
pub const TALKERS_MAX: usize = 10_000;

// Presence.

/// Entities known to be online, for each service: some 20 MB. Only those who have to do with the service are noted.
pub const PRESENCES_MAX: usize = 100_000;
/// Resources of one entity: hosts allow ten or so.
pub const RESOURCES_PER_ENTITY_MAX: usize = 32;
/// Newest items sent to somebody who comes online: presence is cheap to send and must not cost much more to receive.
pub const LAST_ITEMS_AT_ONCE_MAX: usize = 256;
/// Contacts greeted in one go when the link comes up.
pub const CONTACTS_PAGE: usize = 256;
/// How long to pause between: 2500 contacts a second, so that hosts are not flooded with probes.
pub const CONTACTS_PAUSE: Duration = Duration::from_millis(100);
/// How long hosts have to tell who is online once the link is up, remote ones included.
pub const PRESENCES_COMPLETE_AFTER: Duration = Duration::from_secs(60);

/// Owners of a node whose rosters are looked at.
pub const OWNERS_ASKED_MAX: usize = 8;
/// Hosts that let a service read their rosters, all services together: as many as a process has links, or a few more.
pub const ROSTER_DOMAINS_MAX: usize = 64;
/// Contacts in all rosters that are kept: some 20 MB.
pub const ROSTER_CONTACTS_MAX: usize = 100_000;
/// Seconds for which a roster is good: so long may somebody read on who was struck off, where the host does not tell.
pub const ROSTER_SECONDS_MAX: u64 = 60;
/// Seconds for which it is good enough to turn somebody away: he may just have been accepted.
pub const ROSTER_REFUSAL_SECONDS_MAX: u64 = 2;
/// Seconds before a roster that could not be read is asked for again.
pub const ROSTER_MISS_SECONDS_MAX: u64 = 10;
/// How long a host has to answer with a roster.
pub const ROSTER_PATIENCE: Duration = Duration::from_secs(10);
/// Requests that wait for rosters: a quarter of a link's, so that the others go on.
pub const HELD_BACK_MAX: usize = REQUESTS_IN_FLIGHT_MAX / 4;
/// The same of one sender: more than a client sends before it reads an answer.
pub const HELD_BACK_OF_ONE_MAX: usize = 16;
/// Questions for rosters under way, all services together: a busy host is not asked for more at once.
pub const QUESTIONS_MAX: usize = 64;
/// How often a request waits for rosters: all of its owners' at once, and once more when one of them grew old meanwhile.
pub const ROSTER_ROUNDS_MAX: u8 = 3;

/// Notices that come back from an address before it is not written to any more.
pub const BOUNCES_MAX: u32 = 16;
/// Seconds after which what came back is forgotten, and a silent address is tried again: a day.
pub const BOUNCE_AGE_SECONDS_MAX: u64 = 24 * 60 * 60;
/// Addresses of which that is noted: some 20 MB.
pub const BOUNCES_NOTED_MAX: usize = 100_000;

// The outbox.

/// Subscribers read in one go while a notice is handed out; access is checked again for each such page.
pub const OUTBOX_PAGE: usize = 256;
/// Bytes of stanzas handed to the link in one go: the grain at which nodes take turns. Each portion costs a turn of the
/// thread that owns the store, so it is worth a hundred notices.
pub const OUTBOX_PORTION_BYTES: usize = 128 * 1024;
/// Subscriptions kept ready in memory for the next notice of their nodes, of a service: a quarter of a kilobyte each.
pub const AUDIENCES_READY_MAX: usize = 200_000;
/// Pages handed out and not yet proven to have arrived; beyond it delivery waits for proof.
pub const NOTICES_UNPROVEN_MAX: usize = 4096;
/// Notices whose nodes are remembered, for those that come back: a thousand a second for a minute, in some 3 MB.
pub const NOTICES_REMEMBERED_MAX: usize = 60_000;
/// How long delivered notices wait for their proof, so that one ping does for many.
pub const PROOF_AFTER: Duration = Duration::from_millis(20);
/// Records of a deleted node removed in one transaction.
pub const SWEEP_PORTION: usize = 512;

// The store.

/// Bytes that fjall may keep in memory of what it has read: the busy nodes of a large service.
pub const STORE_CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// The same of sled, which takes three times as much, and 150 MB besides where there are a million items.
pub const STORE_SLED_CACHE_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes of a key: what fjall takes. The longest honest ones hold two JIDs or a URI and an ItemID.
pub const STORE_KEY_BYTES_MAX: usize = 65_535;
/// Bytes of a segment of sled's file: records above a quarter of it would go to files that nothing syncs.
pub const STORE_SEGMENT_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of disk kept back: sled fills up to one segment and writes its snapshot when it opens.
pub const STORE_RESERVE_BYTES: usize = 2 * STORE_SEGMENT_BYTES;
/// Bytes that fjall collects in memory before it writes a table, and of the tables that it merges: so few that a merge,
/// which takes some of them, does not hold up commits.
pub const STORE_MEMTABLE_BYTES: u64 = 16 * 1024 * 1024;
/// Such collections that wait to be written: with the one that fills up some 64 MB. At four fjall waits by itself.
pub const STORE_MEMTABLES_WAITING_MAX: usize = 3;
/// Tables that wait to be merged: reading looks into each of them. At twenty fjall begins to wait by itself.
pub const STORE_TABLES_WAITING_MAX: usize = 16;
/// Bytes of fjall's journals beyond the one that is written: the least that it takes. Opening reads them.
pub const STORE_JOURNAL_BYTES: u64 = 64 * 1024 * 1024;
/// Threads of fjall that write and merge tables: with two, one turns in circles as long as the other merges.
pub const STORE_WRITERS: usize = 1;
/// Commits after which the engine may look whether there is space to give back.
pub const STORE_TIDY_COMMITS: u64 = 256;
/// Records in fjall's tables that are of no use any more, besides as many as are of use, before it merges all tables:
/// so many that doing that is worth it.
pub const STORE_TIDY_RECORDS: u64 = 100_000;
/// How long a commit waits for them before it fails: many times what the slowest merge takes on a slow disk.
pub const STORE_WRITE_PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks meanwhile.
pub const STORE_WRITE_PAUSE: Duration = Duration::from_millis(1);
/// How long the head file may be behind the store when the power fails: no commit waits for it.
pub const STORE_WITNESS_EVERY: Duration = Duration::from_secs(1);
/// Bytes of what was found to be wrong, as it is kept for the next start.
pub const STORE_VERDICT_BYTES: u64 = 4096;
/// How often the lock of a store is asked for before somebody else is said to have it.
pub const STORE_LOCK_ATTEMPTS: usize = 100;
/// How long to wait between.
pub const STORE_LOCK_PAUSE: Duration = Duration::from_millis(50);
/// Bytes of a record in an archive: many times the largest, which are items and notices of one stanza.
pub const STORE_RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of records that an import writes in one go: so many that the sync after them does not matter.
pub const STORE_IMPORT_BYTES: usize = 1024 * 1024;
/// How many findings `verify` lists: enough to see what kind of damage it is.
pub const STORE_FINDINGS_MAX: usize = 100;

// The operator's files, and what `atomsub check` insists on.

/// The configuration file: a thousand times what one needs; a wrong path ends in an error and not in all memory.
pub const CONFIG_BYTES: usize = 1 << 20;
/// A file with a secret: longer ones are something else.
pub const SECRET_BYTES: usize = 4096;
/// Free space under the store: sled takes several times what it keeps, and a full disk stops every publish.
pub const FREE_BYTES: u64 = 256 << 20;
/// Bytes of an archive written or read in one go.
pub const ARCHIVE_BUFFER_BYTES: usize = 256 * 1024;
/// How often an export or import says how far it is.
pub const PROGRESS_EVERY: Duration = Duration::from_secs(1);
