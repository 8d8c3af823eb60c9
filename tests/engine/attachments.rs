//! Attachments as the specification's examples have them, and the names of their nodes — XEP-0470.

use expect_test::expect;

use crate::stage::{SERVICE, Stage, ask, create, form, get, set};

pub const NS: &str = "urn:xmpp:pubsub-attachments:1";
pub const HAMLET: &str = "hamlet@denmark.lit/elsinore";
pub const ROMEO: &str = "romeo@montague.lit/123";

/// The name of the attachment node of an item.
pub fn attachments_of(node: &str, item: &str) -> String {
    format!("{NS}/xmpp:{SERVICE}?;node={node};item={item}")
}

/// The name of the summary node of a node.
pub fn summary_of(node: &str) -> String {
    format!("urn:xmpp:pubsub-attachments:summary:1/{node}")
}

/// Somebody attaches to an item.
pub fn attach(from: &str, node: &str, item: &str, attachments: &str) -> String {
    let own = from.split('/').next().unwrap();
    let payload = format!("<attachments xmlns='{NS}'>{attachments}</attachments>");
    publish(from, &attachments_of(node, item), &format!("<item id='{own}'>{payload}</item>"))
}

pub fn publish(from: &str, node: &str, items: &str) -> String {
    set(from, &format!("<publish node='{node}'>{items}</publish>"))
}

pub fn retract(from: &str, node: &str, item: &str) -> String {
    set(from, &format!("<retract node='{node}'><item id='{item}'/></retract>"))
}

/// What the summary of an item says, to the admin.
pub fn summary(stage: &mut Stage, node: &str, item: &str) -> Option<String> {
    let items = format!("<items node='{}'><item id='{item}'/></items>", summary_of(node));
    let answer = stage.any(&get("bard@shakespeare.lit", &items));
    let rest = answer.split_once("<summary xmlns='urn:xmpp:pubsub-attachments:summary:1'")?.1;
    let rest = rest.strip_prefix("/>").map_or(rest, |_| "").trim_start_matches('>');
    Some(rest.split("</summary>").next().unwrap().to_owned())
}

pub fn reactions(all: &[&str]) -> String {
    format!("<reactions><reaction>{}</reaction></reactions>", all.join("</reaction><reaction>"))
}

/// A form with an option whose name does not begin with `pubsub#`.
pub fn form_with(var: &str, value: &str) -> String {
    form(&[]).replace("</x>", &format!("<field var='{var}'><value>{value}</value></field></x>"))
}

/// A blog on which readers may attach, with the posts 1 and 2.
pub fn blog() -> Stage {
    let mut stage = Stage::new();
    let attachers = form_with("x-pubsub#attachments", "readers");
    stage.send(&set(HAMLET, &format!("<create node='blog'/><configure>{attachers}</configure>")));
    stage.publish("blog", "1");
    stage.publish("blog", "2");
    stage
}

/// The specification's examples 1 to 4, on this service, and with the namespace that its text asks for.
#[test]
#[expect(clippy::too_many_lines, reason = "the examples, whole")]
fn a_reader_notices_and_reacts_and_the_summary_says_so() {
    let mut stage = blog();
    let node = attachments_of("blog", "1");
    stage.check(
        &format!(
            "<iq from='romeo@montague.lit/123' id='attachment_1' to='{SERVICE}' type='set'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='{node}'>
                  <item id='romeo@montague.lit'>
                    <attachments xmlns='urn:xmpp:pubsub-attachments:1'><noticed timestamp='2022-07-11T12:07:24Z'/></attachments>
                  </item>
                </publish>
              </pubsub>
            </iq>"
        ),
        &expect![[r#"
            <iq type='result' id='attachment_1' from='pubsub.shakespeare.lit' to='romeo@montague.lit/123'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='urn:xmpp:pubsub-attachments:1/xmpp:pubsub.shakespeare.lit?;node=blog;item=1'>
                  <item id='romeo@montague.lit'/>
                </publish>
              </pubsub>
            </iq>
        "#]],
    );
    stage.subscribe(&node, "hamlet@denmark.lit");
    stage.subscribe(&summary_of("blog"), "hamlet@denmark.lit");
    stage.check(
        &format!(
            "<iq from='romeo@montague.lit/123' id='attachment_2' to='{SERVICE}' type='set'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='{node}'>
                  <item id='romeo@montague.lit'>
                    <attachments xmlns='urn:xmpp:pubsub-attachments:1'><noticed timestamp='2022-07-11T12:07:24Z'/><reactions timestamp='2022-07-11T12:07:48Z'><reaction>👷</reaction><reaction>🔨</reaction></reactions></attachments>
                  </item>
                </publish>
              </pubsub>
            </iq>"
        ),
        &expect![[r#"
            <iq type='result' id='attachment_2' from='pubsub.shakespeare.lit' to='romeo@montague.lit/123'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='urn:xmpp:pubsub-attachments:1/xmpp:pubsub.shakespeare.lit?;node=blog;item=1'>
                  <item id='romeo@montague.lit'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n1' type='headline' to='hamlet@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='urn:xmpp:pubsub-attachments:1/xmpp:pubsub.shakespeare.lit?;node=blog;item=1'>
                  <item id='romeo@montague.lit' publisher='romeo@montague.lit'>
                    <attachments xmlns='urn:xmpp:pubsub-attachments:1'>
                      <noticed timestamp='2022-07-11T12:07:24Z'/>
                      <reactions timestamp='2022-07-11T12:07:48Z'>
                        <reaction>👷</reaction>
                        <reaction>🔨</reaction>
                      </reactions>
                    </attachments>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='2-1-bed4759d64ea941b'/>
            </message>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='hamlet@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='urn:xmpp:pubsub-attachments:summary:1/blog'>
                  <item id='1'>
                    <summary xmlns='urn:xmpp:pubsub-attachments:summary:1'>
                      <noticed count='1'/>
                      <reactions>
                        <reaction>👷</reaction>
                        <reaction>🔨</reaction>
                      </reactions>
                    </summary>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='2-1-569e8b694980f8f4'/>
            </message>
        "#]],
    );
    stage.send(&attach("juliet@capulet.lit/x", "blog", "1", &reactions(&["🔨", "🚧"])));
    stage.check(
        &get(ROMEO, &format!("<items node='{}'/>", summary_of("blog"))),
        &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='romeo@montague.lit/123'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <items node='urn:xmpp:pubsub-attachments:summary:1/blog'>
              <item id='1'>
                <summary xmlns='urn:xmpp:pubsub-attachments:summary:1'>
                  <noticed count='1'/>
                  <reactions>
                    <reaction count='2'>🔨</reaction>
                    <reaction>👷</reaction>
                    <reaction>🚧</reaction>
                  </reactions>
                </summary>
              </item>
            </items>
            <set xmlns='http://jabber.org/protocol/rsm'>
              <first index='0'>p3-3-1-0-1-3-a</first>
              <last>p3-3-1-0-1-3-a</last>
              <count>1</count>
            </set>
          </pubsub>
        </iq>
    "#]],
    );
    stage.check(
        &get(ROMEO, &format!("<items node='{node}'><item id='juliet@capulet.lit'/></items>")),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='romeo@montague.lit/123'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='urn:xmpp:pubsub-attachments:1/xmpp:pubsub.shakespeare.lit?;node=blog;item=1'>
                  <item id='juliet@capulet.lit' publisher='juliet@capulet.lit'>
                    <attachments xmlns='urn:xmpp:pubsub-attachments:1'>
                      <reactions>
                        <reaction>🔨</reaction>
                        <reaction>🚧</reaction>
                      </reactions>
                    </attachments>
                  </item>
                </items>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <count>1</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Acceptance example A14.
#[test]
fn a14_attachments_are_taken_and_summed_up() {
    let mut stage = Stage::new();
    stage.node("news", &[("publish_model", "open")]);
    stage.publish("news", "p1");
    stage.send(&attach(
        "romeo@example.net/1",
        "news",
        "p1",
        "<noticed timestamp='2026-11-20T10:00:00Z'/><reactions><reaction>🎉</reaction></reactions>",
    ));
    stage.check(
        &get(ROMEO, &format!("<items node='{}'><item id='p1'/></items>", summary_of("news"))),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='romeo@montague.lit/123'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='urn:xmpp:pubsub-attachments:summary:1/news'>
                  <item id='p1'>
                    <summary xmlns='urn:xmpp:pubsub-attachments:summary:1'>
                      <noticed count='1'/>
                      <reactions>
                        <reaction>🎉</reaction>
                      </reactions>
                    </summary>
                  </item>
                </items>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <count>1</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
    let other = format!("<item id='juliet@example.org'><attachments xmlns='{NS}'/></item>");
    stage.refuses(&[
        (
            publish("romeo@example.net/1", &attachments_of("news", "p1"), &other),
            "modify/bad-request/invalid-jid",
        ),
        (set(HAMLET, &create(&attachments_of("news", "p2"), &[])), "cancel/not-allowed/-"),
    ]);
}

#[test]
fn however_a_name_is_written_it_is_one_node() {
    let mut stage = blog();
    stage.node("urn:xmpp:microblog:0", &[("publish_model", "open")]);
    stage.publish("urn:xmpp:microblog:0", "a/1");
    let names = [
        format!("xmpp:{SERVICE}?;node=urn%3Axmpp%3Amicroblog%3A0;item=a%2F1"),
        format!("xmpp:{SERVICE}?;node=urn%3axmpp%3amicroblog%3a0;item=a/1"),
        format!("xmpp:{SERVICE}?;item=a/1;node=urn:xmpp:microblog:0"),
        format!("xmpp:{SERVICE}?pubsub;node=urn:xmpp:microblog:0;item=a/1"),
    ];
    for name in names {
        let name = format!("{NS}/{name}");
        let item = format!(
            "<item id='romeo@montague.lit'><attachments xmlns='{NS}'><noticed/></attachments></item>"
        );
        let answer = stage.send(&publish(ROMEO, &name, &item));
        assert!(answer.contains(&format!("node='{name}'")), "{answer}");
        let items = stage.send(&get(ROMEO, &format!("<items node='{name}'/>")));
        assert!(items.contains("<item id='romeo@montague.lit'"), "{items}");
        let query = format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{name}'/>");
        assert!(stage.send(&ask("get", ROMEO, &query)).contains(&format!("node='{name}'")));
    }
    let written = summary(&mut stage, "urn:xmpp:microblog:0", "a/1");
    assert_eq!(written.as_deref(), Some("<noticed count='1'/>"));
}
