//! What the hub may take on, which callbacks are to be told something, and when none is any more.

use std::time::Duration;

use atomsub::limits::{
    HUB_CALLBACKS_MAX, HUB_CALLBACKS_PER_CALLER_MAX, HUB_CALLBACKS_PER_HOST_MAX,
    HUB_CALLBACKS_PER_TOPIC_AND_CALLER_MAX, HUB_CALLBACKS_PER_TOPIC_MAX, HUB_PAGE,
};
use atomsub::pubsub::Why;
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::hub::{Ask, Callback, CallbackKey, Due, Outcome, Parcel, Told, Wanted, Wish};
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::reader::ANYONE;

use crate::stage::{SERVICE, Stage, configure, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const NODE: &str = "news";
const KEY: NodeKey = NodeKey(1);
const TOPIC: &str = "https://web.lit/n/news/feed.atom";

/// What somebody does.
type Change = fn(&mut Stage);

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.node(NODE, &[]);
    stage.publish(NODE, "1");
    stage
}

fn wish(number: u64) -> Wish {
    Wish {
        node: NODE.to_owned(),
        topic: TOPIC.to_owned(),
        url: format!("https://a.lit/{number:05}"),
        host: "a.lit".to_owned(),
        caller: None,
        terms: Some((3600, None)),
    }
}

fn key(number: u64) -> CallbackKey {
    CallbackKey { node: KEY, topic: TOPIC.to_owned(), url: wish(number).url }
}

fn consider(stage: &mut Stage, wish: &Wish) -> Result<Wanted, Why> {
    match stage.hub(&Ask::Consider(wish.clone())) {
        Ok(Told::Considered(wanted)) => Ok(wanted),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.why),
    }
}

/// What is wished for comes true.
fn grant(stage: &mut Stage, wish: &Wish) {
    let wanted = consider(stage, wish).unwrap();
    assert_eq!(stage.hub(&Ask::Grant(wish.clone(), wanted)), Ok(Told::Done));
}

fn due(stage: &mut Stage, after: Option<CallbackKey>) -> Due {
    let Ok(Told::Due(due)) = stage.hub(&Ask::Due(KEY, after)) else { panic!() };
    due
}

/// The URLs of those that are to be told something.
fn urls(stage: &mut Stage) -> Vec<String> {
    due(stage, None).now.into_iter().map(|(key, _)| key.url).collect()
}

fn parcel(stage: &mut Stage, number: u64) -> Option<Parcel> {
    let Ok(Told::Parcel(parcel)) = stage.hub(&Ask::Parcel(key(number))) else { panic!() };
    parcel.map(|parcel| *parcel)
}

fn settle(stage: &mut Stage, number: u64, outcome: Outcome) -> Option<Duration> {
    let Ok(Told::Settled(next)) = stage.hub(&Ask::Settle(key(number), outcome, 0)) else { panic!() };
    next
}

fn callback(stage: &mut Stage, number: u64) -> Option<Callback> {
    stage.transact(|_, tx| tx.callback(&key(number)))
}

/// It has been told what there is.
fn deliver(stage: &mut Stage, number: u64) -> Option<Duration> {
    let version = parcel(stage, number).unwrap().feed.unwrap().1;
    settle(stage, number, Outcome::Delivered(version, "\"tag\"".to_owned()))
}

#[test]
fn whatever_a_feed_may_show_is_told_once() {
    let mut stage = stage();
    grant(&mut stage, &wish(1));
    let changes: [(&str, Change); 6] = [
        ("a publication", |stage| stage.publish(NODE, "2")),
        ("a modification", |stage| stage.publish(NODE, "2")),
        ("a retraction", |stage| {
            let retract = format!("<retract node='{NODE}'><item id='2'/></retract>");
            stage.send(&set(HAMLET, &retract));
        }),
        ("a title", |stage| {
            stage.send(&configure(HAMLET, NODE, &[("title", "Other")]));
        }),
        ("a purge", |stage| {
            stage.send(&owner_set(HAMLET, &format!("<purge node='{NODE}'/>")));
        }),
        ("who may publish", |stage| {
            stage.send(&configure(HAMLET, NODE, &[("publish_model", "open")]));
        }),
    ];
    for (what, change) in changes {
        assert_eq!((urls(&mut stage), parcel(&mut stage, 1)), (vec![], None), "before {what}");
        change(&mut stage);
        assert_eq!(urls(&mut stage), [key(1).url], "{what}");
        assert_eq!(deliver(&mut stage, 1), None, "{what}");
        stage.wait(2);
    }
    // Who subscribes to it over XMPP changes nothing in it.
    stage.subscribe(NODE, "horatio@denmark.lit");
    assert_eq!(urls(&mut stage), [""; 0]);
}

#[test]
fn what_is_wished_for_begins_when_it_is_said() {
    let mut stage = stage();
    let wanted = consider(&mut stage, &wish(1)).unwrap();
    stage.publish(NODE, "2");
    stage.hub(&Ask::Grant(wish(1), wanted)).unwrap();
    assert_eq!(urls(&mut stage), [key(1).url]);
    // Whoever asks again has not missed it less.
    grant(&mut stage, &wish(1));
    assert_eq!(urls(&mut stage), [key(1).url]);
}

#[test]
fn a_callback_that_was_told_is_left_alone_for_a_while() {
    let mut stage = stage();
    grant(&mut stage, &wish(1));
    stage.publish(NODE, "2");
    let version = parcel(&mut stage, 1).unwrap().feed.unwrap().1;
    stage.publish(NODE, "3");
    let rest = Duration::from_secs(2);
    assert_eq!(settle(&mut stage, 1, Outcome::Delivered(version, "\"a\"".to_owned())), Some(rest));
    assert_eq!((due(&mut stage, None).next, parcel(&mut stage, 1)), (Some(rest), None));
    stage.wait(2);
    assert_eq!((urls(&mut stage), due(&mut stage, None).next), (vec![key(1).url], None));
    assert_eq!(deliver(&mut stage, 1), None);
}

#[test]
fn one_that_fails_is_left_alone_ever_longer_until_it_ends() {
    let mut stage = stage();
    let lasting = Wish { terms: Some((30 * 24 * 3600, None)), ..wish(1) };
    grant(&mut stage, &lasting);
    stage.publish(NODE, "2");
    let minutes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360];
    for minutes in minutes {
        assert_eq!(settle(&mut stage, 1, Outcome::Failed), Some(Duration::from_secs(minutes * 60)));
        stage.wait(minutes * 60 - 1);
        assert_eq!(urls(&mut stage), [""; 0]);
        stage.wait(1);
        assert_eq!(urls(&mut stage), [key(1).url]);
    }
    let Ok(Told::Settled(next)) = stage.hub(&Ask::Settle(key(1), Outcome::Failed, u16::MAX)) else {
        panic!()
    };
    assert_eq!(next, Some(Duration::from_secs(180 * 60)), "by chance sooner, but by a half at most");
    // It is there: all is well again.
    grant(&mut stage, &lasting);
    assert_eq!((callback(&mut stage, 1).unwrap().failures, urls(&mut stage)), (0, vec![key(1).url]));
    stage.pass(30 * 24 * 3600 - 1);
    assert!(callback(&mut stage, 1).is_some());
    stage.pass(1);
    assert_eq!(callback(&mut stage, 1), None);
    // What comes of it then is of no interest.
    assert_eq!(settle(&mut stage, 1, Outcome::Failed), None);
    assert_eq!(callback(&mut stage, 1), None);
}

#[test]
fn what_nobody_may_read_any_more_is_told_until_it_is_heard() {
    let closed: [Change; 4] = [
        |stage| drop(stage.send(&configure(HAMLET, NODE, &[("access_model", "whitelist")]))),
        |stage| drop(stage.send(&configure(HAMLET, NODE, &[("persist_items", "false")]))),
        |stage| stage.affiliate(NODE, ANYONE, Affiliation::Outcast),
        |stage| drop(stage.send(&owner_set(HAMLET, &format!("<delete node='{NODE}'/>")))),
    ];
    for close in closed {
        let mut stage = stage();
        grant(&mut stage, &wish(1));
        let wanted = consider(&mut stage, &wish(2)).unwrap();
        close(&mut stage);
        assert_eq!(consider(&mut stage, &wish(2)), Err(Why::ItemNotFound));
        let refusal = stage.hub(&Ask::Grant(wish(2), wanted)).unwrap_err();
        assert_eq!(refusal.why, Why::ItemNotFound);
        for seconds in [60, 120] {
            assert_eq!(parcel(&mut stage, 1).unwrap().feed, None);
            settle(&mut stage, 1, Outcome::Unheard);
            stage.wait(seconds);
        }
        assert_eq!(urls(&mut stage), [key(1).url]);
        settle(&mut stage, 1, Outcome::Unheard);
        assert_eq!(due(&mut stage, None), Due::default());
    }
}

#[test]
fn there_may_be_only_so_many() {
    let mut stage = stage();
    let elsewhere = |number: u64| Wish { host: format!("{number}.lit"), ..wish(number) };
    for number in 0..HUB_CALLBACKS_PER_TOPIC_MAX {
        grant(&mut stage, &elsewhere(number));
    }
    assert_eq!(consider(&mut stage, &elsewhere(9999)), Err(Why::ResourceConstraint));
    // One that is there already is none more.
    grant(&mut stage, &elsewhere(0));
    let none = Wish { terms: None, ..elsewhere(0) };
    grant(&mut stage, &none);
    assert_eq!(consider(&mut stage, &none), Err(Why::ItemNotFound));
    grant(&mut stage, &elsewhere(9999));
    let json = Wish { topic: "https://web.lit/n/news/feed.json".to_owned(), ..elsewhere(0) };
    grant(&mut stage, &json);

    let mut stage = self::stage();
    let caller = Some("192.0.2.1".to_owned());
    for number in 0..HUB_CALLBACKS_PER_TOPIC_AND_CALLER_MAX {
        grant(&mut stage, &Wish { caller: caller.clone(), ..elsewhere(number) });
    }
    let one_more = Wish { caller: caller.clone(), ..elsewhere(9999) };
    assert_eq!(consider(&mut stage, &one_more), Err(Why::ResourceConstraint));
    grant(&mut stage, &Wish { caller: Some("192.0.2.2".to_owned()), ..one_more });
    grant(&mut stage, &Wish { caller, ..json });

    for (most, host, caller) in [
        (HUB_CALLBACKS_PER_HOST_MAX, Some("host.lit"), None),
        (HUB_CALLBACKS_PER_CALLER_MAX, None, Some("192.0.2.1")),
        (HUB_CALLBACKS_MAX, None, None),
    ] {
        let mut stage = self::stage();
        // The same as if they had been wished for one by one, in less time.
        grant(&mut stage, &wish(0));
        let first = callback(&mut stage, 0).unwrap();
        stage.transact(|_, tx| {
            tx.remove_callback(&first.key)?;
            (0..most).try_for_each(|number| {
                let topic = format!("https://web.lit/n/{number}/feed.atom");
                let host = host.map_or_else(|| format!("{number}.lit"), str::to_owned);
                let (caller, key) = (caller.map(str::to_owned), CallbackKey { topic, ..first.key.clone() });
                tx.put_callback(&Callback { key, host, caller, ..first.clone() })
            })
        });
        let host = host.unwrap_or("other.lit").to_owned();
        let one_more = Wish { host, caller: caller.map(str::to_owned), ..wish(0) };
        assert_eq!(consider(&mut stage, &one_more), Err(Why::ResourceConstraint), "{one_more:?}");
    }
}

#[test]
fn many_are_told_page_by_page() {
    let mut stage = stage();
    let number = HUB_PAGE as u64 + 10;
    for number in 0..number {
        grant(&mut stage, &wish(number));
    }
    let first = due(&mut stage, None);
    assert!(first.has_some && first.now.is_empty());
    stage.publish(NODE, "2");
    let first = due(&mut stage, None);
    assert_eq!((first.now.len(), first.rest.as_ref()), (HUB_PAGE, Some(&key(HUB_PAGE as u64 - 1))));
    let second = due(&mut stage, first.rest);
    assert_eq!((second.now.len(), second.rest), (10, None));
    assert_eq!(second.now[9], (key(number - 1), "a.lit".to_owned()));
}

#[test]
fn another_node_of_that_name_is_another() {
    let mut stage = stage();
    grant(&mut stage, &wish(1));
    stage.send(&owner_set(HAMLET, &format!("<delete node='{NODE}'/>")));
    stage.node(NODE, &[]);
    assert_eq!(parcel(&mut stage, 1).unwrap().feed, None);
    grant(&mut stage, &wish(1));
    let other = NodeKey(2);
    assert_eq!(stage.hub(&Ask::After(None)), Ok(Told::After(Some((KEY, None)))));
    let next = Told::After(Some((other, Some(SERVICE.to_owned()))));
    assert_eq!(stage.hub(&Ask::After(Some(KEY))), Ok(next));
    assert_eq!(stage.hub(&Ask::After(Some(other))), Ok(Told::After(None)));
    // What is another service's is not told for this one.
    let key = CallbackKey { node: other, ..key(1) };
    stage.elsewhere("comments.shakespeare.lit", |stage| {
        let Ok(Told::Parcel(Some(parcel))) = stage.hub(&Ask::Parcel(key.clone())) else { panic!() };
        assert_eq!(parcel.feed, None);
    });
}
