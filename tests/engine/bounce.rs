//! What comes back — XEP-0060 [#impl-bounce].

use atomsub::limits::{BOUNCE_AGE_SECONDS_MAX, BOUNCES_MAX};
use atomsub::pubsub::bounce::{Bounces, Meaning, end, meaning};
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::{Jid, Timestamp};
use expect_test::expect;

use crate::stage::{NOW, Stage};

const BARE: &str = "francisco@denmark.lit";
const BARRACKS: &str = "francisco@denmark.lit/barracks";

/// Every condition of RFC 6120.
#[test]
fn what_each_condition_means() {
    use Meaning::{Gone, Offline, Trouble};
    let table = [
        ("bad-request", Trouble),
        ("conflict", Trouble),
        ("feature-not-implemented", Trouble),
        ("forbidden", Trouble),
        ("gone", Gone),
        ("internal-server-error", Trouble),
        ("item-not-found", Gone),
        ("jid-malformed", Gone),
        ("not-acceptable", Trouble),
        ("not-allowed", Trouble),
        ("not-authorized", Trouble),
        ("policy-violation", Trouble),
        ("recipient-unavailable", Offline),
        ("redirect", Trouble),
        ("registration-required", Trouble),
        ("remote-server-not-found", Trouble),
        ("remote-server-timeout", Trouble),
        ("resource-constraint", Trouble),
        ("service-unavailable", Offline),
        ("subscription-required", Trouble),
        ("undefined-condition", Trouble),
        ("unexpected-request", Trouble),
    ];
    for (condition, expected) in table {
        assert_eq!(meaning(condition), expected, "{condition}");
    }
}

#[test]
fn the_id_of_a_message_tells_its_node() {
    let mut stage = Stage::with_musings();
    stage.node("other", &[]);
    for node in ["other", "princely_musings"] {
        stage.subscribe(node, BARE);
        stage.publish(node, "1");
    }
    // Hamlet hears of each subscription first.
    let table = [
        ("n1", Some(2)),
        ("n2", Some(2)),
        ("n3", Some(1)),
        ("n4", Some(1)),
        ("n5", None),
        ("4", None),
        ("n", None),
        ("n99999999999999999999", None),
    ];
    for (id, expected) in table {
        assert_eq!(stage.node_of_message(id), expected.map(NodeKey), "{id}");
    }
}

#[test]
fn an_address_that_is_gone_loses_its_subscription_to_that_node_and_the_owner_hears_why() {
    let mut stage = Stage::with_musings();
    stage.node("other", &[]);
    stage.subscribe("princely_musings", BARE);
    stage.subscribe("princely_musings", BARRACKS);
    stage.subscribe("princely_musings", "horatio@denmark.lit");
    stage.subscribe("other", BARE);
    let mut gone = |from: &str, key: u64| {
        let ended =
            stage.transact(|service, tx| end(service, tx, &Jid::from_host(from), NodeKey(key), "gone"));
        (ended.len(), stage.notices())
    };
    assert_eq!(gone("nobody@denmark.lit", 1), (0, String::new()));
    assert_eq!(gone(BARE, 99), (0, String::new()));
    let (ended, told) = gone(BARE, 1);
    assert_eq!(ended, 1);
    let expected = expect![[
        r#"<message from='pubsub.shakespeare.lit' id='n5' type='headline' to='hamlet@denmark.lit'><body>The subscription of francisco@denmark.lit to princely_musings has ended: a notice came back with gone.</body><event xmlns='http://jabber.org/protocol/pubsub#event'><subscription node='princely_musings' jid='francisco@denmark.lit' subid='id-1' subscription='none'/></event></message>"#
    ]];
    expected.assert_eq(&told);
    assert_eq!(gone(BARE, 1), (0, String::new()));
    let held = stage.transact(|_, tx| tx.subscriptions_of(BARE));
    let left: Vec<_> = held.iter().map(|(key, one)| (key.0, one.jid.as_str())).collect();
    assert_eq!(left, [(1, BARRACKS), (2, BARE)]);
}

#[test]
fn an_address_in_trouble_is_not_written_to_until_there_is_a_sign_of_life() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", BARE);
    stage.subscribe("princely_musings", BARRACKS);
    let is_told = |stage: &mut Stage| {
        let publish = "<publish node='princely_musings'><item id='1'>\
                       <entry xmlns='http://www.w3.org/2005/Atom'/></item></publish>";
        let sent = stage.send(&crate::stage::set("hamlet@denmark.lit/elsinore", publish));
        [BARE, BARRACKS].map(|jid| sent.contains(&format!("to='{jid}'>")))
    };
    let (bare, barracks) = (Jid::from_host(BARE), Jid::from_host(BARRACKS));
    for count in 1..BOUNCES_MAX {
        assert!(!stage.reach.bounces.count(&barracks, NOW), "{count}");
    }
    assert_eq!(is_told(&mut stage), [true, true]);
    assert!(stage.reach.bounces.count(&barracks, NOW));
    assert_eq!(is_told(&mut stage), [true, false]);
    stage.reach.bounces.forget(&bare);
    assert_eq!(is_told(&mut stage), [true, true]);
}

#[test]
fn what_came_back_is_forgotten_after_a_while() {
    let mut bounces = Bounces::default();
    let (jid, later) = (Jid::from_host(BARE), NOW.plus_seconds(BOUNCE_AGE_SECONDS_MAX));
    for _ in 0..BOUNCES_MAX {
        bounces.count(&jid, NOW);
    }
    assert!(bounces.is_suspended(&jid, Timestamp(later.0 - 1)));
    assert!(!bounces.is_suspended(&jid, later));
    assert!(!bounces.count(&jid, later), "it counts from the beginning");
    assert!(!bounces.is_suspended(&jid, later));
}
