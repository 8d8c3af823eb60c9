//! The outbox alone, step by step: who is told, in which order, and what is sent again after what.

#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]

#[expect(dead_code, reason = "the tests of the store use more of it")]
#[expect(unreachable_pub, reason = "a test program exports nothing")]
#[path = "store/map.rs"]
mod map;
#[expect(dead_code, reason = "the tests of the store use more of it")]
#[expect(unreachable_pub, reason = "a test program exports nothing")]
#[path = "store/nouns.rs"]
mod nouns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use atomsub::limits::{MULTICAST_ADDRESSES_BYTES_MAX, NOTICES_UNPROVEN_MAX, OUTBOX_PORTION_BYTES};
use atomsub::outbox::{Outbox, Portion, Reachable};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::fault::{Failure, Fault};
use atomsub::pubsub::item::{Direction, Item, ItemRange};
use atomsub::pubsub::node::{Counts, NodeKey};
use atomsub::pubsub::notice::{Audience, Event, Notice};
use atomsub::pubsub::reach::Reach;
use atomsub::pubsub::roster::Rosters;
use atomsub::pubsub::uid::Uid;
use atomsub::pubsub::{Timestamp, Tx};
use atomsub::store::kv::KvStore;
use atomsub::store::memory::Memory;
use atomsub::store::{Store, transact};
use atomsub::xml::{Limits, Tree};
use atomsub::xmpp::multicast::Multicast;
use atomsub::xmpp::ns::{ADDRESS, EVENT};
use map::{Map, Trouble};
use nouns::{SERVICE, create, done, item, notice, subscription};

/// To whom, and what: the id of the retracted item, or the name of another event.
type Message = (String, String);

/// Nobody is known to be out of reach.
fn everybody() -> Reachable<'static> {
    static REACH: LazyLock<Reach> = LazyLock::new(Reach::default);
    static ROSTERS: LazyLock<Rosters> = LazyLock::new(Rosters::default);
    Reachable { reach: &REACH, rosters: &ROSTERS, now: Timestamp(0) }
}

/// A store and the outbox of its service.
struct Scene {
    store: Box<dyn Store>,
    outbox: Outbox,
}

impl Scene {
    fn new() -> Self {
        Self { store: Box::new(Memory::default()), outbox: Outbox::new(SERVICE) }
    }

    fn run<R>(&mut self, work: impl FnMut(&mut dyn Tx) -> Result<R, Fault>) -> R {
        done(self.store.as_mut(), work)
    }

    /// A node with subscribers `s000`, `s001` and so on.
    fn node(&mut self, name: &str, subscribers: usize) -> NodeKey {
        self.run(|tx| {
            let key = create(tx, name)?;
            for number in 0..subscribers {
                tx.put_subscription(key, &mut subscription(&subscriber(number), "1"))?;
            }
            Ok(key)
        })
    }

    fn tell(&mut self, key: NodeKey, what: &str) {
        self.run(|tx| tx.queue(&notice(key, what)));
    }

    fn portion(&mut self) -> Option<Portion> {
        let outbox = &mut self.outbox;
        transact(self.store.as_mut(), |tx| Ok(outbox.next(tx, everybody())?)).unwrap()
    }

    fn next(&mut self) -> Option<Vec<Message>> {
        self.portion().map(|portion| read(&portion))
    }

    /// All that can be handed out now.
    fn rest(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.next()).flatten().collect()
    }

    /// The host has read up to this portion.
    fn prove(&mut self, portion: u64) {
        self.outbox.proven(portion);
        let outbox = &self.outbox;
        transact(self.store.as_mut(), |tx| Ok(outbox.settle(tx)?)).unwrap();
        self.store.commit().unwrap();
        self.outbox.settled();
    }

    fn sweep(&mut self) {
        let outbox = &self.outbox;
        let swept = transact(self.store.as_mut(), |tx| Ok(outbox.sweep(tx)?)).unwrap();
        self.store.commit().unwrap();
        if let Some(key) = swept {
            self.outbox.swept(key);
        }
    }

    fn queued(&mut self, key: NodeKey) -> Vec<u64> {
        self.run(|tx| {
            let (mut places, mut after) = (Vec::new(), 0);
            while let Some(queued) = tx.next_queued(key, after)? {
                after = queued.seq;
                places.push(after);
            }
            Ok(places)
        })
    }

    fn is_done(&mut self) -> bool {
        let outbox = &self.outbox;
        transact(self.store.as_mut(), |tx| Ok(outbox.is_done(tx, everybody())?)).unwrap()
    }
}

fn subscriber(number: usize) -> String {
    format!("s{number:05}@capulet.lit")
}

fn read(portion: &Portion) -> Vec<Message> {
    let whole = [b"<all>".as_slice(), &portion.stanzas, b"</all>"].concat();
    let limits = Limits { bytes: usize::MAX, elements: usize::MAX, ..Limits::default() };
    let tree = Tree::parse(whole.into(), &limits).unwrap();
    let messages = tree.root().children().flat_map(|message| {
        let children: Vec<_> = message.children().collect();
        let (to, rest) = match children.split_first() {
            Some((addresses, rest)) if addresses.is("addresses", ADDRESS) => {
                assert_eq!(message.attr("to"), Some("multicast.capulet.lit"));
                (addresses.children().map(|one| one.attr("jid").unwrap()).collect(), rest)
            }
            _ => (vec![message.attr("to").unwrap()], children.as_slice()),
        };
        let event = rest.iter().find_map(|child| child.is("event", EVENT).then(|| child.children().next()));
        let event = event.flatten().unwrap();
        let inner = event.children().next().and_then(|inner| inner.attr("id")).unwrap_or(event.name());
        to.into_iter().map(|to| (to.to_owned(), inner.to_owned())).collect::<Vec<_>>()
    });
    messages.collect()
}

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

/// What each was told, in order.
fn by_recipient(messages: Vec<Message>) -> BTreeMap<String, Vec<String>> {
    let mut told = BTreeMap::<_, Vec<_>>::new();
    for (to, what) in messages {
        told.entry(to).or_default().push(what);
    }
    told
}

fn recipients(messages: &[Message]) -> BTreeSet<String> {
    messages.iter().map(|(to, _)| to.clone()).collect()
}

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

fn published(key: NodeKey, id: &str, payload: &str) -> Notice {
    let (id, payload) = (Some(id.to_owned()), Some(payload.to_owned()));
    Notice {
        event: Event::Published { id, publisher: None, payload, delayed: None, uid: None },
        ..notice(key, "")
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
