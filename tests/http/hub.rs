//! The hub, with subscribers that are real servers: they are asked whether they want it, and sent a feed if they do.

use std::time::{Duration, Instant};

use atomsub::pubsub::hub::{Callback, Share};
use atomsub::pubsub::node::NodeKey;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::client::post;
use crate::house::House;
use crate::subscriber::{Heard, Manner, Says, Subscriber};

pub(crate) const ALLOW: &[&str] = &["127.0.0.0/8"];
pub(crate) const TOPIC: &str = "https://feeds.example.org/n/news/feed.atom";
const NEWS: NodeKey = NodeKey(1);

pub(crate) fn house() -> House {
    let house = House::with_hub(ALLOW);
    house.node(0, "news", &[("title", "News")]);
    house.entry("news", "1", "<title>One</title>");
    house
}

/// Asks the hub for something; it has to take it.
pub(crate) fn wish(house: &House, mode: &str, topic: &str, url: &str, terms: &[(&str, &str)]) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("hub.mode", mode), ("hub.topic", topic), ("hub.callback", url)]);
    let body = form.extend_pairs(terms).finish();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let answer = post(house.address, "/hub", &[kind], body.as_bytes());
    assert_eq!(answer.status, 202, "{}", answer.text());
}

/// A subscriber that has subscribed.
pub(crate) fn subscribed(house: &House, more: &[(&str, &str)]) -> Subscriber {
    let subscriber = Subscriber::start();
    subscribe(house, &subscriber, "/cb", more);
    subscriber
}

/// A subscriber subscribes once more.
pub(crate) fn subscribe(house: &House, subscriber: &Subscriber, path: &str, more: &[(&str, &str)]) {
    let before = callbacks(house).len() as u64;
    wish(house, "subscribe", TOPIC, &subscriber.url(path), more);
    subscriber.asked("subscribe");
    await_callbacks(house, before + 1);
}

pub(crate) fn callbacks(house: &House) -> Vec<Callback> {
    house.store(|tx| tx.callbacks(NEWS, None, 100))
}

/// Waits until there are so many.
pub(crate) fn await_callbacks(house: &House, number: u64) {
    let end = Instant::now() + Duration::from_secs(20);
    while house.store(|tx| tx.callbacks_counted(&Share::All)) != number {
        assert!(Instant::now() < end, "there are not {number} callbacks");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until a callback is as it should be.
pub(crate) fn await_callback(house: &House, is_so: impl Fn(&Callback) -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !callbacks(house).iter().any(&is_so) {
        assert!(Instant::now() < end, "{:?}", callbacks(house));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until what was sent is settled, and time passes until more may be sent.
pub(crate) fn rested(house: &House) {
    await_callback(house, |callback| callback.rests > house.now());
    pass(house, 2);
}

/// Time passes, and the hub looks whether there is something to do.
pub(crate) fn pass(house: &House, seconds: u64) {
    house.wait(seconds);
    house.touch(&[NEWS]);
}

pub(crate) fn signature(secret: &str, heard: &Heard) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&heard.body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[test]
fn who_wants_a_feed_is_sent_it_when_it_changes() {
    let house = house();
    let subscriber = Subscriber::start();
    let more = [("hub.secret", "s3cret"), ("hub.lease_seconds", "7200")];
    wish(&house, "subscribe", TOPIC, &subscriber.url("/cb?a=b%20c&hub.mode=x"), &more);
    let asked = subscriber.next();
    assert_eq!(asked.path, "/cb");
    let query: Vec<_> = asked.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let challenge = asked.query("hub.challenge").unwrap();
    assert_eq!(
        query,
        [
            ("a", "b c"),
            ("hub.mode", "x"),
            ("hub.mode", "subscribe"),
            ("hub.topic", TOPIC),
            ("hub.challenge", challenge),
            ("hub.lease_seconds", "7200")
        ]
    );
    assert!(challenge.len() >= 32 && asked.header("user-agent") == Some("atomsub/test"));
    await_callbacks(&house, 1);
    // What it could have read before is not sent.
    subscriber.hears_nothing(300);

    let start = Instant::now();
    house.entry("news", "2", "<title>Two</title>");
    let posted = subscriber.posted();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!((posted.path.as_str(), posted.query("a")), ("/cb", Some("b c")));
    assert_eq!(posted.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    let link = "<https://feeds.example.org/n/news/feed.atom>; rel=\"self\", <https://feeds.example.org/hub>; rel=\"hub\"";
    assert_eq!(posted.header("link"), Some(link));
    assert_eq!(posted.header("x-hub-signature"), Some(signature("s3cret", &posted).as_str()));
    assert_eq!(posted.body, house.get("/n/news/feed.atom").body);
    assert!(str::from_utf8(&posted.body).unwrap().contains("<title>Two</title>"));

    rested(&house);
    house.retract("news", "2");
    let posted = subscriber.posted();
    assert!(str::from_utf8(&posted.body).unwrap().contains("<at:deleted-entry"));
    rested(&house);
    house.configure("news", &[("title", "Other")]);
    let posted = subscriber.posted();
    assert!(str::from_utf8(&posted.body).unwrap().contains("<title>Other</title>"));
    rested(&house);
    subscriber.hears_nothing(500);
}

#[test]
fn who_does_not_say_that_he_wants_it_is_sent_nothing() {
    let house = house();
    for says in [
        Says::Challenge("x"),
        Says::Challenge("\n"),
        Says::Status(404),
        Says::Status(204),
        Says::ChallengeAs(404),
        Says::ChallengeAs(302),
        Says::ChallengeAs(410),
        Says::TooMuch,
    ] {
        let subscriber = Subscriber::start();
        subscriber.answers(Manner { asked: says.clone(), ..Manner::default() });
        wish(&house, "subscribe", TOPIC, &subscriber.url("/"), &[]);
        subscriber.asked("subscribe");
        house.entry("news", "2", &format!("<title>{says:?}</title>"));
        subscriber.hears_nothing(300);
        assert_eq!(callbacks(&house), []);
    }
}

#[test]
fn nobody_is_asked_where_only_this_machine_can_reach() {
    let house = House::with_hub(&[]);
    house.node(0, "news", &[]);
    let subscriber = Subscriber::start();
    // Where names lead shows only when they are looked up.
    for host in ["localhost", "LOCALHOST."] {
        let url = format!("http://{host}:{}/", subscriber.address.port());
        wish(&house, "subscribe", TOPIC, &url, &[]);
    }
    subscriber.hears_nothing(500);
    await_callbacks(&house, 0);
}

#[test]
fn who_is_not_there_yet_is_asked_again() {
    let house = house();
    let subscriber = Subscriber::start();
    subscriber.answers(Manner { asked: Says::Status(503), ..Manner::default() });
    wish(&house, "subscribe", TOPIC, &subscriber.url("/"), &[]);
    let first = subscriber.asked("subscribe");
    subscriber.answers(Manner::default());
    // What changes meanwhile is not lost.
    house.entry("news", "2", "<title>Two</title>");
    let second = subscriber.asked("subscribe");
    assert_ne!(first.query("hub.challenge"), second.query("hub.challenge"));
    subscriber.posted();
}

#[test]
fn who_does_not_want_it_any_more_is_asked_too() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    subscriber.answers(Manner { asked: Says::Status(404), ..Manner::default() });
    wish(&house, "unsubscribe", TOPIC, &subscriber.url("/cb"), &[]);
    assert_eq!(subscriber.asked("unsubscribe").query("hub.lease_seconds"), None);
    house.entry("news", "2", "<title>Two</title>");
    subscriber.posted();
    subscriber.answers(Manner::default());
    wish(&house, "unsubscribe", TOPIC, &subscriber.url("/cb"), &[]);
    subscriber.asked("unsubscribe");
    await_callbacks(&house, 0);
    house.entry("news", "3", "<title>Three</title>");
    subscriber.hears_nothing(300);
}

#[test]
fn who_asks_again_has_it_longer_and_with_another_secret() {
    let house = house();
    let subscriber = subscribed(&house, &[("hub.secret", "old"), ("hub.lease_seconds", "1")]);
    // Nobody has it for less than an hour.
    let ends = callbacks(&house)[0].ends;
    assert_eq!(ends, house.now().plus_seconds(3600));
    subscriber.answers(Manner { asked: Says::Status(404), ..Manner::default() });
    let url = subscriber.url("/cb");
    wish(&house, "subscribe", TOPIC, &url, &[("hub.secret", "evil")]);
    subscriber.asked("subscribe");
    subscriber.answers(Manner::default());
    house.entry("news", "2", "<title>Two</title>");
    let posted = subscriber.posted();
    assert_eq!(posted.header("x-hub-signature"), Some(signature("old", &posted).as_str()));
    await_callback(&house, |callback| callback.document.is_some());
    wish(&house, "subscribe", TOPIC, &url, &[("hub.secret", "new"), ("hub.lease_seconds", "999999999")]);
    assert_eq!(subscriber.asked("subscribe").query("hub.lease_seconds"), Some("2592000"));
    await_callback(&house, |callback| callback.ends == house.now().plus_seconds(30 * 24 * 3600));
    await_callbacks(&house, 1);
    house.entry("news", "3", "<title>Three</title>");
    let posted = subscriber.posted();
    assert_eq!(posted.header("x-hub-signature"), Some(signature("new", &posted).as_str()));
}
