//! What whoever writes a client may expect, request by request: the acceptance examples A1 to A17 of Atom over XMPP.

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
