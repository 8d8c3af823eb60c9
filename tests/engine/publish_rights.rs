//! Who may publish what to which node, and what the others are told — XEP-0060 [#publisher-publish-error].

use atomsub::pubsub::affiliation::Affiliation;

use crate::publish::{entry, publish};
use crate::stage::{ENTRY, Stage, get, set};

#[test]
fn publish_models_let_others_publish() {
    let item = format!("<item id='1'>{ENTRY}</item>");
    let by = |node| set("francisco@denmark.lit", &format!("<publish node='{node}'>{item}</publish>"));
    let mut stage = Stage::new();
    stage.node("wall", &[("publish_model", "open")]);
    stage.send(&by("wall"));
    stage.node("club", &[("publish_model", "subscribers")]);
    stage.refuses(&[(by("club"), "auth/forbidden/-")]);
    stage.subscribe("club", "francisco@denmark.lit");
    stage.send(&by("club"));
}

/// The table of XEP-0060 [#events], and what [#publisher-publish-error-badrequest] says to the rest.
#[test]
fn each_kind_of_node_takes_what_is_for_it() {
    let kinds = [("1", "1"), ("1", "0"), ("0", "1"), ("0", "0")];
    let requests = [
        String::new(),
        "<item/>".to_owned(),
        format!("<item>{ENTRY}</item>"),
        format!("<item>{ENTRY}{ENTRY}</item>"),
    ];
    let (no_item, no_payload) = ("modify/bad-request/item-required", "modify/bad-request/payload-required");
    let (item, payloads) = ("modify/bad-request/item-forbidden", "modify/bad-request/invalid-payload");
    let expected = [
        [no_item, no_payload, "", payloads],
        [no_item, "", "", payloads],
        [no_payload, no_payload, "", payloads],
        ["", item, item, item],
    ];
    for ((persist, deliver), expected) in kinds.into_iter().zip(expected) {
        // Any element is a payload here.
        let options = [("persist_items", persist), ("deliver_payloads", deliver), ("type", "")];
        for (request, expected) in requests.iter().zip(expected) {
            let mut stage = Stage::new();
            stage.node("n", &options);
            stage.subscribe("n", "francisco@denmark.lit");
            if !expected.is_empty() {
                stage.refuses(&[(publish("n", request), expected)]);
                continue;
            }
            let heard = stage.send(&publish("n", request));
            let (answer, notice) = heard.split_once("<message").unwrap();
            let has = |text: &str, what: &str| text.contains(what);
            assert_eq!(has(answer, "<item id='"), !request.is_empty(), "{options:?} {heard}");
            assert_eq!(has(notice, "<item id='"), !request.is_empty(), "{options:?} {heard}");
            assert_eq!(
                has(notice, "<entry"),
                has(request, "<entry") && deliver == "1",
                "{options:?} {heard}"
            );
        }
    }
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.node("whitelisted", &[("access_model", "whitelist")]);
    stage.node("banned", &[("publish_model", "open")]);
    stage.affiliate("banned", "francisco@denmark.lit", Affiliation::Outcast);
    stage.node("wall", &[("publish_model", "open")]);
    stage.publish("wall", "hamlets");
    stage.node("full", &[("max_items", "1"), ("publish_node_full", "reject")]);
    stage.publish("full", "1");
    stage.node("short", &[("max_payload_size", "20")]);
    stage.node("bell", &[("persist_items", "0"), ("deliver_payloads", "0")]);
    stage.node("tunes", &[("type", "http://jabber.org/protocol/tune")]);
    let item = format!("<item id='hamlets'>{ENTRY}</item>");
    let francisco = |node| set("francisco@denmark.lit", &format!("<publish node='{node}'>{item}</publish>"));
    let large = format!(
        "<item><entry xmlns='http://www.w3.org/2005/Atom'><title>{}</title></entry></item>",
        "x".repeat(1024)
    );
    stage.refuses(&[
        // Example 105.
        (francisco("princely_musings"), "auth/forbidden/-"),
        (francisco("whitelisted"), "auth/forbidden/-"),
        (francisco("banned"), "auth/forbidden/-"),
        // Somebody else's item may not be overwritten.
        (francisco("wall"), "auth/forbidden/-"),
        // Example 107.
        (
            set("tybalt@verona.lit", &format!("<publish node='no_musings'>{item}</publish>")),
            "cancel/item-not-found/-",
        ),
        (entry("", "1"), "modify/bad-request/nodeid-required"),
        // Example 108.
        (entry("full", "2"), "cancel/conflict/node-full"),
        // Example 109: the service's limit, and the node's.
        (publish("princely_musings", &large), "modify/not-acceptable/payload-too-big"),
        (entry("short", "1"), "modify/not-acceptable/payload-too-big"),
        // Example 110.
        (publish("wall", &format!("<item>{ENTRY}{ENTRY}</item>")), "modify/bad-request/invalid-payload"),
        (entry("tunes", "1"), "modify/bad-request/invalid-payload"),
        (
            publish("wall", "<item><feed xmlns='http://www.w3.org/2005/Atom'/></item>"),
            "modify/bad-request/invalid-payload",
        ),
        // Example 111.
        (publish("princely_musings", ""), "modify/bad-request/item-required"),
        // Example 112.
        (publish("princely_musings", "<item/>"), "modify/bad-request/payload-required"),
        // Example 113.
        (entry("bell", "1"), "modify/bad-request/item-forbidden"),
        (publish("princely_musings", &item.repeat(51)), "cancel/not-allowed/max-items-exceeded"),
        (entry("princely_musings", &"i".repeat(1024)), "modify/not-acceptable/-"),
    ]);
}

/// An HTTP service is a domain: it publishes and subscribes like anybody else.
#[test]
fn a_domain_may_publish_and_subscribe() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "atompub.example.org", Affiliation::Publisher);
    stage.subscribe("princely_musings", "feeds.example.org");
    let publish = format!("<publish node='princely_musings'><item id='1'>{ENTRY}</item></publish>");
    let heard = stage.send(&set("atompub.example.org", &publish));
    assert!(heard.contains("to='feeds.example.org'"), "{heard}");
    assert!(heard.contains("publisher='atompub.example.org'"), "{heard}");
}

/// Movim asks like this whether it may show its editor.
#[test]
fn whoever_asks_whether_he_may_publish_is_told_and_nobody_else() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let probe = "<publish node='princely_musings'>\
                 <item id='test_post'><entry xmlns='http://www.w3.org/2005/Atom'/></item></publish>";
    let retract = "<retract node='princely_musings' notify='true'><item id='test_post'/></retract>";
    for request in [probe, retract] {
        let answer = stage.send(&set("hamlet@denmark.lit/movim", request));
        assert!(!answer.contains("<message"), "{answer}");
    }
    assert!(!stage.send(&get("hamlet@denmark.lit/x", "<items node='princely_musings'/>")).contains("<item "));
    stage.refuses(&[
        (set("francisco@denmark.lit", probe), "auth/forbidden/-"),
        (set("francisco@denmark.lit", retract), "auth/forbidden/-"),
    ]);
    // The same id with something in it is an item like any other.
    let item = format!("<publish node='princely_musings'><item id='test_post'>{ENTRY}</item></publish>");
    assert!(stage.send(&set("hamlet@denmark.lit/x", &item)).contains("<message"));
}
