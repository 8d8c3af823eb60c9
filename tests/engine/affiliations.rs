//! Manage affiliations — XEP-0060 [#owner-affiliations].

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{Stage, get, owner_get, owner_set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const LIST: &str = "<affiliations node='princely_musings'/>";

/// The request for some changes.
fn change(changes: &[(&str, &str)]) -> String {
    let rows: Vec<String> = changes
        .iter()
        .map(|(jid, word)| format!("<affiliation jid='{jid}' affiliation='{word}'/>"))
        .collect();
    let rows = rows.concat();
    owner_set(HAMLET, &format!("<affiliations node='princely_musings'>{rows}</affiliations>"))
}

/// Examples 197 and 198.
#[test]
fn an_owner_sees_the_list() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "polonius@denmark.lit", Affiliation::Outcast);
    stage.check(
        "<iq type='get' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='ent1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <affiliations node='princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='ent1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
                <affiliations node='princely_musings'>
                  <affiliation jid='hamlet@denmark.lit' affiliation='owner'/>
                  <affiliation jid='polonius@denmark.lit' affiliation='outcast'/>
                </affiliations>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 202, 203 and 210.
#[test]
fn whoever_is_affected_is_told() {
    let mut stage = Stage::with_musings();
    stage.check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='ent2'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <affiliations node='princely_musings'>
              <affiliation jid='bard@shakespeare.lit' affiliation='publisher'/>
            </affiliations>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='ent2' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n1' type='headline' to='bard@shakespeare.lit'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <affiliations node='princely_musings'>
                  <affiliation jid='bard@shakespeare.lit' affiliation='publisher'/>
                </affiliations>
              </pubsub>
            </message>
        "#]],
    );
}

#[test]
fn whoever_is_banned_is_no_subscriber_any_more() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.check(&change(&[("francisco@denmark.lit", "outcast")]), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
        <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
          <event xmlns='http://jabber.org/protocol/pubsub#event'>
            <subscription node='princely_musings' jid='francisco@denmark.lit' subid='id-1' subscription='none'/>
          </event>
        </message>
        <message from='pubsub.shakespeare.lit' id='n3' type='headline' to='francisco@denmark.lit'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <affiliations node='princely_musings'>
              <affiliation jid='francisco@denmark.lit' affiliation='outcast'/>
            </affiliations>
          </pubsub>
        </message>
    "#]]);
    stage.send(&change(&[("francisco@denmark.lit", "none")]));
    let left = stage.send(&get("francisco@denmark.lit", "<subscriptions/>"));
    assert!(left.contains("<subscriptions/>"), "{left}");
}

#[test]
fn an_owner_hands_a_node_over() {
    let mut stage = Stage::with_musings();
    stage.send(&change(&[("hamlet@denmark.lit", "none"), ("horatio@denmark.lit", "owner")]));
    stage.refuses(&[(owner_get(HAMLET, LIST), "auth/forbidden/-")]);
    stage.send(&owner_get("horatio@denmark.lit", LIST));
}

/// Examples 208 and 209: nothing is changed, and the owners as they stay are named.
#[test]
fn a_node_keeps_an_owner() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "polonius@denmark.lit", Affiliation::Outcast);
    let changes = [
        ("hamlet@denmark.lit", "none"),
        ("polonius@denmark.lit", "none"),
        ("bard@shakespeare.lit", "publisher"),
    ];
    stage.refuses(&[(change(&changes), "modify/not-acceptable/-")]);
    stage.check_error(&change(&changes), &expect![[r#"
        <iq type='error' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <affiliations node='princely_musings'>
              <affiliation jid='hamlet@denmark.lit' affiliation='owner'/>
            </affiliations>
          </pubsub>
          <error type='modify'>
            <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
            <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>a node needs an owner: name another one first</text>
          </error>
        </iq>
    "#]]);
}

#[test]
fn errors() {
    Stage::with_musings().refuses(&[
        // Examples 200 and 206.
        (owner_get("francisco@denmark.lit", LIST), "auth/forbidden/-"),
        (owner_set("francisco@denmark.lit", LIST), "auth/forbidden/-"),
        // Examples 201 and 207.
        (owner_get(HAMLET, "<affiliations node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_set(HAMLET, "<affiliations node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_get(HAMLET, "<affiliations/>"), "modify/bad-request/nodeid-required"),
        (change(&[("polonius@denmark.lit", "friend")]), "modify/bad-request/-"),
        (change(&[("@", "member")]), "modify/bad-request/-"),
        (
            change(&[("polonius@denmark.lit", "member"), ("Polonius@denmark.lit/1", "none")]),
            "modify/bad-request/-",
        ),
    ]);
}
