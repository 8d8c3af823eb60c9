//! What the hub still knows and sends after it has been stopped and started again.

use atomsub::xmpp::request::Kind;

use crate::house::pubsub;
use crate::hub::{ALLOW, await_callback, await_callbacks, house, signature, subscribed, wish};
use crate::subscriber::Subscriber;

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
