//! Delete a node — XEP-0060 [#owner-delete].

use atomsub::limits::URI_BYTES_MAX;
use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{ENTRY, Stage, ask, get, owner_get, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";

/// Examples 158 to 160.
#[test]
fn subscribers_hear_where_to_go_instead() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.subscribe("princely_musings", "bernardo@denmark.lit");
    stage.check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='delete1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <delete node='princely_musings'>
              <redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/>
            </delete>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='delete1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n3' type='headline' to='bernardo@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <delete node='princely_musings'>
                  <redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/>
                </delete>
              </event>
            </message>
            <message from='pubsub.shakespeare.lit' id='n3' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <delete node='princely_musings'>
                  <redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/>
                </delete>
              </event>
            </message>
        "#]],
    );
}

/// Example 157.
#[test]
fn nothing_of_a_deleted_node_is_in_a_new_one_of_its_name() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.publish("princely_musings", "old");
    stage.send(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='delete1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <delete node='princely_musings'/>
          </pubsub>
        </iq>",
    );
    stage.node("princely_musings", &[]);
    stage.check(
        &get("francisco@denmark.lit", "<items node='princely_musings'/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='princely_musings'/>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <count>0</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
    stage.check(
        &get("francisco@denmark.lit", "<subscriptions/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscriptions/>
              </pubsub>
            </iq>
        "#]],
    );
}

#[test]
fn those_who_were_banned_do_not_hear_of_the_end() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.affiliate("princely_musings", "francisco@denmark.lit", Affiliation::Outcast);
    let delete = owner_set("hamlet@denmark.lit/elsinore", "<delete node='princely_musings'/>");
    stage.check(
        &delete,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
        "#]],
    );
}

#[test]
fn an_admin_owns_every_node() {
    let delete = owner_set("bard@shakespeare.lit/globe", "<delete node='princely_musings'/>");
    Stage::with_musings().send(&delete);
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "horatio@denmark.lit", Affiliation::Publisher);
    stage.refuses(&[
        // Example 161.
        (owner_set("francisco@denmark.lit", "<delete node='princely_musings'/>"), "auth/forbidden/-"),
        (owner_set("horatio@denmark.lit", "<delete node='princely_musings'/>"), "auth/forbidden/-"),
        // Example 162.
        (owner_set("hamlet@denmark.lit", "<delete node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_set("hamlet@denmark.lit", "<delete/>"), "modify/bad-request/nodeid-required"),
        (owner_set("hamlet@denmark.lit", ""), "modify/bad-request/-"),
    ]);
}

#[test]
fn who_asks_for_a_node_that_has_moved_is_told_where_to_go() {
    let mut stage = Stage::with_musings();
    let redirect =
        "<delete node='princely_musings'><redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/></delete>";
    stage.refuses(&[
        (owner_set(HAMLET, &redirect.replace("xmpp:", "http:")), "modify/bad-request/-"),
        (owner_set(HAMLET, &redirect.replace("blog", &"b".repeat(URI_BYTES_MAX))), "modify/bad-request/-"),
    ]);
    stage.send(&owner_set(HAMLET, redirect));
    let subscribe =
        set("francisco@denmark.lit/x", "<subscribe node='princely_musings' jid='francisco@denmark.lit'/>");
    let publish = format!("<publish node='princely_musings'><item>{ENTRY}</item></publish>");
    for request in [
        subscribe.clone(),
        get("francisco@denmark.lit/x", "<items node='princely_musings'/>"),
        // Whoever may create nodes does not create this one by the way.
        set(HAMLET, &publish),
        owner_get(HAMLET, "<configure node='princely_musings'/>"),
        owner_set(HAMLET, "<delete node='princely_musings'/>"),
    ] {
        let gone = stage.any(&request);
        let condition =
            "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:hamlet@denmark.lit?;node=blog</gone>";
        assert!(gone.contains("<error type='modify'>") && gone.contains(condition), "{gone}");
    }
    let listed = stage.send(&ask("get", HAMLET, "<query xmlns='http://jabber.org/protocol/disco#items'/>"));
    assert!(!listed.contains("princely_musings"), "{listed}");
    stage.node("princely_musings", &[]);
    stage.send(&subscribe);
}
