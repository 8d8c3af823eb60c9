//! Who is told, in which order, and what comes between while an audience is told page by page.

use std::collections::BTreeSet;

use atomsub::limits::OUTBOX_PORTION_BYTES;
use atomsub::outbox::Outbox;
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::item::Item;
use atomsub::pubsub::notice::{Event, Notice};
use atomsub::pubsub::uid::Uid;

use crate::nouns::{item, notice, subscription};
use crate::scene::{Scene, by_recipient, published, read, recipients, subscriber};

#[test]
fn everybody_is_told_once_and_in_order() {
    let mut scene = Scene::new();
    let key = scene.node("a", 1_000);
    let whats = ["1", "2", "3", "4", "5"];
    for what in whats {
        scene.tell(key, what);
    }
    let told = by_recipient(scene.rest());
    assert_eq!(told.len(), 1_000);
    assert!(told.values().all(|told| told == &whats));
    // Nothing is handed out twice on one connection.
    assert_eq!(scene.portion(), None);
}

#[test]
fn portions_are_small_whatever_is_in_them() {
    for bytes in [0, 500, 5_000, 200_000] {
        let mut scene = Scene::new();
        let key = scene.node("a", 600);
        let payload = format!("<entry>{}</entry>", "x".repeat(bytes));
        scene.run(|tx| tx.queue(&published(key, "1", &payload)));
        let mut told = Vec::new();
        while let Some(portion) = scene.portion() {
            let most = OUTBOX_PORTION_BYTES + payload.len() + 1_000;
            assert!(portion.stanzas.len() <= most, "{} bytes for {bytes}", portion.stanzas.len());
            told.extend(read(&portion));
        }
        assert_eq!((told.len(), recipients(&told).len()), (600, 600), "{bytes}");
    }
}

/// What filters see is read once, so the last page of an audience is asked about the same entry as the first.
#[test]
fn an_audience_is_filtered_alike_to_its_end() {
    let mut scene = Scene::new();
    let key = scene.node("a", 0);
    let entry = |title: &str| {
        Some(format!("<entry xmlns='http://www.w3.org/2005/Atom'><title>{title}</title></entry>"))
    };
    scene.run(|tx| {
        for number in 0..1_500 {
            let mut filtered = subscription(&subscriber(number), "1");
            filtered.options.filter.words = vec![["harbour", "storm"][number % 2].to_owned()];
            tx.put_subscription(key, &mut filtered)?;
        }
        let mut item = Item { payload: entry("Harbour"), ..item("1", 1) };
        tx.put_item(key, &mut item)?;
        let (id, uid) = (Some("1".to_owned()), Some(Uid::of(key, &item).to_string()));
        let event = Event::Published { id, publisher: None, payload: None, delayed: None, uid };
        tx.queue(&Notice { event, ..notice(key, "") })
    });
    let mut told = scene.next().unwrap();
    assert!(told.len() < 750, "there is a second page");
    scene.run(|tx| tx.put_item(key, &mut Item { payload: entry("Calm"), ..item("1", 2) }));
    told.extend(scene.rest());
    let even: BTreeSet<String> = (0..1_500).step_by(2).map(subscriber).collect();
    assert_eq!((told.len(), recipients(&told)), (750, even));

    // What is sent again is asked about the item of then.
    scene.outbox.lost();
    assert_eq!(scene.rest(), []);
}

#[test]
fn one_address_with_several_subscriptions_gets_one_copy() {
    let mut scene = Scene::new();
    let key = scene.node("a", 0);
    scene.run(|tx| {
        for number in 0..100 {
            for subid in 0..32 {
                tx.put_subscription(key, &mut subscription(&subscriber(number), &format!("{subid:02}")))?;
            }
        }
        Ok(())
    });
    scene.tell(key, "1");
    let told = scene.rest();
    assert_eq!((told.len(), recipients(&told).len()), (100, 100));
}

#[test]
fn nodes_take_turns() {
    let mut scene = Scene::new();
    let busy = scene.node("busy", 5_000);
    let (quiet, silent) = (scene.node("quiet", 1), scene.node("silent", 0));
    (0..10).for_each(|number| scene.tell(busy, &format!("busy-{number}")));
    scene.tell(quiet, "quiet-0");
    scene.tell(quiet, "quiet-1");
    scene.tell(silent, "silent");
    let first: Vec<_> = (0..4).filter_map(|_| scene.next()).flatten().collect();
    let whats: Vec<&str> = first.iter().map(|(_, what)| what.as_str()).collect();
    let place = |what| whats.iter().position(|found| *found == what).unwrap_or_else(|| panic!("no {what}"));
    assert!(place("quiet-0") < place("quiet-1"), "in order");
    assert!(!whats.contains(&"busy-1"), "the busy node has not even told its first");
    assert_eq!(scene.rest().len() + first.len(), 10 * 5_000 + 2);
}

#[test]
fn who_leaves_or_is_banned_hears_nothing_from_the_next_page_on() {
    let mut scene = Scene::new();
    let key = scene.node("a", 3_000);
    scene.tell(key, "1");
    let first = scene.next().unwrap();
    let (left, banned) = (subscriber(2_000), subscriber(2_001));
    assert!(!recipients(&first).contains(&left), "it is not their turn yet");
    scene.run(|tx| {
        tx.remove_subscription(key, &subscription(&left, "1").key())?;
        tx.set_affiliation(key, &banned, Affiliation::Outcast)
    });
    let rest = recipients(&scene.rest());
    assert!(!rest.contains(&left) && !rest.contains(&banned));
    assert_eq!(rest.len() + first.len(), 2_998);
}

#[test]
fn a_new_subscriber_hears_nothing_older() {
    let mut scene = Scene::new();
    let key = scene.node("a", 1_000);
    scene.tell(key, "old");
    let first = scene.next().unwrap();
    // One before, one behind the page that was handed out, and one who comes back.
    let (early, late) = ("a@capulet.lit".to_owned(), "z@capulet.lit".to_owned());
    let back = subscriber(999);
    scene.run(|tx| {
        tx.remove_subscription(key, &subscription(&back, "1").key())?;
        for whose in [&early, &late, &back] {
            tx.put_subscription(key, &mut subscription(whose, "2"))?;
        }
        Ok(())
    });
    scene.tell(key, "new");
    let told = by_recipient(first.into_iter().chain(scene.rest()).collect());
    for whose in [early, late, back] {
        assert_eq!(told[&whose], ["new"], "{whose}");
    }
    assert_eq!(told.len(), 1_002);
    assert_eq!(told.values().filter(|told| *told == &["old", "new"]).count(), 999);
}

#[test]
fn notices_of_other_services_are_not_its_business() {
    let mut scene = Scene::new();
    let key = scene.node("a", 1);
    scene.tell(key, "1");
    scene.outbox = Outbox::new("comments.capulet.lit");
    assert_eq!(scene.portion(), None);
    assert!(scene.is_done());
}
