//! What a node says of itself to those who would rather not ask again — XEP-0460, XEP-0060 [#entity-metadata].

use atomsub::pubsub::caching;
use atomsub::pubsub::config::NodeConfig;

use crate::stage::{self, ENTRY, Stage, ask, get, owner_get, owner_set, set, value};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const FRANCISCO: &str = "francisco@denmark.lit/barracks";

/// Names and values.
type Fields = &'static [(&'static str, &'static str)];

/// A field of the metadata of `musings`; without `#` or `{` it is one of the hints.
fn told(stage: &mut Stage, field: &str) -> String {
    let info = "<query xmlns='http://jabber.org/protocol/disco#info' node='musings'/>";
    let answer = stage.send(&ask("get", FRANCISCO, info));
    let hint = format!("{{urn:xmpp:pubsub-caching:0}}{field}");
    value(&answer, if field.contains('#') { field } else { &hint })
}

fn configure(stage: &mut Stage, var: &str, value: &str) {
    stage.send(&stage::configure(HAMLET, "musings", &[(var, value)]));
}

/// A row for each kind of node; all hints of a node that is like any other.
#[test]
fn hints_are_derived_from_the_configuration() {
    let plain = &[
        ("pubsub#access_model", "open"),
        ("pubsub#max_items", "100000"),
        ("pubsub#item_expire", "max"),
        ("persistence", "persistent"),
        ("consistent-items", "true"),
        ("consistent-set", "true"),
        ("stable-items", "true"),
        ("always-notify", "true"),
        ("allowed-for-suggestions", "false"),
        ("purge-keep-last-item", "false"),
    ];
    let rows: &[(Fields, Fields)] = &[
        (&[], plain),
        (
            &[("max_items", "5"), ("item_expire", "60")],
            &[("pubsub#max_items", "5"), ("pubsub#item_expire", "60")],
        ),
        (&[("persist_items", "0")], &[("persistence", "transient")]),
        (&[("notify_retract", "0")], &[("always-notify", "false")]),
        (&[("notify_config", "0")], &[("always-notify", "false")]),
        (&[("deliver_notifications", "0")], &[("always-notify", "false")]),
        (&[("presence_based_delivery", "1")], &[("always-notify", "false")]),
        (&[("publish_node_full", "discard-oldest")], &[("always-notify", "false")]),
        (&[("publish_node_full", "reject")], &[("always-notify", "true")]),
        (&[("deliver_payloads", "0")], &[("always-notify", "true"), ("consistent-items", "true")]),
        (&[("access_model", "authorize")], &[("pubsub#access_model", "authorize")]),
    ];
    for (options, expected) in rows {
        let mut stage = Stage::new();
        stage.node("musings", options);
        for (field, value) in *expected {
            assert_eq!(told(&mut stage, field), *value, "{field} of {options:?}");
        }
    }
}

/// What is notified, what is retrieved by one and what by another, before and after a modification.
#[test]
fn items_are_as_consistent_as_the_hints_say() {
    let mut stage = Stage::new();
    stage.node("musings", &[]);
    stage.subscribe("musings", "francisco@denmark.lit");
    for title in ["To be", "or not"] {
        let entry = ENTRY.replace("Soliloquy", title);
        let heard = stage
            .send(&set(HAMLET, &format!("<publish node='musings'><item id='1'>{entry}</item></publish>")));
        let item = heard.split_once("<item id='1' publisher").unwrap().1.split_once("</item>").unwrap().0;
        for reader in [HAMLET, FRANCISCO, "juliet@capulet.lit/balcony"] {
            let read = stage.send(&get(reader, "<items node='musings'/>"));
            assert!(read.contains(item), "{item} is not in {read}");
        }
    }
}

/// No last item is kept when a node is purged.
#[test]
fn a_purge_leaves_nothing() {
    let mut stage = Stage::new();
    stage.node("musings", &[]);
    stage.publish("musings", "1");
    stage.publish("musings", "2");
    stage.send(&owner_set(HAMLET, "<purge node='musings'/>"));
    let left = stage.send(&get(FRANCISCO, "<items node='musings'/>"));
    assert!(left.contains("<count>0</count>"), "{left}");
}

#[test]
fn what_is_in_memory_is_not_said_to_be_kept() {
    let said = |is_durable| caching::hints(&NodeConfig::default(), is_durable)[2].value.clone();
    assert_eq!((said(true), said(false)), ("persistent".to_owned(), "semi-persistent".to_owned()));
}

#[test]
fn an_owner_allows_suggestions() {
    let mut stage = Stage::new();
    stage.node("musings", &[]);
    configure(&mut stage, "{urn:xmpp:pubsub-caching:0}allowed-for-suggestions", "true");
    assert_eq!(told(&mut stage, "allowed-for-suggestions"), "true");
    let form = stage.send(&owner_get(HAMLET, "<configure node='musings'/>"));
    assert!(
        form.contains("<field var='{urn:xmpp:pubsub-caching:0}allowed-for-suggestions' type='boolean'"),
        "{form}"
    );
}

/// One option for all that it takes; it changes nothing that says so already.
#[test]
fn an_owner_turns_complete_notification_on_and_off() {
    let always = "{urn:xmpp:pubsub-caching:0}always-notify";
    for option in [
        ("notify_retract", "0"),
        ("notify_config", "0"),
        ("deliver_notifications", "0"),
        ("presence_based_delivery", "1"),
        ("publish_node_full", "discard-oldest"),
    ] {
        let mut stage = Stage::new();
        stage.node("musings", &[option]);
        let form = owner_get(HAMLET, "<configure node='musings'/>");
        let before = stage.send(&form);
        configure(&mut stage, always, "0");
        assert_eq!(stage.send(&form), before, "{option:?}");
        configure(&mut stage, always, "1");
        assert_eq!(told(&mut stage, "always-notify"), "true", "{option:?}");
        configure(&mut stage, always, "0");
        assert_eq!(told(&mut stage, "always-notify"), "false", "{option:?}");
    }
    let mut stage = Stage::new();
    stage.node("musings", &[]);
    stage.subscribe("musings", "francisco@denmark.lit");
    configure(&mut stage, always, "0");
    stage.publish("musings", "1");
    let retract =
        |notify: &str| set(HAMLET, &format!("<retract node='musings' {notify}><item id='1'/></retract>"));
    assert!(!stage.send(&retract("")).contains("<message"));
    stage.publish("musings", "1");
    assert!(stage.send(&retract("notify='1'")).contains("<message"));
}
