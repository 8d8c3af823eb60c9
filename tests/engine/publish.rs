//! Publish an item to a node, and what its subscribers hear — XEP-0060 [#publisher-publish].

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::presence::receive::Presence;
use atomsub::pubsub::presence::show::Show;
use expect_test::expect;

use crate::stage::{ENTRY, Stage, form, get, set};

const SOLILOQUY: &str = "<entry xmlns='http://www.w3.org/2005/Atom'>
          <title>Soliloquy</title>
          <link rel='alternate' type='text/html'
                href='http://denmark.lit/2003/12/13/atom03'/>
          <id>tag:denmark.lit,2003:entry-32397</id>
          <published>2003-12-13T18:30:02Z</published>
          <updated>2003-12-13T18:30:02Z</updated>
        </entry>";

pub(crate) fn publish(node: &str, items: &str) -> String {
    set("hamlet@denmark.lit/blogbot", &format!("<publish node='{node}'>{items}</publish>"))
}

pub(crate) fn entry(node: &str, id: &str) -> String {
    publish(node, &format!("<item id='{id}'>{ENTRY}</item>"))
}

fn example_96() -> String {
    format!(
        "<iq type='set' from='hamlet@denmark.lit/blogbot' to='pubsub.shakespeare.lit' id='publish1'>
  <pubsub xmlns='http://jabber.org/protocol/pubsub'>
    <publish node='princely_musings'>
      <item id='bnd81g37d61f49fgn581'>
        {SOLILOQUY}
      </item>
    </publish>
  </pubsub>
</iq>"
    )
}

/// Examples 96, 98 and 100, and 226 for the attribute `publisher`. Their entry lacks an author.
#[test]
fn an_item_with_an_id_reaches_the_subscribers_as_it_was_published() {
    let mut stage = Stage::new();
    stage.node("princely_musings", &[("x-pubsub#validation", "off")]);
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.subscribe("princely_musings", "horatio@denmark.lit/study");
    stage.check(
        &example_96(),
        &expect![[r#"
            <iq type='result' id='publish1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='princely_musings'>
                  <item id='bnd81g37d61f49fgn581'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n3' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <item id='bnd81g37d61f49fgn581' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <link rel='alternate' type='text/html'
                            href='http://denmark.lit/2003/12/13/atom03'/>
                      <id>tag:denmark.lit,2003:entry-32397</id>
                      <published>2003-12-13T18:30:02Z</published>
                      <updated>2003-12-13T18:30:02Z</updated>
                    </entry>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-4f5914c9c1dcb620'/>
            </message>
            <message from='pubsub.shakespeare.lit' id='n3' type='headline' to='horatio@denmark.lit/study'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <item id='bnd81g37d61f49fgn581' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <link rel='alternate' type='text/html'
                            href='http://denmark.lit/2003/12/13/atom03'/>
                      <id>tag:denmark.lit,2003:entry-32397</id>
                      <published>2003-12-13T18:30:02Z</published>
                      <updated>2003-12-13T18:30:02Z</updated>
                    </entry>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-4f5914c9c1dcb620'/>
            </message>
        "#]],
    );
}

/// Examples 1, 2, 97 and 99; an empty id is none.
#[test]
fn an_item_without_an_id_gets_one() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.check(
        &publish("princely_musings", &format!("<item>{ENTRY}</item>")),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='princely_musings'>
                  <item id='id-2'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <item id='id-2' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=id-2</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=id-2'/>
                    </entry>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-2d0d34d3179c6a6c'/>
            </message>
        "#]],
    );
    let empty = stage.send(&entry("princely_musings", ""));
    assert!(empty.contains("<item id='id-3'/>"), "{empty}");
}

/// Example 101.
#[test]
fn a_node_may_deliver_no_payloads() {
    let mut stage = Stage::new();
    stage.node("quiet", &[("deliver_payloads", "0"), ("itemreply", "none")]);
    stage.subscribe("quiet", "francisco@denmark.lit");
    stage.check(
        &entry("quiet", "1"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='quiet'>
                  <item id='1'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='quiet'>
                  <item id='1'/>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-c14b5d4f27f6baf6'/>
            </message>
        "#]],
    );
}

/// Nor anything else of an item: not at once, not as the last one, not in a digest, and not to who comes back.
#[test]
fn a_node_may_deliver_no_events() {
    let mut stage = Stage::new();
    let last = ("send_last_published_item", "on_sub");
    stage.node("silent", &[("deliver_notifications", "0"), last, ("notify_sub", "0")]);
    stage.subscribe("silent", "francisco@denmark.lit");
    let digest = form(&[("digest", "1"), ("digest_frequency", "60000")]);
    let subscribe = "<subscribe node='silent' jid='bernardo@denmark.lit'/>";
    stage.send(&set("bernardo@denmark.lit", &format!("{subscribe}<options>{digest}</options>")));
    let sent = [
        stage.send(&entry("silent", "1")),
        stage.send(&set("horatio@denmark.lit", "<subscribe node='silent' jid='horatio@denmark.lit'/>")),
        stage.pass(60),
        stage.presence("francisco@denmark.lit/barracks", Presence::Returned(Show::Online, 100)),
    ];
    assert!(!sent.concat().contains("<message"), "{sent:?}");
    let kept = stage.send(&get("francisco@denmark.lit", "<items node='silent'/>"));
    assert!(kept.contains("<item id='1'"), "{kept}");
}

/// Clients do not fetch an item that they know, so they would not see what was changed in it.
#[test]
fn a_modified_item_comes_with_its_payload() {
    let mut stage = Stage::new();
    let quiet = ("deliver_payloads", "0");
    stage.node("quiet", &[quiet]);
    stage.node("silent", &[quiet, ("x-pubsub#payload_on_modify", "0")]);
    for (node, is_told) in [("quiet", true), ("silent", false)] {
        stage.subscribe(node, "francisco@denmark.lit");
        assert!(!stage.send(&entry(node, "1")).contains("<entry"), "{node}");
        assert_eq!(stage.send(&entry(node, "1")).contains("<entry"), is_told, "{node}");
        assert!(!stage.send(&entry(node, "2")).contains("<entry"), "{node}");
    }
}

/// Example 3, and a publish without an item to such a node.
#[test]
fn a_transient_notification_has_no_item() {
    let mut stage = Stage::new();
    stage.node("bell", &[("persist_items", "0"), ("deliver_payloads", "0")]);
    stage.subscribe("bell", "francisco@denmark.lit");
    stage.check(
        &publish("bell", ""),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='bell'/>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='bell'/>
              </event>
            </message>
        "#]],
    );
}

#[test]
fn a_known_id_modifies_and_the_item_becomes_the_newest() {
    let mut stage = Stage::with_musings();
    for (id, title) in [("a", "Soliloquy"), ("b", "Soliloquy"), ("a", "Revised")] {
        let entry = ENTRY.replace("Soliloquy", title);
        stage.send(&publish("princely_musings", &format!("<item id='{id}'>{entry}</item>")));
    }
    let items = get("francisco@denmark.lit", "<items node='princely_musings'/>");
    stage.check(
        &items,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='princely_musings'>
                  <item id='b' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=b</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=b'/>
                    </entry>
                  </item>
                  <item id='a' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Revised</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=a</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=a'/>
                    </entry>
                  </item>
                </items>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>p2-3-2-0-2-3-a</first>
                  <last>p2-3-2-0-2-3-z</last>
                  <count>2</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
}

#[test]
fn prefixes_that_an_entry_inherits_go_with_it() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let stanza = "<iq xmlns:a='http://www.w3.org/2005/Atom' type='set' from='hamlet@denmark.lit/blogbot' \
        to='pubsub.shakespeare.lit' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
        <publish node='princely_musings'><item id='1'><a:entry><a:title>&lt;b></a:title></a:entry></item>\
        </publish></pubsub></iq>";
    stage.check(
        stanza,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='princely_musings'>
                  <item id='1'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <item id='1' publisher='hamlet@denmark.lit'>
                    <a:entry xmlns='http://jabber.org/protocol/pubsub' xmlns:a='http://www.w3.org/2005/Atom'>
                      <a:title>&lt;b>
                      </a:title>
                      <a:id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=1</a:id>
                      <a:updated>2003-12-13T18:30:02Z</a:updated>
                      <a:author>
                        <a:name>hamlet</a:name>
                        <a:uri>xmpp:hamlet@denmark.lit</a:uri>
                      </a:author>
                      <a:link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=1'/>
                    </a:entry>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-01674278513f538d'/>
            </message>
        "#]],
    );
}

#[test]
fn the_oldest_items_make_room_and_subscribers_hear_of_it() {
    let mut stage = Stage::new();
    stage.node("small", &[("max_items", "1")]);
    stage.subscribe("small", "francisco@denmark.lit");
    stage.publish("small", "old");
    stage.check(
        &entry("small", "new"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/blogbot'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='small'>
                  <item id='new'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n3' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='small'>
                  <retract id='old'/>
                </items>
              </event>
            </message>
            <message from='pubsub.shakespeare.lit' id='n4' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='small'>
                  <item id='new' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=small;item=new</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=small;item=new'/>
                    </entry>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='2-2-07c57357f20ca53a'/>
            </message>
        "#]],
    );
}

#[test]
fn whoever_lost_the_right_to_read_hears_nothing() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.subscribe("princely_musings", "horatio@denmark.lit");
    stage.affiliate("princely_musings", "francisco@denmark.lit", Affiliation::Outcast);
    stage.affiliate("princely_musings", "horatio@denmark.lit", Affiliation::PublishOnly);
    stage.check(
        &entry("princely_musings", "1"),
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
