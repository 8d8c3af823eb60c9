//! What a publisher requires of a node, nodes made by publishing, and batches — XEP-0060
//! [#publisher-publish-options], [#publisher-publish-autocreate], [#impl-batch].

use crate::options::form;
use crate::stage::{ENTRY, Stage, get, owner_get, set};

const HAMLET: &str = "hamlet@denmark.lit/blogbot";

fn publish(from: &str, node: &str, ids: &[&str], options: &[(&str, &str)]) -> String {
    let items: Vec<String> = ids.iter().map(|id| format!("<item id='{id}'>{ENTRY}</item>")).collect();
    let publish = format!("<publish node='{node}'>{}</publish>", items.concat());
    let options = match options {
        [] => String::new(),
        options => format!("<publish-options>{}</publish-options>", form(options)),
    };
    set(from, &format!("{publish}{options}"))
}

/// What the clients in use require, at the first try on a node with the default configuration.
#[test]
fn the_first_publish_of_the_clients_in_use_succeeds() {
    let movim: &[(&str, &str)] = &[
        ("persist_items", "true"),
        ("max_items", "max"),
        ("itemreply", "publisher"),
        ("notify_sub", "true"),
    ];
    let converse: &[(&str, &str)] = &[
        ("access_model", "open"),
        ("persist_items", "true"),
        ("max_items", "max"),
        ("send_last_published_item", "never"),
        ("notify_retract", "true"),
        ("deliver_payloads", "true"),
        ("itemreply", "publisher"),
    ];
    for options in [movim, converse] {
        Stage::with_musings().send(&publish(HAMLET, "princely_musings", &["1"], options));
    }
}

#[test]
fn values_are_compared_whatever_the_words() {
    let mut stage = Stage::new();
    stage.node("n", &[("max_items", "5"), ("persist_items", "true"), ("send_last_published_item", "on_sub")]);
    for options in [("max_items", "05"), ("persist_items", "1"), ("send_item_subscribe", "1")] {
        stage.send(&publish(HAMLET, "n", &["1"], &[options]));
    }
}

#[test]
fn publishing_makes_the_node_with_the_options_as_its_configuration() {
    let mut stage = Stage::new();
    stage.send(&publish(
        HAMLET,
        "new",
        &["1"],
        &[("max_items", "-1"), ("deliver_payloads", "0"), ("title", "New")],
    ));
    let shown = stage.send(&owner_get("hamlet@denmark.lit/x", "<configure node='new'/>"));
    assert!(shown.contains("<value>New</value>"), "{shown}");
    stage.send(&publish(HAMLET, "new", &["2"], &[("max_items", "max"), ("deliver_payloads", "false")]));
}

#[test]
fn a_batch_is_published_whole_or_not_at_all_and_told_one_by_one() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let heard = stage.send(&publish(HAMLET, "princely_musings", &["a", "b", "c"], &[]));
    assert_eq!(heard.matches("<message").count(), 3, "{heard}");

    let bad = format!("<item id='d'>{ENTRY}</item><item id='e'/>");
    let bad = set(HAMLET, &format!("<publish node='princely_musings'>{bad}</publish>"));
    let retract = |ids: &[&str]| {
        let items: Vec<String> = ids.iter().map(|id| format!("<item id='{id}'/>")).collect();
        set(HAMLET, &format!("<retract node='princely_musings'>{}</retract>", items.concat()))
    };
    let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    stage.refuses(&[
        (bad, "modify/bad-request/payload-required"),
        (retract(&["a", "nowhere"]), "cancel/item-not-found/-"),
        (retract(&many), "cancel/not-allowed/max-items-exceeded"),
    ]);
    let heard = stage.send(&retract(&["a", "b"]));
    assert_eq!(heard.matches("<retract id=").count(), 2, "{heard}");
    let left = stage.send(&get(HAMLET, "<items node='princely_musings'/>"));
    assert_eq!(left.matches("<item id=").count(), 1, "{left}");
}

#[test]
fn publishers_overwrite_each_other_only_where_the_node_lets_them() {
    for (policy, expected) in [("original_publisher", false), ("any_publisher", true)] {
        let mut stage = Stage::new();
        stage.node("wall", &[("overwrite_policy", policy)]);
        for who in ["bernardo@denmark.lit", "francisco@denmark.lit"] {
            stage.affiliate("wall", who, atomsub::pubsub::affiliation::Affiliation::Publisher);
        }
        stage.send(&publish("bernardo@denmark.lit/x", "wall", &["1"], &[]));
        let answer = stage.any(&publish("francisco@denmark.lit/x", "wall", &["1"], &[]));
        assert_eq!(answer.contains("type='result'"), expected, "{policy}: {answer}");
    }
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    let with = |options: &[(&str, &str)]| publish(HAMLET, "princely_musings", &["1"], options);
    let foreign = form(&[]).replace(
        "<x xmlns='jabber:x:data' type='submit'>",
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:other</value></field>",
    );
    let foreign = format!(
        "<publish node='princely_musings'><item>{ENTRY}</item></publish><publish-options>{foreign}</publish-options>"
    );
    stage.refuses(&[
        (with(&[("access_model", "whitelist")]), "cancel/conflict/precondition-not-met"),
        (with(&[("max_items", "10")]), "cancel/conflict/precondition-not-met"),
        (with(&[("max_items", "many")]), "modify/bad-request/invalid-options"),
        (with(&[("colour", "blue")]), "modify/bad-request/invalid-options"),
        (set(HAMLET, &foreign), "modify/bad-request/invalid-options"),
        (publish("francisco@verona.lit/x", "new", &["1"], &[]), "cancel/item-not-found/-"),
        (
            publish(HAMLET, "new", &["1"], &[("access_model", "roster")]),
            "modify/not-acceptable/unsupported-access-model",
        ),
        (publish(HAMLET, &"n".repeat(1024), &["1"], &[]), "modify/not-acceptable/-"),
    ]);
}
