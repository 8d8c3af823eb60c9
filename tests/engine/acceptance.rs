//! What whoever writes a client may expect, request by request: the acceptance examples A1 to A17 of Atom over XMPP.
//!
//! A14 is in `attachments`, A16 in `filters_heard`.

use crate::stage::{Stage, create, get};

const SERVICE: &str = "pubsub.example.com";
const NODE: &str = "news";
const ATOM: &str = "xmlns='http://www.w3.org/2005/Atom'";

/// `pubsub.example.com` with the node `news`, which Ed owns, to which everybody may publish, and of which Alice hears.
fn stage() -> Stage {
    let mut stage = Stage::at(SERVICE, "example.com");
    stage.payload_bytes_max(4096);
    stage.send(&to("ed@example.com/a", &create(NODE, &[("publish_model", "open")])));
    stage.send(&to("ed@example.com/a", &format!("<subscribe node='{NODE}' jid='ed@example.com'/>")));
    stage
}

fn to(from: &str, inner: &str) -> String {
    crate::stage::set(from, inner).replace(crate::stage::SERVICE, SERVICE)
}

fn publish(from: &str, node: &str, item: &str) -> String {
    to(from, &format!("<publish node='{node}'>{item}</publish>"))
}

fn items(stage: &mut Stage, node: &str) -> String {
    let items = get("alice@example.net/p", &format!("<items node='{node}'/>"));
    stage.send(&items.replace(crate::stage::SERVICE, SERVICE))
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

/// The item of A1 to A3: an entry copied from a feed, whose author it has.
fn harbour(title: &str, updated: &str) -> String {
    format!(
        "<item id='p1'><entry {ATOM}><source><id>tag:example.org,2026:feed</id><title>Org news</title>\
         <updated>2026-11-20T08:00:00Z</updated>\
         <link rel='self' type='application/atom+xml' href='https://example.org/feed.atom'/>\
         <author><name>Ines</name></author></source><id>tag:example.org,2026:post-1</id><title>{title}</title>\
         <link rel='alternate' type='text/html' href='https://example.org/1'/>\
         <published>2026-11-20T08:00:00Z</published><updated>{updated}</updated></entry></item>"
    )
}

fn order(by: &str, max: u32) -> String {
    format!(
        "<items node='news'/><order xmlns='urn:xmpp:order-by:1' by='{by}' desc='true'/>\
         <set xmlns='http://jabber.org/protocol/rsm'><max>{max}</max></set>"
    )
}

/// A1 to A3: an HTTP service, which is a domain, creates, modifies and deletes; its entry needs no author of its own.
#[test]
fn a1_a2_a3_create_modify_delete() {
    const PUBLISHER: &str = "atompub.example.org";
    let mut stage = stage();
    stage.send(&to("alice@example.net", "<subscribe node='news' jid='alice@example.net'/>"));
    let entries = [("Harbour reopnes", "2026-11-20T08:00:00Z"), ("Harbour reopens", "2026-11-20T08:05:00Z")];
    for (title, updated) in entries {
        let item = harbour(title, updated);
        let heard = stage.send(&publish(PUBLISHER, NODE, &item));
        let told = item.replacen("id='p1'", "id='p1' publisher='atompub.example.org'", 1);
        has(
            &heard,
            &[
                "<iq type='result' id='1' from='pubsub.example.com' to='atompub.example.org'>\
                 <pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='news'><item id='p1'/></publish></pubsub></iq>",
                &format!(
                    "type='headline' to='alice@example.net'><event xmlns='http://jabber.org/protocol/pubsub#event'>\
                     <items node='news'>{told}</items></event>"
                ),
            ],
        );
        has(&items(&mut stage, NODE), &[&told]);
    }
    // What was modified is the newest by modification, and keeps its place by creation.
    stage.send(&publish(PUBLISHER, NODE, &harbour("Later", "2026-11-20T09:00:00Z").replace("p1", "p2")));
    stage.send(&publish(PUBLISHER, NODE, &harbour("Again", "2026-11-20T09:05:00Z")));
    for (by, newest) in [("modification", "p1"), ("creation", "p2")] {
        let answer =
            stage.send(&to("alice@example.net/p", &order(by, 1)).replace("type='set'", "type='get'"));
        has(&answer, &[&format!("<items node='news'><item id='{newest}'")]);
    }

    let heard = stage.send(&to(PUBLISHER, "<retract node='news'><item id='p1'/></retract>"));
    has(
        &heard,
        &[
            "<iq type='result' id='1' from='pubsub.example.com' to='atompub.example.org'/>",
            "type='headline' to='alice@example.net'><event xmlns='http://jabber.org/protocol/pubsub#event'>\
             <items node='news'><retract id='p1'/></items></event></message>",
        ],
    );
}

/// A4: an entry without an ItemID.
#[test]
fn a4_the_id_is_made_of_the_atom_id() {
    let mut stage = stage();
    let item = format!("<item><entry {ATOM}><id>tag:example.org,2026:post-1</id></entry></item>");
    for _ in 0..2 {
        let answer = stage.send(&publish("ed@example.com/a", NODE, &item));
        has(
            &answer,
            &["<publish node='news'><item id='3ce1fbc28fc5154f0b588314496dff8dde0716d7'/></publish>"],
        );
    }
    assert_eq!(items(&mut stage, NODE).matches("<item ").count(), 1);
}

/// A5: a wrong payload, and a second content where entries are to be valid.
#[test]
fn a5_errors_name_the_rule() {
    let mut stage = stage();
    stage.send(&to("ed@example.com/a", &create("strict", &[("x-pubsub#validation", "strict")])));
    let valid =
        "<id>tag:a</id><title/><updated>2026-11-20T09:00:00Z</updated><author><name>Ed</name></author>";
    let contents = "<content/><content/>";
    for (node, payload, rule) in [
        (NODE, "<rss version='2.0' xmlns=''/>".to_owned(), "E01: payload must be an Atom entry"),
        ("strict", format!("<entry {ATOM}>{valid}{contents}</entry>"), "E08: "),
    ] {
        let wrong = publish("ed@example.com/a", node, &format!("<item id='x'>{payload}</item>"));
        let error = stage.any(&wrong);
        has(
            &error,
            &[
                "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>",
                &format!("<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>{rule}"),
                "<invalid-payload xmlns='http://jabber.org/protocol/pubsub#errors'/>",
            ],
        );
    }
}

/// A6: what Movim sends is taken as it is, with its options, at the first try.
#[test]
fn a6_a_post_of_movim_stays_as_it_is() {
    let mut stage = stage();
    let entry = format!(
        "<entry {ATOM}><id>711cd52a-a528-4356-b56b-8ac849f87835</id><title>ploup</title>\
         <author><uri>xmpp:miho@example.com</uri></author>\
         <link rel='alternate' href='xmpp:pubsub.example.com?;node=news;item=711cd52a-a528-4356-b56b-8ac849f87835'/>\
         <link rel='related' href='https://a.example/' type='text/html' title='t' description='d'/>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p onclick='x()'>Hi <b>all</b></p></div>\
         </content><content type='text'>Hi **all**</content><published>2026-11-20T09:00:00+00:00</published>\
         <updated>2026-11-20T09:00:00+00:00</updated></entry>"
    );
    let options: String =
        [("persist_items", "true"), ("max_items", "max"), ("itemreply", "publisher"), ("notify_sub", "true")]
            .map(|(var, value)| format!("<field var='pubsub#{var}'><value>{value}</value></field>"))
            .concat();
    let post = format!(
        "<publish node='news'><item id='711cd52a-a528-4356-b56b-8ac849f87835'>{entry}</item></publish>\
         <publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>http://jabber.org/protocol/pubsub#publish-options</value></field>{options}</x></publish-options>"
    );
    let heard = stage.send(&to("miho@example.com/movim", &post));
    let item = format!(
        "<item id='711cd52a-a528-4356-b56b-8ac849f87835' publisher='miho@example.com'>{entry}</item>"
    );
    has(&heard, &["<iq type='result'", &item]);
    has(&items(&mut stage, NODE), &[&item]);
}

/// A7: the question whether one may publish.
#[test]
fn a7_a_question_leaves_no_trace() {
    let mut stage = stage();
    stage.send(&to("ed@example.com/a", &create("closed", &[])));
    let probe = format!("<item id='test_post'><entry {ATOM}/></item>");
    let end = "<retract node='news' notify='true'><item id='test_post'/></retract>";
    for asked in [publish("miho@example.com/movim", NODE, &probe), to("miho@example.com/movim", end)] {
        let answer = stage.send(&asked);
        has(&answer, &["<iq type='result'"]);
        assert!(!answer.contains("<message"), "{answer}");
    }
    assert!(!items(&mut stage, NODE).contains("<item "));
    stage.refuses(&[(publish("miho@example.com/movim", "closed", &probe), "auth/forbidden/-")]);
}

/// A8: an entry without author, date and id.
#[test]
fn a8_what_is_missing_is_added() {
    let mut stage = stage();
    let sent = format!("<item id='b1'><entry {ATOM}><title>Hi</title></entry></item>");
    let heard = stage.send(&publish("bob@example.net/x", NODE, &sent));
    let entry = format!(
        "<entry {ATOM}><title>Hi</title><id>xmpp:pubsub.example.com?;node=news;item=b1</id>\
         <updated>2003-12-13T18:30:02Z</updated><author><name>bob</name><uri>xmpp:bob@example.net</uri></author>\
         <link rel='alternate' href='xmpp:pubsub.example.com?;node=news;item=b1'/></entry>"
    );
    has(&heard, &[&entry]);
    has(&items(&mut stage, NODE), &[&entry]);
}

/// A9: a comment in the name of somebody else, by the policy of the node.
#[test]
fn a9_a_spoofed_comment_is_known_as_one() {
    let comment = |name: &str, jid: &str| {
        format!(
            "<entry {ATOM}><id>tag:evil.example,2026:1</id><title>♥</title>\
             <author><name>{name}</name><uri>xmpp:{jid}</uri></author><content/>\
             <updated>2026-11-20T09:00:00Z</updated></entry>"
        )
    };
    let sent = comment("ed", "ed@example.com");
    let corrected = comment("mallory", "mallory@evil.example");
    for (policy, expected) in [("annotate", Some(&sent)), ("reject", None), ("replace", Some(&corrected))] {
        let mut stage = stage();
        let node = "urn:xmpp:microblog:0:comments/9";
        let options = [("publish_model", "open"), ("x-pubsub#author_policy", policy)];
        stage.send(&to("ed@example.com/a", &create(node, &options)));
        stage.send(&to("ed@example.com/a", &format!("<subscribe node='{node}' jid='ed@example.com'/>")));
        let heard =
            stage.any(&publish("mallory@evil.example/x", node, &format!("<item id='1'>{sent}</item>")));
        match expected {
            Some(entry) => {
                let item = format!("<item id='1' publisher='mallory@evil.example'>{entry}</item>");
                has(&heard, &["<iq type='result'", &item]);
            }
            None => has(&heard, &["<error type='modify'><not-acceptable", ">A-AUTHOR: "]),
        }
    }
}

/// A10: nobody overwrites what somebody else published, not even where everybody may publish.
#[test]
fn a10_items_are_their_publishers() {
    let mut stage = stage();
    let item = |title: &str| format!("<item id='p1'><entry {ATOM}><title>{title}</title></entry></item>");
    stage.send(&publish("atompub.example.org", NODE, &item("Harbour reopens")));
    let before = items(&mut stage, NODE);
    let overwritten = publish("bob@example.net/x", NODE, &item("Defaced"));
    stage.refuses(&[(overwritten, "auth/forbidden/-")]);
    assert_eq!(items(&mut stage, NODE), before);
    has(&before, &["publisher='atompub.example.org'", "<author><name>atompub.example.org</name>"]);
}

/// A11: too large a payload. That the stream stays up is seen in `tests/servers/hostile.rs`.
#[test]
fn a11_what_is_too_large_is_refused_at_once() {
    let mut stage = stage();
    let large = format!("<item id='x'><entry {ATOM}><title>{}</title></entry></item>", "x".repeat(5000));
    let post = publish("ed@example.com/a", NODE, &large);
    stage.refuses(&[(post, "modify/not-acceptable/payload-too-big")]);
}

/// A12: the newest by creation, of a node whose older items were modified since.
#[test]
fn a12_the_newest_by_creation() {
    let mut stage = stage();
    for id in ["1", "2", "3", "1"] {
        let item = format!("<item id='{id}'><entry {ATOM}><title>{id}</title></entry></item>");
        stage.send(&publish("ed@example.com/a", NODE, &item));
    }
    let answer =
        stage.send(&to("alice@example.net/p", &order("creation", 2)).replace("type='set'", "type='get'"));
    let ids: Vec<_> = answer.split("<item id='").skip(1).filter_map(|item| item.chars().next()).collect();
    assert_eq!(ids, ['3', '2']);
    has(&answer, &["<first index='0'>", "</first><last>", "<count>3</count>"]);
}

/// A13: the history of the node, a message for each publication.
#[test]
fn a13_the_history_of_a_node() {
    let mut stage = stage();
    stage.send(&publish("atompub.example.org", NODE, &harbour("Harbour", "2026-11-20T08:00:00Z")));
    let query = crate::stage::ask(
        "set",
        "alice@example.net/p",
        "<query xmlns='urn:xmpp:mam:2' queryid='q' node='news'/>",
    );
    let answer = stage.send(&query.replace(crate::stage::SERVICE, SERVICE));
    has(
        &answer,
        &[
            "<result xmlns='urn:xmpp:mam:2' queryid='q' id='",
            "<forwarded xmlns='urn:xmpp:forward:0'>",
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='news'><item id='p1'",
            "<fin xmlns='urn:xmpp:mam:2'",
        ],
    );
}

/// A15: what a node says of itself.
#[test]
fn a15_the_metadata_of_a_node() {
    let mut stage = stage();
    let ask = "<query xmlns='http://jabber.org/protocol/disco#info' node='news'/>";
    let ask = crate::stage::ask("get", "alice@example.net/p", ask).replace(crate::stage::SERVICE, SERVICE);
    let answer = stage.send(&ask);
    has(
        &answer,
        &["category='pubsub'", "type='leaf'", "<value>http://jabber.org/protocol/pubsub#meta-data</value>"],
    );
    for field in [
        "type",
        "title",
        "description",
        "creation_date",
        "num_subscribers",
        "access_model",
        "publish_model",
        "max_items",
        "language",
        "owner",
    ] {
        has(&answer, &[&format!("<field var='pubsub#{field}'")]);
    }
}

/// A17: a text for clients that know nothing of this. An entry that is no more than a title is no more than that.
#[test]
fn a17_a_text_before_the_event() {
    let mut stage = stage();
    let options = "<options><x xmlns='jabber:x:data' type='submit'><field var='pubsub#include_body'>\
                   <value>1</value></field></x></options>";
    let subscribe = format!("<subscribe node='news' jid='alice@example.net'/>{options}");
    stage.send(&to("alice@example.net", &subscribe));
    let item = format!("<item id='p3'><entry {ATOM}><title>Harbour reopens</title></entry></item>");
    let heard = stage.send(&publish("ed@example.com/a", NODE, &item));
    has(&heard, &["to='alice@example.net'><body>Harbour reopens</body><event "]);
}
