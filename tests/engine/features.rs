//! The features that the service has: which test would fail without each, and for those of XEP-0060 where it is
//! specified. What is advertised, these tables and the use cases' own words have to agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::stage::{Stage, ask};

/// Feature, anchor of XEP-0060, test.
const FEATURES: &[(&str, &str, &str)] = &[
    ("access-open", "accessmodels", "matrix::the_matrix_is_as_it_was_agreed"),
    (
        "auto-create",
        "publisher-publish-autocreate",
        "publish_options::publishing_makes_the_node_with_the_options_as_its_configuration",
    ),
    ("config-node", "owner-configure", "configure::an_owner_sees_the_form"),
    ("config-node-max", "owner-configure", "publish_options::values_are_compared_whatever_the_words"),
    ("create-and-configure", "owner-create-and-configure", "create::a_node_is_created_with_a_configuration"),
    ("create-nodes", "owner-create", "create::a_node_is_created_with_the_default_configuration"),
    ("delete-items", "publisher-delete", "retract::subscribers_hear_of_a_deleted_item"),
    ("delete-nodes", "owner-delete", "delete::subscribers_hear_where_to_go_instead"),
    (
        "get-pending",
        "owner-subreq",
        "subscription_requests::the_command_lists_nodes_and_sends_what_is_pending",
    ),
    ("instant-nodes", "owner-create", "create::an_instant_node_gets_a_name"),
    (
        "item-ids",
        "publisher-publish",
        "publish::an_item_with_an_id_reaches_the_subscribers_as_it_was_published",
    ),
    (
        "last-published",
        "subscriber-subscribe-last",
        "upkeep::the_last_item_comes_with_the_subscription_where_the_node_says_so",
    ),
    ("leased-subscription", "impl-leases", "upkeep::a_lease_ends_and_everybody_concerned_hears_of_it"),
    ("manage-subscriptions", "owner-subscriptions", "subscriptions::whoever_is_unsubscribed_is_told"),
    ("member-affiliation", "affiliations", "subscribe::a_member_subscribes_where_others_may_not"),
    ("meta-data", "entity-metadata", "discovery::a_node_tells_about_itself"),
    ("modify-affiliations", "owner-affiliations", "affiliations::whoever_is_affected_is_told"),
    (
        "multi-items",
        "impl-batch",
        "publish_options::a_batch_is_published_whole_or_not_at_all_and_told_one_by_one",
    ),
    (
        "multi-subscribe",
        "subscriber-subscribe-multi",
        "options::other_options_make_another_subscription_and_one_copy_names_both",
    ),
    ("outcast-affiliation", "affiliations", "matrix::the_matrix_is_as_it_was_agreed"),
    ("persistent-items", "subscriber-retrieve", "items::all_items_come_oldest_first"),
    (
        "presence-notifications",
        "impl-presence",
        "presence::events_reach_only_those_online_where_the_node_or_the_subscriber_wants_that",
    ),
    ("publish", "publisher-publish", "publish::an_item_without_an_id_gets_one"),
    ("publish-node-full", "publisher-publish", "room::a_full_node_does_what_its_owner_wants"),
    ("publish-options", "publisher-publish-options", "publish_options::the_publisher_is_told_what_differs"),
    ("publish-only-affiliation", "affiliations", "matrix::the_matrix_is_as_it_was_agreed"),
    ("publisher-affiliation", "affiliations", "retract::a_publisher_retracts_only_what_is_its_own"),
    ("purge-nodes", "owner-purge", "purge::subscribers_hear_once_that_all_items_are_gone"),
    ("retract-items", "publisher-delete", "retract::a_node_that_does_not_tell_tells_when_it_is_asked_to"),
    ("retrieve-affiliations", "entity-affiliations", "own::all_affiliations"),
    ("retrieve-default", "owner-default", "configure::anybody_sees_the_defaults"),
    ("retrieve-default-sub", "subscribe-default", "options::defaults_can_be_retrieved"),
    ("retrieve-items", "subscriber-retrieve", "items::items_come_by_id"),
    ("retrieve-subscriptions", "entity-subscriptions", "own::all_subscriptions"),
    ("rsm", "subscriber-retrieve-returnsome", "walks::no_client_loses_or_repeats_anything"),
    ("since", "impl-presence", "presence::whoever_comes_back_hears_what_he_missed"),
    ("subscribe", "subscriber-subscribe", "subscribe::an_entity_subscribes_to_a_node"),
    ("subscription-notifications", "impl-subchange", "subscriptions::whoever_is_unsubscribed_is_told"),
    ("subscription-options", "subscriber-configure", "options::options_are_shown_as_they_were_set"),
];

/// Feature of another specification, or profile, and test.
const OTHERS: &[(&str, &str)] = &[
    (
        "http://jabber.org/protocol/commands",
        "subscription_requests::the_command_lists_nodes_and_sends_what_is_pending",
    ),
    ("http://jabber.org/protocol/disco#info", "discovery::a_node_tells_about_itself"),
    (
        "http://jabber.org/protocol/disco#items",
        "discovery::the_service_lists_the_nodes_that_the_sender_may_see",
    ),
    ("http://jabber.org/protocol/pubsub", "subscribe::an_entity_subscribes_to_a_node"),
    ("http://jabber.org/protocol/rsm", "walks::no_client_loses_or_repeats_anything"),
    ("jabber:iq:last", "entity::last_activity"),
    ("jabber:iq:version", "entity::version"),
    ("urn:xmpp:mam:2", "history::results_are_messages_shaped_as_the_notices_were"),
    ("urn:xmpp:mam:2#extended", "history::queries_give_what_they_ask_for"),
    ("urn:xmpp:order-by:1", "order::items_come_in_the_order_that_is_asked_for"),
    (
        "urn:xmpp:order-by:1@http://jabber.org/protocol/pubsub",
        "order::items_come_in_the_order_that_is_asked_for",
    ),
    ("urn:xmpp:order-by:1@urn:xmpp:mam:2", "history::queries_give_what_they_ask_for"),
    ("urn:xmpp:ping", "entity::ping"),
    ("urn:xmpp:pps:0", "public_subscriptions::a_public_subscriber_is_on_the_list"),
    ("urn:xmpp:pubsub-attachments:1", "attachments::a_reader_notices_and_reacts_and_the_summary_says_so"),
    ("urn:xmpp:pubsub-caching:0", "caching::hints_are_derived_from_the_configuration"),
    ("urn:xmpp:pubsub-filter:0", "type_filter::nodes_of_some_types_are_listed"),
    ("urn:xmpp:pubsub-relationships:0", "relations::what_is_linked_or_below_goes_with_a_node"),
    ("urn:xmpp:sid:0", "history::a_notice_says_the_id_of_what_it_tells_in_the_history"),
    ("urn:xmpp:time", "entity::time"),
    ("urn:xmpp:pubsub-social-feed:1", "profiles::a_profile_has_defaults_and_the_creator_has_the_last_word"),
    ("urn:xmpp:pubsub-social-feed:flat-forums:0", "profile_entries::profiles_ask_something_of_their_entries"),
    ("urn:xmpp:pubsub-social-feed:gallery:1", "profile_entries::profiles_ask_something_of_their_entries"),
    ("urn:xmpp:pubsub-social-feed:stories:0", "profile_entries::profiles_ask_something_of_their_entries"),
    (
        "urn:xmpp:pubsub-social-feed:threaded-forums:0",
        "profile_entries::profiles_ask_something_of_their_entries",
    ),
];

#[test]
fn what_is_advertised_is_what_is_listed() {
    let query = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let info = Stage::new().send(&ask("get", "francisco@denmark.lit/x", query));
    let advertised = info.split("<feature var='").skip(1).filter_map(|rest| rest.split('\'').next());
    let advertised: Vec<&str> = advertised.collect();
    let others = OTHERS.iter().map(|(feature, _)| (*feature).to_owned());
    let own = FEATURES.iter().map(|(feature, ..)| format!("http://jabber.org/protocol/pubsub#{feature}"));
    assert_eq!(advertised, others.chain(own).collect::<Vec<_>>());
}

#[test]
fn what_is_listed_is_specified_and_tested() {
    let anchors: Vec<&str> = include_str!("../xep-anchors.txt").lines().collect();
    for (feature, anchor, _) in FEATURES {
        assert!(anchors.contains(anchor), "{feature}: there is no {anchor}");
    }
    let own = FEATURES.iter().map(|(feature, _, test)| (feature, test));
    for (feature, test) in OTHERS.iter().map(|(feature, test)| (feature, test)).chain(own) {
        let (file, name) = test.split_once("::").unwrap();
        let path = format!("{}/tests/engine/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        let tests = fs::read_to_string(&path).unwrap();
        assert!(tests.contains(&format!("fn {name}() {{")), "{feature}: there is no {test}");
    }
}

#[test]
fn what_is_listed_is_what_the_use_cases_say_of_themselves() {
    let mut said = BTreeSet::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pubsub")) {
        let text = fs::read_to_string(path).unwrap();
        let doc: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("//!")).collect();
        let doc = doc.join(" ");
        // Up to the end of the list: the first full stop behind the last feature.
        let list = doc.split("Features:").nth(1).and_then(|list| list.split('.').next()).unwrap_or_default();
        said.extend(list.split('`').skip(1).step_by(2).filter(|word| !word.contains(':')).map(str::to_owned));
    }
    let listed: BTreeSet<String> = FEATURES.iter().map(|(feature, _, _)| (*feature).to_owned()).collect();
    assert_eq!(said, listed);
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
