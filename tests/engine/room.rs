//! How many items a node keeps — XEP-0060 [#publisher-publish-success-nodefull], [#impl-batch].

use crate::stage::{self, ENTRY, Stage, configure, get, owner_get, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";

fn publish(node: &str, ids: &[&str]) -> String {
    let items: Vec<_> = ids.iter().map(|id| format!("<item id='{id}'>{ENTRY}</item>")).collect();
    set(HAMLET, &format!("<publish node='{node}'>{}</publish>", items.concat()))
}

/// A node that keeps three items, and has 1 and 2.
fn three(policy: &str) -> Stage {
    let mut stage = Stage::new();
    stage.node("three", &[("max_items", "3"), ("publish_node_full", policy)]);
    stage.send(&publish("three", &["1", "2"]));
    stage.subscribe("three", "francisco@denmark.lit");
    stage
}

fn kept(stage: &mut Stage) -> Vec<String> {
    let items = stage.send(&get(HAMLET, "<items node='three'/>"));
    let ids = items.split("<item id='").skip(1).filter_map(|rest| rest.split('\'').next());
    ids.map(str::to_owned).collect()
}

#[test]
fn a_full_node_does_what_its_owner_wants() {
    for (policy, told) in [("retract-oldest", 1), ("discard-oldest", 0)] {
        let mut stage = three(policy);
        let heard = stage.send(&publish("three", &["3", "2", "4"]));
        assert_eq!(heard.matches("<retract id='1'/>").count(), told, "{policy}: {heard}");
        assert_eq!(kept(&mut stage), ["3", "2", "4"], "{policy}");
        let heard = stage.send(&publish("three", &["5"]));
        assert_eq!(heard.matches("<retract id='3'/>").count(), told, "{policy}: {heard}");
        assert_eq!(kept(&mut stage), ["2", "4", "5"], "{policy}");
    }
}

#[test]
fn a_node_that_refuses_takes_what_finds_room() {
    let mut stage = three("reject");
    stage.refuses(&[(publish("three", &["3", "4"]), "cancel/not-allowed/max-items-exceeded")]);
    stage.send(&publish("three", &["2", "3"]));
    stage.refuses(&[
        (publish("three", &["4"]), "cancel/conflict/node-full"),
        (publish("three", &["1", "4"]), "cancel/not-allowed/max-items-exceeded"),
    ]);
    stage.send(&publish("three", &["1"]));
    assert_eq!(kept(&mut stage), ["2", "3", "1"]);
}

#[test]
fn a_batch_larger_than_the_node_would_not_be_kept() {
    for policy in ["retract-oldest", "discard-oldest", "reject"] {
        let mut stage = three(policy);
        let four = publish("three", &["5", "6", "7", "8"]);
        stage.refuses(&[(four, "cancel/not-allowed/max-items-exceeded")]);
    }
    let mut stage = Stage::new();
    stage.node("passing", &[("max_items", "1"), ("persist_items", "0")]);
    stage.send(&publish("passing", &["1", "2"]));
}

#[test]
fn more_than_the_service_keeps_is_as_many_as_it_keeps() {
    for (value, shown) in [
        ("max", "max"),
        ("-1", "max"),
        ("100000", "max"),
        ("18446744073709551615", "max"),
        ("99999", "99999"),
    ] {
        let mut stage = Stage::new();
        stage.node("large", &[("max_items", value)]);
        let config = stage.send(&owner_get(HAMLET, "<configure node='large'/>"));
        assert_eq!(stage::value(&config, "max_items"), shown, "{value}");
    }
}

#[test]
fn a_smaller_node_keeps_the_newest() {
    let mut stage = Stage::new();
    stage.node("three", &[]);
    let ids: Vec<String> = (0..120).map(|n| n.to_string()).collect();
    for batch in ids.chunks(40) {
        let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
        stage.send(&publish("three", &batch));
    }
    stage.subscribe("three", "francisco@denmark.lit");
    let heard = stage.send(&configure(HAMLET, "three", &[("max_items", "3")]));
    assert_eq!(heard.matches("<retract id='").count(), 117);
    assert_eq!(kept(&mut stage), ["117", "118", "119"]);
}

/// Nobody else waits while a very large node becomes a small one.
#[test]
fn a_much_smaller_node_gets_there_in_portions() {
    for policy in ["retract-oldest", "discard-oldest"] {
        let mut stage = Stage::new();
        stage.node("three", &[("publish_node_full", policy)]);
        let ids: Vec<String> = (0..600).map(|n| n.to_string()).collect();
        for batch in ids.chunks(50) {
            let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
            stage.send(&publish("three", &batch));
        }
        stage.send(&configure(HAMLET, "three", &[("max_items", "3")]));
        assert_eq!(kept(&mut stage).first().map(String::as_str), Some("256"), "{policy}");
        stage.send(&publish("three", &["600"]));
        stage.pass(1);
        stage.pass(1);
        assert_eq!(kept(&mut stage), ["598", "599", "600"], "{policy}");
        assert_eq!(stage.pass(1), "");
    }
}
