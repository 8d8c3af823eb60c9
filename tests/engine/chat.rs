//! What is said to people whose clients know nothing of pubsub.

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::xmpp::request;
use expect_test::{Expect, expect};

use crate::stage::{ENTRY, SERVICE, Stage, ask, create, get, owner_set, parse, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const NODE: &str = "princely_musings";

/// A message that somebody wrote.
fn message(from: &str, body: &str) -> String {
    format!("<message from='{from}' to='{SERVICE}' type='chat' id='c1'><body>{body}</body></message>")
}

/// What is said to Francisco, and the notices that leave.
fn say(stage: &mut Stage, body: &str) -> (String, String) {
    say_to(stage, FRANCISCO, body)
}

fn say_to(stage: &mut Stage, from: &str, body: &str) -> (String, String) {
    let out = stage.any(&message(from, body));
    let (answer, notices) = out.split_once("</message>").unwrap();
    let text = answer.split_once("<body>").unwrap().1.split("</body>").next().unwrap();
    assert!(answer.starts_with("<message type='chat' id='id-"), "{answer}");
    (text.replace("&gt;", ">"), notices.to_owned())
}

/// Each thing said is answered so.
fn check(stage: &mut Stage, table: &[(&str, Expect)]) {
    for (body, expected) in table {
        expected.assert_eq(&say(stage, body).0);
    }
}

#[test]
fn the_answer_comes_from_whom_one_wrote_to_and_stays_in_the_conversation() {
    let mut stage = Stage::new();
    let written = format!(
        "<message from='{FRANCISCO}' to='{SERVICE}/desk' id='c1'><body xml:lang='en'>What is this?</body>\
         <thread parent='t0'>t1</thread><active xmlns='http://jabber.org/protocol/chatstates'/></message>"
    );
    stage.check(&written, &expect![[r#"
        <message type='chat' id='id-1' from='pubsub.shakespeare.lit/desk' to='francisco@denmark.lit/barracks'>
          <body>This is pubsub.shakespeare.lit, where people publish news, each feed in a node of its own. These words are understood:
        list: shows the nodes
        last NODE: shows the newest entries
        subscribe NODE: sends you new entries as messages
        unsubscribe NODE: ends that
        help: shows this</body>
          <thread parent='t0'>t1</thread>
        </message>
    "#]]);
}

#[test]
fn nodes_are_listed_a_few_at_a_time() {
    let mut stage = Stage::new();
    check(&mut stage, &[("list", expect!["There is no node yet that you may see."])]);
    for number in 0..22 {
        stage.node(&format!("n{number:02}"), &[("title", &format!("No.\n{number}"))]);
    }
    stage.node("n00-secret", &[("access_model", "whitelist")]);
    check(
        &mut stage,
        &[
            (
                "list",
                expect![[r#"
            n00: No. 0
            n01: No. 1
            n02: No. 2
            n03: No. 3
            n04: No. 4
            n05: No. 5
            n06: No. 6
            n07: No. 7
            n08: No. 8
            n09: No. 9
            n10: No. 10
            n11: No. 11
            n12: No. 12
            n13: No. 13
            n14: No. 14
            n15: No. 15
            n16: No. 16
            n17: No. 17
            n18: No. 18
            n19: No. 19
            There may be more. Write: list n19"#]],
            ),
            (
                "List n19",
                expect![[r#"
            n20: No. 20
            n21: No. 21"#]],
            ),
            ("list n21", expect!["That is all."]),
        ],
    );
}

/// There may be one for each entry, and nobody wants to see their names.
#[test]
fn nodes_for_comments_are_left_out() {
    let mut stage = Stage::with_musings();
    for number in 0..150 {
        stage.node(&format!("urn:xmpp:microblog:0:comments/{number}"), &[]);
    }
    stage.node("zeal", &[]);
    check(
        &mut stage,
        &[("list", expect!["princely_musings\nzeal"]), ("list princely_musings", expect!["zeal"])],
    );
    let all = stage.send(&ask("get", FRANCISCO, "<query xmlns='http://jabber.org/protocol/disco#items'/>"));
    assert_eq!(all.matches("<item ").count(), 152);
}

#[test]
fn an_answer_is_not_longer_than_what_a_person_reads() {
    let mut stage = Stage::new();
    for letter in ["a", "b", "c", "d", "e"] {
        stage.node(&letter.repeat(1000), &[]);
    }
    let (text, _) = say(&mut stage, "list");
    let lines: Vec<usize> = text.lines().map(str::len).collect();
    assert_eq!(lines, [1000, 1000, "There may be more. Write: list ".len() + 1000]);
    let (rest, _) = say(&mut stage, &text.lines().last().unwrap()["There may be more. Write: ".len()..]);
    assert_eq!(rest.lines().map(str::len).collect::<Vec<_>>()[..2], [1000, 1000]);
    let (text, _) = say(&mut stage, &format!("last {}", "x".repeat(4091)));
    assert_eq!((text.chars().count(), text.chars().last()), (4001, Some('…')));
}

#[test]
fn whoever_subscribes_reads_what_is_published_and_ends_it() {
    let mut stage = Stage::with_musings();
    let subscribed = || {
        expect!["You are subscribed to princely_musings. To end that, write: unsubscribe princely_musings"]
    };
    check(
        &mut stage,
        &[
            ("SUBSCRIBE princely_musings", subscribed()),
            ("subscribe xmpp:pubsub.shakespeare.lit?;node=princely_musings", subscribed()),
        ],
    );
    let subscriptions = stage.send(&get(FRANCISCO, "<subscriptions/>"));
    assert_eq!(subscriptions.matches("jid='francisco@denmark.lit'").count(), 1, "{subscriptions}");
    let entry = "<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>";
    let publish = format!("<publish node='{NODE}'><item id='1'>{entry}</item></publish>");
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
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
              <body>Soliloquy</body>
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
    check(
        &mut stage,
        &[
            ("unsubscribe princely_musings", expect!["You are not subscribed to princely_musings any more."]),
            ("unsubscribe princely_musings", expect!["francisco@denmark.lit is not subscribed to this node"]),
        ],
    );
    assert!(!stage.send(&set("hamlet@denmark.lit/blogbot", &publish)).contains("francisco"));
}

/// A text is for those who can fetch nothing, so it comes also where others get no payload, as in Movim's communities.
#[test]
fn the_text_comes_where_payloads_do_not() {
    let mut stage = Stage::new();
    stage.node(NODE, &[("deliver_payloads", "0")]);
    say(&mut stage, &format!("subscribe {NODE}"));
    stage.subscribe(NODE, "bernardo@denmark.lit");
    let publish = format!("<publish node='{NODE}'><item id='1'>{ENTRY}</item></publish>");
    let told = stage.send(&set("hamlet@denmark.lit/blogbot", &publish));
    assert_eq!(told.matches("<item id='1' publisher='hamlet@denmark.lit'/>").count(), 2, "{told}");
    assert_eq!(told.matches("<body>Soliloquy</body>").count(), 1, "{told}");

    let digest = [("pubsub#digest", "1"), ("pubsub#digest_frequency", "1000"), ("pubsub#include_body", "1")];
    let fields =
        digest.map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>")).concat();
    let form = format!(
        "<options node='{NODE}' jid='bernardo@denmark.lit'><x xmlns='jabber:x:data' type='submit'>{fields}</x></options>"
    );
    stage.send(&set("bernardo@denmark.lit", &form));
    stage.send(&set("hamlet@denmark.lit/blogbot", &publish.replace("id='1'", "id='2'")));
    let digest = stage.pass(2);
    assert!(digest.contains("<body>Soliloquy</body>") && digest.contains("<item id='2'"), "{digest}");
}

#[test]
fn a_subscription_that_a_client_made_gets_its_text() {
    let mut stage = Stage::with_musings();
    let options = |values: &str| {
        format!(
            "<subscribe node='{NODE}' jid='francisco@denmark.lit'/><options>\
                 <x xmlns='jabber:x:data' type='submit'>{values}</x></options>"
        )
    };
    let silent = "<field var='pubsub#deliver'><value>0</value></field>";
    stage.send(&set(FRANCISCO, &options(silent)));
    say(&mut stage, "subscribe princely_musings");
    let publish = format!("<publish node='{NODE}'><item id='1'>{ENTRY}</item></publish>");
    let heard = stage.send(&set("hamlet@denmark.lit/blogbot", &publish));
    assert_eq!(
        heard.matches("to='francisco@denmark.lit'><body>Soliloquy</body><event ").count(),
        1,
        "{heard}"
    );

    // All that reach him on every client end together; what one of his clients wants for itself is its own.
    let other = "<field var='pubsub#digest'><value>1</value></field>";
    stage.send(&set(FRANCISCO, &options(other)));
    stage.subscribe(NODE, FRANCISCO);
    say(&mut stage, "unsubscribe princely_musings");
    let left = stage.send(&get(FRANCISCO, "<subscriptions/>"));
    assert_eq!(left.matches("<subscription ").count(), 1, "{left}");
    assert!(left.contains(&format!("jid='{FRANCISCO}'")), "{left}");
}

#[test]
fn an_owner_is_asked_where_he_wants_to_be() {
    let mut stage = Stage::new();
    stage.node(NODE, &[("access_model", "authorize")]);
    let (answer, notices) = say(&mut stage, "subscribe princely_musings");
    expect!["An owner of princely_musings has to approve that, and is asked to."].assert_eq(&answer);
    assert!(notices.contains("to='hamlet@denmark.lit'"), "{notices}");
    check(
        &mut stage,
        &[
            ("subscribe princely_musings", expect!["an owner has yet to approve your subscription"]),
            ("last princely_musings", expect!["only approved subscribers may read this node"]),
        ],
    );
}

#[test]
fn the_newest_entries_are_told_in_a_few_words() {
    let mut stage = Stage::with_musings();
    check(&mut stage, &[("last princely_musings", expect!["Nothing is published in princely_musings yet."])]);
    for number in 1..=7 {
        let entry = format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'><title>No. {number}</title><summary>What\n  was</summary>\
             <link href='http://denmark.lit/{number}'/></entry>"
        );
        let publish = format!("<publish node='{NODE}'><item id='{number}'>{entry}</item></publish>");
        stage.send(&set("hamlet@denmark.lit/blogbot", &publish));
    }
    // Several subscriptions of one JID are no reason to ask which is meant.
    say(&mut stage, "subscribe princely_musings");
    let digest = "<field var='pubsub#digest'><value>1</value></field>";
    let options = format!("<options><x xmlns='jabber:x:data' type='submit'>{digest}</x></options>");
    stage.send(&set(FRANCISCO, &format!("<subscribe node='{NODE}' jid='francisco@denmark.lit'/>{options}")));
    check(
        &mut stage,
        &[(
            "last princely_musings",
            expect![[r#"
        No. 3
        What was
        http://denmark.lit/3

        No. 4
        What was
        http://denmark.lit/4

        No. 5
        What was
        http://denmark.lit/5

        No. 6
        What was
        http://denmark.lit/6

        No. 7
        What was
        http://denmark.lit/7"#]],
        )],
    );

    stage.node("tunes", &[("type", "http://jabber.org/protocol/tune")]);
    let tune = "<tune xmlns='http://jabber.org/protocol/tune'><title>Yessongs</title></tune>";
    stage.send(&set(
        "hamlet@denmark.lit/blogbot",
        &format!("<publish node='tunes'><item id='t1'>{tune}</item></publish>"),
    ));
    check(&mut stage, &[("last tunes", expect!["t1 (nothing to be read)"])]);
}

/// A feed's title and picture are no entries, and hide none.
#[test]
fn only_entries_are_read_out() {
    let mut stage = Stage::with_musings();
    for number in 0..5 {
        stage.publish("princely_musings", &format!("{number}"));
    }
    let before = say(&mut stage, "last princely_musings");
    for id in ["metadata", "data"] {
        let name = format!("urn:xmpp:avatar:{id}");
        let item = format!("<item id='{name}'><{id} xmlns='{name}'/></item>");
        stage.send(&set(
            "hamlet@denmark.lit/blogbot",
            &format!("<publish node='princely_musings'>{item}</publish>"),
        ));
    }
    assert_eq!(say(&mut stage, "last princely_musings"), before);
    assert!(before.0.contains("Soliloquy"), "{before:?}");
}

#[test]
fn what_is_refused_is_refused_in_words_and_changes_nothing() {
    let mut stage = Stage::with_musings();
    stage.node("private", &[("access_model", "whitelist")]);
    stage.node("banned", &[]);
    stage.affiliate("banned", "francisco@denmark.lit", Affiliation::Outcast);
    stage.node("closed", &[("subscribe", "0")]);
    stage.node("memoryless", &[("persist_items", "0")]);
    stage.node("moved", &[]);
    let to = "xmpp:pubsub.elsinore.lit?;node=moved";
    stage.send(&owner_set(
        "hamlet@denmark.lit",
        &format!("<delete node='moved'><redirect uri='{to}'/></delete>"),
    ));
    let before = stage.send(&get(FRANCISCO, "<subscriptions/>"));
    check(
        &mut stage,
        &[
            ("subscribe nowhere", expect![[r#"there is no node "nowhere""#]]),
            (
                "subscribe",
                expect![[r#"
                Which node? Write: subscribe NODE
                The word list shows the nodes."#]],
            ),
            ("subscribe private", expect!["only those whom an owner has put on the list may read this node"]),
            ("last private", expect!["only those whom an owner has put on the list may read this node"]),
            ("last banned", expect!["you are banned from this node"]),
            ("subscribe closed", expect!["this node takes no subscriptions"]),
            ("last memoryless", expect!["this node does not keep its items"]),
            ("last moved", expect!["the node has moved to xmpp:pubsub.elsinore.lit?;node=moved"]),
            ("unsubscribe princely_musings", expect!["francisco@denmark.lit is not subscribed to this node"]),
            (
                "last xmpp:pubsub.elsinore.lit?;node=princely_musings",
                expect!["that is at pubsub.elsinore.lit, and this is pubsub.shakespeare.lit"],
            ),
            ("last xmpp:pubsub.shakespeare.lit", expect![[r#""xmpp:pubsub.shakespeare.lit" names no node"#]]),
        ],
    );
    assert_eq!(stage.send(&get(FRANCISCO, "<subscriptions/>")), before);
    let (answer, _) = say_to(&mut stage, "hamlet@denmark.lit/x", "list");
    expect![[r#"
        banned
        closed
        memoryless
        princely_musings
        private"#]]
    .assert_eq(&answer);
}

#[test]
fn rosters_are_asked_for_as_for_any_request() {
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    stage.send(&set("hamlet@denmark.lit/x", &create(NODE, &[("access_model", "presence")])));
    let (answer, _) = say(&mut stage, "subscribe princely_musings");
    expect!["who may read this node cannot be found out at the moment"].assert_eq(&answer);
    assert_eq!(stage.asked, ["hamlet@denmark.lit"]);
}

#[test]
fn what_no_person_has_written_is_not_answered() {
    let body = "<body>help</body>";
    let delay = "<delay xmlns='urn:xmpp:delay' stamp='2003-12-13T18:30:02Z'/>";
    let form = "<x xmlns='jabber:x:data' type='submit'/>";
    let invitation = "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x>";
    let receipt = "<received xmlns='urn:xmpp:receipts' id='1'/>";
    let state = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    let event = "<event xmlns='http://jabber.org/protocol/pubsub#event'/>";
    let foreign = "<body xmlns='http://www.w3.org/1999/xhtml'>help</body>";
    let cases = [
        (FRANCISCO, SERVICE, "chat", body.to_owned(), true),
        (FRANCISCO, SERVICE, "normal", body.to_owned(), true),
        (FRANCISCO, SERVICE, "", body.to_owned(), true),
        (FRANCISCO, SERVICE, "unheard-of", body.to_owned(), true),
        ("francisco@denmark.lit", SERVICE, "chat", body.to_owned(), true),
        (FRANCISCO, "pubsub.shakespeare.lit/desk", "chat", body.to_owned(), true),
        (FRANCISCO, "clerk@pubsub.shakespeare.lit", "chat", body.to_owned(), false),
        (FRANCISCO, SERVICE, "error", body.to_owned(), false),
        (FRANCISCO, SERVICE, "groupchat", body.to_owned(), false),
        (FRANCISCO, SERVICE, "headline", body.to_owned(), false),
        ("denmark.lit", SERVICE, "chat", body.to_owned(), false),
        ("denmark.lit/announce", SERVICE, "chat", body.to_owned(), false),
        (SERVICE, SERVICE, "chat", body.to_owned(), false),
        (FRANCISCO, SERVICE, "chat", format!("{body}{delay}"), false),
        (FRANCISCO, SERVICE, "chat", format!("{body}{form}"), false),
        (FRANCISCO, SERVICE, "normal", format!("{body}{invitation}"), false),
        (FRANCISCO, SERVICE, "chat", format!("{event}{body}"), false),
        (FRANCISCO, SERVICE, "chat", receipt.to_owned(), false),
        (FRANCISCO, SERVICE, "chat", state.to_owned(), false),
        (FRANCISCO, SERVICE, "chat", foreign.to_owned(), false),
    ];
    for (from, to, kind, children, expected) in cases {
        let kind = if kind.is_empty() { String::new() } else { format!(" type='{kind}'") };
        let message = format!("<message from='{from}' to='{to}'{kind} id='1'>{children}</message>");
        let read = request::read_message(parse(&message).root(), SERVICE);
        assert_eq!(read.is_some(), expected, "{message}");
    }
}
