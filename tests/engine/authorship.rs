//! Who wrote an entry, against who publishes it: the policies of nodes.

use crate::stage::{Stage, configure, get, set};

const MALLORY: &str = "mallory@evil.example/x";
const COMMENTS: &str = "urn:xmpp:microblog:0:comments/9";

const ED: &str = "<author><name>Ed</name><uri>xmpp:ed@example.com</uri></author>";
const TRUE: &str = "<author><name>mallory</name><uri>xmpp:mallory@evil.example</uri></author>";
const SHOUTED: &str = "<author><uri>xmpp:Mallory@EVIL.example</uri></author>";
const NAME: &str = "<author><name>Ed</name></author>";
const VIA: &str = "<link rel='via' href='http://example.com/1'/>";
const SEAL: &str = "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>";

fn entry(inner: &str) -> String {
    format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><id>tag:evil.example,2003:1</id><title>♥</title>{inner}\
         <updated>2003-12-13T18:30:02Z</updated><content>x</content></entry>"
    )
}

fn publish(node: &str, inner: &str) -> String {
    set(MALLORY, &format!("<publish node='{node}'><item id='1'>{}</item></publish>", entry(inner)))
}

fn stage(node: &str, options: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.node(node, &[&[("publish_model", "open")], options].concat());
    stage.subscribe(node, "ed@example.com");
    stage
}

/// What becomes of the authors, or the error.
fn check(stage: &mut Stage, node: &str, inner: &str, expected: Option<&str>) {
    let stanza = publish(node, inner);
    let Some(expected) = expected else {
        stage.refuses(&[(stanza.clone(), "modify/not-acceptable/-")]);
        assert!(stage.any(&stanza).contains(">A-AUTHOR: "), "{inner}");
        return;
    };
    let item = format!("<item id='1' publisher='mallory@evil.example'>{}</item>", entry(expected));
    let told = stage.send(&stanza);
    assert!(told.contains(&item), "{inner}: {told}");
    let items = stage.send(&get(MALLORY, &format!("<items node='{node}'/>")));
    assert!(items.contains(&item), "{inner}: {items}");
}

#[test]
fn a_node_may_keep_refuse_or_correct_authors() {
    let sourced = format!("{NAME}<source>{ED}</source>");
    let repost = format!("{ED}{VIA}");
    let sealed = format!("{ED}{SEAL}");
    let both = format!("{ED}{TRUE}");
    let mixed = format!("{NAME}{ED}");
    let corrected = format!("{NAME}{TRUE}");
    // Authors, and what the policies reject and replace make of them.
    let cases: &[(&str, Option<&str>, Option<&str>)] = &[
        (TRUE, Some(TRUE), Some(TRUE)),
        (SHOUTED, Some(SHOUTED), Some(SHOUTED)),
        (NAME, Some(NAME), Some(NAME)),
        (&sourced, Some(&sourced), Some(&sourced)),
        (&both, Some(&both), Some(&both)),
        (&repost, Some(&repost), Some(&repost)),
        (ED, None, Some(TRUE)),
        (&mixed, None, Some(&corrected)),
        (&sealed, None, None),
    ];
    let mut stage = Stage::new();
    for policy in ["annotate", "reject", "replace"] {
        stage.node(policy, &[("publish_model", "open"), ("x-pubsub#author_policy", policy)]);
        stage.subscribe(policy, "ed@example.com");
    }
    for (sent, rejecting, replacing) in cases {
        check(&mut stage, "annotate", sent, Some(sent));
        check(&mut stage, "reject", sent, *rejecting);
        check(&mut stage, "replace", sent, *replacing);
    }
}

/// Authors are looked at whatever else is.
#[test]
fn policies_hold_in_each_mode() {
    for mode in ["strict", "complete", "off"] {
        let options = [("x-pubsub#validation", mode), ("x-pubsub#author_policy", "reject")];
        let mut stage = stage("n", &options);
        check(&mut stage, "n", ED, None);
        check(&mut stage, "n", TRUE, Some(TRUE));
    }
}

/// Whatever a comment is said to be taken from, it is its publisher's.
#[test]
fn comments_cannot_be_spoofed() {
    let mut stage = stage(COMMENTS, &[]);
    let (repost, sourced) = (format!("{ED}{VIA}"), format!("<source>{ED}</source>"));
    let (both, too) = (format!("{ED}{TRUE}"), format!("{TRUE}{ED}"));
    for spoof in [ED, &repost, &sourced, &both, &too] {
        check(&mut stage, COMMENTS, spoof, None);
    }
    for honest in [TRUE, NAME] {
        check(&mut stage, COMMENTS, honest, Some(honest));
    }
    let said =
        |policy| configure("hamlet@denmark.lit/elsinore", COMMENTS, &[("x-pubsub#author_policy", policy)]);
    stage.send(&said("replace"));
    check(&mut stage, COMMENTS, ED, Some(TRUE));
    check(&mut stage, COMMENTS, &both, Some(TRUE));
    let corrected = stage.send(&publish(COMMENTS, &sourced));
    assert!(corrected.contains(&format!("</content>{TRUE}</entry>")), "{corrected}");
    stage.send(&said("annotate"));
    check(&mut stage, COMMENTS, ED, Some(ED));
}
