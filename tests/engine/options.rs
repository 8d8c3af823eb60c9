//! Configure a subscription — XEP-0060 [#subscriber-configure].

use crate::stage::{ENTRY, Stage, configure, form, get, set, value};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";

fn options(attributes: &str, form: &str) -> String {
    format!("<options node='princely_musings' {attributes}>{form}</options>")
}

/// Subscribes with options beside.
fn subscribe_with(fields: &[(&str, &str)]) -> String {
    let subscribe = "<subscribe node='princely_musings' jid='francisco@denmark.lit'/>";
    set(FRANCISCO, &format!("{subscribe}<options>{}</options>", form(fields)))
}

fn publish(id: &str) -> String {
    set(
        "hamlet@denmark.lit/a",
        &format!("<publish node='princely_musings'><item id='{id}'>{ENTRY}</item></publish>"),
    )
}

#[test]
fn options_are_shown_as_they_were_set() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let jid = "jid='francisco@denmark.lit'";
    let fields = [
        ("deliver", "1"),
        ("digest", "0"),
        ("digest_frequency", "5000"),
        ("expire", "2004-02-14T00:00:00Z"),
        ("include_body", "true"),
        ("show-values", "chat"),
    ];
    stage.send(&set(FRANCISCO, &options(jid, &form(&fields))));
    let shown = stage.send(&get(FRANCISCO, &options(jid, "")));
    for (var, set) in fields {
        assert_eq!(value(&shown, var), if set == "true" { "1" } else { set }, "{var} in {shown}");
    }
    let listed = stage.send(&get(FRANCISCO, "<subscriptions/>"));
    assert!(listed.contains("expiry='2004-02-14T00:00:00Z'"), "{listed}");
}

#[test]
fn a_cancelled_form_changes_nothing() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let jid = "jid='francisco@denmark.lit'";
    let before = stage.send(&get(FRANCISCO, &options(jid, "")));
    stage.send(&set(FRANCISCO, &options(jid, &form(&[("deliver", "0")]).replace("submit", "cancel"))));
    assert_eq!(stage.send(&get(FRANCISCO, &options(jid, ""))), before);
    // Nor does one beside a subscription.
    let mut stage = Stage::with_musings();
    stage.send(&subscribe_with(&[("deliver", "0")]).replace("submit", "cancel"));
    assert!(stage.send(&publish("a")).contains("<message"));
}

#[test]
fn defaults_can_be_retrieved() {
    let mut stage = Stage::with_musings();
    for default in ["<default/>", "<default node='princely_musings'/>"] {
        let shown = stage.send(&get(FRANCISCO, default));
        assert!(shown.contains("pubsub#subscribe_options"), "{shown}");
        assert!(shown.contains("var='pubsub#deliver' type='boolean'"), "{shown}");
    }
}

#[test]
fn who_does_not_want_events_gets_none() {
    let mut stage = Stage::with_musings();
    stage.send(&subscribe_with(&[("deliver", "0")]));
    assert!(!stage.send(&publish("a")).contains("<message"));
}

#[test]
fn who_wants_a_body_gets_one() {
    let mut stage = Stage::with_musings();
    stage.send(&subscribe_with(&[("include_body", "1")]));
    stage.subscribe("princely_musings", "bernardo@denmark.lit");
    let heard = stage.send(&publish("a"));
    let copies: Vec<&str> = heard.split("<message").skip(1).collect();
    assert_eq!(copies.len(), 2, "{heard}");
    for copy in copies {
        assert_eq!(copy.contains("<body>Soliloquy</body>"), copy.contains("to='francisco@"), "{copy}");
    }
}

#[test]
fn other_options_make_another_subscription_and_one_copy_names_both() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.send(&subscribe_with(&[("include_body", "1")]));
    let again = stage.send(&subscribe_with(&[("include_body", "1")]));
    assert!(again.contains("subid='id-2'"), "the same options are the same subscription: {again}");

    let heard = stage.send(&publish("a"));
    assert_eq!(heard.matches("<message").count(), 1, "{heard}");
    let headers = "<headers xmlns='http://jabber.org/protocol/shim'>\
                   <header name='SubID'>id-1</header><header name='SubID'>id-2</header></headers>";
    assert!(heard.contains(headers), "{heard}");

    let leave = |subid: &str| {
        set(FRANCISCO, &format!("<unsubscribe node='princely_musings' jid='francisco@denmark.lit' {subid}/>"))
    };
    let jid = "jid='francisco@denmark.lit'";
    stage.refuses(&[
        (leave(""), "modify/bad-request/subid-required"),
        (leave("subid='id-9'"), "modify/not-acceptable/invalid-subid"),
        (get(FRANCISCO, &options(jid, "")), "modify/bad-request/subid-required"),
        (
            get(FRANCISCO, &options("jid='francisco@denmark.lit' subid='x'", "")),
            "modify/not-acceptable/invalid-subid",
        ),
    ]);
    stage.send(&leave("subid='id-1'"));
    let heard = stage.send(&publish("b"));
    assert!(!heard.contains("<headers"), "{heard}");
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let jid = "jid='francisco@denmark.lit'";
    let with = |fields: &[(&str, &str)]| set(FRANCISCO, &options(jid, &form(fields)));
    let beside = |inner: &str| {
        set(FRANCISCO, &format!("<subscribe node='princely_musings' jid='francisco@denmark.lit'/>{inner}"))
    };
    stage.refuses(&[
        (
            get("bernardo@denmark.lit/a", &options("jid='bernardo@denmark.lit'", "")),
            "modify/unexpected-request/not-subscribed",
        ),
        (get("bernardo@denmark.lit/a", &options(jid, "")), "auth/forbidden/-"),
        (get(FRANCISCO, &options("", "")), "modify/bad-request/jid-required"),
        (get(FRANCISCO, "<options node='nowhere' jid='francisco@denmark.lit'/>"), "cancel/item-not-found/-"),
        (get(FRANCISCO, "<options jid='francisco@denmark.lit'/>"), "modify/bad-request/nodeid-required"),
        (with(&[("deliver", "perhaps")]), "modify/bad-request/invalid-options"),
        (with(&[("expire", "2003-01-01T00:00:00Z")]), "modify/bad-request/invalid-options"),
        (with(&[("show-values", "asleep")]), "modify/bad-request/invalid-options"),
        (with(&[("colour", "blue")]), "modify/bad-request/invalid-options"),
        (set(FRANCISCO, &options(jid, "")), "modify/bad-request/-"),
        (beside(&format!("<options node='other'>{}</options>", form(&[]))), "modify/bad-request/-"),
        (
            beside(&format!("<options>{}</options>", form(&[("digest", "often")]))),
            "modify/bad-request/invalid-options",
        ),
        (get(FRANCISCO, "<default node='nowhere'/>"), "cancel/item-not-found/-"),
    ]);
}

/// The leasing process: nothing is delivered before the subscriber has said how.
#[test]
fn a_node_may_require_options() {
    let mut stage = Stage::new();
    stage.node("princely_musings", &[("send_last_published_item", "on_sub")]);
    stage.send(&configure("hamlet@denmark.lit/a", "princely_musings", &[("x-pubsub#options_required", "1")]));
    stage.send(&publish("a"));
    let subscribe = set(FRANCISCO, "<subscribe node='princely_musings' jid='francisco@denmark.lit'/>");
    let asked = stage.send(&subscribe);
    let unconfigured =
        "subscription='unconfigured'><subscribe-options><required/></subscribe-options></subscription>";
    assert!(asked.contains(unconfigured) && !asked.contains("<message"), "{asked}");
    assert!(!stage.send(&publish("b")).contains("<message"));

    let answer = options("jid='francisco@denmark.lit'", &form(&[("expire", "2004-02-14T00:00:00Z")]));
    let complete = stage.send(&set(FRANCISCO, &answer));
    assert!(complete.contains("subscription='subscribed'"), "the owner hears of it: {complete}");
    assert!(complete.contains("<item id='b'"), "and the subscriber has the last item: {complete}");
    assert!(stage.send(&publish("c")).contains("<message"));
    stage.send(&subscribe_with(&[("include_body", "1")]));
}
