//! Comments go with the entry that they are about — XEP-0277, XEP-0496.

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::presence::receive::Presence;
use atomsub::store::{self, Place};

use crate::relations::{configure, create};
use crate::stage::{Stage, get, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const HORATIO: &str = "horatio@denmark.lit/wittenberg";
const BLOG: &str = "blog";
const COMMENTS: &str = "urn:xmpp:microblog:0:comments/1";
const HREF: &str = "xmpp:pubsub.shakespeare.lit?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2F1";

/// An entry with links to where the comments are.
fn entry(links: &[(&str, &str)]) -> String {
    let links = links.iter().map(|(rel, href)| format!("<link rel='{rel}' href='{href}'/>"));
    format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><title>Words</title><id>tag:denmark.lit,2024:1</id>\
         <updated>2003-12-13T18:30:02Z</updated>{}</entry>",
        links.collect::<String>()
    )
}

fn publish(from: &str, node: &str, id: &str, href: &str) -> String {
    let entry = entry(&[("replies", href)]);
    set(from, &format!("<publish node='{node}'><item id='{id}'>{entry}</item></publish>"))
}

fn retract(from: &str, node: &str, id: &str) -> String {
    set(from, &format!("<retract node='{node}'><item id='{id}'/></retract>"))
}

fn is_there(stage: &mut Stage, node: &str) -> bool {
    !stage.any(&get("bard@shakespeare.lit", &format!("<items node='{node}'/>"))).contains("<item-not-found ")
}

/// A blog of Hamlet's, to which Horatio may publish too.
fn blog(options: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.node(BLOG, options);
    stage.affiliate(BLOG, "horatio@denmark.lit", Affiliation::Publisher);
    stage
}

/// Whichever comes first, and whatever makes the entry go: then the comments go, and whoever reads them is told.
#[test]
fn comments_go_with_their_entry() {
    type End = (&'static str, &'static [(&'static str, &'static str)], fn(&mut Stage) -> String);
    let ends: [End; 7] = [
        ("retracted", &[], |stage| stage.send(&retract(HAMLET, BLOG, "1"))),
        ("trimmed", &[("max_items", "1")], |stage| stage.send(&publish(HAMLET, BLOG, "2", "xmpp:x"))),
        ("trimmed by configuration", &[("max_items", "5")], |stage| {
            stage.send(&publish(HAMLET, BLOG, "2", "xmpp:x"));
            stage.send(&configure(HAMLET, BLOG, &[("max_items", "1")]))
        }),
        ("expired", &[("item_expire", "60")], |stage| stage.pass(60)),
        ("purged", &[], |stage| stage.send(&owner_set(HAMLET, &format!("<purge node='{BLOG}'/>")))),
        ("deleted with its node", &[], |stage| {
            stage.send(&owner_set(HAMLET, &format!("<delete node='{BLOG}'/>")))
        }),
        ("left with its publisher", &[("purge_offline", "1")], |stage| {
            stage.reach.presences.note_complete();
            stage.presence("hamlet@denmark.lit/elsinore", Presence::Unavailable)
        }),
    ];
    for (how, options, end) in ends {
        for entry_first in [true, false] {
            let mut stage = blog(options);
            let mut steps = [publish(HAMLET, BLOG, "1", HREF), create(HAMLET, COMMENTS, &[])];
            if !entry_first {
                steps.reverse();
            }
            for step in steps {
                stage.send(&step);
            }
            stage.subscribe(COMMENTS, "francisco@denmark.lit");
            assert!(is_there(&mut stage, COMMENTS), "{how}");
            let mut told = end(&mut stage);
            told += &stage.notices();
            assert!(told.contains(&format!("<delete node='{COMMENTS}'/>")), "{how}: {told}");
            assert!(!is_there(&mut stage, COMMENTS), "{how}");
            stage.send(&create(HAMLET, COMMENTS, &[]));
        }
    }
}

/// Rows: what is made, and whether retracting the entry `1` takes the comments along.
fn check(table: &[(&str, Vec<String>, bool)]) {
    for (what, steps, goes) in table {
        let mut stage = blog(&[]);
        for step in steps {
            stage.wait(1);
            stage.send(step);
        }
        stage.send(&retract(HAMLET, BLOG, "1"));
        assert_eq!(is_there(&mut stage, COMMENTS), !goes, "{what}");
    }
}

fn comments(from: &str) -> String {
    create(from, COMMENTS, &[])
}

#[test]
fn only_a_link_that_names_ones_own_comments_counts() {
    let named = |href: &str| vec![comments(HAMLET), publish(HAMLET, BLOG, "1", href)];
    let with = |rel: &str, href: &str| {
        let entry = entry(&[(rel, href)]);
        let publish = format!("<publish node='{BLOG}'><item id='1'>{entry}</item></publish>");
        vec![comments(HAMLET), set(HAMLET, &publish)]
    };
    check(&[
        ("somebody else's comments", vec![comments(HORATIO), publish(HAMLET, BLOG, "1", HREF)], false),
        ("somebody else's entry", vec![publish(HAMLET, BLOG, "1", HREF), comments(HORATIO)], false),
        ("raw", named("xmpp:pubsub.shakespeare.lit?;node=urn:xmpp:microblog:0:comments/1"), true),
        ("of a retrieval", named(&HREF.replace("?;", "?pubsub;action=retrieve;")), true),
        ("a service in capitals", named(&HREF.replace("pubsub.shakespeare", "PubSub.Shakespeare")), true),
        ("another service", named(&HREF.replace("pubsub.", "comments.")), false),
        ("an item", named(&format!("{HREF};item=1")), false),
        ("another relation", with("related", HREF), false),
        ("a web page", named("https://denmark.lit/urn:xmpp:microblog:0:comments/1"), false),
    ]);
}

#[test]
fn whoever_relates_his_comments_to_something_else_is_obeyed() {
    check(&[
        (
            "a relation of their own",
            vec![
                create(HAMLET, "above", &[]),
                create(HAMLET, COMMENTS, &[("parent", "above")]),
                publish(HAMLET, BLOG, "1", HREF),
            ],
            false,
        ),
        (
            "a relation that was given later",
            vec![
                create(HAMLET, "above", &[]),
                comments(HAMLET),
                publish(HAMLET, BLOG, "1", HREF),
                configure(HAMLET, COMMENTS, &[("link", "above")]),
                publish(HAMLET, BLOG, "1", HREF),
            ],
            false,
        ),
        (
            "other options that were given later",
            vec![
                comments(HAMLET),
                publish(HAMLET, BLOG, "1", HREF),
                configure(HAMLET, COMMENTS, &[("title", "x"), ("link", ""), ("parent", "")]),
            ],
            true,
        ),
    ]);
}

#[test]
fn comments_belong_to_the_first_entry_that_names_them() {
    check(&[
        (
            "an entry that names them no longer",
            vec![
                comments(HAMLET),
                publish(HAMLET, BLOG, "1", HREF),
                publish(HAMLET, BLOG, "1", "xmpp:elsewhere"),
            ],
            false,
        ),
        (
            "an entry that names them again",
            vec![
                comments(HAMLET),
                publish(HAMLET, BLOG, "1", HREF),
                publish(HAMLET, BLOG, "1", "xmpp:elsewhere"),
                publish(HAMLET, BLOG, "1", HREF),
            ],
            true,
        ),
        (
            "an entry that named them before they were made",
            vec![
                publish(HAMLET, BLOG, "1", HREF),
                publish(HAMLET, BLOG, "1", "xmpp:elsewhere"),
                comments(HAMLET),
            ],
            false,
        ),
        (
            "the first of two entries",
            vec![publish(HAMLET, BLOG, "1", HREF), publish(HAMLET, BLOG, "2", HREF), comments(HAMLET)],
            true,
        ),
        (
            "the second of two entries",
            vec![publish(HAMLET, BLOG, "2", HREF), publish(HAMLET, BLOG, "1", HREF), comments(HAMLET)],
            false,
        ),
        (
            "an entry after one of somebody else",
            vec![publish(HORATIO, BLOG, "0", HREF), publish(HAMLET, BLOG, "1", HREF), comments(HAMLET)],
            true,
        ),
        (
            "an entry after one of a node that is gone",
            vec![
                create(HAMLET, "old", &[]),
                publish(HAMLET, "old", "1", HREF),
                owner_set(HAMLET, "<delete node='old'/>"),
                publish(HAMLET, BLOG, "1", HREF),
                comments(HAMLET),
            ],
            true,
        ),
    ]);
}

#[test]
fn a_node_that_is_not_for_comments_goes_with_nothing() {
    let mut stage = blog(&[]);
    stage.node("diary", &[]);
    stage.send(&publish(HAMLET, BLOG, "1", "xmpp:pubsub.shakespeare.lit?;node=diary"));
    stage.send(&retract(HAMLET, BLOG, "1"));
    assert!(is_there(&mut stage, "diary"));
}

/// A comment in its own thread names the thread, and clients copy links.
#[test]
fn comments_that_name_each_other_go_with_none_of_theirs() {
    let second = COMMENTS.replace("/1", "/2");
    let to_second = HREF.replace("%2F1", "%2F2");
    let mut stage = blog(&[]);
    stage.send(&create(HAMLET, COMMENTS, &[]));
    stage.send(&create(HAMLET, &second, &[]));
    stage.send(&publish(HAMLET, COMMENTS, "own", HREF));
    stage.send(&publish(HAMLET, COMMENTS, "deeper", &to_second));
    stage.send(&publish(HAMLET, &second, "back", HREF));
    stage.send(&publish(HAMLET, BLOG, "1", HREF));
    stage.refuses(&[(configure(HAMLET, BLOG, &[("parent", &second)]), "cancel/not-allowed/invalid-option")]);
    for (node, id) in [(COMMENTS, "own"), (&second, "back")] {
        stage.send(&retract(HAMLET, node, id));
    }
    assert!(is_there(&mut stage, COMMENTS) && is_there(&mut stage, &second));
    stage.send(&retract(HAMLET, BLOG, "1"));
    while !stage.notices().is_empty() {}
    assert!(!is_there(&mut stage, COMMENTS) && !is_there(&mut stage, &second));
}

/// One process serves both, over one store.
#[test]
fn comments_on_another_service_go_too() {
    for entry_first in [true, false] {
        let mut stage = blog(&[]);
        let href = HREF.replace("pubsub.", "comments.");
        let publish = publish(HAMLET, BLOG, "1", &href);
        if entry_first {
            stage.send(&publish);
        }
        stage.elsewhere("comments.shakespeare.lit", |comments| {
            comments.send(&create(HAMLET, COMMENTS, &[]));
            comments.subscribe(COMMENTS, "francisco@denmark.lit");
        });
        if !entry_first {
            stage.send(&publish);
        }
        stage.send(&retract(HAMLET, BLOG, "1"));
        stage.elsewhere("comments.shakespeare.lit", |comments| {
            let told = comments.notices();
            assert!(told.contains(&format!("<delete node='{COMMENTS}'/>")), "{told}");
            assert!(!is_there(comments, COMMENTS));
        });
    }
}

#[test]
fn what_belongs_together_is_known_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Sled(directory.path().to_owned());
    let mut stage = Stage::over(store::open(&place).unwrap());
    stage.node(BLOG, &[]);
    stage.send(&publish(HAMLET, BLOG, "1", HREF));
    let mut stage = stage.reopened(|| store::open(&place).unwrap());
    stage.send(&create(HAMLET, COMMENTS, &[]));
    let mut stage = stage.reopened(|| store::open(&place).unwrap());
    stage.send(&retract(HAMLET, BLOG, "1"));
    assert!(!is_there(&mut stage, COMMENTS));
}
