//! Hubs that push feeds: what they are asked for, what they promise, and what becomes of what they push.

use atomsub::limits::FEED_KNOWN_MAX;
use atomsub::pubsub::import::{Document, Fetched, Intent, Offer, Outcome, Push, awaited, intended, wanted};
use atomsub::pubsub::node::NodeId;
use atomsub::pubsub::secret::Secret;

use crate::feeds::{ADMIN, DAY, OWNER, URL, add, come, feed, import, item, items, list, rss, stage, told};
use crate::stage::{SERVICE, Stage};

const HUB: &str = "https://hub.example/";
const HOUR: u64 = 60 * 60;

fn offer(token: &str) -> Offer {
    let (hub, topic) = (HUB.to_owned(), URL.to_owned());
    Offer { hub, topic, token: token.to_owned(), secret: Secret::new(format!("secret of {token}")) }
}

/// What came of fetching items from a feed that names a hub.
fn offered(stage: &Stage, items: &[String], token: &str) -> Fetched {
    Fetched { hub: Some(offer(token)), ..rss(stage, items) }
}

/// What came of reading items that a hub has pushed.
fn pushed(stage: &Stage, items: &[String]) -> Fetched {
    let fetched = rss(stage, items);
    let Outcome::Read { document, .. } = fetched.outcome else { panic!("not read") };
    let document = Box::new(Document { is_partial: true, ..*document });
    Fetched { outcome: Outcome::Read { document, is_whole: false }, ..fetched }
}

fn ask(stage: &mut Stage) -> Option<Push> {
    let now = stage.now();
    stage.transact(|_, tx| wanted(tx, URL, now))
}

fn say(stage: &mut Stage, token: &str, intent: &Intent) -> bool {
    let now = stage.now();
    stage.transact(|_, tx| intended(tx, token, intent, now))
}

fn subscribe(topic: &str, lease: u64) -> Intent {
    Intent::Subscribe { topic: topic.to_owned(), lease: Some(lease) }
}

/// A stage whose feed has a hub that has promised to push for ten days.
fn promised() -> Stage {
    let mut stage = stage();
    stage.fetched(&offered(&stage, &[item("urn:x:1", "One")], "a"));
    ask(&mut stage).unwrap();
    assert!(say(&mut stage, "a", &subscribe(URL, 10 * DAY)));
    stage
}

#[test]
fn a_hub_is_asked_until_it_promises_and_again_before_that_ends() {
    let mut stage = stage();
    assert_eq!(ask(&mut stage), None, "no hub is named yet");
    stage.fetched(&offered(&stage, &[], "a"));
    let push = ask(&mut stage).unwrap();
    assert!(!format!("{push:?}").contains("secret of a"));
    assert_eq!(
        (&*push.hub, &*push.topic, &*push.token, push.secret.reveal()),
        (HUB, URL, "a", "secret of a")
    );
    assert_eq!(ask(&mut stage), None, "it was asked just now");
    for minutes in [15, 30, 60] {
        stage.wait(minutes * 60 - 1);
        assert_eq!(ask(&mut stage), None);
        stage.wait(1);
        // It keeps its token and its secret, whatever chance has brought meanwhile.
        stage.fetched(&offered(&stage, &[], "b"));
        assert_eq!(ask(&mut stage).unwrap().token, "a");
    }
    for (token, topic) in [("b", URL), ("", URL), ("a", "https://blog.example/"), ("a", "")] {
        assert!(!say(&mut stage, token, &subscribe(topic, DAY)), "{token} {topic}");
    }
    assert!(say(&mut stage, "a", &subscribe(URL, DAY)));
    stage.wait(DAY / 2 - 1);
    assert_eq!(ask(&mut stage), None);
    stage.fetched(&come(Outcome::Unchanged));
    assert_eq!(
        feed(&mut stage).next,
        Some(stage.now().plus_seconds(15 * 60)),
        "fetched when it is to be asked"
    );
    stage.wait(1);
    assert_eq!(ask(&mut stage).unwrap().token, "a");
    assert!(feed(&mut stage).push.unwrap().until.is_some(), "what it promised holds until it ends");
    // Whatever it promises, it is asked again within two weeks.
    assert!(say(&mut stage, "a", &subscribe(URL, 1000 * DAY)));
    assert_eq!(feed(&mut stage).push.unwrap().until, Some(stage.now().plus_seconds(14 * DAY)));
}

#[test]
fn what_is_pushed_is_told_and_fetching_becomes_a_backup() {
    let mut stage = promised();
    stage.send(&add(ADMIN, URL, "later"));
    let next = feed(&mut stage).next;
    // The first is left out, as hubs may.
    let news = pushed(&stage, &[item("urn:x:2", "Two")]);
    assert_eq!(told(&stage.fetched(&news)), ["+Two"]);
    assert_eq!(stage.fetched(&news), "", "once");
    assert_eq!(feed(&mut stage).next, next);
    assert!(stage.send(&items("news")).contains("One"), "what is left out stays");
    assert!(!stage.send(&items("later")).contains("Two"));
    assert!(!import(&mut stage, "later").unwrap().is_begun, "who comes later gets all that the feed has");
    assert!(stage.send(&list(OWNER)).contains("told at once by its hub"));

    let edited = pushed(&stage, &[item("urn:x:1", "Uno")]);
    assert_eq!(told(&stage.fetched(&edited)), ["+Uno"]);
    stage.fetched(&come(Outcome::Unchanged));
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(6 * HOUR)));
    // A hub that has missed something is not relied on until it pushes again.
    let more = [item("urn:x:3", "Three"), item("urn:x:2", "Two"), item("urn:x:1", "Uno")];
    let missed = offered(&stage, &more, "b");
    assert_eq!(told(&stage.fetched(&missed)), ["+Three"]);
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(HOUR)));
    assert_eq!(stage.send(&items("later")).matches("<item ").count(), more.len());
    stage.fetched(&pushed(&stage, &[item("urn:x:4", "Four")]));
    stage.fetched(&come(Outcome::Unchanged));
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(6 * HOUR)));
    // Nor is one whose promise has ended.
    stage.wait(11 * DAY);
    stage.fetched(&come(Outcome::Unchanged));
    assert!(feed(&mut stage).next <= Some(stage.now().plus_seconds(HOUR)));
}

#[test]
fn what_a_hub_pushes_is_not_known_for_ever() {
    let mut stage = promised();
    let id = NodeId { service: SERVICE.to_owned(), name: "news".to_owned() };
    for n in 0..8 {
        let more: Vec<String> = (0..100).map(|m| item(&format!("urn:x:{n}:{m}"), "More")).collect();
        stage.fetched(&pushed(&stage, &more));
    }
    let known = stage.transact(|_, tx| tx.known(tx.node(&id)?.unwrap().key, URL));
    assert_eq!(known.len(), FEED_KNOWN_MAX, "without the feed being fetched");
}

#[test]
fn a_hub_that_denies_is_left_alone_for_a_day() {
    let mut stage = promised();
    stage.fetched(&pushed(&stage, &[item("urn:x:2", "Two")]));
    stage.fetched(&come(Outcome::Unchanged));
    assert!(!say(&mut stage, "a", &Intent::Denied { topic: "https://blog.example/".to_owned() }));
    assert!(say(&mut stage, "a", &Intent::Denied { topic: URL.to_owned() }));
    assert_eq!(
        feed(&mut stage).next,
        Some(stage.now().plus_seconds(HOUR)),
        "nothing comes by itself any more"
    );
    stage.wait(DAY - 1);
    assert_eq!(ask(&mut stage), None);
    stage.wait(1);
    assert_eq!(ask(&mut stage).unwrap().token, "a");
}

#[test]
fn another_hub_has_another_callback_and_none_has_none() {
    let mut stage = promised();
    let whose = |stage: &mut Stage, token: &str| stage.transact(|_, tx| awaited(tx, token));
    let found = whose(&mut stage, "a").unwrap();
    assert_eq!((&*found.feed, found.secret.reveal()), (URL, "secret of a"));
    let elsewhere = Offer { hub: "https://other.example/".to_owned(), ..offer("b") };
    stage.fetched(&Fetched { hub: Some(elsewhere), ..rss(&stage, &[]) });
    assert_eq!(whose(&mut stage, "a"), None);
    assert_eq!(whose(&mut stage, "b").unwrap().secret, Secret::new("secret of b"));
    assert_eq!(ask(&mut stage).unwrap().hub, "https://other.example/");
    stage.fetched(&rss(&stage, &[]));
    assert_eq!(whose(&mut stage, "b"), None);
    assert_eq!(ask(&mut stage), None);
}
