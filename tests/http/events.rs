//! Live events: each change is heard as it is made, and what was missed when one comes back.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Events, ask};
use crate::house::House;

const EVENTS: &str = "/n/news/events";

fn house() -> House {
    let house = House::new();
    house.node(0, "news", &[("title", "News")]);
    house
}

/// An event in parts: its id, its kind, its data.
fn parts(event: &str) -> (String, String, String) {
    let field = |name: &str| {
        let lines = event.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        lines.collect::<Vec<_>>().join("\n")
    };
    (field("id"), field("event"), field("data"))
}

fn data(event: &str) -> Value {
    serde_json::from_str(&parts(event).2).unwrap()
}

/// Begins to listen, and gives the id at the beginning.
fn listen(house: &House, headers: &[(&str, &str)]) -> (Events, String) {
    let mut events = Events::listen(house.address, EVENTS, headers);
    assert!(events.head.starts_with("http/1.1 200"), "{}", events.head);
    let hello = events.next().unwrap();
    assert!(hello.starts_with("retry: 5000"), "{hello}");
    (events, parts(&hello).0)
}

#[test]
fn each_change_is_heard_at_once() {
    let house = house();
    let (mut events, start) = listen(&house, &[]);
    assert!(
        events.head.contains("content-type: text/event-stream")
            && events.head.contains("x-accel-buffering: no")
    );
    assert!(events.head.contains("cache-control: no-store"));
    house.entry(
        "news",
        "1",
        "<id>tag:example.com,2026:1</id><title>One</title><content type='html'>&lt;b onclick='x'>1</content>",
    );
    let event = events.next().unwrap();
    let (id, kind, _) = parts(&event);
    assert_eq!((kind.as_str(), id.split_once('.').unwrap().1), ("entry", "1"));
    // A node that has had nothing has a place all the same.
    assert_eq!(start.split_once('.').unwrap().1, "0");
    let entry = data(&event);
    assert_eq!(entry["title"], "One");
    assert_eq!(entry["content_html"], "<b>1</b>");
    assert_eq!(entry["url"], "https://feeds.example.org/n/news/i/1");
    assert_eq!(
        entry["_xmpp"],
        json!({ "uri": "xmpp:pubsub.example.com?;node=news;item=1", "publisher": "ed@example.com" })
    );
    house.retract("news", "1");
    let event = events.next().unwrap();
    assert_eq!(parts(&event).1, "deleted");
    assert_eq!(data(&event)["id"], "tag:example.com,2026:1");
    house.configure("news", &[("title", "Other")]);
    let event = events.next().unwrap();
    let (id, kind, _) = parts(&event);
    assert_eq!((id.as_str(), kind.as_str(), data(&event)["title"].as_str()), ("", "node", Some("Other")));
}

#[test]
fn whoever_comes_back_hears_what_he_has_missed() {
    let house = house();
    for number in 1..=3 {
        house.entry("news", &number.to_string(), &format!("<title>{number}</title>"));
    }
    let (events, start) = listen(&house, &[]);
    drop(events);
    house.entry("news", "4", "<title>4</title>");
    house.retract("news", "2");
    let (mut events, _) = listen(&house, &[("Last-Event-ID", &start)]);
    let told: Vec<_> = (0..2).map(|_| events.next().unwrap()).collect();
    let kinds: Vec<_> = told.iter().map(|event| parts(event).1).collect();
    assert_eq!(kinds, ["entry", "deleted"]);
    house.entry("news", "5", "<title>5</title>");
    assert_eq!(data(&events.next().unwrap())["title"], "5");
    // Back again after the last of them: nothing is told twice.
    let (mut events, _) = listen(&house, &[("Last-Event-ID", &parts(&told[1]).0)]);
    assert_eq!(data(&events.next().unwrap())["title"], "5");
    house.entry("news", "6", "<title>6</title>");
    assert_eq!(data(&events.next().unwrap())["title"], "6");
}

#[test]
fn whoever_missed_too_much_or_something_else_begins_anew() {
    let house = house();
    house.entry("news", "1", "<title>1</title>");
    let (events, start) = listen(&house, &[]);
    drop(events);
    for number in 0..=500 {
        house.entry("news", "1", &format!("<title>{number}</title>"));
    }
    for id in [start.as_str(), "0.1", "x", "99.1"] {
        let (mut events, _) = listen(&house, &[("Last-Event-ID", id)]);
        assert_eq!(parts(&events.next().unwrap()).1, "reset", "{id}");
        house.entry("news", "2", "<title>next</title>");
        assert_eq!(data(&events.next().unwrap())["title"], "next", "{id}");
    }
}

#[test]
fn many_changes_come_in_their_order_to_all_who_listen() {
    let house = house();
    let (mut early, _) = listen(&house, &[]);
    for number in 0..120 {
        house.entry("news", &number.to_string(), &format!("<title>{number}</title>"));
        // A listener that is much slower than this is sent away.
        thread::sleep(Duration::from_millis(2));
    }
    let (mut late, _) = listen(&house, &[("Last-Event-ID", &format!("{}.0", key(&house)))]);
    for number in 0..120 {
        let expected = number.to_string();
        assert_eq!(data(&early.next().unwrap())["title"], expected);
        assert_eq!(data(&late.next().unwrap())["title"], expected);
    }
}

/// The number of the node, from an id.
fn key(house: &House) -> String {
    let (_, id) = listen(house, &[]);
    id.split_once('.').unwrap().0.to_owned()
}

#[test]
fn entries_come_as_atom_where_that_is_wanted() {
    let house = house();
    let mut events = Events::listen(house.address, "/n/news/events?format=atom", &[]);
    events.next();
    house.entry("news", "1", "<title>One</title><content>a\nb</content>");
    let (_, kind, data) = parts(&events.next().unwrap());
    assert_eq!(kind, "entry");
    assert!(data.starts_with("<?xml version='1.0' encoding='utf-8'?>\n<entry xmlns="), "{data}");
    assert!(data.contains("<content type='text'>a\nb</content>"), "{data}");
    assert_eq!(house.get("/n/news/events?format=rss").status, 404);
}

#[test]
fn it_ends_when_the_node_is_closed_or_the_service_stops() {
    let mut house = house();
    let (mut events, _) = listen(&house, &[]);
    house.configure("news", &[("access_model", "whitelist")]);
    let last = events.next().unwrap();
    assert_eq!((parts(&last).1.as_str(), data(&last)), ("node", json!({ "gone": true })));
    assert_eq!(events.next(), None);
    assert_eq!(house.get(EVENTS).status, 404);
    house.configure("news", &[("access_model", "open")]);
    let (mut events, _) = listen(&house, &[]);
    house.stop();
    assert_eq!(events.next(), None);
}

#[test]
fn one_caller_has_so_many_ears() {
    let house = house();
    let from = [("X-Forwarded-For", "192.0.2.1")];
    let mut listeners: Vec<_> = (0..32).map(|_| listen(&house, &from)).collect();
    let refused = ask(house.address, "GET", EVENTS, &from);
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    listen(&house, &[("X-Forwarded-For", "192.0.2.2")]);
    listeners.pop();
    // That he is gone is noticed soon.
    let again = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(50));
        let events = Events::listen(house.address, EVENTS, &from);
        events.head.starts_with("http/1.1 200")
    });
    assert!(again);
}

#[test]
fn nobody_listens_to_what_not_everybody_may_read() {
    let house = House::new();
    house.node(0, "closed", &[("access_model", "whitelist")]);
    for path in ["/n/closed/events", "/n/nowhere/events"] {
        assert_eq!(house.get(path).status, 404);
    }
}
