//! Notices through the host's multicast service (XEP-0033): one stanza for many, one copy for each, and nobody sees who
//! else got it. Where the service fails, everybody is told all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use minidom::Element;

use crate::harness::client::{Client, PATIENCE, register};
use crate::harness::fake_host::FakeHost;
use crate::harness::server::{Kind, Server};
use crate::harness::service::Service;
use crate::harness::xml::{attr, find};
use crate::harness::{CAPULET, COMPONENTS, PASSWORD};
use crate::stage::{QUIET, SERVICE, create, creation, news, publish, pubsub, subscribe};

const NODE: &str = "gazette";
const ADDRESS: &str = "http://jabber.org/protocol/address";
const MULTICAST: &str = "multicast.capulet.example";

#[test]
fn ejabberd_passes_one_stanza_on_to_many() {
    // Twice as many as one stanza may have, and two who need one of their own.
    const CAPULETS: usize = 40;
    let module = "{mod_multicast: {access: privileged}}";
    let more = format!("append_host_config: {{{CAPULET}: {{modules: {module}}}}}\n");
    let Some(server) = Server::start_with(Kind::Ejabberd, &more) else { return };
    let (address, secret) = server.component(SERVICE);
    let service = Service::start(&[(SERVICE, address, secret)]);
    let mut juliet = server.login("juliet@capulet.example", "balcony");
    service.await_answer(&mut juliet, SERVICE);
    create(&mut juliet, NODE, &[]);

    let mut accounts: Vec<String> = (0..CAPULETS).map(|n| format!("servant-{n}@capulet.example")).collect();
    accounts.push("abram@montague.example".to_owned());
    let mut crowd: Vec<Client> = accounts.iter().map(|account| enter(&server, account)).collect();
    // One has two subscriptions, one a text.
    let twice = pubsub(&format!("<subscribe node='{NODE}' jid='{}'/>", crowd[0].bare()));
    crowd[0].ok("set", SERVICE, &twice);
    crowd[1].send(&format!("<message to='{SERVICE}' type='chat'><body>unsubscribe {NODE}</body></message>"));
    crowd[1].send(&format!("<message to='{SERVICE}' type='chat'><body>subscribe {NODE}</body></message>"));
    // What was sent before the answer to this was read before.
    crowd[1].ok("get", SERVICE, "<ping xmlns='urn:xmpp:ping'/>");

    let ids: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    for id in &ids {
        juliet.ok("set", SERVICE, &publish(NODE, id, "News"));
    }
    for client in &mut crowd {
        let mut message_ids = BTreeSet::new();
        for id in &ids {
            let message = client.expect(PATIENCE, "an item", |stanza| news(stanza, NODE).is_some());
            let items = news(&message, NODE).unwrap();
            assert_eq!(find(items, &["item"]).map(|item| attr(item, "id")), Some(id.as_str()));
            assert_eq!((attr(&message, "from"), attr(&message, "type")), (SERVICE, "headline"));
            assert!(attr(&message, "to").starts_with(client.bare()));
            assert!(message.get_child("addresses", ADDRESS).is_none(), "{}", String::from(&message));
            assert!(message_ids.insert(attr(&message, "id").to_owned()), "a copy came twice");
        }
        client.never(QUIET, "another copy", |stanza| news(stanza, NODE).is_some());
    }
    let log = service.log();
    assert!(log.contains("are told through its multicast service"), "{log}");
    assert!(!log.contains("is not used any more"), "{log}");
    // What is proven is forgotten: nothing is said again after a restart.
    assert!(service.sigterm().success());
    service.launch();
    service.await_answer(&mut juliet, SERVICE);
    crowd[2].never(QUIET, "an old item", |stanza| news(stanza, NODE).is_some());
}

fn enter(server: &Server, account: &str) -> Client {
    register(server.c2s(), account, PASSWORD);
    let mut client = server.login(account, "one");
    subscribe(&mut client, NODE);
    client
}

#[test]
fn prosody_has_none_and_everybody_is_told_one_by_one() {
    let Some(server) = Server::start(Kind::Prosody) else { return };
    let (address, secret) = server.component(SERVICE);
    let service = Service::start(&[(SERVICE, address, secret)]);
    let mut juliet = server.login("juliet@capulet.example", "balcony");
    service.await_answer(&mut juliet, SERVICE);
    create(&mut juliet, NODE, &[]);
    let mut servant = enter(&server, "servant@capulet.example");
    juliet.ok("set", SERVICE, &publish(NODE, "1", "News"));
    servant.expect(PATIENCE, "the item", |stanza| news(stanza, NODE).is_some());
    let log = service.log();
    assert!(!log.contains("multicast"), "{log}");
}

const JID: &str = COMPONENTS[3];
const OWNER: &str = "juliet@capulet.example/balcony";
const SUBSCRIBERS: usize = 10;
const ITEMS: usize = 60;

/// How a multicast service fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// It refuses everything, from a certain stanza on.
    Refuses,
    /// It refuses one stanza, and passes on what came before and after.
    RefusesOnce,
    /// It is gone, and the host says so.
    Gone,
    /// It refuses what it is tried with.
    Closed,
}

#[test]
fn a_service_that_fails_is_given_up() {
    for failure in [Failure::Refuses, Failure::RefusesOnce, Failure::Gone, Failure::Closed] {
        check(failure);
    }
}

/// Its service takes whatever comes, as a process with a mailbox does, and is slow.
#[test]
fn a_slow_service_is_not_flooded() {
    let (mut host, _service) = play(false, &"x".repeat(60_000));
    let (mut stanzas, mut withheld) = (0, Vec::new());
    while let Some(message) = host.next(Duration::from_secs(1)) {
        match recipients_of_many(&message) {
            Some(addresses) if addresses == [JID] => withheld.push(message),
            Some(_) => stanzas += 1,
            None => {}
        }
    }
    // Ten people in threes.
    let all = ITEMS * 4;
    assert!((32..all * 2 / 3).contains(&stanzas), "{stanzas} of {all}");
    for echo in withheld {
        answer(&mut host, &echo, false);
    }
    let end = Instant::now() + PATIENCE;
    while stanzas < all {
        assert!(Instant::now() < end, "{stanzas} of {all}");
        let Some(message) = host.next(Duration::from_millis(100)) else { continue };
        match recipients_of_many(&message) {
            Some(addresses) if addresses == [JID] => answer(&mut host, &message, false),
            Some(_) => stanzas += 1,
            None => {}
        }
    }
}

/// A host with a multicast service, and one who publishes to many there.
fn play(is_closed: bool, title: &str) -> (FakeHost, Service) {
    let mut host = FakeHost::new(JID);
    host.offer_multicast(MULTICAST);
    let service = Service::start(&[host.component()]);
    host.accept(&service);
    // It is tried before anything else is said.
    let echo = host.next(PATIENCE).expect("a message to ourselves");
    assert_eq!(recipients(&echo), [JID]);
    answer(&mut host, &echo, is_closed);
    // Nobody is told of anything yet, so nothing is missed while the answers are awaited.
    host.ok(OWNER, "set", &creation(NODE, &[("notify_sub", "0")]));
    for number in 0..SUBSCRIBERS {
        let jid = format!("subscriber-{number}@capulet.example");
        host.ok(&jid, "set", &pubsub(&format!("<subscribe node='{NODE}' jid='{jid}'/>")));
    }
    for number in 0..ITEMS {
        let request = publish(NODE, &number.to_string(), title);
        host.send(&format!("<iq type='set' from='{OWNER}' to='{JID}' id='publish-{number}'>{request}</iq>"));
    }
    (host, service)
}

fn check(failure: Failure) {
    let (mut host, service) = play(failure == Failure::Closed, "to all");
    let (mut echoes, mut heard, mut stanzas) = (0, BTreeMap::<String, Vec<usize>>::new(), 0);
    let (end, mut through) = (Instant::now() + PATIENCE, 0);
    loop {
        service.insist();
        let Some(message) = host.next(Duration::from_millis(500)) else {
            if heard.values().map(|numbers| first(numbers).len()).sum::<usize>() == SUBSCRIBERS * ITEMS {
                break;
            }
            assert!(Instant::now() < end, "{failure:?}: only {heard:?}");
            continue;
        };
        if attr(&message, "to") != MULTICAST {
            note(&mut heard, attr(&message, "to"), &message);
        } else if recipients(&message) == [JID] {
            echoes += 1;
            answer(&mut host, &message, failure == Failure::Gone && stanzas >= 30);
        } else {
            stanzas += 1;
            let fails = match failure {
                Failure::Refuses | Failure::Gone => stanzas >= 30,
                Failure::RefusesOnce => stanzas == 30,
                Failure::Closed => panic!("a service that does not work is used"),
            };
            if fails {
                answer(&mut host, &message, true);
            } else {
                let addresses = recipients(&message);
                assert!((1..=3).contains(&addresses.len()), "as many as the service takes");
                through += addresses.len();
                for to in &addresses {
                    note(&mut heard, to, &message);
                }
            }
        }
    }
    let all: Vec<usize> = (0..ITEMS).collect();
    assert_eq!(heard.len(), SUBSCRIBERS);
    for (subscriber, numbers) in &heard {
        // What is refused alone comes late, and then all that came before it comes again.
        let in_order = if failure == Failure::RefusesOnce { last(numbers) } else { first(numbers) };
        assert_eq!(in_order, all, "{failure:?}: {subscriber}");
    }
    assert_eq!(through > 0 && echoes > 0, failure != Failure::Closed);
}

/// Passes a message to the component itself on, or refuses what goes to anybody.
fn answer(host: &mut FakeHost, message: &Element, refuses: bool) {
    let id = attr(message, "id");
    host.send(&if refuses {
        format!(
            "<message type='error' from='{MULTICAST}' to='{JID}' id='{id}'><error type='auth'>\
             <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        )
    } else {
        format!("<message from='{JID}' to='{JID}' id='{id}'/>")
    });
}

fn recipients_of_many(message: &Element) -> Option<Vec<&str>> {
    (attr(message, "to") == MULTICAST).then(|| recipients(message))
}

fn recipients(message: &Element) -> Vec<&str> {
    let addresses = message.get_child("addresses", ADDRESS).expect("a message for many");
    assert_eq!(message.children().next(), Some(addresses), "before what they get");
    addresses
        .children()
        .map(|address| {
            assert_eq!(attr(address, "type"), "bcc");
            attr(address, "jid")
        })
        .collect()
}

fn note(heard: &mut BTreeMap<String, Vec<usize>>, subscriber: &str, message: &Element) {
    if let Some(item) = news(message, NODE).and_then(|items| find(items, &["item"])) {
        heard.entry(subscriber.to_owned()).or_default().push(attr(item, "id").parse().unwrap());
    }
}

/// In the order of first arrival.
fn first(numbers: &[usize]) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    numbers.iter().copied().filter(|number| seen.insert(*number)).collect()
}

/// In the order of last arrival.
fn last(numbers: &[usize]) -> Vec<usize> {
    let backwards: Vec<usize> = numbers.iter().rev().copied().collect();
    first(&backwards).into_iter().rev().collect()
}
