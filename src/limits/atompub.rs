//! The bounds of publishing over HTTP.

use std::time::Duration;

/// Tokens and webhooks of one account: one for each program that publishes for somebody, and more.
pub const TOKENS_PER_ACCOUNT_MAX: usize = 50;
/// Characters of what somebody calls a token.
pub const TOKEN_NAME_CHARS_MAX: usize = 100;
/// Days for which a token is good where nobody says otherwise: a season, after which one looks whether it is needed.
pub const TOKEN_DAYS: u64 = 90;
/// The same at the most: a year.
pub const TOKEN_DAYS_MAX: u64 = 366;
/// Seconds within which the use of a token is not noted again: it is a commit more for whoever only reads.
pub const TOKEN_NOTED_SECONDS: u64 = 60;
/// Nodes to choose from in the form for a token: a screen full.
pub const TOKEN_NODES_MAX: usize = 200;
/// Collections in a service document: more than anybody picks from.
pub const COLLECTIONS_MAX: usize = 500;
/// How often something may be asked with one token, over a longer time: a program that brings old entries over.
pub const TOKEN_CALLS_EVERY: Duration = Duration::from_millis(200);
/// The same at once, each entry of a feed counted: two feeds of the largest size.
pub const TOKEN_CALLS_AT_ONCE_MAX: u32 = 100;
/// How often somebody may show what is no token, over a longer time: whoever guesses needs 2^219 times.
pub const TOKEN_MISSES_EVERY: Duration = Duration::from_secs(10);
/// The same at once: a program with an old token, which tries again.
pub const TOKEN_MISSES_AT_ONCE_MAX: u32 = 20;
/// Bodies of requests that are there at a time: some 100 MB with the entries that are in them.
pub const WEB_BODIES_MAX: usize = 32;
/// Bodies that are understood at a time: each takes a processor for some milliseconds, and JSON that is made for it takes a
/// hundred times its bytes.
pub const WEB_BODIES_UNDERSTOOD_MAX: usize = 2;
/// The same of one account: a program sends one after the other.
pub const WEB_BODIES_OF_ONE_MAX: usize = 4;
/// Entries of a feed that is posted: each is a commit of its own, and all have to fit into the time for a request.
pub const POSTED_ENTRIES_MAX: usize = 50;
/// Characters of a name that somebody wishes for an entry: what fits into a line.
pub const SLUG_CHARS_MAX: usize = 80;
/// Entries on one page of a collection: what a program shows to choose one that is to be edited.
pub const COLLECTION_PAGE: usize = 50;
