//! What a subscriber with filters hears, when, and as whose — XEP-0060 [#impl-content], [#subscriber-subscribe-multi].

use atomsub::pubsub::presence::receive::Presence;
use atomsub::pubsub::presence::show::Show;
use expect_test::expect;

use crate::filters::{
    FRANCISCO, Fields, HAMLET, named, publish, subscribe, subscription, titled, to_francisco,
};
use crate::stage::{SERVICE, Stage, get, owner_set, set};

/// The ItemIDs in what Francisco was sent, in order.
fn ids(sent: &str) -> Vec<&str> {
    let pieces = to_francisco(sent).into_iter().flat_map(|message| message.split("<item id='").skip(1));
    pieces.map(|piece| piece.split('\'').next().unwrap()).collect()
}

/// A service that tells of an entry without it, and somebody who asked for it in two ways.
#[test]
fn a16_two_keyword_subscriptions_match() {
    let mut stage = Stage::new();
    stage.node("news", &[("deliver_payloads", "0"), ("notify_sub", "0")]);
    for words in ["harbour", "reopens", "storm"] {
        subscribe(&mut stage, "news", &[("words", &[words])]);
    }
    let publish =
        format!("<publish node='news'><item id='p2'>{}</item></publish>", titled("Harbour reopens"));
    stage.check(
        &set(HAMLET, &publish),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/a'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='news'>
                  <item id='p2'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n1' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='news'>
                  <item id='p2' publisher='hamlet@denmark.lit'/>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-0ffddb7413a7340c'/>
              <headers xmlns='http://jabber.org/protocol/shim'>
                <header name='SubID'>id-1</header>
                <header name='SubID'>id-2</header>
              </headers>
            </message>
        "#]],
    );
}

#[test]
fn only_the_subscriptions_that_match_are_named() {
    let mut stage = Stage::with_musings();
    let node = "princely_musings";
    let harbour = subscribe(&mut stage, node, &[("words", &["harbour"])]);
    let storm = subscribe(&mut stage, node, &[("words", &["storm"]), ("pubsub#include_body", &["1"])]);
    assert_ne!(harbour, storm);
    // The same filter, however it is written, is the same subscription.
    assert_eq!(subscribe(&mut stage, node, &[("words", &["", "harbour\n harbour "])]), harbour);
    let cases = [
        ("The harbour", vec![harbour.as_str()]),
        ("The storm", vec![storm.as_str()]),
        ("The storm in the harbour", vec![harbour.as_str(), storm.as_str()]),
    ];
    for (title, subids) in cases {
        let told = publish(&mut stage, node, "1", &titled(title));
        let [message] = to_francisco(&told)[..] else { panic!("one message about {title}: {told}") };
        assert_eq!(named(message), subids, "{title}");
        assert_eq!(message.contains("<body>"), subids.contains(&storm.as_str()), "{title}");
    }
    assert_eq!(to_francisco(&publish(&mut stage, node, "1", &titled("Calm"))), [""; 0]);

    let all = subscribe(&mut stage, node, &[]);
    let told = publish(&mut stage, node, "1", &titled("The storm"));
    assert_eq!(named(to_francisco(&told)[0]), [storm, all]);
}

/// XEP-0060 [#impl-shim].
#[test]
fn what_is_the_same_for_all_names_none() {
    let mut stage = Stage::with_musings();
    for words in ["a", "b"] {
        subscribe(&mut stage, "princely_musings", &[("words", &[words])]);
    }
    publish(&mut stage, "princely_musings", "1", &titled("x"));
    let retract = |attr: &str| format!("<retract node='princely_musings'{attr}><item id='1'/></retract>");
    let told = stage.send(&set(HAMLET, &retract("")));
    assert_eq!(named(to_francisco(&told)[0]).len(), 2, "all hear of a retraction: {told}");
    for all in ["<purge node='princely_musings'/>", "<delete node='princely_musings'/>"] {
        let told = stage.send(&owner_set(HAMLET, all));
        let [message] = to_francisco(&told)[..] else { panic!("{told}") };
        assert!(!message.contains("<headers"), "{message}");
    }
}

#[test]
fn a_modified_item_is_for_those_who_want_its_new_form() {
    let mut stage = Stage::with_musings();
    subscribe(&mut stage, "princely_musings", &[("words", &["harbour"])]);
    for (title, expected) in [("Harbour", 1), ("Storm", 0), ("Calm", 0), ("Harbour again", 1)] {
        let told = publish(&mut stage, "princely_musings", "1", &titled(title));
        assert_eq!(to_francisco(&told).len(), expected, "{title}: {told}");
    }
    publish(&mut stage, "princely_musings", "2", &titled("Storm"));
    for id in ["1", "2"] {
        let retract = format!("<retract node='princely_musings'><item id='{id}'/></retract>");
        let told = stage.send(&set(HAMLET, &retract));
        assert_eq!(to_francisco(&told).len(), 1, "of a retraction hear all: {told}");
    }
}

/// What is not in the notice is looked up, as long as it is there as it was.
#[test]
fn nodes_that_only_notify_are_filtered_too() {
    let mut stage = Stage::new();
    stage.node(
        "n",
        &[("deliver_payloads", "0"), ("notify_retract", "0"), ("x-pubsub#payload_on_modify", "0")],
    );
    subscribe(&mut stage, "n", &[("words", &["harbour"])]);
    let cases: [(&[&str], usize); 6] = [
        (&["Harbour"], 1),
        (&["Storm"], 0),
        // Replaced before anybody was told: the later notice decides.
        (&["Harbour", "Storm"], 0),
        (&["Storm", "Harbour"], 1),
        (&["Harbour", "Harbour"], 1),
        (&["Storm", "Calm"], 0),
    ];
    for (titles, expected) in cases {
        let item = |title: &&str| format!("<item id='1'>{}</item>", titled(title));
        let items: String = titles.iter().map(item).collect();
        let told = stage.send(&set(HAMLET, &format!("<publish node='n'>{items}</publish>")));
        assert_eq!(to_francisco(&told).len(), expected, "{titles:?}: {told}");
    }
}

#[test]
fn nodes_that_keep_nothing() {
    let mut stage = Stage::new();
    stage.node("transient", &[("persist_items", "0")]);
    stage.node("bell", &[("persist_items", "0"), ("deliver_payloads", "0")]);
    for node in ["transient", "bell"] {
        subscribe(&mut stage, node, &[("words", &["harbour"])]);
        stage.subscribe(node, "bernardo@denmark.lit");
    }
    assert_eq!(to_francisco(&publish(&mut stage, "transient", "1", &titled("Harbour"))).len(), 1);
    assert_eq!(to_francisco(&publish(&mut stage, "transient", "1", &titled("Storm"))).len(), 0);
    let rung = stage.send(&set(HAMLET, "<publish node='bell'/>"));
    assert_eq!(
        (rung.matches("<message ").count(), to_francisco(&rung).len()),
        (1, 0),
        "nothing fits nothing"
    );
}

#[test]
fn digests_hold_what_the_filter_lets_through() {
    let mut stage = Stage::with_musings();
    let digest: [(&str, &[&str]); 2] = [("pubsub#digest", &["1"]), ("pubsub#digest_frequency", &["60000"])];
    let filter: (&str, &[&str]) = ("words", &["harbour"]);
    let harbour = subscribe(&mut stage, "princely_musings", &[digest[0], digest[1], filter]);
    for number in 0..200 {
        let title = if number % 50 == 0 { "Harbour" } else { "Storm" };
        publish(&mut stage, "princely_musings", &number.to_string(), &titled(title));
    }
    assert_eq!(ids(&stage.pass(60)), ["0", "50", "100", "150"]);
    publish(&mut stage, "princely_musings", "x", &titled("Storm"));
    assert_eq!(stage.pass(60), "", "nothing that fits, no digest");

    let body = subscribe(
        &mut stage,
        "princely_musings",
        &[digest[0], digest[1], ("words", &["storm"]), ("pubsub#include_body", &["1"])],
    );
    for title in ["Harbour", "Storm"] {
        publish(&mut stage, "princely_musings", title, &titled(title));
    }
    let told = stage.pass(60);
    assert_eq!(ids(&told), ["Harbour", "Storm"], "a message for each");
    let [first, second] = to_francisco(&told)[..] else { panic!("{told}") };
    assert_eq!((named(first), named(second)), (vec![harbour.as_str()], vec![body.as_str()]));
    assert!(!first.contains("<body>") && second.contains("<body>Storm</body>"), "{told}");
}

#[test]
fn the_last_item_comes_if_it_fits() {
    let mut stage = Stage::new();
    stage.node("n", &[("send_last_published_item", "on_sub_and_presence")]);
    for (id, title) in [("1", "Harbour"), ("2", "Storm")] {
        publish(&mut stage, "n", id, &titled(title));
    }
    let cases: [(Fields<'_>, &[&str]); 4] = [
        (&[("words", &["harbour"])], &[]),
        (&[("words", &["storm"])], &["2"]),
        (&[("words", &["storm"]), ("pubsub#deliver", &["0"])], &[]),
        (&[], &["2"]),
    ];
    for (fields, expected) in cases {
        assert_eq!(ids(&stage.send(&subscription("n", fields))), expected, "{fields:?}");
    }
    let came = stage.presence(FRANCISCO, Presence::Available(Show::Online));
    let [message] = to_francisco(&came)[..] else { panic!("{came}") };
    assert_eq!((named(message).len(), ids(&came)), (2, vec!["2"]));
    stage.presence(FRANCISCO, Presence::Unavailable);
    publish(&mut stage, "n", "3", &titled("Harbour"));
    let came = stage.presence(FRANCISCO, Presence::Available(Show::Online));
    assert_eq!((named(to_francisco(&came)[0]).len(), ids(&came)), (2, vec!["3"]));
}

/// XEP-0312.
#[test]
fn whoever_comes_back_hears_what_fits() {
    let mut stage = Stage::new();
    stage.node("n", &[("presence_based_delivery", "1")]);
    let harbour = subscribe(&mut stage, "n", &[("words", &["harbour"])]);
    let ferry = subscribe(&mut stage, "n", &[("words", &["ferry"])]);
    stage.presence(FRANCISCO, Presence::Available(Show::Online));
    stage.presence(FRANCISCO, Presence::Unavailable);
    stage.wait(1000);
    for (id, title) in
        [("1", "Harbour"), ("2", "Storm"), ("3", "Ferry"), ("4", "Ferry, harbour"), ("1", "Calm")]
    {
        publish(&mut stage, "n", id, &titled(title));
    }
    for number in 0..150 {
        publish(&mut stage, "n", &format!("s{number}"), &titled("Storm"));
    }
    let back = stage.presence(FRANCISCO, Presence::Returned(Show::Online, 100));
    assert_eq!(ids(&back), ["3", "4"], "{back}");
    let subids: Vec<Vec<&str>> = to_francisco(&back).into_iter().map(named).collect();
    assert_eq!(subids, [vec![ferry.as_str()], vec![harbour.as_str(), ferry.as_str()]]);
}

#[test]
fn whoever_asks_gets_everything() {
    let mut stage = Stage::with_musings();
    subscribe(&mut stage, "princely_musings", &[("words", &["harbour"])]);
    publish(&mut stage, "princely_musings", "1", &titled("Storm"));
    let items = stage.send(&get(FRANCISCO, "<items node='princely_musings'/>"));
    assert!(items.contains("<item id='1'"), "{items}");
    let query = format!(
        "<iq type='set' from='{FRANCISCO}' to='{SERVICE}' id='1'><query xmlns='urn:xmpp:mam:2' node='princely_musings'/></iq>"
    );
    let history = stage.send(&query);
    assert_eq!(history.matches("<result ").count(), 1, "{history}");
}
