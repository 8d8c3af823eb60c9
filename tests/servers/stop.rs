//! Told to stop, the service says what there is to say, closes its streams and ends well; what it cannot say in a
//! moment it says after the next start.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::harness::COMPONENTS;
use crate::harness::fake_host::FakeHost;
use crate::harness::service::Service;
use crate::harness::xml::{attr, find};
use crate::stage::{news, publish, pubsub};

const JID: &str = COMPONENTS[0];
const NODE: &str = "last/words";
const JULIET: &str = "juliet@capulet.example/balcony";
const SUBSCRIBERS: usize = 100;
const ITEMS: usize = 20;
/// How long stopping may take when the host does not listen: time for notices, for answers and for the farewell.
const STOP_MAX: Duration = Duration::from_secs(8);

#[test]
fn an_idle_service_stops_at_once() {
    let (mut host, service) = FakeHost::linked(JID);
    host.ok(JULIET, "get", "<ping xmlns='urn:xmpp:ping'/>");
    let begin = Instant::now();
    service.begin_to_stop();
    hear_all(&mut host, &mut Told::default());
    assert!(host.said_goodbye(), "the stream is closed in order");
    assert_eq!(service.sigterm().code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(2), "it took {:?}", begin.elapsed());
}

#[test]
fn a_service_without_a_host_stops_at_once() {
    let (mut host, service) = FakeHost::linked(JID);
    host.hang_up();
    let begin = Instant::now();
    assert_eq!(service.sigterm().code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(2), "it took {:?}", begin.elapsed());
}

#[test]
fn what_was_asked_is_answered_and_told_before_the_end() {
    let (mut host, service) = fan_out();
    service.begin_to_stop();
    let mut told = Told::default();
    hear_all(&mut host, &mut told);
    assert!(host.said_goodbye(), "the stream is closed in order");
    assert_eq!(service.sigterm().code(), Some(0));
    told.check();

    service.launch();
    host.accept(&service);
    let again = host.next(Duration::from_secs(1));
    assert!(again.is_none(), "all was proven, nothing is said again: {}", String::from(&again.unwrap()));
}

#[test]
fn a_host_that_does_not_listen_holds_nothing_up_and_hears_it_later() {
    let (mut host, service) = fan_out();
    let begin = Instant::now();
    assert_eq!(service.sigterm().code(), Some(0));
    assert!(begin.elapsed() < STOP_MAX, "it took {:?}", begin.elapsed());

    host.hang_up();
    service.launch();
    host.accept(&service);
    let mut told = Told { answers: ITEMS, ..Told::default() };
    let end = Instant::now() + Duration::from_secs(20);
    while told.items.len() < SUBSCRIBERS * ITEMS && Instant::now() < end {
        host.next(Duration::from_millis(100)).iter().for_each(|stanza| told.note(stanza));
    }
    told.check();
}

/// A service that has just begun to answer some publishes and to tell many of them.
fn fan_out() -> (FakeHost, Service) {
    let (mut host, service) = FakeHost::linked(JID);
    host.ok(JULIET, "set", &pubsub(&format!("<create node='{NODE}'/>")));
    for number in 0..SUBSCRIBERS {
        let jid = format!("subscriber-{number}@montague.example");
        host.ok(&jid, "set", &pubsub(&format!("<subscribe node='{NODE}' jid='{jid}'/>")));
    }
    // Some of what the owner is told about it.
    while host.next(Duration::from_millis(300)).is_some() {}
    for number in 0..ITEMS {
        let request = publish(NODE, &number.to_string(), "to all");
        host.send(&format!("<iq type='set' from='{JULIET}' to='{JID}' id='publish-{number}'>{request}</iq>"));
    }
    // A ping behind them: they have been read, as stanzas are taken in order.
    host.send(&format!(
        "<iq type='get' from='{JULIET}' to='{JID}' id='last'><ping xmlns='urn:xmpp:ping'/></iq>"
    ));
    std::thread::sleep(Duration::from_millis(300));
    (host, service)
}

/// What the host has got.
#[derive(Default)]
struct Told {
    answers: usize,
    items: BTreeSet<(String, usize)>,
}

impl Told {
    fn note(&mut self, stanza: &minidom::Element) {
        let is_answer = attr(stanza, "id").starts_with("publish-") && attr(stanza, "type") == "result";
        self.answers += usize::from(is_answer);
        if let Some(item) = news(stanza, NODE).and_then(|items| find(items, &["item"])) {
            self.items.insert((attr(stanza, "to").to_owned(), attr(item, "id").parse().unwrap()));
        }
    }

    fn check(&self) {
        assert_eq!((self.answers, self.items.len()), (ITEMS, SUBSCRIBERS * ITEMS));
    }
}

/// Listens until the stream ends.
fn hear_all(host: &mut FakeHost, told: &mut Told) {
    let end = Instant::now() + STOP_MAX;
    while host.is_linked() {
        assert!(Instant::now() < end, "the stream does not end");
        host.next(Duration::from_millis(100)).iter().for_each(|stanza| told.note(stanza));
    }
}
