//! Delete an item from a node — XEP-0060 [#publisher-delete].

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{ENTRY, Stage, get, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";

/// Examples 115 to 117.
#[test]
fn subscribers_hear_of_a_deleted_item() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.subscribe("princely_musings", "bernardo@denmark.lit");
    stage.publish("princely_musings", "ae890ac52d0df67ed7cfdf51b644e901");
    stage.check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='retract1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <retract node='princely_musings'>
              <item id='ae890ac52d0df67ed7cfdf51b644e901'/>
            </retract>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='retract1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n4' type='headline' to='bernardo@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <retract id='ae890ac52d0df67ed7cfdf51b644e901'/>
                </items>
              </event>
            </message>
            <message from='pubsub.shakespeare.lit' id='n4' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <retract id='ae890ac52d0df67ed7cfdf51b644e901'/>
                </items>
              </event>
            </message>
        "#]],
    );
    stage.check(
        &get(HAMLET, "<items node='princely_musings'/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='princely_musings'/>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <count>0</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
}

#[test]
fn a_node_that_does_not_tell_tells_when_it_is_asked_to() {
    let mut stage = Stage::new();
    stage.node("quiet", &[("notify_retract", "0")]);
    stage.subscribe("quiet", "francisco@denmark.lit");
    stage.publish("quiet", "1");
    stage.publish("quiet", "2");
    stage.check(
        &set(HAMLET, "<retract node='quiet'><item id='1'/></retract>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
        "#]],
    );
    stage.check(
        &set(HAMLET, "<retract node='quiet' notify='1'><item id='2'/></retract>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n4' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='quiet'>
                  <retract id='2'/>
                </items>
              </event>
            </message>
        "#]],
    );
}

#[test]
fn a_publisher_retracts_only_what_is_its_own() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "horatio@denmark.lit", Affiliation::Publisher);
    stage.publish("princely_musings", "hamlets");
    let publish = format!("<publish node='princely_musings'><item id='horatios'>{ENTRY}</item></publish>");
    stage.send(&set("horatio@denmark.lit", &publish));
    let retract =
        |from, id| set(from, &format!("<retract node='princely_musings'><item id='{id}'/></retract>"));
    stage.refuses(&[(retract("horatio@denmark.lit", "hamlets"), "auth/forbidden/-")]);
    stage.send(&retract("horatio@denmark.lit", "horatios"));
    stage.send(&retract("bard@shakespeare.lit", "hamlets"));
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.publish("princely_musings", "1");
    stage.node("passing", &[("persist_items", "0")]);
    let retract = |inner: &str| set(HAMLET, inner);
    let outsider = "<retract node='princely_musings'><item id='1'/></retract>";
    stage.refuses(&[
        // Example 119.
        (set("francisco@denmark.lit", outsider), "auth/forbidden/-"),
        // Example 120.
        (retract("<retract node='no_musings'><item id='1'/></retract>"), "cancel/item-not-found/-"),
        (retract("<retract node='princely_musings'><item id='2'/></retract>"), "cancel/item-not-found/-"),
        // All or none.
        (
            retract("<retract node='princely_musings'><item id='1'/><item id='2'/></retract>"),
            "cancel/item-not-found/-",
        ),
        // Example 121.
        (retract("<retract><item id='1'/></retract>"), "modify/bad-request/nodeid-required"),
        // Example 122.
        (retract("<retract node='princely_musings'/>"), "modify/bad-request/item-required"),
        (retract("<retract node='princely_musings'><item/></retract>"), "modify/bad-request/item-required"),
        // Example 123.
        (
            retract("<retract node='passing'><item id='1'/></retract>"),
            "cancel/feature-not-implemented/unsupported(persistent-items)",
        ),
    ]);
}
