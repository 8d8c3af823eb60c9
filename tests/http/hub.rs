//! The hub, with subscribers that are real servers: they are asked, sent what has changed, and left alone afterwards.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use atomsub::pubsub::hub::{Callback, CallbackKey, Share};
use atomsub::pubsub::node::NodeKey;
use atomsub::xmpp::request::Kind;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::client::post;
use crate::house::{House, pubsub};
use crate::subscriber::{Heard, Manner, Says, Subscriber};

const ALLOW: &[&str] = &["127.0.0.0/8"];
const TOPIC: &str = "https://feeds.example.org/n/news/feed.atom";
const NEWS: NodeKey = NodeKey(1);

fn house() -> House {
    let house = House::with_hub(ALLOW);
    house.node(0, "news", &[("title", "News")]);
    house.entry("news", "1", "<title>One</title>");
    house
}

/// Asks the hub for something; it has to take it.
fn wish(house: &House, mode: &str, topic: &str, url: &str, terms: &[(&str, &str)]) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("hub.mode", mode), ("hub.topic", topic), ("hub.callback", url)]);
    let body = form.extend_pairs(terms).finish();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let answer = post(house.address, "/hub", &[kind], body.as_bytes());
    assert_eq!(answer.status, 202, "{}", answer.text());
}

/// A subscriber that has subscribed.
fn subscribed(house: &House, more: &[(&str, &str)]) -> Subscriber {
    let subscriber = Subscriber::start();
    subscribe(house, &subscriber, "/cb", more);
    subscriber
}

/// A subscriber subscribes once more.
fn subscribe(house: &House, subscriber: &Subscriber, path: &str, more: &[(&str, &str)]) {
    let before = callbacks(house).len() as u64;
    wish(house, "subscribe", TOPIC, &subscriber.url(path), more);
    subscriber.asked("subscribe");
    await_callbacks(house, before + 1);
}

fn callbacks(house: &House) -> Vec<Callback> {
    house.store(|tx| tx.callbacks(NEWS, None, 100))
}

/// Waits until there are so many.
fn await_callbacks(house: &House, number: u64) {
    let end = Instant::now() + Duration::from_secs(20);
    while house.store(|tx| tx.callbacks_counted(&Share::All)) != number {
        assert!(Instant::now() < end, "there are not {number} callbacks");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until a callback is as it should be.
fn await_callback(house: &House, is_so: impl Fn(&Callback) -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !callbacks(house).iter().any(&is_so) {
        assert!(Instant::now() < end, "{:?}", callbacks(house));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until what was sent is settled, and time passes until more may be sent.
fn rested(house: &House) {
    await_callback(house, |callback| callback.rests > house.now());
    pass(house, 2);
}

/// Time passes, and the hub looks whether there is something to do.
fn pass(house: &House, seconds: u64) {
    house.wait(seconds);
    house.touch(&[NEWS]);
}

fn signature(secret: &str, heard: &Heard) -> String {
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
fn json_is_sent_to_who_wants_that_and_what_is_not_signed_has_no_signature() {
    let house = house();
    let subscriber = Subscriber::start();
    wish(&house, "subscribe", "https://feeds.example.org/n/news/feed.json", &subscriber.url("/"), &[]);
    assert_eq!(subscriber.asked("subscribe").query("hub.lease_seconds"), Some("864000"));
    await_callbacks(&house, 1);
    house.entry("news", "2", "<title>Two</title>");
    let posted = subscriber.posted();
    assert_eq!(posted.header("content-type"), Some("application/feed+json; charset=utf-8"));
    assert!(
        posted.header("link").unwrap().contains("<https://feeds.example.org/n/news/feed.json>; rel=\"self\"")
    );
    assert_eq!(posted.header("x-hub-signature"), None);
    assert_eq!(posted.body, house.get("/n/news/feed.json").body);
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
fn what_is_not_taken_is_sent_again_ever_later() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    for status in [500, 404, 302, 100 + 99] {
        subscriber.answers(Manner { posted: status, ..Manner::default() });
        let failures = callbacks(&house)[0].failures;
        house.entry("news", "2", &format!("<title>{status}</title>"));
        if failures > 0 {
            // It is left alone, whatever comes.
            subscriber.hears_nothing(300);
            pass(&house, 60 << (failures - 1));
        }
        subscriber.posted();
        await_callback(&house, |callback| callback.failures == failures + 1);
        let rest = callbacks(&house)[0].rests.0 - house.now().0;
        let most = 60_000 << failures;
        assert!((most / 2..=most).contains(&rest), "{rest} after {failures}");
    }
    subscriber.answers(Manner::default());
    pass(&house, 60 << 3);
    let posted = subscriber.posted();
    assert!(str::from_utf8(&posted.body).unwrap().contains("<title>199</title>"), "the newest is sent");
    await_callback(&house, |callback| callback.failures == 0);
    pass(&house, 60 << 4);
    subscriber.hears_nothing(300);
}

#[test]
fn what_cannot_be_noted_is_sent_once_and_noted_later() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    house.forget(true);
    house.entry("news", "2", "<title>Two</title>");
    subscriber.posted();
    subscriber.hears_nothing(6000);
    house.forget(false);
    await_callback(&house, |callback| callback.document.is_some());
    subscriber.hears_nothing(300);
}

#[test]
fn who_is_gone_is_sent_nothing_more() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    subscriber.answers(Manner { posted: 410, ..Manner::default() });
    house.entry("news", "2", "<title>Two</title>");
    subscriber.posted();
    await_callbacks(&house, 0);
    house.entry("news", "3", "<title>Three</title>");
    subscriber.hears_nothing(300);
}

#[test]
fn what_comes_meanwhile_is_sent_in_one() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    subscriber.answers(Manner { takes: Duration::from_millis(500), ..Manner::default() });
    house.entry("news", "2", "<title>first</title>");
    let first = subscriber.posted();
    for number in 0..20 {
        house.entry("news", "2", &format!("<title>{number}</title>"));
    }
    // One at a time, and then not before a pause.
    await_callback(&house, |callback| callback.document.is_some());
    subscriber.hears_nothing(300);
    pass(&house, 2);
    let second = subscriber.posted();
    assert_ne!(first.body, second.body);
    assert!(str::from_utf8(&second.body).unwrap().contains("<title>19</title>"));
    rested(&house);
    subscriber.hears_nothing(300);
}

#[test]
fn a_slow_one_keeps_nobody_waiting() {
    let house = house();
    let (slow, other) = (subscribed(&house, &[]), Subscriber::on("127.0.0.2:0"));
    for number in 0..8 {
        subscribe(&house, &slow, &format!("/{number}"), &[]);
    }
    subscribe(&house, &other, "/z", &[]);
    slow.answers(Manner { takes: Duration::from_secs(1), ..Manner::default() });
    let start = Instant::now();
    house.entry("news", "2", "<title>Two</title>");
    other.posted();
    assert_eq!(house.get("/n/news/feed.atom").status, 200);
    assert!(start.elapsed() < Duration::from_secs(1));
    let paths: BTreeSet<String> = (0..9).map(|_| slow.posted().path).collect();
    assert_eq!(paths.len(), 9, "each once");
    assert!(start.elapsed() > Duration::from_secs(3), "two at once at one host");
}

#[test]
fn those_at_a_crowded_host_are_all_told_though_not_all_may_wait_at_once() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    let one = callbacks(&house).remove(0);
    let urls: BTreeSet<String> = (0..600).map(|number| subscriber.url(&format!("/{number}"))).collect();
    house.store(|tx| {
        tx.remove_callback(&one.key)?;
        urls.iter().try_for_each(|url| {
            let key = CallbackKey { url: url.clone(), ..one.key.clone() };
            tx.put_callback(&Callback { key, ..one.clone() })
        })
    });
    subscriber.answers(Manner { takes: Duration::from_millis(10), ..Manner::default() });
    let start = Instant::now();
    house.entry("news", "2", "<title>Two</title>");
    let told: Vec<String> = urls.iter().map(|_| subscriber.url(&subscriber.posted().path)).collect();
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), urls);
    assert!(start.elapsed() > Duration::from_secs(5), "the last hundred were looked for once more");
    subscriber.hears_nothing(300);
}

#[test]
fn what_has_changed_while_nobody_could_tell_is_told_afterwards() {
    let mut house = house();
    let subscriber = subscribed(&house, &[("hub.secret", "s3cret")]);
    house.entry("news", "2", "<title>Two</title>");
    subscriber.posted();
    await_callback(&house, |callback| callback.document.is_some());
    house.stop();
    house.entry("news", "3", "<title>Three</title>");
    house.wait(3);
    house.open_again(ALLOW);
    let posted = subscriber.posted();
    assert!(str::from_utf8(&posted.body).unwrap().contains("<title>Three</title>"));
    assert_eq!(posted.header("x-hub-signature"), Some(signature("s3cret", &posted).as_str()));
    await_callback(&house, |callback| callback.rests > house.now());
    house.stop();
    house.wait(3);
    house.open_again(ALLOW);
    subscriber.hears_nothing(500);
}

#[test]
fn a_feed_that_has_another_url_now_is_sent_from_there() {
    let mut house = house();
    let subscriber = Subscriber::start();
    for ending in ["atom", "json"] {
        let topic = format!("https://feeds.example.org/n/news/feed.{ending}");
        wish(&house, "subscribe", &topic, &subscriber.url(&format!("/{ending}")), &[]);
        subscriber.asked("subscribe");
    }
    await_callbacks(&house, 2);
    house.stop();
    house.open_again_under("https://other.example.org", ALLOW);
    subscriber.hears_nothing(300);
    house.entry("news", "2", "<title>Two</title>");
    for posted in [subscriber.posted(), subscriber.posted()] {
        let links = format!(
            "<https://other.example.org/n/news/feed.{}>; rel=\"self\", <https://other.example.org/hub>; rel=\"hub\"",
            &posted.path[1..]
        );
        assert_eq!(posted.header("link"), Some(links.as_str()));
        assert_eq!(posted.body, house.get(&format!("/n/news/feed.{}", &posted.path[1..])).body);
    }
}

#[test]
fn a_feed_of_another_service_is_told_after_a_start_too() {
    let mut house = house();
    house.node(1, "news", &[]);
    let subscriber = Subscriber::start();
    let topic = "https://feeds.example.org/n/news@comments.example.com/feed.atom";
    wish(&house, "subscribe", topic, &subscriber.url("/"), &[]);
    subscriber.asked("subscribe");
    await_callbacks(&house, 1);
    house.stop();
    house.open_again(ALLOW);
    let entry =
        "<publish node='news'><item id='1'><entry xmlns='http://www.w3.org/2005/Atom'/></item></publish>";
    house.send(1, Kind::Set, "ed@example.com/a", &pubsub(entry));
    let posted = subscriber.posted();
    assert!(posted.header("link").unwrap().contains(topic));
}

#[test]
fn what_is_the_same_is_not_sent_again() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    house.configure("news", &[("title", "Other")]);
    subscriber.posted();
    rested(&house);
    let told = callbacks(&house)[0].told;
    // A feed does not show this.
    house.configure("news", &[("notify_retract", "false")]);
    await_callback(&house, |callback| callback.told != told);
    subscriber.hears_nothing(300);
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

#[test]
fn what_nobody_may_read_any_more_is_denied() {
    type Change = fn(&House);
    let changes: [Change; 4] = [
        |house| house.configure("news", &[("access_model", "whitelist")]),
        |house| house.delete("news"),
        |house| house.affiliate("news", "anonymous.invalid", "outcast"),
        |house| house.configure("above", &[("access_model", "whitelist")]),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let house = house();
        house.node(0, "above", &[]);
        house.configure("news", &[("{urn:xmpp:pubsub-relationships:0}parent", "above")]);
        let subscriber = subscribed(&house, &[]);
        change(&house);
        assert_eq!(house.get("/n/news/feed.atom").status, 404, "{number}");
        let denied = subscriber.asked("denied");
        assert_eq!(denied.query("hub.topic"), Some(TOPIC), "{number}");
        assert_eq!(denied.query("hub.reason"), Some("this feed is not there any more, or not for everybody"));
        await_callbacks(&house, 0);
    }
}

#[test]
fn a_purged_feed_is_sent_as_it_is_then() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    house.purge("news");
    let posted = subscriber.posted();
    let text = str::from_utf8(&posted.body).unwrap();
    assert!(text.contains("<at:deleted-entry") && !text.contains("<entry>"), "{text}");
}

#[test]
fn who_does_not_hear_that_it_is_over_is_told_thrice() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    subscriber.answers(Manner { asked: Says::Status(500), ..Manner::default() });
    house.configure("news", &[("access_model", "whitelist")]);
    for seconds in [60, 120] {
        subscriber.asked("denied");
        await_callback(&house, |callback| callback.rests > house.now());
        subscriber.hears_nothing(200);
        pass(&house, seconds);
    }
    subscriber.asked("denied");
    await_callbacks(&house, 0);
}

#[test]
fn what_is_closed_before_the_answer_comes_is_denied() {
    let house = house();
    let subscriber = Subscriber::start();
    subscriber.answers(Manner { asked: Says::Status(503), ..Manner::default() });
    wish(&house, "subscribe", TOPIC, &subscriber.url("/"), &[]);
    subscriber.asked("subscribe");
    house.configure("news", &[("access_model", "whitelist")]);
    subscriber.answers(Manner::default());
    subscriber.asked("subscribe");
    assert_eq!(subscriber.asked("denied").query("hub.topic"), Some(TOPIC));
    assert_eq!(callbacks(&house), []);
}
