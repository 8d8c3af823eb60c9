//! Whom the hub tells that it is over, since a feed is not for everybody any more.

use crate::house::House;
use crate::hub::{TOPIC, await_callback, await_callbacks, callbacks, house, pass, subscribed, wish};
use crate::subscriber::{Manner, Says, Subscriber};

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
