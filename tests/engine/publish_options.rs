//! What a publisher requires of a node, nodes made by publishing, and batches — XEP-0060
//! [#publisher-publish-options], [#publisher-publish-autocreate], [#impl-batch].

use atomsub::pubsub::affiliation::Affiliation;

use crate::stage::{ENTRY, Stage, ask, configure, form, get, owner_get, set, value};

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
    let contact = "<field var='pubsub#contact'><value>a@b.lit</value><value>c@d.lit</value></field>";
    let options = [("max_items", "5"), ("send_last_published_item", "on_sub_and_presence")];
    let configured = form(&options).replace("</x>", &format!("{contact}</x>"));
    stage.send(&set(HAMLET, &format!("<create node='n'/><configure>{configured}</configure>")));
    for options in [
        ("max_items", "05"),
        ("persist_items", "1"),
        ("persist_items", " true "),
        ("send_item_subscribe", "1"),
        ("item_expire", "-1"),
        ("max_payload_size", "max"),
        // What the service takes at most.
        ("max_payload_size", "1024"),
        ("max_payload_size", "999999"),
        ("title", ""),
    ] {
        stage.send(&publish(HAMLET, "n", &["1"], &[options]));
    }
    // What a node says in more detail already stays as it is.
    stage.send(&configure(HAMLET, "n", &[("send_item_subscribe", "1")]));
    let shown = stage.send(&owner_get(HAMLET, "<configure node='n'/>"));
    assert_eq!(value(&shown, "send_last_published_item"), "on_sub_and_presence");
    let other_order = "<field var='pubsub#contact'><value>c@d.lit</value><value>a@b.lit</value></field>";
    let required = form(&[]).replace("</x>", &format!("{other_order}</x>"));
    let publish = format!("<publish node='n'><item>{ENTRY}</item></publish>");
    stage.send(&set(HAMLET, &format!("{publish}<publish-options>{required}</publish-options>")));
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
    assert_eq!([value(&shown, "title"), value(&shown, "deliver_payloads")], ["New", "0"]);
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
    for (policy, affiliation, expected) in [
        ("original_publisher", Affiliation::Publisher, false),
        ("any_publisher", Affiliation::Publisher, true),
        // Whoever may publish because everybody may is none of them.
        ("any_publisher", Affiliation::None, false),
    ] {
        let mut stage = Stage::new();
        stage.node("wall", &[("overwrite_policy", policy), ("publish_model", "open")]);
        stage.affiliate("wall", "francisco@denmark.lit", affiliation);
        stage.send(&publish("bernardo@denmark.lit/x", "wall", &["1"], &[]));
        let answer = stage.any(&publish("francisco@denmark.lit/x", "wall", &["1"], &[]));
        assert_eq!(answer.contains("type='result'"), expected, "{policy} {affiliation:?}: {answer}");
    }
}

/// The words name what differs, what is and what was wanted.
#[test]
fn the_publisher_is_told_what_differs() {
    let mut stage = Stage::with_musings();
    let options = [("persist_items", "1"), ("access_model", "whitelist")];
    let refused = stage.any(&publish(HAMLET, "princely_musings", &["1"], &options));
    assert!(refused.contains("pubsub#access_model is \"open\" here, not \"whitelist\""), "{refused}");
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
        (with(&[("send_item_subscribe", "1")]), "cancel/conflict/precondition-not-met"),
        (with(&[("max_payload_size", "1023")]), "cancel/conflict/precondition-not-met"),
        (with(&[("overwrite_policy", "any_publisher")]), "cancel/conflict/precondition-not-met"),
        (with(&[("max_items", "many")]), "modify/bad-request/invalid-options"),
        (with(&[("send_item_subscribe", "perhaps")]), "modify/bad-request/invalid-options"),
        (publish(HAMLET, "new", &["1"], &[("max_items", "many")]), "modify/bad-request/invalid-options"),
        (publish(HAMLET, "new", &["1"], &[("colour", "blue")]), "modify/bad-request/invalid-options"),
        (
            publish(HAMLET, "new", &["1"], &[("prev_item_cap_value", "1")]),
            "modify/conflict/precondition-not-met",
        ),
        (with(&[("colour", "blue")]), "modify/bad-request/invalid-options"),
        (set(HAMLET, &foreign), "modify/bad-request/invalid-options"),
        (publish("francisco@verona.lit/x", "new", &["1"], &[]), "cancel/item-not-found/-"),
        (
            publish(HAMLET, "new", &["1"], &[("access_model", "roster")]),
            "modify/not-acceptable/unsupported-access-model",
        ),
        (publish(HAMLET, &"n".repeat(1024), &["1"], &[]), "modify/not-acceptable/-"),
        (publish(HAMLET, "http://jabber.org/protocol/commands", &["1"], &[]), "auth/forbidden/-"),
    ]);
}

/// XEP-0395: of two editors who read the same version, the second is told.
#[test]
fn who_has_not_seen_the_newest_item_is_told_so() {
    let mut stage = Stage::with_musings();
    stage.publish("princely_musings", "1");
    let plain = stage.send(&get(HAMLET, "<items node='princely_musings'/>"));
    assert!(!plain.contains("cap-v"), "only where an owner wants it: {plain}");
    let cap_values = [("{urn:xmpp:pubsub:cap:0}cap-values", "1")];
    stage.send(&configure("hamlet@denmark.lit/x", "princely_musings", &cap_values));
    let info = "<query xmlns='http://jabber.org/protocol/disco#info' node='princely_musings'/>";
    assert!(stage.send(&ask("get", HAMLET, info)).contains("<feature var='urn:xmpp:pubsub:cap:0'/>"));
    let read = stage.send(&get(HAMLET, "<items node='princely_musings'/>"));
    assert!(read.contains("<cap-value-map-entry item-id='1' cap-value='1'/>"), "{read}");
    let edit = publish(HAMLET, "princely_musings", &["1"], &[("prev_item_cap_value", "1")]);
    stage.send(&edit);
    let failed = stage.any(&edit);
    assert!(
        failed.contains("<error type='modify'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text ")
    );
    let conditions = "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>\
                      <compare-and-publish-failed xmlns='urn:xmpp:pubsub:cap:0' cap-id='2'/>";
    assert!(failed.contains(conditions), "{failed}");
}
