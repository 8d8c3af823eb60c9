//! What Movim asks by doing: "may I create nodes here?" — beside XEP-0060 [#owner-create].

use crate::stage::{Stage, ask, create, get, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const JULIET: &str = "juliet@capulet.lit/balcony";
/// How Movim configures communities.
const COMMUNITY: &[(&str, &str)] = &[
    ("persist_items", "true"),
    ("deliver_payloads", "false"),
    ("send_last_published_item", "on_sub"),
    ("access_model", "open"),
    ("max_items", "max"),
    ("title", "Test"),
];

fn delete(from: &str) -> String {
    owner_set(from, "<delete node='test_node'/>")
}

#[test]
fn whoever_may_create_nodes_is_told_so_and_nothing_is_there() {
    let mut stage = Stage::new();
    let before = stage.transact(|service, tx| tx.nodes(&service.jid, None, 9));
    for _ in 0..2 {
        let created = stage.send(&set(HAMLET, &create("test_node", COMMUNITY)));
        assert!(created.contains("<create node='test_node'/>"), "{created}");
        assert_eq!(stage.transact(|service, tx| tx.nodes(&service.jid, None, 9)), before);
        assert_eq!(stage.transact(|service, tx| tx.nodes_created(&service.jid, "hamlet@denmark.lit")), 0);
        let deleted = stage.send(&delete(HAMLET));
        assert!(deleted.contains("type='result'") && !deleted.contains("<message"), "{deleted}");
    }
    let nodes = stage.send(&ask("get", HAMLET, "<query xmlns='http://jabber.org/protocol/disco#items'/>"));
    assert!(!nodes.contains("test_node"), "{nodes}");
}

#[test]
fn whoever_may_not_is_told_so() {
    Stage::new().refuses(&[
        (set(JULIET, &create("test_node", COMMUNITY)), "auth/forbidden/-"),
        (delete(JULIET), "cancel/item-not-found/-"),
        // Nor would a node like this be possible.
        (
            set(HAMLET, &create("test_node", &[COMMUNITY, &[("max_items", "many")]].concat())),
            "modify/not-acceptable/invalid-options",
        ),
    ]);
}

/// Who creates a node of this name without meaning the question gets one.
#[test]
fn a_node_of_this_name_can_be_had() {
    let mut stage = Stage::new();
    stage.node("test_node", &[]);
    stage.publish("test_node", "1");
    stage.refuses(&[
        (set(HAMLET, &create("test_node", COMMUNITY)), "cancel/conflict/-"),
        (delete(JULIET), "auth/forbidden/-"),
    ]);
    stage.subscribe("test_node", "juliet@capulet.lit");
    assert!(stage.send(&delete(HAMLET)).contains("<delete node='test_node'/>"));
    stage.refuses(&[(get(HAMLET, "<items node='test_node'/>"), "cancel/item-not-found/-")]);
}
