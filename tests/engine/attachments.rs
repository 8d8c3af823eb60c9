//! Attachments and their summary — XEP-0470, XEP-0475.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::options::form;
use crate::stage::{ENTRY, SERVICE, Stage, ask, create, get, owner_get, owner_set, set};

pub const NS: &str = "urn:xmpp:pubsub-attachments:1";
pub const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const ROMEO: &str = "romeo@montague.lit/123";

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
fn form_with(var: &str, value: &str) -> String {
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
fn what_is_counted() {
    const PEOPLE: [&str; 3] = ["romeo@montague.lit/1", "juliet@capulet.lit/1", "nurse@capulet.lit/1"];
    let long = "x".repeat(65);
    let many: Vec<String> = (0..33).map(|n| format!("r{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let most = reactions(&many[..32]);
    let cases: Vec<(Vec<String>, String)> = vec![
        (vec![String::new()], String::new()),
        (vec!["<noticed/>".into(); 3], "<noticed count='3'/>".into()),
        (vec!["<noticed/><noticed/>".into()], "<noticed count='1'/>".into()),
        (
            vec![reactions(&["👍"]), reactions(&["🎉", "👍"]), reactions(&["🚧", "🎉"])],
            "<reactions><reaction count='2'>👍</reaction><reaction count='2'>🎉</reaction>\
             <reaction>🚧</reaction></reactions>"
                .into(),
        ),
        // Once for each person.
        (vec![reactions(&["👍", " 👍 ", "👍"])], "<reactions><reaction>👍</reaction></reactions>".into()),
        (
            vec![format!("{}{}", reactions(&["👍"]), reactions(&["👍", "🎉"]))],
            "<reactions><reaction>👍</reaction><reaction>🎉</reaction></reactions>".into(),
        ),
        // What is no emoji by any means, and more than anybody means.
        (vec![reactions(&["", "  ", &long])], String::new()),
        (vec![reactions(&many)], most),
        (vec![reactions(&["&lt;&amp;"])], "<reactions><reaction>&lt;&amp;</reaction></reactions>".into()),
        // What is not known is kept, and not summed up.
        (vec!["<rating xmlns='urn:example:rating' stars='5'/>".into()], String::new()),
        (vec!["<noticed xmlns='urn:example:other'/>".into()], String::new()),
        (
            vec![
                signature(&["<signer>romeo@montague.lit</signer>", "<signer>juliet@capulet.lit</signer>"]),
                signature(&["<signer jid='juliet@capulet.lit'/>"]),
                // Nobody signs for others.
                signature(&["<signer>juliet@capulet.lit</signer>"]),
            ],
            "<signature xmlns='urn:xmpp:pubsub-signing:0'><signer>romeo@montague.lit</signer>\
             <signer>juliet@capulet.lit</signer></signature>"
                .into(),
        ),
    ];
    for (attachments, expected) in cases {
        let mut stage = blog();
        for (from, attachments) in PEOPLE.iter().zip(&attachments) {
            stage.send(&attach(from, "blog", "1", attachments));
        }
        assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some(expected.as_str()), "{attachments:?}");
        // What somebody takes back is taken off, down to nothing.
        for from in PEOPLE.iter().zip(&attachments).map(|(from, _)| from) {
            stage.send(&attach(from, "blog", "1", ""));
        }
        assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some(""), "{attachments:?}");
    }
}

fn signature(signers: &[&str]) -> String {
    let time = "<time stamp='2022-10-16T18:39:03Z'/>";
    format!("<signature xmlns='urn:xmpp:pubsub-signing:0'>{time}{}</signature>", signers.concat())
}

/// The author of an entry has signed what he published, so that is what is given from then on.
#[test]
fn a_signed_entry_is_given_as_it_was_published() {
    for (signer, is_author) in [(HAMLET, true), ("horatio@denmark.lit/1", true), (ROMEO, false)] {
        let mut stage = blog();
        stage.affiliate("blog", "horatio@denmark.lit", Affiliation::Publisher);
        let is_original = |stage: &mut Stage| {
            let items = stage.send(&get(ROMEO, "<items node='blog'/>"));
            let ids: Vec<&str> = items.split("<item id='").skip(1).filter_map(|item| item.get(..1)).collect();
            assert_eq!(ids, ["1", "2"], "none of them is newer than it was");
            items.contains(ENTRY)
        };
        for others in [signature(&[]), signature(&["<signer>polonius@denmark.lit</signer>"])] {
            stage.send(&attach(signer, "blog", "1", &others));
            assert!(!is_original(&mut stage), "{signer}");
        }
        let own = format!("<signer>{}</signer>", signer.split('/').next().unwrap());
        stage.send(&attach(signer, "blog", "1", &signature(&[&own])));
        assert_eq!(is_original(&mut stage), is_author, "{signer}");
    }
}

#[test]
fn a_summary_has_an_end_and_whoever_is_not_refused_is_counted() {
    let mut stage = blog();
    for person in 0..8 {
        let own: Vec<String> = (0..32).map(|n| format!("{person}-{n}")).collect();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        stage.send(&attach(&format!("p{person}@capulet.lit/1"), "blog", "1", &reactions(&own)));
    }
    stage.refuses(&[(attach(ROMEO, "blog", "1", &reactions(&["👍"])), "modify/not-acceptable/-")]);
    stage.send(&attach(ROMEO, "blog", "1", &reactions(&["0-0"])));
    stage.send(&retract("p1@capulet.lit/1", &attachments_of("blog", "1"), "p1@capulet.lit"));
    stage.send(&attach(ROMEO, "blog", "1", &reactions(&["👍"])));
    let written = summary(&mut stage, "blog", "1").unwrap();
    assert_eq!(written.matches("<reaction>").count(), 7 * 32 + 1);
    for person in 0..32 {
        let jid = format!("s{person}@capulet.lit");
        let signed = signature(&[&format!("<signer>{jid}</signer>")]);
        stage.send(&attach(&format!("{jid}/1"), "blog", "2", &signed));
    }
    let signed = signature(&["<signer>romeo@montague.lit</signer>"]);
    stage.refuses(&[(attach(ROMEO, "blog", "2", &signed), "modify/not-acceptable/-")]);
}

#[test]
fn only_a_change_of_the_summary_is_told() {
    let mut stage = blog();
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    stage.subscribe(&summary_of("blog"), "hamlet@denmark.lit");
    let unchanged =
        ["<noticed timestamp='2022-07-11T12:07:24Z'/>", "<noticed/><rating xmlns='urn:example:rating'/>"];
    for attachments in unchanged {
        assert!(!stage.send(&attach(ROMEO, "blog", "1", attachments)).contains("<message"));
    }
    let changed = [
        (attach(ROMEO, "blog", "1", ""), "<summary xmlns='urn:xmpp:pubsub-attachments:summary:1'/>"),
        (attach(ROMEO, "blog", "1", &reactions(&["👍"])), "<reaction>👍</reaction>"),
        (retract(ROMEO, &attachments_of("blog", "1"), "romeo@montague.lit"), "<retract id='1'/>"),
    ];
    for (stanza, told) in changed {
        let heard = stage.send(&stanza);
        assert!(heard.contains("<message") && heard.contains(told), "{told}: {heard}");
    }
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

/// A blog with an attachment, from which one reader is banned, and a node that is no blog.
fn with_attachment() -> Stage {
    let mut stage = blog();
    stage.node("closed", &[]);
    stage.publish("closed", "1");
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    stage.affiliate("blog", "tybalt@capulet.lit", Affiliation::Outcast);
    stage
}

fn romeos() -> String {
    format!("<item id='romeo@montague.lit'><attachments xmlns='{NS}'><noticed/></attachments></item>")
}

#[test]
fn what_cannot_be_attached_to() {
    let to = |uri: &str| publish(ROMEO, &format!("{NS}/{uri}"), &romeos());
    let one = attachments_of("blog", "1");
    with_attachment().refuses(&[
        (to(&format!("xmpp:{SERVICE}?;node=blog;item=3")), "cancel/item-not-found/-"),
        (to(&format!("xmpp:{SERVICE}?;node=log;item=1")), "cancel/item-not-found/-"),
        (to(&format!("xmpp:{SERVICE}?;node=blog")), "cancel/item-not-found/-"),
        (to("xmpp:hamlet@denmark.lit?;node=blog;item=1"), "cancel/item-not-found/-"),
        (to("blog/1"), "cancel/item-not-found/-"),
        (get(ROMEO, &format!("<items node='{}'/>", attachments_of("blog", "2"))), "cancel/item-not-found/-"),
        (attach(ROMEO, "closed", "1", "<noticed/>"), "auth/forbidden/-"),
        (attach("tybalt@capulet.lit/1", "blog", "1", "<noticed/>"), "auth/forbidden/-"),
        // What the service keeps, and what others have attached.
        (attach(ROMEO, &summary_of("blog"), "1", "<noticed/>"), "cancel/not-allowed/-"),
        (attach(ROMEO, &one.replace(';', "%3B"), "romeo@montague.lit", ""), "cancel/not-allowed/-"),
        (publish(HAMLET, &summary_of("blog"), &romeos()), "cancel/not-allowed/-"),
        (publish(HAMLET, &summary_of("closed"), &romeos()), "cancel/not-allowed/-"),
        (retract(HAMLET, &summary_of("blog"), "1"), "cancel/not-allowed/-"),
        (retract("juliet@capulet.lit/1", &one, "romeo@montague.lit"), "auth/forbidden/-"),
    ]);
}

#[test]
fn what_is_no_attachment() {
    let with = |item: &str| publish(ROMEO, &attachments_of("blog", "1"), item);
    let (good, empty) = (romeos(), format!("<attachments xmlns='{NS}'/>"));
    with_attachment().refuses(&[
        (with(""), "modify/bad-request/item-required"),
        (with(&good.repeat(2)), "cancel/not-allowed/max-items-exceeded"),
        (with(&good.replace("romeo@", "juliet@")), "modify/bad-request/invalid-jid"),
        (with(&good.replace("montague.lit", "montague.lit/123")), "modify/bad-request/invalid-jid"),
        (with(&good.replace(" id='romeo@montague.lit'", "")), "modify/bad-request/invalid-jid"),
        (with("<item id='romeo@montague.lit'/>"), "modify/bad-request/payload-required"),
        (
            with(&format!("<item id='romeo@montague.lit'>{ENTRY}</item>")),
            "modify/bad-request/invalid-payload",
        ),
        // As the specification's examples have it, against its text.
        (with(&good.replace(&format!(" xmlns='{NS}'"), "")), "modify/bad-request/invalid-payload"),
        (with(&good.replace("</item>", &format!("{empty}</item>"))), "modify/bad-request/invalid-payload"),
        // Streams do not carry comments, though XEP-0475 shows one.
        (with(&good.replace("<noticed/>", "<!-- payload -->")), "modify/bad-request/invalid-payload"),
        (with(&good.replace("<noticed/>", &"x".repeat(1024))), "modify/not-acceptable/payload-too-big"),
    ]);
}

#[test]
fn the_service_alone_makes_configures_and_deletes_their_nodes() {
    let mut table = Vec::new();
    for name in [attachments_of("blog", "2"), summary_of("closed"), format!("{NS}/x")] {
        for who in [HAMLET, ROMEO, "bard@shakespeare.lit"] {
            table.push((set(who, &create(&name, &[])), "cancel/not-allowed/-"));
        }
    }
    for name in [attachments_of("blog", "1"), summary_of("blog")] {
        let owner = "<affiliation jid='juliet@capulet.lit' affiliation='owner'/>";
        let title = form(&[("title", "mine")]);
        for (what, inner) in [("configure", title.as_str()), ("delete", ""), ("affiliations", owner)] {
            for who in [HAMLET, ROMEO] {
                let stanza = owner_set(who, &format!("<{what} node='{name}'>{inner}</{what}>"));
                table.push((stanza, "cancel/not-allowed/-"));
            }
        }
        table.push((owner_get(ROMEO, &format!("<configure node='{name}'/>")), "auth/forbidden/-"));
    }
    let summary = summary_of("blog");
    table.push((owner_set(HAMLET, &format!("<purge node='{summary}'/>")), "cancel/not-allowed/-"));
    let below = form_with("{urn:xmpp:pubsub-relationships:0}parent", &summary);
    let below = set(HAMLET, &format!("<create node='below'/><configure>{below}</configure>"));
    table.push((below, "cancel/not-allowed/invalid-option"));
    with_attachment().refuses(&table);
}

/// Who may attach: whoever may publish, or where an owner wants it whoever may read.
#[test]
fn who_may_attach() {
    const PEOPLE: [&str; 6] = ["owner", "publisher", "publish-only", "member", "subscriber", "none"];
    let mut table = String::new();
    for access in ["open", "authorize", "whitelist"] {
        for publish in ["publishers", "subscribers", "open"] {
            for attachers in ["inherit", "readers"] {
                let mut stage = Stage::new();
                let x = form(&[("access_model", access), ("publish_model", publish)]);
                let field =
                    format!("<field var='x-pubsub#attachments'><value>{attachers}</value></field></x>");
                let x = x.replace("</x>", &field);
                stage.send(&set(HAMLET, &format!("<create node='n'/><configure>{x}</configure>")));
                stage.publish("n", "1");
                for word in &PEOPLE[..4] {
                    stage.affiliate("n", &format!("{word}@denmark.lit"), Affiliation::parse(word).unwrap());
                }
                stage.any(&set(
                    "subscriber@denmark.lit",
                    "<subscribe node='n' jid='subscriber@denmark.lit'/>",
                ));
                let approve = "<subscription jid='subscriber@denmark.lit' subscription='subscribed'/>";
                stage.any(&owner_set(HAMLET, &format!("<subscriptions node='n'>{approve}</subscriptions>")));
                write!(table, "{access:<10}{publish:<12}{attachers:<8}").unwrap();
                for who in PEOPLE {
                    let answer = stage.any(&attach(&format!("{who}@denmark.lit/1"), "n", "1", "<noticed/>"));
                    let may = if answer.contains("type='result'") { "yes" } else { "no" };
                    write!(table, " {who}:{may}").unwrap();
                }
                table.push('\n');
            }
        }
    }
    expect![[r#"
        open      publishers  inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        open      publishers  readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        open      subscribers inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:yes none:no
        open      subscribers readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        open      open        inherit  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        open      open        readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        authorize publishers  inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        authorize publishers  readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:no
        authorize subscribers inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:yes none:no
        authorize subscribers readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:no
        authorize open        inherit  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        authorize open        readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        whitelist publishers  inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        whitelist publishers  readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:no none:no
        whitelist subscribers inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        whitelist subscribers readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:no none:no
        whitelist open        inherit  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        whitelist open        readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
    "#]].assert_eq(&table);
}

#[test]
fn an_owner_moderates() {
    let mut stage = blog();
    let node = attachments_of("blog", "1");
    for who in ["romeo@montague.lit", "juliet@capulet.lit", "tybalt@capulet.lit"] {
        stage.send(&attach(&format!("{who}/1"), "blog", "1", "<noticed/>"));
    }
    stage.subscribe(&node, "nurse@capulet.lit");
    stage.subscribe(&summary_of("blog"), "nurse@capulet.lit");
    let heard = stage.send(&retract(HAMLET, &node, "tybalt@capulet.lit"));
    assert!(heard.contains("<retract id='tybalt@capulet.lit'/>") && heard.contains("count='2'"), "{heard}");
    let heard = stage.send(&owner_set(HAMLET, &format!("<purge node='{node}'/>")));
    assert!(heard.contains("<purge node=") && heard.contains("<retract id='1'/>"), "{heard}");
    assert_eq!(summary(&mut stage, "blog", "1"), None);
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some("<noticed count='1'/>"));
    let listed = stage.send(&owner_get(HAMLET, &format!("<affiliations node='{node}'/>")));
    assert!(listed.contains("<affiliation jid='hamlet@denmark.lit' affiliation='owner'/>"), "{listed}");
}

const REACTIONS: [&str; 3] = ["👍", "🎉", "🚧"];

/// Whether somebody has noticed, and his reactions.
type Share = (bool, BTreeSet<&'static str>);

fn share(u: &mut Unstructured<'_>) -> Arbitrary<Share> {
    let mut reactions = BTreeSet::new();
    for reaction in REACTIONS {
        if u.arbitrary()? {
            reactions.insert(reaction);
        }
    }
    Ok((u.arbitrary()?, reactions))
}

/// A summary says what counting these gives.
fn check_counts(written: Option<&str>, shares: &[&Share]) {
    assert_eq!(written.is_some(), !shares.is_empty(), "{written:?}");
    let written = written.unwrap_or_default();
    let noticed = shares.iter().filter(|(noticed, _)| *noticed).count();
    let says = written.contains(&format!("<noticed count='{noticed}'/>"));
    assert_eq!(says, noticed > 0, "{noticed}: {written}");
    for reaction in REACTIONS {
        let expected = match shares.iter().filter(|(_, reactions)| reactions.contains(reaction)).count() {
            0 => {
                assert!(!written.contains(reaction), "{reaction}: {written}");
                continue;
            }
            1 => format!("<reaction>{reaction}</reaction>"),
            count => format!("<reaction count='{count}'>{reaction}</reaction>"),
        };
        assert!(written.contains(&expected), "{expected}: {written}");
    }
}

/// A summary that is kept by differences is the one that counting all attachments gives.
#[test]
fn a_summary_is_what_counting_gives() {
    const PEOPLE: [&str; 3] = ["romeo@montague.lit", "juliet@capulet.lit", "nurse@capulet.lit"];
    arbtest::arbtest(|u| {
        let mut stage = blog();
        let mut attached: BTreeMap<(&str, &str), Share> = BTreeMap::new();
        for _ in 0..u.int_in_range(1..=25)? {
            let (who, item) = (*u.choose(&PEOPLE)?, *u.choose(&["1", "2"])?);
            let from = format!("{who}/1");
            match u.int_in_range(0..=6)? {
                0 => {
                    stage.any(&retract(&from, &attachments_of("blog", item), who));
                    attached.remove(&(item, who));
                }
                1 => {
                    // The post itself goes, and comes again without anything.
                    stage.send(&retract(HAMLET, "blog", item));
                    stage.publish("blog", item);
                    attached.retain(|(of, _), _| *of != item);
                }
                2 => stage.publish("blog", item),
                _ => {
                    let (noticed, picked) = share(u)?;
                    let picks: Vec<&str> = picked.iter().copied().collect();
                    let xml = if noticed { "<noticed/>" } else { "" };
                    stage.send(&attach(&from, "blog", item, &format!("{xml}{}", reactions(&picks))));
                    attached.insert((item, who), (noticed, picked));
                }
            }
            for item in ["1", "2"] {
                let its = attached.iter().filter(|((of, _), _)| *of == item);
                let shares: Vec<&Share> = its.map(|(_, share)| share).collect();
                check_counts(summary(&mut stage, "blog", item).as_deref(), &shares);
            }
        }
        Ok(())
    })
    .budget_ms(3_000);
}
