//! Retrieve items — XEP-0060 [#subscriber-retrieve].

use atomsub::limits::{ITEMS_PAGE_MAX, RESULT_BYTES_MAX};
use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{ENTRY, Stage, form, get, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";

/// A stage with four items in `princely_musings`, `1` to `4`.
fn four() -> Stage {
    let mut stage = Stage::with_musings();
    for id in ["1", "2", "3", "4"] {
        stage.publish("princely_musings", id);
    }
    stage
}

/// The ItemIDs in an answer, and what the `<set/>` behind them holds.
fn ids(stage: &mut Stage, inner: &str) -> (Vec<String>, String) {
    let answer = stage.send(&get(FRANCISCO, inner));
    let (items, set) = answer.split_once("<set xmlns='http://jabber.org/protocol/rsm'>").unwrap();
    let ids = items.split("<item id='").skip(1);
    let ids = ids.map(|rest| rest.split('\'').next().unwrap().to_owned()).collect();
    (ids, set.split("</set>").next().unwrap().to_owned())
}

/// Examples 74 and 75.
#[test]
fn all_items_come_oldest_first() {
    let mut stage = Stage::with_musings();
    stage.publish("princely_musings", "368866411b877c30064a5f62b917cffe");
    stage.publish("princely_musings", "ae890ac52d0df67ed7cfdf51b644e901");
    stage.check(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='items1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <items node='princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='items1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='princely_musings'>
                  <item id='368866411b877c30064a5f62b917cffe' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=368866411b877c30064a5f62b917cffe</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=368866411b877c30064a5f62b917cffe'/>
                    </entry>
                  </item>
                  <item id='ae890ac52d0df67ed7cfdf51b644e901' publisher='hamlet@denmark.lit'>
                    <entry xmlns='http://www.w3.org/2005/Atom'>
                      <title>Soliloquy</title>
                      <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=ae890ac52d0df67ed7cfdf51b644e901</id>
                      <updated>2003-12-13T18:30:02Z</updated>
                      <author>
                        <name>hamlet</name>
                        <uri>xmpp:hamlet@denmark.lit</uri>
                      </author>
                      <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=ae890ac52d0df67ed7cfdf51b644e901'/>
                    </entry>
                  </item>
                </items>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>p1-2-2-0-2-2-a</first>
                  <last>p1-2-2-0-2-2-z</last>
                  <count>2</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 78 and 79, 83; 95: those that are not there are left out.
#[test]
fn items_come_by_id() {
    let asked = "<items node='princely_musings'><item id='3'/><item id='nowhere'/><item id='1'/></items>";
    assert_eq!(ids(&mut four(), asked).0, ["3", "1"]);
}

/// As many as a page has, and as much; the rest is counted.
#[test]
fn items_by_id_are_bounded() {
    let mut stage = four();
    let asked = "<item id='1'/>".repeat(ITEMS_PAGE_MAX + 1);
    let many = ids(&mut stage, &format!("<items node='princely_musings'>{asked}</items>")).0;
    assert_eq!(many.len(), ITEMS_PAGE_MAX);
    stage.payload_bytes_max(RESULT_BYTES_MAX);
    let long = ENTRY.replace("Soliloquy", &"x".repeat(RESULT_BYTES_MAX / 2));
    for id in ["5", "6"] {
        let publish = format!("<publish node='princely_musings'><item id='{id}'>{long}</item></publish>");
        stage.send(&set("hamlet@denmark.lit", &publish));
    }
    let asked = "<items node='princely_musings'><item id='5'/><item id='6'/></items>";
    assert_eq!(ids(&mut stage, asked), (vec!["5".to_owned()], "<count>2</count>".to_owned()));
}

/// Examples 80 and 81.
#[test]
fn the_most_recent_items_come_when_only_some_are_asked_for() {
    assert_eq!(ids(&mut four(), "<items node='princely_musings' max_items='2'/>").0, ["3", "4"]);
}

/// Example 82.
#[test]
fn a_node_without_items_gives_none() {
    let items = get(FRANCISCO, "<items node='princely_musings'/>");
    Stage::with_musings().check(
        &items,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
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

/// Example 76, in both directions, with either cursor of a page.
#[test]
fn pages_join_whichever_cursor_a_client_sends() {
    let mut stage = four();
    let page = |set: &str| {
        format!("<items node='princely_musings'/><set xmlns='http://jabber.org/protocol/rsm'>{set}</set>")
    };
    let (newest, set) = ids(&mut stage, &page("<max>2</max><before/>"));
    assert_eq!(newest, ["3", "4"]);
    expect!["<first>p3-4-2-2-4-4-a</first><last>p3-4-2-2-4-4-z</last><count>4</count>"].assert_eq(&set);
    for cursor in [between(&set, "<first>", "</first>"), between(&set, "<last>", "</last>")] {
        let older = ids(&mut stage, &page(&format!("<max>2</max><before>{cursor}</before>")));
        assert_eq!(older.0, ["1", "2"]);
        let nothing = ids(&mut stage, &page(&format!("<max>2</max><after>{cursor}</after>")));
        assert!(nothing.0.is_empty(), "{nothing:?}");
    }
    assert_eq!(ids(&mut stage, &page("<after>2</after>")).0, ["3", "4"], "an ItemID is a cursor too");
    assert_eq!(ids(&mut stage, &page("<max>0</max>")).1, "<count>4</count>");
    let one = page("<after>2</after>").replace("<items ", "<items max_items='1' ");
    assert_eq!(ids(&mut stage, &one).0, ["3"], "either says how many");
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned()
}

#[test]
fn errors() {
    let mut stage = four();
    stage.node("whitelisted", &[("access_model", "whitelist")]);
    stage.node("banned", &[]);
    stage.affiliate("banned", "francisco@denmark.lit", Affiliation::Outcast);
    stage.node("inbox", &[]);
    stage.affiliate("inbox", "francisco@denmark.lit", Affiliation::PublishOnly);
    stage.node("passing", &[("persist_items", "0")]);
    let twice = format!(
        "<subscribe node='princely_musings' jid='francisco@denmark.lit'/><options>{}</options>",
        form(&[("digest", "1")])
    );
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let cursor = "<items node='princely_musings'/>\
        <set xmlns='http://jabber.org/protocol/rsm'><after>nowhere</after></set>";
    stage.refuses(&[
        // Example 87.
        (
            get(FRANCISCO, "<items node='passing'/>"),
            "cancel/feature-not-implemented/unsupported(persistent-items)",
        ),
        // Example 91.
        (get(FRANCISCO, "<items node='whitelisted'/>"), "cancel/not-allowed/closed-node"),
        // Example 93.
        (get(FRANCISCO, "<items node='banned'/>"), "auth/forbidden/-"),
        (get(FRANCISCO, "<items node='inbox'/>"), "auth/forbidden/-"),
        // Example 94.
        (get(FRANCISCO, "<items node='no_musings'/>"), "cancel/item-not-found/-"),
        (get(FRANCISCO, "<items/>"), "modify/bad-request/nodeid-required"),
        (get(FRANCISCO, "<items node='princely_musings' max_items='few'/>"), "modify/bad-request/-"),
        (get(FRANCISCO, cursor), "cancel/item-not-found/-"),
        // Example 85, and with a SubID of another node.
        (get(FRANCISCO, "<items node='princely_musings' subid='0'/>"), "modify/not-acceptable/invalid-subid"),
        (get(FRANCISCO, "<items node='banned' subid='id-1'/>"), "auth/forbidden/-"),
    ]);
    stage.send(&set(FRANCISCO, &twice));
    let several = get(FRANCISCO, "<items node='princely_musings'/>");
    // Example 84.
    stage.refuses(&[(several, "modify/bad-request/subid-required")]);
    let answer = stage.send(&get(FRANCISCO, "<subscriptions node='princely_musings'/>"));
    let subid = between(&answer, "subid='", "'");
    let one = format!("<items node='princely_musings' subid='{subid}'/>");
    assert_eq!(ids(&mut stage, &one).0, ["1", "2", "3", "4"]);
}
