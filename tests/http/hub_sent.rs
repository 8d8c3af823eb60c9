//! What the hub sends to those who have subscribed: what has changed, in one, again where it is not taken, and no more.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use atomsub::pubsub::hub::{Callback, CallbackKey};

use crate::hub::{
    await_callback, await_callbacks, callbacks, house, pass, rested, subscribe, subscribed, wish,
};
use crate::subscriber::{Manner, Subscriber};

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
fn a_purged_feed_is_sent_as_it_is_then() {
    let house = house();
    let subscriber = subscribed(&house, &[]);
    house.purge("news");
    let posted = subscriber.posted();
    let text = str::from_utf8(&posted.body).unwrap();
    assert!(text.contains("<at:deleted-entry") && !text.contains("<entry>"), "{text}");
}
