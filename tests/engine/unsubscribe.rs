//! Unsubscribe from a node — XEP-0060 [#subscriber-unsubscribe].

use expect_test::expect;

use crate::stage::{ENTRY, Stage, set};

/// Examples 47 and 48.
#[test]
fn whoever_unsubscribed_hears_nothing_more() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.check(
        "<iq type='set' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='unsub1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <unsubscribe
                node='princely_musings'
                jid='francisco@denmark.lit'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='unsub1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'/>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='hamlet@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <subscription node='princely_musings' jid='francisco@denmark.lit' subid='id-1' subscription='none'/>
              </event>
            </message>
        "#]],
    );
    let publish = format!("<publish node='princely_musings'><item id='1'>{ENTRY}</item></publish>");
    stage.check(
        &set("hamlet@denmark.lit/blogbot", &publish),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='princely_musings'>
                  <item id='1'/>
                </publish>
              </pubsub>
            </iq>
        "#]],
    );
}

#[test]
fn the_full_jid_and_the_bare_jid_are_subscribed_on_their_own() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.subscribe("princely_musings", "francisco@denmark.lit/barracks");
    let unsubscribe = "<unsubscribe node='princely_musings' jid='francisco@denmark.lit' subid='id-1'/>";
    stage.send(&set("francisco@denmark.lit/barracks", unsubscribe));
    let publish = format!("<publish node='princely_musings'><item id='1'>{ENTRY}</item></publish>");
    stage.check(
        &set("hamlet@denmark.lit/blogbot", &publish),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='princely_musings'>
                  <item id='1'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n4' type='headline' to='francisco@denmark.lit/barracks'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <item id='1' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=1</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=1'/>
                    </entry>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-610d30010df19497'/>
            </message>
        "#]],
    );
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let unsubscribe =
        |attributes: &str| set("francisco@denmark.lit/barracks", &format!("<unsubscribe {attributes}/>"));
    stage.refuses(&[
        // Example 50.
        (
            unsubscribe("node='princely_musings' jid='francisco@denmark.lit/barracks'"),
            "cancel/unexpected-request/not-subscribed",
        ),
        // Example 51.
        (unsubscribe("node='princely_musings' jid='bernardo@denmark.lit'"), "auth/forbidden/-"),
        // Example 52.
        (unsubscribe("node='no_musings' jid='francisco@denmark.lit'"), "cancel/item-not-found/-"),
        // Example 53.
        (
            unsubscribe("node='princely_musings' jid='francisco@denmark.lit' subid='991'"),
            "modify/not-acceptable/invalid-subid",
        ),
        (unsubscribe("node='princely_musings'"), "modify/bad-request/jid-required"),
        (unsubscribe("jid='francisco@denmark.lit'"), "modify/bad-request/nodeid-required"),
    ]);
}
