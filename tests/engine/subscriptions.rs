//! Manage subscriptions — XEP-0060 [#owner-subscriptions].

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{Stage, owner_get, owner_set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const LIST: &str = "<subscriptions node='princely_musings'/>";

/// The request for some changes.
fn change(changes: &[(&str, &str)]) -> String {
    let rows: Vec<String> = changes
        .iter()
        .map(|(jid, state)| format!("<subscription jid='{jid}' subscription='{state}'/>"))
        .collect();
    let rows = rows.concat();
    owner_set(HAMLET, &format!("<subscriptions node='princely_musings'>{rows}</subscriptions>"))
}

/// A stage on which Polonius is subscribed.
fn with_polonius() -> Stage {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "polonius@denmark.lit");
    stage
}

/// Examples 184 and 185.
#[test]
fn an_owner_sees_the_list() {
    let mut stage = with_polonius();
    stage.subscribe("princely_musings", "bernardo@denmark.lit/tower");
    stage.check(
        "<iq type='get' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='subman1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <subscriptions node='princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='subman1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
                <subscriptions node='princely_musings'>
                  <subscription jid='bernardo@denmark.lit/tower' subscription='subscribed' subid='id-2'/>
                  <subscription jid='polonius@denmark.lit' subscription='subscribed' subid='id-1'/>
                </subscriptions>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 190 and 196.
#[test]
fn whoever_is_unsubscribed_is_told() {
    with_polonius().check(&change(&[("polonius@denmark.lit", "none")]), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
        <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='polonius@denmark.lit'>
          <event xmlns='http://jabber.org/protocol/pubsub#event'>
            <subscription node='princely_musings' jid='polonius@denmark.lit' subid='id-1' subscription='none'/>
          </event>
        </message>
    "#]]);
}

/// Examples 189, 194 and 195: nobody is made to hear what he did not ask for, and then nothing else is changed.
#[test]
fn nobody_is_subscribed_by_others() {
    let mut stage = with_polonius();
    stage.refuses(&[
        (change(&[("bard@shakespeare.lit", "subscribed")]), "modify/not-acceptable/-"),
        (
            change(&[("polonius@denmark.lit", "none"), ("bard@shakespeare.lit", "subscribed")]),
            "modify/not-acceptable/-",
        ),
    ]);
}

/// Example 195: the subscriptions that could not be changed are named as they stay.
#[test]
fn what_could_not_be_changed_is_named() {
    with_polonius().check_error(&change(&[("polonius@denmark.lit", "pending")]), &expect![[r#"
        <iq type='error' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <subscriptions node='princely_musings'>
              <subscription jid='polonius@denmark.lit' subscription='subscribed' subid='id-1'/>
            </subscriptions>
          </pubsub>
          <error type='modify'>
            <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
            <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>nothing was changed: these could not be</text>
          </error>
        </iq>
    "#]]);
}

#[test]
fn errors() {
    let mut stage = with_polonius();
    stage.affiliate("princely_musings", "horatio@denmark.lit", Affiliation::Publisher);
    stage.refuses(&[
        // Examples 187 and 192.
        (owner_get("horatio@denmark.lit", LIST), "auth/forbidden/-"),
        (owner_set("francisco@denmark.lit", LIST), "auth/forbidden/-"),
        // Examples 188 and 193.
        (owner_get(HAMLET, "<subscriptions node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_set(HAMLET, "<subscriptions node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_get(HAMLET, "<subscriptions/>"), "modify/bad-request/nodeid-required"),
        (change(&[("@", "none")]), "modify/bad-request/-"),
        (change(&[("bernardo@denmark.lit", "none")]), "modify/not-acceptable/-"),
        (change(&[("polonius@denmark.lit", "unconfigured")]), "modify/not-acceptable/-"),
    ]);
}
