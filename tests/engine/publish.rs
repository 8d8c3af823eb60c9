//! Publish an item to a node — XEP-0060 [#publisher-publish].

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

fn publish(node: &str, items: &str) -> String {
    set("hamlet@denmark.lit/blogbot", &format!("<publish node='{node}'>{items}</publish>"))
}

fn entry(node: &str, id: &str) -> String {
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

#[test]
fn publish_models_let_others_publish() {
    let item = format!("<item id='1'>{ENTRY}</item>");
    let by = |node| set("francisco@denmark.lit", &format!("<publish node='{node}'>{item}</publish>"));
    let mut stage = Stage::new();
    stage.node("wall", &[("publish_model", "open")]);
    stage.send(&by("wall"));
    stage.node("club", &[("publish_model", "subscribers")]);
    stage.refuses(&[(by("club"), "auth/forbidden/-")]);
    stage.subscribe("club", "francisco@denmark.lit");
    stage.send(&by("club"));
}

/// The table of XEP-0060 [#events], and what [#publisher-publish-error-badrequest] says to the rest.
#[test]
fn each_kind_of_node_takes_what_is_for_it() {
    let kinds = [("1", "1"), ("1", "0"), ("0", "1"), ("0", "0")];
    let requests = [
        String::new(),
        "<item/>".to_owned(),
        format!("<item>{ENTRY}</item>"),
        format!("<item>{ENTRY}{ENTRY}</item>"),
    ];
    let (no_item, no_payload) = ("modify/bad-request/item-required", "modify/bad-request/payload-required");
    let (item, payloads) = ("modify/bad-request/item-forbidden", "modify/bad-request/invalid-payload");
    let expected = [
        [no_item, no_payload, "", payloads],
        [no_item, "", "", payloads],
        [no_payload, no_payload, "", payloads],
        ["", item, item, item],
    ];
    for ((persist, deliver), expected) in kinds.into_iter().zip(expected) {
        // Any element is a payload here.
        let options = [("persist_items", persist), ("deliver_payloads", deliver), ("type", "")];
        for (request, expected) in requests.iter().zip(expected) {
            let mut stage = Stage::new();
            stage.node("n", &options);
            stage.subscribe("n", "francisco@denmark.lit");
            if !expected.is_empty() {
                stage.refuses(&[(publish("n", request), expected)]);
                continue;
            }
            let heard = stage.send(&publish("n", request));
            let (answer, notice) = heard.split_once("<message").unwrap();
            let has = |text: &str, what: &str| text.contains(what);
            assert_eq!(has(answer, "<item id='"), !request.is_empty(), "{options:?} {heard}");
            assert_eq!(has(notice, "<item id='"), !request.is_empty(), "{options:?} {heard}");
            assert_eq!(
                has(notice, "<entry"),
                has(request, "<entry") && deliver == "1",
                "{options:?} {heard}"
            );
        }
    }
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.node("whitelisted", &[("access_model", "whitelist")]);
    stage.node("banned", &[("publish_model", "open")]);
    stage.affiliate("banned", "francisco@denmark.lit", Affiliation::Outcast);
    stage.node("wall", &[("publish_model", "open")]);
    stage.publish("wall", "hamlets");
    stage.node("full", &[("max_items", "1"), ("publish_node_full", "reject")]);
    stage.publish("full", "1");
    stage.node("short", &[("max_payload_size", "20")]);
    stage.node("bell", &[("persist_items", "0"), ("deliver_payloads", "0")]);
    stage.node("tunes", &[("type", "http://jabber.org/protocol/tune")]);
    let item = format!("<item id='hamlets'>{ENTRY}</item>");
    let francisco = |node| set("francisco@denmark.lit", &format!("<publish node='{node}'>{item}</publish>"));
    let large = format!(
        "<item><entry xmlns='http://www.w3.org/2005/Atom'><title>{}</title></entry></item>",
        "x".repeat(1024)
    );
    stage.refuses(&[
        // Example 105.
        (francisco("princely_musings"), "auth/forbidden/-"),
        (francisco("whitelisted"), "auth/forbidden/-"),
        (francisco("banned"), "auth/forbidden/-"),
        // Somebody else's item may not be overwritten.
        (francisco("wall"), "auth/forbidden/-"),
        // Example 107.
        (
            set("tybalt@verona.lit", &format!("<publish node='no_musings'>{item}</publish>")),
            "cancel/item-not-found/-",
        ),
        (entry("", "1"), "modify/bad-request/nodeid-required"),
        // Example 108.
        (entry("full", "2"), "cancel/conflict/node-full"),
        // Example 109: the service's limit, and the node's.
        (publish("princely_musings", &large), "modify/not-acceptable/payload-too-big"),
        (entry("short", "1"), "modify/not-acceptable/payload-too-big"),
        // Example 110.
        (publish("wall", &format!("<item>{ENTRY}{ENTRY}</item>")), "modify/bad-request/invalid-payload"),
        (entry("tunes", "1"), "modify/bad-request/invalid-payload"),
        (
            publish("wall", "<item><feed xmlns='http://www.w3.org/2005/Atom'/></item>"),
            "modify/bad-request/invalid-payload",
        ),
        // Example 111.
        (publish("princely_musings", ""), "modify/bad-request/item-required"),
        // Example 112.
        (publish("princely_musings", "<item/>"), "modify/bad-request/payload-required"),
        // Example 113.
        (entry("bell", "1"), "modify/bad-request/item-forbidden"),
        (publish("princely_musings", &item.repeat(51)), "cancel/not-allowed/max-items-exceeded"),
        (entry("princely_musings", &"i".repeat(1024)), "modify/not-acceptable/-"),
    ]);
}

/// An HTTP service is a domain: it publishes and subscribes like anybody else.
#[test]
fn a_domain_may_publish_and_subscribe() {
    let mut stage = Stage::with_musings();
    stage.affiliate("princely_musings", "atompub.example.org", Affiliation::Publisher);
    stage.subscribe("princely_musings", "feeds.example.org");
    let publish = format!("<publish node='princely_musings'><item id='1'>{ENTRY}</item></publish>");
    let heard = stage.send(&set("atompub.example.org", &publish));
    assert!(heard.contains("to='feeds.example.org'"), "{heard}");
    assert!(heard.contains("publisher='atompub.example.org'"), "{heard}");
}

/// Movim asks like this whether it may show its editor.
#[test]
fn whoever_asks_whether_he_may_publish_is_told_and_nobody_else() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let probe = "<publish node='princely_musings'>\
                 <item id='test_post'><entry xmlns='http://www.w3.org/2005/Atom'/></item></publish>";
    let retract = "<retract node='princely_musings' notify='true'><item id='test_post'/></retract>";
    for request in [probe, retract] {
        let answer = stage.send(&set("hamlet@denmark.lit/movim", request));
        assert!(!answer.contains("<message"), "{answer}");
    }
    assert!(!stage.send(&get("hamlet@denmark.lit/x", "<items node='princely_musings'/>")).contains("<item "));
    stage.refuses(&[
        (set("francisco@denmark.lit", probe), "auth/forbidden/-"),
        (set("francisco@denmark.lit", retract), "auth/forbidden/-"),
    ]);
    // The same id with something in it is an item like any other.
    let item = format!("<publish node='princely_musings'><item id='test_post'>{ENTRY}</item></publish>");
    assert!(stage.send(&set("hamlet@denmark.lit/x", &item)).contains("<message"));
}
