//! atomsub behind the XMPP servers that people run: Prosody and ejabberd from the distribution, real accounts, real
//! connections, and a host of our own where hundreds of subscribers or many crashes are wanted.
//!
//! `tests/run.sh` installs the servers. Where one is missing its tests say so and pass; with `CI` or
//! `ATOMSUB_TESTS_NO_SKIP` set they fail.

// Everything here is a test, also what clippy does not recognise as one: a panic is how it reports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// It writes stanzas by the dozen, where an allocation is nothing, and shows logs when a test fails.
#![allow(clippy::format_push_string, clippy::format_collect, clippy::print_stderr)]

mod atompub;
mod attachments;
mod browser;
mod chat;
mod check;
mod comments;
mod conversation;
#[path = "../corpus/mod.rs"]
mod corpus;
mod crash;
mod dialogue;
mod feeds;
mod fidelity;
mod harness;
mod hostile;
#[path = "../http/client.rs"]
mod http;
mod hub;
mod library;
mod multicast;
mod nbxmpp;
mod presence;
mod publishing;
mod relations;
mod replay;
mod restart;
mod slixmpp;
mod stage;
mod stop;
#[path = "../http/subscriber.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod subscriber;
mod subscriptions;
mod syscalls;
mod web;
mod web_hub;
#[path = "../feeds/web.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod web_server;
mod xmpp_js;
