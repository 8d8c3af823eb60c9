//! Items that expire — `pubsub#item_expire` of XEP-0060 [#registrar-formtypes-config].

use atomsub::store::{self, Place};

use crate::stage::{self, ENTRY, Stage, ask, get, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const FRANCISCO: &str = "francisco@denmark.lit";
const BY_CREATION: &str = "<order xmlns='urn:xmpp:order-by:1' by='creation'/>";

/// A node whose items last a minute, with one subscriber.
fn minute() -> Stage {
    let mut stage = Stage::new();
    stage.node("minute", &[("item_expire", "60")]);
    stage.subscribe("minute", FRANCISCO);
    stage
}

fn configure(stage: &mut Stage, field: (&str, &str)) {
    stage.send(&stage::configure(HAMLET, "minute", &[field, ("notify_config", "0")]));
}

/// What can be retrieved: ItemIDs, and the number that is told with them.
fn shown(stage: &mut Stage) -> String {
    let items = stage.send(&get(FRANCISCO, "<items node='minute'/>"));
    let ids: Vec<&str> =
        items.split("<item id='").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    let count = items.split("<count>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    format!("{} of {count}", ids.join(" "))
}

/// What subscribers hear is deleted.
fn retracted(heard: &str) -> Vec<&str> {
    heard.split("<retract id='").skip(1).filter_map(|rest| rest.split('\'').next()).collect()
}

#[test]
fn an_item_that_expires_is_removed_and_subscribers_hear_of_it() {
    let mut stage = minute();
    stage.publish("minute", "a");
    assert_eq!(stage.pass(30), "");
    stage.publish("minute", "b");
    assert_eq!(stage.pass(29), "");
    assert_eq!(shown(&mut stage), "a b of 2");
    assert_eq!(retracted(&stage.pass(1)), ["a"]);
    assert_eq!(shown(&mut stage), "b of 1");
    assert_eq!(retracted(&stage.pass(30)), ["b"]);
    assert_eq!(stage.pass(3600), "");
    stage.publish("minute", "c");
    assert_eq!(retracted(&stage.pass(60)), ["c"]);
}

#[test]
fn where_the_node_does_not_tell_of_retracted_items_nobody_hears() {
    let mut stage = minute();
    configure(&mut stage, ("notify_retract", "0"));
    stage.publish("minute", "a");
    assert_eq!(stage.pass(60), "");
    assert_eq!(shown(&mut stage), " of 0");
}

#[test]
fn what_is_published_again_lasts_as_long_again() {
    let mut stage = minute();
    stage.publish("minute", "a");
    stage.publish("minute", "b");
    stage.pass(59);
    stage.publish("minute", "a");
    assert_eq!(retracted(&stage.pass(1)), ["b"]);
    assert_eq!(retracted(&stage.pass(59)), ["a"]);
}

/// Nothing removes it here.
#[test]
fn an_expired_item_is_not_there_even_before_it_is_removed() {
    let mut stage = minute();
    stage.publish("minute", "a");
    stage.wait(30);
    stage.publish("minute", "b");
    stage.wait(30);
    assert_eq!(shown(&mut stage), "b of 1");
    let by_id = stage.send(&get(FRANCISCO, "<items node='minute'><item id='a'/><item id='b'/></items>"));
    assert!(!by_id.contains("<item id='a'") && by_id.contains("<item id='b'"), "{by_id}");
    let first = "<set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set>";
    let by_creation = stage.send(&get(FRANCISCO, &format!("<items node='minute'/>{BY_CREATION}{first}")));
    assert!(!by_creation.contains("<item id='a'") && by_creation.contains("<item id='b'"), "{by_creation}");
    let query = "<query xmlns='http://jabber.org/protocol/disco#items' node='minute'/>";
    let listed = stage.send(&ask("get", FRANCISCO, query));
    assert!(!listed.contains("name='a'") && listed.contains("name='b'"), "{listed}");
    let history = stage.send(&ask("set", FRANCISCO, "<query xmlns='urn:xmpp:mam:2' node='minute'/>"));
    assert!(!history.contains("<item id='a'") && history.contains("<item id='b'"), "{history}");
    stage.refuses(&[(
        set(HAMLET, "<retract node='minute'><item id='a'/></retract>"),
        "cancel/item-not-found/-",
    )]);
    stage.wait(30);
    configure(&mut stage, ("send_last_published_item", "on_sub"));
    let last = stage.send(&set(HAMLET, "<subscribe node='minute' jid='hamlet@denmark.lit'/>"));
    assert!(!last.contains("<item "), "{last}");
}

#[test]
fn an_expired_item_is_in_nobodys_way() {
    let mut stage = minute();
    configure(&mut stage, ("publish_node_full", "reject"));
    configure(&mut stage, ("max_items", "1"));
    configure(&mut stage, ("publish_model", "open"));
    let publish =
        |who, id| set(who, &format!("<publish node='minute'><item id='{id}'>{ENTRY}</item></publish>"));
    stage.send(&publish(HAMLET, "a"));
    stage.refuses(&[
        (publish(FRANCISCO, "a"), "auth/forbidden/-"),
        (publish(FRANCISCO, "b"), "cancel/conflict/node-full"),
    ]);
    stage.wait(60);
    stage.send(&publish(FRANCISCO, "a"));
    assert_eq!(shown(&mut stage), "a of 1");
    stage.wait(60);
    stage.send(&publish(FRANCISCO, "b"));
    assert_eq!(shown(&mut stage), "b of 1");
    assert_eq!(retracted(&stage.pass(0)), ["a"]);
}

#[test]
fn what_is_published_in_place_of_an_expired_item_is_new() {
    let mut stage = minute();
    stage.publish("minute", "a");
    stage.wait(30);
    stage.publish("minute", "b");
    stage.wait(30);
    stage.publish("minute", "a");
    let by_creation = stage.send(&get(FRANCISCO, &format!("<items node='minute'/>{BY_CREATION}")));
    let (_, behind_b) = by_creation.split_once("<item id='b'").unwrap();
    assert!(behind_b.contains("<item id='a'"), "{by_creation}");
}

#[test]
fn a_new_configuration_is_for_what_is_there_too() {
    let mut stage = minute();
    configure(&mut stage, ("item_expire", "max"));
    stage.publish("minute", "a");
    assert_eq!(stage.pass(3600), "");
    configure(&mut stage, ("item_expire", "7200"));
    assert_eq!(stage.pass(1), "");
    configure(&mut stage, ("item_expire", "1800"));
    assert_eq!(shown(&mut stage), " of 0");
    configure(&mut stage, ("item_expire", "7200"));
    assert_eq!(shown(&mut stage), "a of 1", "it was not removed yet");
    assert_eq!(retracted(&stage.pass(3599)), ["a"]);
    stage.publish("minute", "b");
    configure(&mut stage, ("item_expire", "max"));
    assert_eq!(stage.pass(7200), "");
    assert_eq!(shown(&mut stage), "b of 1");
}

/// More than is removed in one go, and another node that has its turn all the same.
#[test]
fn many_items_are_removed_piece_by_piece() {
    let mut stage = minute();
    stage.node("second", &[("item_expire", "60")]);
    for batch in 0..8 {
        let items: Vec<_> = (0..50).map(|n| format!("<item id='{batch}-{n}'>{ENTRY}</item>")).collect();
        stage.send(&set(HAMLET, &format!("<publish node='minute'>{}</publish>", items.concat())));
    }
    stage.publish("second", "x");
    stage.wait(60);
    assert_eq!(shown(&mut stage), " of 0");
    let mut gone = Vec::new();
    for pieces in 0.. {
        let heard = stage.pass(0);
        gone.extend(retracted(&heard).into_iter().map(str::to_owned));
        if heard.is_empty() {
            assert_eq!(pieces, 2);
            break;
        }
    }
    assert_eq!(gone.len(), 400);
    let left = stage.send(&get(HAMLET, "<items node='second'/>"));
    assert!(left.contains("<count>0</count>"), "{left}");
}

#[test]
fn what_expired_while_the_service_was_down_is_removed_when_it_is_up() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Sled(directory.path().to_owned());
    let mut stage = Stage::over(store::open(&place).unwrap());
    stage.node("minute", &[("item_expire", "60")]);
    stage.subscribe("minute", FRANCISCO);
    stage.publish("minute", "a");
    stage.wait(3600);
    let mut stage = stage.reopened(|| store::open(&place).unwrap());
    assert_eq!(shown(&mut stage), " of 0");
    assert_eq!(retracted(&stage.pass(0)), ["a"]);
}
