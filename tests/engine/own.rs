//! One's own subscriptions and affiliations — XEP-0060 [#entity-subscriptions], [#entity-affiliations].

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{Stage, get};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";

/// Examples 16 and 17.
#[test]
fn all_subscriptions() {
    let mut stage = Stage::new();
    for node in ["node1", "node2", "node6"] {
        stage.node(node, &[]);
    }
    stage.subscribe("node1", "francisco@denmark.lit");
    stage.subscribe("node2", "bernardo@denmark.lit");
    stage.subscribe("node6", "francisco@denmark.lit");
    stage.subscribe("node6", "francisco@denmark.lit/barracks");
    stage.check(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='subscriptions1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <subscriptions/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='subscriptions1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscriptions>
                  <subscription node='node1' jid='francisco@denmark.lit' subid='id-1' subscription='subscribed'/>
                  <subscription node='node6' jid='francisco@denmark.lit' subid='id-3' subscription='subscribed'/>
                  <subscription node='node6' jid='francisco@denmark.lit/barracks' subid='id-4' subscription='subscribed'/>
                </subscriptions>
              </pubsub>
            </iq>
        "#]],
    );
    // Examples 20 and 21.
    stage.check(
        &get(FRANCISCO, "<subscriptions node='node1'/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscriptions node='node1'>
                  <subscription node='node1' jid='francisco@denmark.lit' subid='id-1' subscription='subscribed'/>
                </subscriptions>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 22 and 23.
#[test]
fn all_affiliations() {
    let mut stage = Stage::new();
    for (node, affiliation) in [
        ("node2", Affiliation::Publisher),
        ("node3", Affiliation::None),
        ("node5", Affiliation::Outcast),
        ("node6", Affiliation::Owner),
    ] {
        stage.node(node, &[]);
        stage.affiliate(node, "francisco@denmark.lit", affiliation);
    }
    stage.check(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='affil1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <affiliations/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='affil1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <affiliations>
                  <affiliation node='node2' affiliation='publisher'/>
                  <affiliation node='node5' affiliation='outcast'/>
                  <affiliation node='node6' affiliation='owner'/>
                </affiliations>
              </pubsub>
            </iq>
        "#]],
    );
    // Examples 26 and 27.
    stage.check(
        &get(FRANCISCO, "<affiliations node='node6'/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <affiliations node='node6'>
                  <affiliation node='node6' affiliation='owner'/>
                </affiliations>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 18 and 24.
#[test]
fn none_is_an_empty_list() {
    let mut stage = Stage::with_musings();
    stage.check(
        &get(FRANCISCO, "<subscriptions/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscriptions/>
              </pubsub>
            </iq>
        "#]],
    );
    stage.check(
        &get(FRANCISCO, "<affiliations/>"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <affiliations/>
              </pubsub>
            </iq>
        "#]],
    );
}

#[test]
fn errors() {
    Stage::new().refuses(&[
        (get(FRANCISCO, "<subscriptions node='no_musings'/>"), "cancel/item-not-found/-"),
        (get(FRANCISCO, "<affiliations node='no_musings'/>"), "cancel/item-not-found/-"),
    ]);
}
