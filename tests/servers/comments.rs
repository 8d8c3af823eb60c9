//! What Movim does with communities and comments, through real servers: it asks whether it may create nodes, gives a
//! community a picture, and creates and writes comments nodes from the other host, where nobody may create other nodes.

use crate::harness::server::Kind;
use crate::harness::xml::{attr, error, find, named};
use crate::stage::{
    SERVICE, Stage, create, creation, entry, hear, hear_item, hear_nothing, ids, on_both_servers, owner,
    publish, publish_payload, publish_with, pubsub, submitted, subscribe,
};

on_both_servers!(comments_from_the_other_host, comments_nodes_made_on_the_way, communities);

const JULIET: &str = "juliet@capulet.example";
const ROMEO: &str = "romeo@montague.example";
const COMMENTS: &[(&str, &str)] = &[
    ("persist_items", "true"),
    ("max_items", "max"),
    ("send_last_published_item", "on_sub"),
    ("deliver_payloads", "true"),
    ("access_model", "open"),
    ("publish_model", "open"),
    ("itemreply", "publisher"),
    ("notify_retract", "true"),
];
const COMMUNITY: &[(&str, &str)] = &[
    ("persist_items", "true"),
    ("deliver_payloads", "false"),
    ("send_last_published_item", "on_sub"),
    ("access_model", "open"),
    ("max_items", "max"),
    ("title", "Test"),
];
const METADATA: &str = "urn:xmpp:avatar:metadata";
const PICTURE: &str =
    "<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='1' id='a' type='image/png'/></metadata>";

fn comments_from_the_other_host(stage: &Stage) {
    let node = "urn:xmpp:microblog:0:comments/from/the/other/host";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let other = pubsub("<create node='romeos/own'/>");
    assert_eq!(error(&romeo.iq("set", SERVICE, &other)), "auth/forbidden");
    create(&mut romeo, node, COMMENTS);
    subscribe(&mut romeo, node);
    subscribe(&mut juliet, node);
    assert_eq!(hear(&mut romeo, node).name(), "subscription", "an owner hears who subscribes");
    juliet.ok("set", SERVICE, &publish(node, "1", "She is so pretty!"));
    romeo.ok("set", SERVICE, &publish(node, "2", "Is she not?"));
    for reader in [&mut juliet, &mut romeo] {
        assert_eq!(hear_item(reader, node, JULIET).0, "1");
        assert_eq!(hear_item(reader, node, ROMEO).0, "2");
    }

    let retract =
        |id: &str| pubsub(&format!("<retract node='{node}' notify='true'><item id='{id}'/></retract>"));
    assert_eq!(error(&juliet.iq("set", SERVICE, &retract("2"))), "auth/forbidden");
    for id in ["1", "2"] {
        romeo.ok("set", SERVICE, &retract(id));
        assert_eq!(attr(find(&hear(&mut juliet, node), &["retract"]).unwrap(), "id"), id);
    }
    romeo.ok("set", SERVICE, &owner(&format!("<delete node='{node}'/>")));
}

fn comments_nodes_made_on_the_way(stage: &Stage) {
    let node = "urn:xmpp:microblog:0:comments/made/on/the/way";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    romeo.ok("set", SERVICE, &publish_with(node, "1", &entry("1", "Made on the way"), &COMMENTS[..2]));
    juliet.ok("set", SERVICE, &publish(node, "2", "And written to"));
    assert_eq!(ids(&juliet.ok("get", SERVICE, &pubsub(&format!("<items node='{node}'/>")))), ["1", "2"]);
}

fn communities(stage: &Stage) {
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let probe = creation("test_node", COMMUNITY);
    juliet.ok("set", SERVICE, &probe);
    juliet.ok("set", SERVICE, &owner("<delete node='test_node'/>"));
    assert_eq!(error(&romeo.iq("set", SERVICE, &probe)), "auth/forbidden");

    let node = "community";
    let social: Vec<_> =
        COMMUNITY.iter().copied().chain([("type", "urn:xmpp:pubsub-social-feed:1")]).collect();
    create(&mut juliet, node, &social);
    subscribe(&mut romeo, node);
    let picture = publish_payload(node, METADATA, PICTURE);
    let own = [("access_model", "presence"), ("max_items", "1")];
    let first = publish_with(node, METADATA, PICTURE, &own);
    assert_eq!(error(&juliet.iq("set", SERVICE, &first)), "cancel/conflict/precondition-not-met");
    hear_nothing(&mut romeo, node);
    juliet.ok("set", SERVICE, &picture);
    assert_eq!(attr(find(&hear(&mut romeo, node), &["item"]).unwrap(), "id"), METADATA);
    let asked = pubsub(&format!("<items node='{node}'><item id='{METADATA}'/></items>"));
    let answer = romeo.ok("get", SERVICE, &asked);
    let info = find(&answer, &["pubsub", "items", "item", "metadata", "info"]);
    assert_eq!(info.map(|info| attr(info, "type")), Some("image/png"));
    let spoofed = romeo.iq("set", SERVICE, &picture);
    assert_eq!(error(&spoofed), "auth/forbidden");

    let only = [("included-types", "urn:xmpp:pubsub-social-feed:1")];
    let filter = submitted("urn:xmpp:pubsub-filter:0", &only);
    let query = format!(
        "<query xmlns='http://jabber.org/protocol/disco#items'>\
         <filter xmlns='urn:xmpp:pubsub-filter:0'>{filter}</filter></query>"
    );
    let listed = romeo.ok("get", SERVICE, &query);
    let nodes = named(find(&listed, &["query"]).expect("a list"), "item");
    let nodes: Vec<_> = nodes.into_iter().map(|item| attr(item, "node")).collect();
    assert!(nodes.contains(&node), "{nodes:?}");
    assert!(!nodes.iter().any(|name| name.starts_with("urn:xmpp:microblog:0:comments/")), "{nodes:?}");
}
