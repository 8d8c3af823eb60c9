//! Comments nodes — XEP-0277, over XEP-0060 [#owner-create], [#publisher-publish-autocreate].

use atomsub::limits::COMMENTS_CREATED_MAX;
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::config::NodeConfig;
use atomsub::pubsub::node::{Node, NodeId};
use atomsub::pubsub::{Jid, Timestamp};

use crate::stage::{ENTRY, SERVICE, Stage, configure, create, form, get, owner_get, owner_set, set, value};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
/// Of another host, where nobody may create nodes.
const JULIET: &str = "juliet@capulet.lit/balcony";
const BENVOLIO: &str = "benvolio@montague.lit/street";
const COMMENTS: &str = "urn:xmpp:microblog:0:comments/dd88c9bc58886fce0049ed050df0c5f2";

/// What Movim says when it creates one.
const MOVIM: &[(&str, &str)] = &[
    ("persist_items", "true"),
    ("max_items", "max"),
    ("send_last_published_item", "on_sub"),
    ("deliver_payloads", "false"),
    ("access_model", "open"),
    ("publish_model", "open"),
    ("itemreply", "publisher"),
    ("notify_retract", "true"),
];
/// What Libervia says.
const LIBERVIA: &[(&str, &str)] = &[
    ("access_model", "open"),
    ("persist_items", "1"),
    ("max_items", "-1"),
    ("deliver_payloads", "1"),
    ("send_item_subscribe", "1"),
    ("publish_model", "open"),
];

fn comment(from: &str, node: &str, id: &str) -> String {
    set(from, &format!("<publish node='{node}'><item id='{id}'>{ENTRY}</item></publish>"))
}

fn retract(from: &str, id: &str) -> String {
    set(from, &format!("<retract node='{COMMENTS}'><item id='{id}'/></retract>"))
}

fn shown(stage: &mut Stage, owner: &str, option: &str) -> String {
    value(&stage.send(&owner_get(owner, &format!("<configure node='{COMMENTS}'/>"))), option)
}

#[test]
fn anybody_creates_one_and_owns_it_and_everybody_writes_to_it() {
    for options in [&[], MOVIM, LIBERVIA] {
        for creator in [HAMLET, JULIET] {
            let mut stage = Stage::new();
            stage.send(&set(creator, &create(COMMENTS, options)));
            for (option, value) in [
                ("access_model", "open"),
                ("publish_model", "open"),
                ("notify_retract", "1"),
                ("persist_items", "1"),
                ("max_items", "max"),
                ("itemreply", "publisher"),
            ] {
                assert_eq!(shown(&mut stage, creator, option), value, "{option} of {options:?}");
            }
            stage.subscribe(COMMENTS, "hamlet@denmark.lit");
            let heard = stage.send(&comment(BENVOLIO, COMMENTS, "1"));
            assert!(heard.contains("<item id='1' publisher='benvolio@montague.lit'"), "{heard}");
        }
    }
}

/// Without a word about its configuration, payloads are delivered.
#[test]
fn publishing_makes_one() {
    let mut stage = Stage::new();
    stage.send(&comment(JULIET, COMMENTS, "1"));
    assert_eq!(shown(&mut stage, JULIET, "deliver_payloads"), "1");
    assert_eq!(shown(&mut stage, JULIET, "publish_model"), "open");
    stage.send(&comment(BENVOLIO, COMMENTS, "2"));
    let all = stage.send(&get(HAMLET, &format!("<items node='{COMMENTS}'/>")));
    assert_eq!(all.matches("<item id=").count(), 2, "{all}");
}

/// What Converse requires when it comments, on a node that is not there and on the one that it has made then.
#[test]
fn publishing_with_options_makes_one() {
    let options = form(&[
        ("access_model", "open"),
        ("persist_items", "true"),
        ("max_items", "max"),
        ("send_last_published_item", "never"),
        ("notify_retract", "true"),
        ("deliver_payloads", "true"),
        ("itemreply", "publisher"),
    ]);
    let mut stage = Stage::new();
    for from in [JULIET, BENVOLIO] {
        let publish = format!("<publish node='{COMMENTS}'><item>{ENTRY}</item></publish>");
        stage.send(&set(from, &format!("{publish}<publish-options>{options}</publish-options>")));
    }
}

/// The writer and the owner take a comment back, and nobody else; nobody overwrites another's.
#[test]
fn a_comment_is_its_writers_and_the_owners() {
    let mut stage = Stage::new();
    stage.send(&set(JULIET, &create(COMMENTS, &[])));
    for id in ["1", "2"] {
        stage.send(&comment(BENVOLIO, COMMENTS, id));
    }
    stage.refuses(&[
        (retract(HAMLET, "1"), "auth/forbidden/-"),
        (comment(HAMLET, COMMENTS, "1"), "auth/forbidden/-"),
    ]);
    stage.send(&retract(BENVOLIO, "1"));
    stage.send(&retract(JULIET, "2"));
    stage.affiliate(COMMENTS, "benvolio@montague.lit", Affiliation::Outcast);
    stage.refuses(&[(comment(BENVOLIO, COMMENTS, "3"), "auth/forbidden/-")]);
}

/// The owner decides about the rest, but subscribers always hear what is gone.
#[test]
fn an_owner_may_close_it() {
    let mut stage = Stage::new();
    stage.send(&set(JULIET, &create(COMMENTS, &[("notify_retract", "0"), ("publish_model", "subscribers")])));
    assert_eq!(shown(&mut stage, JULIET, "notify_retract"), "1");
    stage.refuses(&[(comment(BENVOLIO, COMMENTS, "1"), "auth/forbidden/-")]);
    let closed = [("publish_model", "publishers"), ("notify_retract", "0")];
    stage.send(&configure(JULIET, COMMENTS, &closed));
    assert_eq!(shown(&mut stage, JULIET, "publish_model"), "publishers");
    assert_eq!(shown(&mut stage, JULIET, "notify_retract"), "1");
}

/// Only names of this form, and only where the service's policy is not another.
#[test]
fn other_nodes_take_a_permission() {
    let forbidden = |node: &str| (set(JULIET, &create(node, &[])), "auth/forbidden/-");
    let missing = |node: &str| (comment(JULIET, node, "1"), "cancel/item-not-found/-");
    let mut stage = Stage::new();
    for node in
        ["blog", "urn:xmpp:microblog:0", "urn:xmpp:microblog:0:comments/", "urn:xmpp:microblog:0:comments"]
    {
        stage.refuses(&[forbidden(node), missing(node)]);
    }
    stage.refuses(&[(set(JULIET, "<create/>"), "auth/forbidden/-")]);
    stage.only_creators_comment();
    stage.refuses(&[forbidden(COMMENTS), missing(COMMENTS)]);
    stage.send(&set(HAMLET, &create(COMMENTS, &[])));
    stage.send(&comment(JULIET, COMMENTS, "1"));
}

#[test]
fn nobody_fills_the_service_with_them() {
    let mut stage = Stage::new();
    let creator = |who: &str| Jid::from_host(who).to_bare();
    for who in [JULIET, HAMLET, "bard@shakespeare.lit"] {
        stage.transact(|_, tx| {
            for number in 0..COMMENTS_CREATED_MAX {
                let name = format!("urn:xmpp:microblog:0:comments/{who}/{number}");
                let node = Node {
                    key: tx.new_node_key()?,
                    id: NodeId { service: SERVICE.to_owned(), name },
                    creator: creator(who),
                    created: Timestamp(0),
                    config: NodeConfig::default(),
                    expiry: None,
                    ties: Vec::new(),
                    moved: None,
                };
                tx.put_node(&node)?;
                tx.set_affiliation(node.key, node.creator.bare(), Affiliation::Owner)?;
            }
            Ok(())
        });
    }
    let one_more = |who| set(who, &create(COMMENTS, &[]));
    let full = "cancel/not-allowed/max-nodes-exceeded";
    stage.refuses(&[
        (one_more(JULIET), full),
        (comment(JULIET, COMMENTS, "1"), full),
        (one_more(HAMLET), full),
    ]);
    // Whoever needs no permission to do more is not kept from his own nodes, admins are not kept from anything.
    stage.send(&set(HAMLET, &create("blog", &[])));
    stage.send(&one_more("bard@shakespeare.lit"));
    let old = format!("urn:xmpp:microblog:0:comments/{JULIET}/0");
    stage.send(&owner_set(JULIET, &format!("<delete node='{old}'/>")));
    stage.send(&set(JULIET, &create(&old, &[])));
    stage.refuses(&[(set(JULIET, &create(&format!("{old}1a"), &[])), full)]);
    stage.send(&comment(JULIET, COMMENTS, "1"));
}
