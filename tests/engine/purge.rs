//! Delete all items of a node — XEP-0060 [#owner-purge].

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{Stage, get, owner_set};

const PURGE: &str = "<purge node='princely_musings'/>";

/// Examples 163 to 165.
#[test]
fn subscribers_hear_once_that_all_items_are_gone() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    for n in 0..120 {
        stage.publish("princely_musings", &n.to_string());
    }
    stage.check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='purge1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <purge node='princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='purge1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n122' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <purge node='princely_musings'/>
              </event>
            </message>
        "#]],
    );
    let left = stage.send(&get("francisco@denmark.lit", "<items node='princely_musings'/>"));
    assert!(left.contains("<count>0</count>"), "{left}");
}

#[test]
fn where_the_node_does_not_tell_of_retracted_items_nobody_hears() {
    let mut stage = Stage::new();
    stage.node("princely_musings", &[("notify_retract", "0")]);
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.publish("princely_musings", "1");
    let purged = stage.send(&owner_set("hamlet@denmark.lit", PURGE));
    assert!(!purged.contains("<message"), "{purged}");
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "horatio@denmark.lit", Affiliation::Publisher);
    stage.node("passing", &[("persist_items", "0")]);
    stage.refuses(&[
        // Example 167.
        (owner_set("francisco@denmark.lit", PURGE), "auth/forbidden/-"),
        (owner_set("horatio@denmark.lit", PURGE), "auth/forbidden/-"),
        // Example 168.
        (
            owner_set("hamlet@denmark.lit", "<purge node='passing'/>"),
            "cancel/feature-not-implemented/unsupported(persistent-items)",
        ),
        // Example 169.
        (owner_set("hamlet@denmark.lit", "<purge node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_set("hamlet@denmark.lit", "<purge/>"), "modify/bad-request/nodeid-required"),
    ]);
}
