//! Presence: what is said back, and what it means for delivery, temporary subscriptions and items.

use atomsub::pubsub::presence::contact::{Contact, Seen};
use atomsub::pubsub::presence::receive::{Presence, settle};
use atomsub::pubsub::presence::show::Show;
use atomsub::pubsub::{Jid, Tx};
use expect_test::expect;

use crate::stage::{ENTRY, SERVICE, Stage, configure, form, set};

use Presence::{Available, Error, Probe, Subscribe, Subscribed, Unavailable, Unsubscribe, Unsubscribed};

const BARE: &str = "francisco@denmark.lit";
const BARRACKS: &str = "francisco@denmark.lit/barracks";
const WATCH: &str = "francisco@denmark.lit/watch";
const ONLINE: Presence = Available(Show::Online);

fn contact(stage: &mut Stage) -> Option<(bool, Seen)> {
    let known = stage.transact(|service, tx| tx.contact(&service.jid, BARE));
    known.map(|contact| (contact.sees_service, contact.seen))
}

/// The types of the presence stanzas in what was sent.
fn types(sent: &str) -> Vec<&str> {
    let presences = sent.split("<presence ").skip(1);
    let of = |one: &'static str| move |_: &str| one;
    presences
        .map(|presence| {
            let tag = presence.split('>').next().unwrap();
            let kind = tag.split("type='").nth(1).map(|rest| rest.split('\'').next().unwrap());
            kind.unwrap_or_else(|| of("available")(tag))
        })
        .collect()
}

fn all_are_known(stage: &mut Stage) {
    stage.reach.presences.note_complete();
}

/// What comes, what is said back, and what is agreed afterwards.
type Step = (Presence, &'static [&'static str], Option<(bool, Seen)>);

#[test]
fn everybody_may_see_the_service_and_is_asked_once_in_return() {
    let mut stage = Stage::new();
    let steps: &[Step] = &[
        (ONLINE, &[], None),
        (Unsubscribe, &[], None),
        (Subscribe, &["subscribed", "available", "subscribe"], Some((true, Seen::Asked))),
        (Subscribe, &["subscribed", "available"], Some((true, Seen::Asked))),
        (Subscribed, &[], Some((true, Seen::Yes))),
        (Probe, &["available"], Some((true, Seen::Yes))),
        (ONLINE, &[], Some((true, Seen::Yes))),
        (Error, &[], Some((true, Seen::Yes))),
        (Unsubscribe, &["unavailable", "unsubscribed"], Some((false, Seen::Yes))),
        (Unsubscribe, &[], Some((false, Seen::Yes))),
        (Unsubscribed, &[], None),
        (Subscribed, &[], None),
        (Subscribe, &["subscribed", "available", "subscribe"], Some((true, Seen::Asked))),
        (Unsubscribed, &[], Some((true, Seen::Refused))),
        (Subscribe, &["subscribed", "available"], Some((true, Seen::Refused))),
        (Unsubscribe, &["unavailable", "unsubscribed"], Some((false, Seen::Refused))),
        (Unavailable, &[], Some((false, Seen::Refused))),
    ];
    for (at, (presence, said, known)) in steps.iter().enumerate() {
        let answer = stage.presence(BARE, *presence);
        assert_eq!(types(&answer), *said, "step {at}: {presence:?}");
        assert_eq!(contact(&mut stage), *known, "step {at}: {presence:?}");
    }
}

#[test]
fn only_the_presence_of_those_who_have_to_do_with_the_service_is_noted() {
    let mut stage = Stage::with_musings();
    let is_noted = |stage: &mut Stage, from: &str| {
        stage.presence(from, ONLINE);
        stage.reach.presences.is_online(&Jid::from_host(from))
    };
    assert!(!is_noted(&mut stage, BARRACKS));
    assert!(is_noted(&mut stage, "hamlet@denmark.lit/elsinore"));
    stage.subscribe("princely_musings", BARE);
    assert!(is_noted(&mut stage, BARRACKS));
    stage.presence("horatio@denmark.lit", Subscribe);
    assert!(is_noted(&mut stage, "horatio@denmark.lit/castle"));
}

#[test]
fn presences_are_kept_by_resource() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", BARE);
    let shows =
        |stage: &Stage| [BARE, BARRACKS, WATCH].map(|jid| stage.reach.presences.shows(&Jid::from_host(jid)));
    stage.presence(BARRACKS, Available(Show::Away));
    stage.presence(WATCH, Available(Show::Chat));
    assert_eq!(shows(&stage), [vec![Show::Away, Show::Chat], vec![Show::Away], vec![Show::Chat]]);
    stage.presence(BARRACKS, Unavailable);
    assert_eq!(shows(&stage), [vec![Show::Chat], vec![], vec![Show::Chat]]);
    stage.presence(BARRACKS, ONLINE);
    stage.presence(BARE, Unavailable);
    assert_eq!(shows(&stage), [vec![], vec![], vec![]]);
}

#[test]
fn who_subscribes_where_presence_matters_is_asked_to_show_it() {
    let options = |var, value| format!("<options>{}</options>", form(&[(var, value)]));
    let defaults: &[(&str, &str)] = &[];
    let cases = [
        (defaults, String::new(), false),
        (&[("presence_based_delivery", "1")], String::new(), true),
        (&[("tempsub", "1")], String::new(), true),
        (&[("send_last_published_item", "on_sub_and_presence")], String::new(), true),
        (&[], options("expire", "presence"), true),
        (&[], options("show-values", "chat"), true),
    ];
    for (config, options, is_asked) in cases {
        let mut stage = Stage::new();
        stage.node("n", config);
        let sent = stage.send(&set(BARRACKS, &format!("<subscribe node='n' jid='{BARRACKS}'/>{options}")));
        let asks =
            sent.contains(&format!("<presence from='{SERVICE}' id='n1' type='subscribe' to='{BARE}'>"));
        assert_eq!(asks, is_asked, "{config:?} {options}: {sent}");
        assert_eq!(contact(&mut stage), is_asked.then_some((false, Seen::Asked)));
    }
}

#[test]
fn all_subscribers_are_asked_when_a_node_begins_to_need_it() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", BARRACKS);
    stage.presence(BARE, Unavailable);
    all_are_known(&mut stage);
    let by_presence = [("presence_based_delivery", "1")];
    let sent = stage.send(&configure("hamlet@denmark.lit/elsinore", "princely_musings", &by_presence));
    assert!(sent.contains(&format!("type='subscribe' to='{BARE}'></presence>")), "{sent}");
    stage.presence(BARE, Subscribed);
    assert_eq!(contact(&mut stage), Some((false, Seen::Yes)));
}

#[test]
fn events_reach_only_those_online_where_the_node_or_the_subscriber_wants_that() {
    let by_presence: &[(&str, &str)] = &[("presence_based_delivery", "1")];
    let when_chatty = "<options><x xmlns='jabber:x:data' type='submit'>\
         <field var='pubsub#show-values'><value>chat</value><value>online</value></field></x></options>";
    let offline = vec![(BARE, Unavailable)];
    let elsewhere = vec![(WATCH, ONLINE)];
    let away = vec![(BARRACKS, Available(Show::Away))];
    let there = vec![(BARRACKS, Available(Show::Chat))];
    // The node, the options, the subscribed address, and what was heard of it; whether an event is delivered.
    let cases = [
        (by_presence, "", BARE, &offline, false),
        (by_presence, "", BARE, &elsewhere, true),
        (by_presence, "", BARRACKS, &elsewhere, false),
        (by_presence, "", BARRACKS, &away, true),
        (by_presence, when_chatty, BARE, &away, false),
        (&[], "", BARE, &offline, true),
        (&[], when_chatty, BARE, &offline, false),
        (&[], when_chatty, BARE, &away, false),
        (&[], when_chatty, BARE, &there, true),
        (&[], when_chatty, BARE, &elsewhere, true),
    ];
    for (config, options, jid, heard, expected) in cases {
        let mut stage = Stage::new();
        stage.node("n", config);
        stage.send(&set(BARRACKS, &format!("<subscribe node='n' jid='{jid}'/>{options}")));
        for (from, presence) in heard {
            stage.presence(from, *presence);
        }
        let publish = |stage: &mut Stage, id: &str| {
            let publish = format!("<publish node='n'><item id='{id}'>{ENTRY}</item></publish>");
            stage.send(&set("hamlet@denmark.lit/elsinore", &publish)).contains(&format!("to='{jid}'>"))
        };
        let case = format!("{config:?} {options} {jid} {heard:?}");
        // As long as not everybody is known, nobody is taken to be offline.
        assert!(publish(&mut stage, "1") || !options.is_empty(), "{case}");
        all_are_known(&mut stage);
        assert_eq!(publish(&mut stage, "2"), expected, "{case}");
    }
}

#[test]
fn the_newest_item_waits_for_whoever_comes_online() {
    let mut stage = Stage::new();
    stage.node("n", &[("send_last_published_item", "on_sub_and_presence")]);
    stage.node("silent", &[("send_last_published_item", "on_sub")]);
    for node in ["n", "silent"] {
        stage.subscribe(node, BARE);
        stage.publish(node, "1");
        stage.publish(node, "2");
    }
    stage.subscribe("n", WATCH);
    let sent = stage.presence(BARRACKS, ONLINE);
    let expected = expect![
        "<message from='pubsub.shakespeare.lit' id='n11' type='headline' to='francisco@denmark.lit/barracks'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='2' publisher='hamlet@denmark.lit'><entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title><id>xmpp:pubsub.shakespeare.lit?;node=n;item=2</id><updated>2003-12-13T18:30:02Z</updated><author><name>hamlet</name><uri>xmpp:hamlet@denmark.lit</uri></author><link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=n;item=2'/></entry></item></items></event><delay xmlns='urn:xmpp:delay' stamp='2003-12-13T18:30:02Z'/><stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='2-2-9422f1f8c6fe9da2'/></message>"
    ];
    expected.assert_eq(&sent);
    // To be away is not to come; to be at the second address as well is, and is told once for both subscriptions.
    assert_eq!(stage.presence(BARRACKS, Available(Show::Away)), "");
    assert_eq!(stage.presence(WATCH, ONLINE).matches("<message").count(), 1);
    stage.presence(BARRACKS, Unavailable);
    assert_eq!(stage.presence(BARRACKS, ONLINE).matches("<message").count(), 1);
    stage.affiliate("n", BARE, atomsub::pubsub::affiliation::Affiliation::Outcast);
    stage.presence(BARRACKS, Unavailable);
    assert_eq!(stage.presence(BARRACKS, ONLINE), "");
}

/// Who is subscribed to a node.
fn subscribed(stage: &mut Stage, node: &str) -> Vec<String> {
    let held = stage.transact(|_, tx| tx.subscriptions_of(BARE));
    let node = stage.transact(|service, tx: &mut dyn Tx| {
        let id = atomsub::pubsub::node::NodeId { service: service.jid.clone(), name: node.to_owned() };
        tx.node(&id)
    });
    let key = node.unwrap().key;
    held.into_iter().filter(|(of, _)| *of == key).map(|(_, one)| one.jid.to_string()).collect()
}

#[test]
fn temporary_subscriptions_end_with_presence() {
    let options = format!("<options>{}</options>", form(&[("expire", "presence")]));
    let mut stage = Stage::new();
    stage.node("kept", &[]);
    stage.node("temporary", &[("tempsub", "1")]);
    for jid in [BARE, BARRACKS] {
        stage.subscribe("temporary", jid);
        stage.send(&set(BARRACKS, &format!("<subscribe node='kept' jid='{jid}'/>{options}")));
    }
    stage.subscribe("kept", WATCH);
    all_are_known(&mut stage);
    stage.presence(BARRACKS, ONLINE);
    stage.presence(WATCH, ONLINE);

    let sent = stage.presence(BARRACKS, Unavailable);
    assert_eq!(sent.matches("to='hamlet@denmark.lit'").count(), 2, "the owner hears of both: {sent}");
    assert!(sent.contains("subscription='none'"));
    assert_eq!(subscribed(&mut stage, "temporary"), [BARE]);
    assert_eq!(subscribed(&mut stage, "kept"), [BARE, WATCH]);
    stage.presence(WATCH, Unavailable);
    assert_eq!(subscribed(&mut stage, "temporary"), [""; 0]);
    assert_eq!(subscribed(&mut stage, "kept"), [WATCH]);
}

#[test]
fn items_go_with_their_publisher() {
    let mut stage = Stage::new();
    let affiliation = atomsub::pubsub::affiliation::Affiliation::Publisher;
    for (node, purges) in [("purged", "1"), ("kept", "0")] {
        stage.node(node, &[("purge_offline", purges)]);
        stage.affiliate(node, BARE, affiliation);
        stage.publish(node, "2");
        stage.send(&set(BARRACKS, &format!("<publish node='{node}'><item id='1'>{ENTRY}</item></publish>")));
    }
    stage.subscribe("purged", "bernardo@denmark.lit");
    assert_eq!(contact(&mut stage), Some((false, Seen::Asked)));
    all_are_known(&mut stage);
    stage.presence(BARRACKS, ONLINE);
    stage.presence(WATCH, ONLINE);
    assert_eq!(stage.presence(WATCH, Unavailable), "");
    let sent = stage.presence(BARRACKS, Unavailable);
    assert!(sent.contains("<items node='purged'><retract id='1'/></items>"), "{sent}");
    assert_eq!(sent.matches("<retract").count(), 1, "{sent}");
}

#[test]
fn who_left_while_nobody_looked_is_found_when_all_are_known() {
    let mut stage = Stage::new();
    stage.node("temporary", &[("tempsub", "1")]);
    stage.subscribe("temporary", BARE);
    let settle_all = |stage: &mut Stage| {
        let presences = stage.reach.presences.clone();
        stage.transact(|service, tx| {
            let contacts: Vec<Contact> = tx.contacts(&service.jid, None, 9)?;
            contacts.iter().try_for_each(|contact| settle(service, &presences, tx, contact))
        });
        subscribed(stage, "temporary").len()
    };
    all_are_known(&mut stage);
    assert_eq!(settle_all(&mut stage), 1, "nothing is known of somebody whose presence is not seen");
    stage.presence(BARE, Subscribed);
    stage.presence(BARRACKS, ONLINE);
    assert_eq!(settle_all(&mut stage), 1);
    stage.reach.presences.forget();
    stage.presence(WATCH, Unavailable);
    assert_eq!(subscribed(&mut stage, "temporary").len(), 1, "the other resource may be there");
    all_are_known(&mut stage);
    assert_eq!(settle_all(&mut stage), 0);
}

#[test]
fn items_of_everybody_are_not_kept_by_presence() {
    let create = crate::stage::create("n", &[("purge_offline", "1"), ("publish_model", "open")]);
    Stage::new()
        .refuses(&[(set("hamlet@denmark.lit/elsinore", &create), "modify/not-acceptable/invalid-options")]);
}

/// XEP-0312: with its five minutes for clocks that differ.
#[test]
fn whoever_comes_back_hears_what_he_missed() {
    let mut stage = Stage::new();
    for node in ["n", "other"] {
        stage.node(node, &[("presence_based_delivery", "1")]);
    }
    stage.subscribe("n", BARE);
    stage.presence(BARRACKS, ONLINE);
    stage.presence(BARRACKS, Unavailable);
    stage.publish("n", "old");
    stage.wait(1000);
    for (node, id) in [("n", "a"), ("n", "b"), ("other", "x"), ("n", "a")] {
        stage.publish(node, id);
    }
    stage.wait(60);
    let back = Presence::Returned(Show::Online, 100);
    let sent = stage.presence(BARRACKS, back);
    let ids: Vec<&str> =
        sent.split("<item id='").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!(ids, ["b", "a"], "{sent}");
    assert_eq!(sent.matches("<delay ").count(), 2);
    assert_eq!(stage.presence(BARRACKS, back), "", "he was here already");
}
