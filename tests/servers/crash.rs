//! Killed at any moment, the service keeps what it acknowledged: every acknowledged publish is there afterwards, and
//! was told to the subscriber at least once, in the order of publication.
//!
//! Most rounds run over a host of our own, which is quick; some through each real server, and some on the other
//! engine. `ATOMSUB_KILL_ROUNDS` says how many in all.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use minidom::Element;

use crate::harness::COMPONENTS;
use crate::harness::client::{Client, PATIENCE};
use crate::harness::fake_host::FakeHost;
use crate::harness::server::{Kind, Server};
use crate::harness::service::Service;
use crate::harness::xml::{attr, find};
use crate::stage::{news, publish, pubsub};

const JID: &str = COMPONENTS[2];
const JULIET: &str = "juliet@capulet.example/balcony";
const ROMEO: &str = "romeo@montague.example";
/// How many publishes are on their way at a time.
const IN_FLIGHT: usize = 40;

#[test]
fn nothing_acknowledged_is_lost() {
    check_on("sled", rounds() - 3 * (rounds() / 6));
}

#[test]
fn nothing_acknowledged_is_lost_with_fjall() {
    check_on("fjall", rounds() / 6);
}

#[test]
fn nothing_acknowledged_is_lost_through_prosody() {
    check_through(Kind::Prosody);
}

#[test]
fn nothing_acknowledged_is_lost_through_ejabberd() {
    check_through(Kind::Ejabberd);
}

fn check_on(engine: &str, rounds: usize) {
    let mut host = FakeHost::new(JID);
    let service = Service::start_with(engine, &[], &[host.component()]);
    host.accept(&service);
    host.ok(JULIET, "set", &pubsub("<create node='kept'/>"));
    let info = host.ok(JULIET, "get", "<query xmlns='http://jabber.org/protocol/disco#info' node='kept'/>");
    assert!(String::from(&info).contains(">persistent<"), "it says so itself: {}", String::from(&info));
    check(&mut host, &service, rounds);
}

fn check_through(kind: Kind) {
    let Some(server) = Server::start(kind) else { return };
    let (address, secret) = server.component(JID);
    let service = Service::start(&[(JID, address, secret)]);
    let mut juliet = server.login("juliet@capulet.example", "balcony");
    let romeo = server.login(ROMEO, "orchard");
    service.await_answer(&mut juliet, JID);
    check(&mut Pair { juliet, romeo, is_hers: false }, &service, rounds() / 6);
}

fn rounds() -> usize {
    std::env::var("ATOMSUB_KILL_ROUNDS").map_or(30, |rounds| rounds.parse().expect("a number of rounds"))
}

/// A publisher and a subscriber, however they are connected.
trait Peers {
    /// Sends a request of the publisher.
    fn send(&mut self, id: &str, payload: &str);
    /// The next stanza for either.
    fn next(&mut self, patience: Duration) -> Option<Element>;
    /// Asks as the publisher or the subscriber, and insists on success.
    fn ok(&mut self, of: &str, kind: &str, payload: &str) -> Element;
    /// Waits until the restarted service is connected; what came before is still to be read.
    fn reunite(&mut self, service: &Service, note: &mut dyn FnMut(&Element));
}

fn check(peers: &mut dyn Peers, service: &Service, rounds: usize) {
    let mut kept = Vec::new();
    for round in 0..rounds {
        let node = format!("crash/{round}");
        peers.ok(JULIET, "set", &pubsub(&format!("<create node='{node}'/>")));
        peers.ok(ROMEO, "set", &pubsub(&format!("<subscribe node='{node}' jid='{ROMEO}'/>")));
        let mut log = Log { node, ..Log::default() };
        publish_until(peers, &mut log, Duration::from_millis(rand::random_range(5..150)));
        service.kill9();
        service.launch();
        if round % 5 == 4 {
            // Once more, while it recovers.
            std::thread::sleep(Duration::from_millis(rand::random_range(0..80)));
            service.kill9();
            service.launch();
        }
        peers.reunite(service, &mut |stanza| log.note(stanza));
        let end = Instant::now() + PATIENCE;
        while !log.is_complete() {
            service.insist();
            assert!(Instant::now() < end, "never heard of {:?}", log.unheard());
            if let Some(stanza) = peers.next(Duration::from_millis(50)) {
                log.note(&stanza);
            }
        }
        assert!(log.heard.is_sorted(), "heard out of order: {:?}", log.heard);
        read_back(peers, &log);
        kept.push(log);
    }
    let acknowledged: usize = kept.iter().map(|log| log.acknowledged.len()).sum();
    assert!(acknowledged >= rounds, "only {acknowledged} publishes in {rounds} rounds prove nothing");
    for log in &kept {
        read_back(peers, log);
    }
}

fn publish_until(peers: &mut dyn Peers, log: &mut Log, patience: Duration) {
    let end = Instant::now() + patience;
    let mut sent = 0;
    while Instant::now() < end {
        while sent < log.answered + IN_FLIGHT {
            sent += 1;
            peers.send(&format!("{}/{sent}", log.node), &publish(&log.node, &sent.to_string(), "kept"));
        }
        if let Some(stanza) = peers.next(Duration::from_millis(1)) {
            log.note(&stanza);
        }
    }
}

/// Every acknowledged item is there, asked for by id.
fn read_back(peers: &mut dyn Peers, log: &Log) {
    let all: Vec<String> = log.acknowledged.iter().map(ToString::to_string).collect();
    for page in all.chunks(50) {
        let wanted: String = page.iter().map(|id| format!("<item id='{id}'/>")).collect();
        let answer =
            peers.ok(JULIET, "get", &pubsub(&format!("<items node='{}'>{wanted}</items>", log.node)));
        let there: BTreeSet<&str> = crate::stage::ids(&answer).into_iter().collect();
        let lost: Vec<&String> = page.iter().filter(|id| !there.contains(id.as_str())).collect();
        assert!(lost.is_empty(), "{}: acknowledged, then lost: {lost:?}", log.node);
    }
}

/// What came of the publishes of one round.
#[derive(Default)]
struct Log {
    node: String,
    answered: usize,
    acknowledged: BTreeSet<u32>,
    /// First arrivals, in their order.
    heard: Vec<u32>,
    known: BTreeSet<u32>,
}

impl Log {
    fn note(&mut self, stanza: &Element) {
        if let Some((node, number)) = attr(stanza, "id").rsplit_once('/')
            && stanza.name() == "iq"
            && node == self.node
        {
            self.answered += 1;
            if attr(stanza, "type") == "result" {
                self.acknowledged.insert(number.parse().unwrap());
            }
        }
        if let Some(item) = news(stanza, &self.node).and_then(|items| find(items, &["item"])) {
            let number = attr(item, "id").parse().unwrap();
            if self.known.insert(number) {
                self.heard.push(number);
            }
        }
    }

    fn unheard(&self) -> Vec<u32> {
        self.acknowledged.difference(&self.known).copied().collect()
    }

    fn is_complete(&self) -> bool {
        self.unheard().is_empty()
    }
}

impl Peers for FakeHost {
    fn send(&mut self, id: &str, payload: &str) {
        self.send(&format!("<iq type='set' from='{JULIET}' to='{JID}' id='{id}'>{payload}</iq>"));
    }

    fn next(&mut self, patience: Duration) -> Option<Element> {
        self.next(patience)
    }

    fn ok(&mut self, of: &str, kind: &str, payload: &str) -> Element {
        self.ok(of, kind, payload)
    }

    fn reunite(&mut self, service: &Service, note: &mut dyn FnMut(&Element)) {
        while self.is_linked() {
            self.next(PATIENCE).iter().for_each(&mut *note);
        }
        self.accept(service);
    }
}

/// Two real sessions.
struct Pair {
    juliet: Client,
    romeo: Client,
    is_hers: bool,
}

impl Peers for Pair {
    fn send(&mut self, id: &str, payload: &str) {
        self.juliet.send(&format!("<iq type='set' to='{JID}' id='{id}'>{payload}</iq>"));
    }

    fn next(&mut self, patience: Duration) -> Option<Element> {
        // In turns, and never waiting for one while the other is busy.
        let (end, glance) = (Instant::now() + patience, Duration::from_millis(1));
        loop {
            self.is_hers = !self.is_hers;
            let client = if self.is_hers { &mut self.juliet } else { &mut self.romeo };
            let stanza = client.next(glance);
            if stanza.is_some() || Instant::now() > end {
                return stanza;
            }
        }
    }

    fn ok(&mut self, of: &str, kind: &str, payload: &str) -> Element {
        let client = if of == ROMEO { &mut self.romeo } else { &mut self.juliet };
        client.ok(kind, JID, payload)
    }

    fn reunite(&mut self, service: &Service, _: &mut dyn FnMut(&Element)) {
        service.await_answer(&mut self.juliet, JID);
    }
}
