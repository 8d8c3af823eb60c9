//! What goes through a multicast service, once for many.

use atomsub::limits::MULTICAST_ADDRESSES_BYTES_MAX;
use atomsub::outbox::Portion;
use atomsub::pubsub::notice::{Audience, Event, Notice};
use atomsub::xmpp::multicast::Multicast;

use crate::nouns::{self, notice, subscription};
use crate::scene::{Message, Scene, by_recipient, read, recipients, subscriber};

/// The service of the host whose users are the subscribers.
fn multicast() -> Multicast {
    let (jid, host) = ("multicast.capulet.lit".to_owned(), "capulet.lit".to_owned());
    Multicast { jid, host, recipients_max: 20 }
}

/// How many messages a portion has, and how many of them are for many.
fn messages(portion: &Portion) -> (usize, usize) {
    let text = std::str::from_utf8(&portion.stanzas).unwrap();
    (text.matches("<message ").count(), text.matches("<addresses ").count())
}

#[test]
fn a_multicast_service_is_told_once_for_many() {
    let mut scene = Scene::new();
    scene.outbox.begin(Some(multicast()));
    let key = scene.node("a", 45);
    scene.run(|tx| {
        // Those who get bytes of their own, those of other hosts, and the host itself.
        tx.put_subscription(key, &mut subscription(&subscriber(3), "2"))?;
        let mut texted = subscription("texted@capulet.lit", "1");
        texted.options.include_body = true;
        tx.put_subscription(key, &mut texted)?;
        for jid in
            ["a@montague.lit", "b@sub.capulet.lit", "capulet.lit", "notcapulet.lit", "d@notcapulet.lit"]
        {
            tx.put_subscription(key, &mut subscription(jid, "1"))?;
        }
        Ok(())
    });
    scene.tell(key, "1");
    let portion = scene.portion().unwrap();
    // 44 like the others in three, two alone, five one by one.
    assert_eq!(messages(&portion), (10, 5));
    let told = read(&portion);
    assert_eq!((told.len(), recipients(&told).len()), (51, 51));
    // What is for one alone goes the same way, so that it does not overtake.
    let one = Audience::One(nouns::jid("s00001@capulet.lit/attic"));
    scene.run(|tx| tx.queue(&Notice { audience: one.clone(), ..notice(key, "2") }));
    let portion = scene.portion().unwrap();
    assert_eq!(messages(&portion), (1, 1));
    assert_eq!(read(&portion), [("s00001@capulet.lit/attic".to_owned(), "2".to_owned())]);
    // A question about presence is no message.
    let asks = |jid| Notice {
        audience: Audience::One(nouns::jid(jid)),
        event: Event::PresenceWanted,
        ..notice(key, "")
    };
    scene.run(|tx| tx.queue(&asks("s00001@capulet.lit")));
    assert_eq!(messages(&scene.portion().unwrap()), (0, 0));
}

#[test]
fn all_that_a_multicast_service_has_not_proven_is_told_one_by_one() {
    let mut scene = Scene::new();
    scene.outbox.begin(Some(multicast()));
    let key = scene.node("a", 1_000);
    for what in ["1", "2", "3"] {
        scene.tell(key, what);
    }
    let first = scene.portion().unwrap();
    let told = read(&first);
    assert!(told.len() >= 1_000 && messages(&first).0 < told.len() / 10, "{:?}", messages(&first));
    scene.rest();
    scene.prove(first.number);
    scene.outbox.begin(None);
    let again = std::iter::from_fn(|| scene.portion()).collect::<Vec<_>>();
    assert!(again.iter().all(|portion| messages(portion).1 == 0));
    let again: Vec<Message> = again.iter().flat_map(read).collect();
    assert_eq!(again.len() + told.len(), 3_000, "nothing twice that is proven");
    let mut all = told;
    all.extend(again);
    assert!(by_recipient(all).values().all(|told| *told == ["1", "2", "3"]));
}

#[test]
fn long_addresses_make_short_lists() {
    let mut scene = Scene::new();
    scene.outbox.begin(Some(multicast()));
    let key = scene.node("a", 0);
    let long = |number| format!("{}{number:02}@capulet.lit/{}", "&".repeat(1_000), "'".repeat(1_000));
    scene.run(|tx| {
        (0..40).try_for_each(|number| tx.put_subscription(key, &mut subscription(&long(number), "1")))
    });
    scene.tell(key, "1");
    let (mut told, mut largest) = (Vec::new(), 0);
    while let Some(portion) = scene.portion() {
        let text = std::str::from_utf8(&portion.stanzas).unwrap();
        largest = text.split_inclusive("</message>").map(str::len).max().unwrap_or(0).max(largest);
        told.extend(read(&portion));
    }
    assert_eq!(recipients(&told).len(), 40);
    assert!(largest < MULTICAST_ADDRESSES_BYTES_MAX * 2 + 1_000, "{largest}");
}
