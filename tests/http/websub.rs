//! Callbacks that hubs push to: only what was asked for is confirmed, and only what is signed is read.

use std::io::Write as _;

use atomsub::limits::HUB_NEWS_AT_ONCE;
use atomsub::pubsub::import::{Feed, Push};
use atomsub::pubsub::secret::Secret;
use atomsub::pubsub::time::Timestamp;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::client::{Answer, connect, post, read};
use crate::house::{House, NEWS_WAITING, NOW};

const URL: &str = "https://blog.example/feed";
const TOPIC: &str = "https://blog.example/feed?all";
const RSS: &str = "application/rss+xml; charset=utf-8";

/// A house where a hub was asked to push a feed.
fn house() -> House {
    let house = House::new();
    let push = Push {
        hub: "https://hub.example/".to_owned(),
        topic: TOPIC.to_owned(),
        token: "token".to_owned(),
        secret: Secret::new("secret"),
        next: NOW,
        until: None,
        failures: 1,
        is_heard: false,
    };
    house.import(&Feed { push: Some(push), ..Feed::new(URL, NOW) });
    house
}

fn until(house: &House) -> Option<Timestamp> {
    house.feed(URL).push.unwrap().until
}

fn signed(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

fn push(house: &House, signature: Option<&str>, body: &[u8]) -> Answer {
    let signature = signature.map(|signature| ("X-Hub-Signature", signature));
    let headers: Vec<_> = signature.into_iter().chain([("Content-Type", RSS)]).collect();
    post(house.address, "/websub/token", &headers, body)
}

#[test]
fn a_hub_hears_what_it_wants_to_know_only_of_what_it_was_asked_for() {
    let house = house();
    let topic = "hub.topic=https%3A%2F%2Fblog.example%2Ffeed%3Fall";
    let long = format!("hub.mode=subscribe&{topic}&hub.challenge={}", "x".repeat(2000));
    for (token, query, status) in [
        ("other", format!("hub.mode=subscribe&{topic}&hub.challenge=x"), 404),
        ("token", "hub.mode=subscribe&hub.topic=https://blog.example/feed&hub.challenge=x".to_owned(), 404),
        ("token", "hub.mode=subscribe&hub.challenge=x".to_owned(), 404),
        ("token", format!("hub.mode=unsubscribe&{topic}&hub.challenge=x"), 404),
        ("token", long, 404),
        ("token", topic.to_owned(), 400),
        ("token", String::new(), 400),
    ] {
        assert_eq!(house.get(&format!("/websub/{token}?{query}")).status, status, "{query}");
        assert_eq!(until(&house), None, "{query}");
    }
    let query = format!("hub.mode=subscribe&{topic}&hub.challenge=%3Cscript%3E&hub.lease_seconds=3600");
    let answer = house.get(&format!("/websub/token?{query}"));
    assert_eq!((answer.status, answer.text()), (200, "<script>"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(until(&house), Some(NOW.plus_seconds(3600)));
    let denied = house.get(&format!("/websub/token?hub.mode=denied&{topic}&hub.reason=no"));
    assert_eq!((denied.status, until(&house)), (200, None));
}

#[test]
fn only_what_is_signed_is_read() {
    let mut house = house();
    let body = b"<rss/>";
    let right = signed("secret", body);
    for signature in [None, Some("sha256=00"), Some("sha256"), Some(&*signed("other", body))] {
        let answer = push(&house, signature, body);
        assert_eq!(answer.status, 202, "nobody learns what is wrong with it");
    }
    assert_eq!(push(&house, Some(&right), b"<rss />").status, 202);
    assert!(house.pushed.try_recv().is_err());
    assert_eq!(push(&house, Some(&right), body).status, 202);
    let news = house.pushed.try_recv().unwrap();
    assert_eq!((&*news.feed, news.content_type.as_deref(), &*news.body), (URL, Some(RSS), &body[..]));

    assert_eq!(post(house.address, "/websub/other", &[], body).status, 410);
    let mut stranger = connect(house.address);
    let head = "POST /websub/other HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    stranger.write_all(head.as_bytes()).unwrap();
    assert_eq!(read(&mut stranger).unwrap().status, 410, "what he has is not waited for");
    let long = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(push(&house, Some(&signed("secret", &long)), &long).status, 413);
    for status in [vec![202; NEWS_WAITING], vec![503]].concat() {
        assert_eq!(push(&house, Some(&right), body).status, status, "the hub has to try again");
    }
}

#[test]
fn no_hub_pushes_all_the_time() {
    let mut house = house();
    let body = b"<rss/>";
    let right = signed("secret", body);
    for _ in 0..HUB_NEWS_AT_ONCE {
        // What is not signed does not count.
        assert_eq!(push(&house, None, body).status, 202);
        assert_eq!(push(&house, Some(&right), body).status, 202);
        house.pushed.try_recv().unwrap();
    }
    let late = push(&house, Some(&right), body);
    assert_eq!((late.status, late.header("retry-after").is_some()), (429, true));
}
