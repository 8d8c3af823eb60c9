//! What publishers and owners do beyond publishing one item, through real servers: options, nodes made on the way,
//! batches, items that expire, history, and nodes that have moved.

use minidom::Element;

use crate::harness::client::{Client, PATIENCE};
use crate::harness::server::Kind;
use crate::harness::xml::{attr, error, find, named};
use crate::stage::{
    SERVICE, Stage, create, entry, hear, hear_item, hear_nothing, ids, on_both_servers, owner, publish,
    publish_with, pubsub, subscribe, subscription,
};

on_both_servers!(
    options_and_a_node_made_on_the_way,
    batches,
    items_that_expire,
    history,
    a_node_that_has_moved
);

const JULIET: &str = "juliet@capulet.example";

fn options_and_a_node_made_on_the_way(stage: &Stage) {
    let node = "options/made";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let publish_with = |options: &[(&str, &str)]| publish_with(node, "1", &entry("1", "1"), options);
    let options = [("access_model", "open"), ("max_items", "max"), ("title", "Made on the way")];
    assert_eq!(error(&romeo.iq("set", SERVICE, &publish_with(&options))), "cancel/item-not-found");
    for _ in 0..2 {
        juliet.ok("set", SERVICE, &publish_with(&options));
    }
    let refused = juliet.iq("set", SERVICE, &publish_with(&[("access_model", "whitelist")]));
    assert_eq!(error(&refused), "cancel/conflict/precondition-not-met");
    let refused = juliet.iq("set", SERVICE, &publish_with(&[("colour", "blue")]));
    assert_eq!(error(&refused), "modify/bad-request/invalid-options");
}

fn batches(stage: &Stage) {
    let node = "batches";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let items: String =
        ["1", "2"].iter().map(|id| format!("<item id='{id}'>{}</item>", entry(id, id))).collect();
    juliet.ok("set", SERVICE, &pubsub(&format!("<publish node='{node}'>{items}</publish>")));
    for id in ["1", "2"] {
        assert_eq!(hear_item(&mut romeo, node, JULIET), (id.into(), id.into()));
    }
    let retract = |ids: &str| pubsub(&format!("<retract node='{node}'>{ids}</retract>"));
    let refused = juliet.iq("set", SERVICE, &retract("<item id='1'/><item id='nowhere'/>"));
    assert_eq!(error(&refused), "cancel/item-not-found");
    juliet.ok("set", SERVICE, &retract("<item id='1'/><item id='2'/>"));
    for id in ["1", "2"] {
        assert_eq!(attr(find(&hear(&mut romeo, node), &["retract"]).unwrap(), "id"), id);
    }
}

fn items_that_expire(stage: &Stage) {
    let node = "items/expire";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[("item_expire", "1")]);
    subscribe(&mut romeo, node);
    juliet.ok("set", SERVICE, &publish(node, "1", "for a second"));
    hear_item(&mut romeo, node, JULIET);
    assert_eq!(attr(find(&hear(&mut romeo, node), &["retract"]).unwrap(), "id"), "1");
    let items = pubsub(&format!("<items node='{node}'/>"));
    assert_eq!(ids(&romeo.ok("get", SERVICE, &items)), [""; 0]);
}

fn history(stage: &Stage) {
    let node = "history";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    for id in ["1", "2", "3"] {
        juliet.ok("set", SERVICE, &publish(node, id, id));
    }
    juliet.ok("set", SERVICE, &pubsub(&format!("<retract node='{node}'><item id='2'/></retract>")));
    let query = format!("<query xmlns='urn:xmpp:mam:2' node='{node}' queryid='q'/>");
    let answer = romeo.ok("set", SERVICE, &query);
    assert_eq!(attr(find(&answer, &["fin"]).expect("a <fin/>"), "complete"), "true");
    assert_eq!([result(&mut romeo), result(&mut romeo)], ["1", "3"]);
}

/// The id of the item in the next result of a query.
fn result(client: &mut Client) -> String {
    let message =
        client.expect(PATIENCE, "a result", |stanza| find(stanza, &["result", "forwarded"]).is_some());
    let path = ["result", "forwarded", "message", "event", "items", "item"];
    attr(find(&message, &path).unwrap_or_else(|| panic!("no item in {}", String::from(&message))), "id")
        .to_owned()
}

fn a_node_that_has_moved(stage: &Stage) {
    let node = "moved";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let uri = "xmpp:pubsub.montague.example?;node=there";
    let delete = format!("<delete node='{node}'><redirect uri='{uri}'/></delete>");
    juliet.ok("set", SERVICE, &owner(&delete));
    let told = hear(&mut romeo, node);
    assert_eq!(named(&told, "redirect").first().map(|redirect| attr(redirect, "uri")), Some(uri));
    let request = subscription(&romeo, node);
    let gone = romeo.iq("set", SERVICE, &request);
    let condition = find(&gone, &["error", "gone"]).map(Element::text);
    assert_eq!(condition.as_deref(), Some(uri));
    hear_nothing(&mut romeo, node);
}
