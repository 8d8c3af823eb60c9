//! The hub through real servers: what is published over XMPP is posted to whoever has subscribed over the web, in the same
//! second, and also when the service is killed in between.

use std::time::{Duration, Instant};

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::harness::COMPONENTS;
use crate::harness::fake_host::FakeHost;
use crate::harness::server::Kind;
use crate::harness::service::Service;
use crate::http::post;
use crate::stage::{SERVICE, Stage, create, on_both_servers, publish, pubsub};
use crate::subscriber::{Heard, Subscriber};

const JID: &str = COMPONENTS[2];
const JULIET: &str = "juliet@capulet.example/balcony";
const SECRET: &str = "wherefore";

on_both_servers!(what_is_published_is_posted_in_the_same_second);

/// A subscriber to a node, once it is one.
fn subscribed(service: &Service, node: &str) -> Subscriber {
    let (web, subscriber) = (service.web(), Subscriber::start());
    let callback = subscriber.url("/cb");
    let topic = format!("http://{web}/n/{node}/feed.atom");
    let form = format!("hub.mode=subscribe&hub.topic={topic}&hub.callback={callback}&hub.secret={SECRET}");
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(post(web, "/hub", &[kind], form.as_bytes()).status, 202);
    assert_eq!(subscriber.asked("subscribe").query("hub.topic"), Some(topic.as_str()));
    subscriber
}

/// The document that is posted next, which has to be signed.
fn posted(subscriber: &Subscriber) -> String {
    let heard: Heard = subscriber.posted();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&heard.body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(heard.header("x-hub-signature"), Some(format!("sha256={digits}").as_str()));
    assert_eq!(heard.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    String::from_utf8(heard.body.to_vec()).unwrap()
}

fn what_is_published_is_posted_in_the_same_second(stage: &Stage) {
    let (mut juliet, node) = (stage.juliet(), "hub");
    create(&mut juliet, node, &[("title", "From the balcony")]);
    let subscriber = subscribed(&stage.service, node);
    // It is one as soon as its answer has come back.
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    juliet.ok("set", SERVICE, &publish(node, "one", "One"));
    let document = posted(&subscriber);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(document.contains(">One</title>"), "{document}");
    juliet.ok("set", SERVICE, &publish(node, "one", "Another"));
    let document = posted(&subscriber);
    assert!(document.contains(">Another</title>") && !document.contains(">One</title>"), "{document}");
    juliet.ok("set", SERVICE, &pubsub(&format!("<retract node='{node}'><item id='one'/></retract>")));
    let document = posted(&subscriber);
    assert!(document.contains("<at:deleted-entry") && !document.contains("<entry>"), "{document}");
    let delete =
        format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><delete node='{node}'/></pubsub>");
    juliet.ok("set", SERVICE, &delete);
    subscriber.asked("denied");
    assert!(!stage.service.log().contains(SECRET));
}

#[test]
fn what_was_acknowledged_is_posted_whenever_the_service_is_killed() {
    let (mut host, service) = FakeHost::linked(JID);
    let node = "hub";
    host.ok(JULIET, "set", &pubsub(&format!("<create node='{node}'/>")));
    let subscriber = subscribed(&service, node);
    std::thread::sleep(Duration::from_millis(500));
    for round in 0..5 {
        let title = format!("round {round}");
        host.ok(JULIET, "set", &publish(node, "one", &title));
        std::thread::sleep(Duration::from_millis(round * 3));
        service.kill9();
        host.hang_up();
        service.launch();
        host.accept(&service);
        let end = Instant::now() + Duration::from_secs(30);
        while !posted(&subscriber).contains(&format!(">{title}</title>")) {
            assert!(Instant::now() < end, "{title} was not posted");
        }
    }
}

#[test]
fn one_service_is_told_by_the_hub_of_another() {
    let (mut there, hub) = FakeHost::linked(COMPONENTS[3]);
    let (mut host, service) = FakeHost::linked(JID);
    there.ok(JULIET, "set", &pubsub("<create node='news'/>"));
    there.ok(JULIET, "set", &publish("news", "1", "One"));
    let url = format!("http://{}/n/news/feed.atom", hub.web());
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    let add = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#add-feed'>\
         <x xmlns='jabber:x:data' type='submit'>{}{}</x></command>",
        field("url", &url),
        field("node", "copy")
    );
    host.ok(JULIET, "set", &add);
    let list = "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-feeds'/>";
    let items = pubsub("<items node='copy'/>");
    let end = Instant::now() + Duration::from_secs(60);
    // What changes before it has subscribed it finds when it fetches.
    let mut number = 1;
    while !String::from(&host.ok(JULIET, "set", list)).contains("told at once by its hub") {
        assert!(Instant::now() < end, "it is not told: {}", service.log());
        number += 1;
        there.ok(JULIET, "set", &publish("news", &number.to_string(), &format!("entry {number}")));
        std::thread::sleep(Duration::from_millis(500));
    }
    // Whatever was told before, there is a pause.
    std::thread::sleep(Duration::from_secs(3));
    let start = Instant::now();
    there.ok(JULIET, "set", &publish("news", "last", "the last one"));
    while !String::from(&host.ok(JULIET, "get", &items)).contains("the last one") {
        assert!(start.elapsed() < Duration::from_secs(1), "it is not told in the same second");
        std::thread::sleep(Duration::from_millis(20));
    }
}
