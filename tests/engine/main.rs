//! The engine on a small stage: a stanza goes in, the answer and the notices come out.
//!
//! One file per use case, with the examples of XEP-0060 by their numbers (version 1.30.0), and a row for each error.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure is a failed test")]
#![expect(clippy::needless_raw_string_hashes, reason = "they are written by expect-test")]
#![expect(unreachable_pub, reason = "a test program exports nothing")]

mod acceptance;
mod affiliations;
mod attachments;
mod attachments_life;
mod attachments_rights;
mod attachments_summary;
mod authorship;
mod bounce;
mod caching;
mod chat;
mod comments;
mod companions;
mod configure;
mod counter;
mod create;
mod delete;
mod discovery;
mod discovery_walks;
mod entity;
mod entry_comments;
mod expiry;
mod features;
mod feeds;
mod feeds_entries;
mod feeds_pace;
mod filters;
mod filters_heard;
mod filters_model;
mod histories;
mod history;
mod hub;
mod hubs;
mod identity;
mod items;
mod matrix;
mod options;
mod order;
mod own;
mod presence;
mod probe;
mod profile_entries;
mod profiles;
mod public_subscriptions;
mod publish;
mod publish_options;
mod publish_rights;
mod purge;
mod reader;
mod readme;
mod relation_graphs;
mod relations;
mod retract;
mod room;
mod roster;
mod stage;
mod subscribe;
mod subscription_requests;
mod subscriptions;
mod tokens;
mod type_filter;
mod unsubscribe;
mod upkeep;
mod validation;
mod walks;

#[path = "../corpus/mod.rs"]
mod corpus;
