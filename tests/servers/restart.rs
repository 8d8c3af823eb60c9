//! The host goes away in the middle of a fan-out and comes back: each subscriber gets every item at least once, in
//! order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use minidom::Element;

use crate::harness::client::{Client, register};
use crate::harness::fake_host::FakeHost;
use crate::harness::server::{Kind, Server};
use crate::harness::service::Service;
use crate::harness::xml::{attr, find};
use crate::harness::{COMPONENTS, PASSWORD};
use crate::stage::{creation, news, publish, pubsub};

const JID: &str = COMPONENTS[3];
const NODE: &str = "restart/fan-out";
const OWNER: &str = "juliet@capulet.example/balcony";
const ITEMS: usize = 20;
/// How long the whole fan-out may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long what the host has kept may take once everybody is back.
const AFTER_RESTART: Duration = Duration::from_secs(20);

/// Numbers of items by subscriber, in the order of first arrival.
#[derive(Default)]
struct Heard(BTreeMap<String, Vec<usize>>);

impl Heard {
    fn note(&mut self, subscriber: &str, stanza: &Element) {
        if let Some(item) = news(stanza, NODE).and_then(|items| find(items, &["item"])) {
            let number = attr(item, "id").parse().unwrap();
            let numbers = self.0.entry(subscriber.to_owned()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }

    fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    fn check(&self, subscribers: usize) {
        assert_eq!(self.0.len(), subscribers);
        let all: Vec<usize> = (0..ITEMS).collect();
        for (subscriber, numbers) in &self.0 {
            assert_eq!(numbers, &all, "{subscriber}");
        }
    }
}

#[test]
fn every_subscriber_hears_everything_over_broken_links() {
    const SUBSCRIBERS: usize = 200;
    let (mut host, service) = FakeHost::linked(JID);
    host.ok(OWNER, "set", &pubsub(&format!("<create node='{NODE}'/>")));
    for number in 0..SUBSCRIBERS {
        let jid = format!("subscriber-{number}@montague.example");
        host.ok(&jid, "set", &pubsub(&format!("<subscribe node='{NODE}' jid='{jid}'/>")));
    }
    for number in 0..ITEMS {
        let request = publish(NODE, &number.to_string(), "to all");
        host.send(&format!("<iq type='set' from='{OWNER}' to='{JID}' id='publish-{number}'>{request}</iq>"));
    }
    let (mut heard, mut acknowledged) = (Heard::default(), 0);
    let end = Instant::now() + PATIENCE;
    let mut breaks = vec![3_000, 1_500, 700, 100];
    while heard.count() < SUBSCRIBERS * ITEMS {
        assert!(Instant::now() < end, "only {} were heard, {acknowledged} acknowledged", heard.count());
        service.insist();
        if acknowledged == ITEMS && breaks.last().is_some_and(|at| heard.count() >= *at) {
            breaks.pop();
            host.hang_up();
        }
        if !host.is_linked() {
            host.accept(&service);
        }
        if let Some(stanza) = host.next(Duration::from_millis(100)) {
            acknowledged += usize::from(stanza.name() == "iq" && attr(&stanza, "type") == "result");
            heard.note(attr(&stanza, "to"), &stanza);
        }
    }
    heard.check(SUBSCRIBERS);
    assert!(breaks.len() < 3, "the link was to break more than once on the way");
}

#[test]
fn every_subscriber_hears_everything_over_a_restart_of_prosody() {
    check(Kind::Prosody);
}

#[test]
fn every_subscriber_hears_everything_over_a_restart_of_ejabberd() {
    check(Kind::Ejabberd);
}

/// A host that stops may drop what it has read already and was about to pass on to sessions that close; no component
/// can know. Once in a while that hits some of these messages, and then the round is played again.
const ROUNDS: usize = 4;

fn check(kind: Kind) {
    for round in 1..=ROUNDS {
        let Some(missing) = missing_after_a_restart(kind) else { return };
        eprintln!("round {round}: {kind:?} has dropped what it had read when it stopped: {missing}");
    }
    panic!("in each of {ROUNDS} rounds something was missing");
}

/// What was not heard over a restart of the host; nothing is `None`.
fn missing_after_a_restart(kind: Kind) -> Option<String> {
    const SUBSCRIBERS: usize = 30;
    let server = Server::start(kind)?;
    let (address, secret) = server.component(JID);
    let service = Service::start(&[(JID, address, secret)]);
    let mut juliet = server.login("juliet@capulet.example", "balcony");
    service.await_answer(&mut juliet, JID);
    // Who is away while the server starts finds messages of this type afterwards, but no headlines.
    juliet.ok("set", JID, &creation(NODE, &[("notification_type", "normal")]));
    let accounts: Vec<String> =
        (0..SUBSCRIBERS).map(|n| format!("subscriber-{n}@montague.example")).collect();
    let mut clients: Vec<Client> = accounts.iter().map(|account| enter(&server, account, true)).collect();

    for number in 0..ITEMS {
        let request = publish(NODE, &number.to_string(), "to all");
        juliet.send(&format!("<iq type='set' to='{JID}' id='publish-{number}'>{request}</iq>"));
    }
    for number in 0..ITEMS {
        let answer = juliet.answer(&format!("publish-{number}"), "a publish");
        assert_eq!(attr(&answer, "type"), "result");
    }
    server.stop();
    let mut heard = Heard::default();
    for client in &mut clients {
        while let Some(stanza) = client.next(Duration::from_secs(5)) {
            heard.note(client.bare(), &stanza);
        }
        assert!(client.is_closed(), "the server has stopped");
    }
    server.launch();
    let mut clients: Vec<Client> = accounts.iter().map(|account| enter(&server, account, false)).collect();
    let end = Instant::now() + AFTER_RESTART;
    while heard.count() < SUBSCRIBERS * ITEMS {
        if Instant::now() >= end {
            return Some(format!("only {} were heard: {:?}\n{}", heard.count(), heard.0, server.log()));
        }
        service.insist();
        for client in &mut clients {
            while let Some(stanza) = client.next(Duration::from_millis(2)) {
                heard.note(client.bare(), &stanza);
            }
        }
    }
    heard.check(SUBSCRIBERS);
    None
}

fn enter(server: &Server, account: &str, is_new: bool) -> Client {
    if is_new {
        register(server.c2s(), account, PASSWORD);
    }
    let mut client = server.login(account, "orchard");
    if is_new {
        client.ok("set", JID, &pubsub(&format!("<subscribe node='{NODE}' jid='{account}'/>")));
    }
    client
}
