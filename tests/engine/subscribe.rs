//! Subscribe to a node — XEP-0060 [#subscriber-subscribe].

use atomsub::limits::SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX;
use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{Stage, set};

fn subscribe(node: &str, jid: &str) -> String {
    set("francisco@denmark.lit/barracks", &format!("<subscribe node='{node}' jid='{jid}'/>"))
}

/// Examples 28 and 29.
#[test]
fn an_entity_subscribes_to_a_node() {
    Stage::with_musings().check(
        "<iq type='set' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='sub1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <subscribe
                node='princely_musings'
                jid='francisco@denmark.lit'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='sub1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscription node='princely_musings' jid='francisco@denmark.lit' subid='id-1' subscription='subscribed'/>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n1' type='headline' to='hamlet@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <subscription node='princely_musings' jid='francisco@denmark.lit' subid='id-1' subscription='subscribed'/>
              </event>
            </message>
        "#]],
    );
}

#[test]
fn subscribing_again_gives_the_same_subscription() {
    let mut stage = Stage::with_musings();
    let first = stage.send(&subscribe("princely_musings", "francisco@denmark.lit"));
    let again = stage.send(&subscribe("princely_musings", "Francisco@Denmark.lit"));
    assert!(first.starts_with(&again) && !again.contains("<message"), "{again}");
}

#[test]
fn an_owner_is_not_told_of_what_he_does_himself() {
    let subscribe = "<subscribe node='princely_musings' jid='hamlet@denmark.lit'/>";
    let answer = Stage::with_musings().send(&set("hamlet@denmark.lit/elsinore", subscribe));
    assert!(answer.contains("subscription='subscribed'") && !answer.contains("<message"), "{answer}");
}

#[test]
fn a_member_subscribes_where_others_may_not() {
    let mut stage = Stage::new();
    stage.node("members", &[("access_model", "whitelist")]);
    stage.affiliate("members", "francisco@denmark.lit", Affiliation::Member);
    stage.send(&subscribe("members", "francisco@denmark.lit"));
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.node("whitelisted", &[("access_model", "whitelist")]);
    stage.node("banned", &[]);
    stage.affiliate("banned", "francisco@denmark.lit", Affiliation::Outcast);
    stage.node("banned_domain", &[]);
    stage.affiliate("banned_domain", "denmark.lit", Affiliation::Outcast);
    stage.node("inbox", &[]);
    stage.affiliate("inbox", "francisco@denmark.lit", Affiliation::PublishOnly);
    stage.node("silent", &[("subscribe", "0")]);
    stage.node("loved", &[]);
    for n in 0..SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX {
        stage.subscribe("loved", &format!("francisco@denmark.lit/{n}"));
    }
    let own = |node| subscribe(node, "francisco@denmark.lit");
    stage.refuses(&[
        // Example 30.
        (subscribe("princely_musings", "bard@shakespeare.lit"), "modify/bad-request/invalid-jid"),
        (subscribe("princely_musings", "@"), "modify/bad-request/invalid-jid"),
        // Example 33.
        (own("whitelisted"), "cancel/not-allowed/closed-node"),
        // Example 37.
        (own("banned"), "auth/forbidden/-"),
        (own("banned_domain"), "auth/forbidden/-"),
        (own("inbox"), "auth/forbidden/-"),
        // Example 38.
        (own("loved"), "wait/policy-violation/too-many-subscriptions"),
        // Example 39.
        (own("silent"), "cancel/feature-not-implemented/unsupported(subscribe)"),
        // Example 41.
        (own("no_musings"), "cancel/item-not-found/-"),
        (own(""), "modify/bad-request/nodeid-required"),
        (set("francisco@denmark.lit", "<subscribe node='loved'/>"), "modify/bad-request/jid-required"),
    ]);
}
