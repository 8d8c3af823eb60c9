//! What is sent again, kept and swept until the host has proven that it has read it, and what faults of the store do.

use std::collections::BTreeSet;

use atomsub::limits::NOTICES_UNPROVEN_MAX;
use atomsub::outbox::{Outbox, Portion};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::fault::Failure;
use atomsub::pubsub::item::{Direction, ItemRange};
use atomsub::pubsub::node::Counts;
use atomsub::pubsub::notice::{Audience, Event, Notice};
use atomsub::store::kv::KvStore;
use atomsub::store::transact;

use crate::map::{Map, Trouble};
use crate::nouns::{SERVICE, item, notice, subscription};
use crate::scene::{Message, Scene, by_recipient, everybody, published, read, recipients, subscriber};

#[test]
fn a_lost_link_begins_again_after_what_is_proven() {
    let mut scene = Scene::new();
    let key = scene.node("a", 8_000);
    scene.tell(key, "1");
    scene.tell(key, "2");
    let portions: Vec<Portion> = (0..4).map(|_| scene.portion().unwrap()).collect();
    scene.prove(portions[1].number);
    scene.outbox.lost();
    let again = scene.rest();
    let proven: BTreeSet<String> =
        portions[..2].iter().flat_map(|portion| recipients(&read(portion))).collect();
    let unproven: BTreeSet<String> =
        portions[2..].iter().flat_map(|portion| recipients(&read(portion))).collect();
    let firsts: BTreeSet<String> =
        again.iter().filter(|(_, what)| what == "1").map(|(to, _)| to.clone()).collect();
    assert!(firsts.is_disjoint(&proven), "those were proven");
    assert!(firsts.is_superset(&unproven), "those were not");
    assert_eq!(firsts.len() + proven.len(), 8_000);
    assert_eq!(again.iter().filter(|(_, what)| what == "2").count(), 8_000);

    // A new process knows no more than the store.
    scene.outbox = Outbox::new(SERVICE);
    assert_eq!(scene.rest(), again);
    // An old proof proves nothing of what was handed out since.
    let mut fresh = Scene::new();
    let key = fresh.node("a", 1);
    fresh.tell(key, "1");
    let old = fresh.portion().unwrap().number;
    fresh.outbox.lost();
    let new = fresh.portion().unwrap().number;
    fresh.prove(old);
    assert_eq!(fresh.queued(key).len(), 1);
    fresh.prove(new);
    assert_eq!(fresh.queued(key).len(), 0);
}

#[test]
fn an_audience_of_nobody_is_proven_like_any_other() {
    let mut scene = Scene::new();
    let key = scene.node("a", 0);
    scene.tell(key, "1");
    assert!(!scene.is_done());
    let portion = scene.portion().unwrap();
    assert_eq!((portion.stanzas.len(), scene.portion()), (0, None));
    assert!(!scene.is_done());
    scene.prove(portion.number);
    assert!(scene.is_done());
    assert_eq!(scene.queued(key), [0; 0]);
}

#[test]
fn what_is_not_proven_is_bounded() {
    let mut scene = Scene::new();
    let key = scene.node("a", 1);
    let many = NOTICES_UNPROVEN_MAX + 100;
    (0..many).for_each(|number| scene.tell(key, &number.to_string()));
    let (mut told, mut last) = (0, 0);
    while let Some(portion) = scene.portion() {
        told += read(&portion).len();
        last = portion.number;
    }
    assert_eq!(told, NOTICES_UNPROVEN_MAX);
    assert!(scene.outbox.is_crowded());
    scene.prove(last);
    assert_eq!(scene.rest().len(), 100);
}

#[test]
fn a_deleted_node_is_swept_once_that_was_told() {
    let mut scene = Scene::new();
    let (key, other) = (scene.node("a", 1_200), scene.node("b", 2));
    scene.run(|tx| {
        for number in 0..700 {
            tx.put_item(key, &mut item(&number.to_string(), 1))?;
        }
        tx.set_affiliation(key, &subscriber(0), Affiliation::Outcast)?;
        // A domain that is banned, but for one of its people.
        tx.set_affiliation(key, "banned.lit", Affiliation::Outcast)?;
        tx.set_affiliation(key, "member@banned.lit", Affiliation::Member)?;
        for whose in ["member@banned.lit", "stranger@banned.lit"] {
            tx.put_subscription(key, &mut subscription(whose, "1"))?;
        }
        tx.queue(&notice(key, "before"))?;
        tx.remove_node(key)?;
        tx.queue(&Notice {
            audience: Audience::Bereaved,
            event: Event::Deleted { redirect: None },
            ..notice(key, "")
        })
    });
    let told = scene.rest();
    let whole = by_recipient(told.clone());
    assert!(whole.values().all(|told| told == &["before", "delete"]));
    assert_eq!(whole.len(), 1_200, "1199 and the member");
    assert!(whole.contains_key("member@banned.lit") && !whole.contains_key("stranger@banned.lit"));
    assert!(!scene.outbox.is_sweeping(), "nothing is proven yet");

    scene.outbox.lost();
    assert_eq!(scene.rest(), told, "all of it again");
    scene.prove(u64::MAX / 2);
    assert!(scene.outbox.is_sweeping());
    scene.sweep();
    // In the middle of it the link breaks, and somebody else is told something.
    scene.outbox.lost();
    scene.tell(other, "other");
    assert_eq!(recipients(&scene.rest()).len(), 2, "those who were told are left alone");
    let mut sweeps = 0;
    while scene.outbox.is_sweeping() {
        scene.sweep();
        sweeps += 1;
        assert!(sweeps < 10, "it ends");
    }
    assert!(sweeps > 1, "little at a time");
    assert_eq!(scene.queued(key), [0; 0]);
    let left = scene.run(|tx| Ok((tx.counts(key)?, tx.affiliations(key)?.len())));
    assert_eq!(left, (Counts::default(), 0));
    assert_eq!(scene.run(|tx| tx.items(key, ItemRange::ALL, Direction::OldestFirst, 9)).len(), 0);
}

/// Every call to the engine fails once, in turn: on the way to a portion, to the note of a proof, or in the commit.
/// Nobody misses anything, and in the end nothing is left to tell.
#[test]
fn no_fault_of_the_store_loses_a_notice() {
    let mut failures = 0;
    for calls in 0.. {
        let trouble = Trouble::default();
        let store = KvStore::open(Map { trouble: trouble.clone(), ..Map::default() }, None).unwrap();
        let mut scene = Scene { store: Box::new(store), outbox: Outbox::new(SERVICE) };
        let (one, two) = (scene.node("a", 40), scene.node("b", 3));
        // So large that it takes several portions to tell.
        let payload = format!("<entry>{}</entry>", "x".repeat(3_000));
        for (key, what) in [(one, "1"), (one, "2"), (two, "3"), (two, "4")] {
            scene.run(|tx| tx.queue(&published(key, what, &payload)));
        }
        scene.store.commit().unwrap();
        trouble.after(calls);
        let mut told = Vec::new();
        for _ in 0..20 {
            failures += usize::from(step(&mut scene, &mut told).is_err());
        }
        let is_over = !trouble.came();
        trouble.after(i64::MAX / 2);
        let told = by_recipient(told);
        assert_eq!(told.len(), 40, "{calls}");
        for (whose, mut told) in told {
            told.dedup();
            let number: usize = whose[1..6].parse().unwrap();
            let of: Vec<&str> = told.iter().map(String::as_str).filter(|what| "12".contains(what)).collect();
            assert_eq!(of, ["1", "2"], "{calls}: {whose}");
            let of: Vec<&str> = told.iter().map(String::as_str).filter(|what| "34".contains(what)).collect();
            assert_eq!(of, if number < 3 { vec!["3", "4"] } else { vec![] }, "{calls}: {whose}");
        }
        assert_eq!((scene.queued(one), scene.queued(two)), (vec![], vec![]), "{calls}");
        if is_over {
            assert!(failures > 20, "only {failures} failures");
            return;
        }
    }
}

/// What the line does: hands out a portion, and when there is none, commits what is proven.
fn step(scene: &mut Scene, told: &mut Vec<Message>) -> Result<(), Failure> {
    let outbox = &mut scene.outbox;
    if let Some(portion) = transact(scene.store.as_mut(), |tx| Ok(outbox.next(tx, everybody())?))? {
        told.extend(read(&portion));
        outbox.proven(portion.number);
        return Ok(());
    }
    let outbox = &scene.outbox;
    transact(scene.store.as_mut(), |tx| Ok(outbox.settle(tx)?))?;
    scene.store.commit()?;
    scene.outbox.settled();
    Ok(())
}
