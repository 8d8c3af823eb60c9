//! What the profiles of Atom, by `pubsub#type`, ask of entries, and types that are none.

use crate::stage::{Stage, set};

const ENTRY: &str = "xmlns='http://www.w3.org/2005/Atom'";
const IMAGE: &str = "<link rel='enclosure' type='image/jpeg' href='http://denmark.lit/1.jpg'/>";
const VIDEO: &str = "<link rel='enclosure' type='video/mp4' href='http://denmark.lit/1.mp4'/>";
const COMMENTS: &str =
    "<link rel='replies' title='comments' href='xmpp:c.lit?;node=urn:xmpp:microblog:0:comments/1'/>";
const FEED: &str = "<link rel='replies' type='application/atom+xml' href='http://denmark.lit/replies'/>";
const TOPIC: &str = "<title>Ghosts</title><content>Are they real?</content>";
const REPLY: &str = "<in-reply-to xmlns='http://purl.org/syndication/thread/1.0' ref='tag:a'/>";

fn publish(node: &str, payload: &str) -> String {
    set(
        "hamlet@denmark.lit/blogbot",
        &format!("<publish node='{node}'><item id='1'>{payload}</item></publish>"),
    )
}

#[test]
fn profiles_ask_something_of_their_entries() {
    let gallery = "urn:xmpp:pubsub-social-feed:gallery:1";
    let stories = "urn:xmpp:pubsub-social-feed:stories:0";
    let flat = "urn:xmpp:pubsub-social-feed:flat-forums:0";
    let threaded = "urn:xmpp:pubsub-social-feed:threaded-forums:0";
    let plain = ["http://www.w3.org/2005/Atom", "urn:xmpp:pubsub-social-feed:1", "urn:xmpp:microblog:0"];
    // The type of the node, the entry, and what the error begins with.
    let mut cases: Vec<(&str, String, &str)> = plain.map(|kind| (kind, String::new(), "")).into();
    cases.extend([
        (gallery, [IMAGE].concat(), ""),
        (gallery, [VIDEO, IMAGE, IMAGE].concat(), ""),
        (gallery, [VIDEO].concat(), "P-GALLERY"),
        (gallery, String::new(), "P-GALLERY"),
        ("urn:xmpp:pubsub-social-gallery:0", [IMAGE].concat(), ""),
        ("urn:xmpp:pubsub-social-gallery:0", [VIDEO].concat(), "P-GALLERY"),
        (stories, [IMAGE].concat(), ""),
        (stories, [VIDEO].concat(), ""),
        (stories, [IMAGE, VIDEO].concat(), "P-STORIES"),
        (stories, String::new(), "P-STORIES"),
        (flat, [TOPIC, COMMENTS, FEED].concat(), ""),
        (flat, [TOPIC, COMMENTS, REPLY].concat(), ""),
        (flat, [TOPIC, FEED].concat(), "P-FORUM"),
        (flat, [TOPIC, COMMENTS, COMMENTS].concat(), "P-FORUM"),
        (flat, ["<title/>", COMMENTS].concat(), "P-FORUM"),
        (flat, ["<content/>", COMMENTS].concat(), "P-FORUM"),
        (threaded, [TOPIC, COMMENTS].concat(), ""),
        (threaded, [TOPIC, COMMENTS, REPLY].concat(), "P-THREADS"),
    ]);
    let mut stage = Stage::new();
    for (number, (kind, inner, error)) in cases.into_iter().enumerate() {
        let (node, lax) = (number.to_string(), format!("lax{number}"));
        let options = [("type", kind), ("access_model", "open")];
        stage.node(&node, &options);
        stage.node(&lax, &[&options[..], &[("x-pubsub#validation", "off")]].concat());
        let entry = format!("<entry {ENTRY}>{inner}</entry>");
        stage.send(&publish(&lax, &entry));
        if error.is_empty() {
            stage.send(&publish(&node, &entry));
        } else {
            stage.refuses(&[(publish(&node, &entry), "modify/bad-request/invalid-payload")]);
            assert!(stage.any(&publish(&node, &entry)).contains(&format!(">{error}: ")), "{kind}: {entry}");
        }
        stage.refuses(&[(publish(&node, "<e xmlns='urn:x'/>"), "modify/bad-request/invalid-payload")]);
    }
}

#[test]
fn nodes_that_hold_others_together_take_no_items() {
    let mut stage = Stage::new();
    for (node, kind) in [("root", "urn:xmpp:forums:root:0"), ("category", "urn:xmpp:forums:category:0")] {
        stage.node(node, &[("type", kind)]);
        stage.node(kind, &[("type", kind), ("x-pubsub#validation", "off")]);
        for payload in [format!("<entry {ENTRY}/>"), format!("<e xmlns='{kind}'/>")] {
            stage.refuses(&[(publish(node, &payload), "modify/bad-request/item-forbidden")]);
            stage.send(&publish(kind, &payload));
        }
    }
}

#[test]
fn other_types_take_what_is_in_their_namespace_and_encrypted_ones_anything() {
    let mut stage = Stage::new();
    let (encrypted, other) = ("urn:xmpp:openpgp:pubsub:0", "urn:other");
    for (node, kind) in [("encrypted", encrypted), ("other", other), ("any", "")] {
        stage.node(node, &[("type", kind)]);
        stage.subscribe(node, "francisco@denmark.lit");
    }
    let entry = format!("<entry {ENTRY}><title>as it is</title></entry>");
    for payload in
        [entry.as_str(), "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>", "<e xmlns='urn:other'/>"]
    {
        for node in ["encrypted", "any"] {
            assert!(stage.send(&publish(node, payload)).contains(payload), "{payload}");
        }
    }
    stage.send(&publish("other", "<e xmlns='urn:other'/>"));
    stage.refuses(&[(publish("other", &entry), "modify/bad-request/invalid-payload")]);
}
