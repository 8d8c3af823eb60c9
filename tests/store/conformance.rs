//! What every store does, once for each of them.

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::atompub::token::{Secret, Token, TokenKey};
use atomsub::pubsub::fault::{Failure, Fault};
use atomsub::pubsub::item::{Direction, Item, ItemRange};
use atomsub::pubsub::node::{Counts, Node, NodeId, NodeKey, Tie};
use atomsub::pubsub::presence::contact::{Contact, Seen};
use atomsub::pubsub::subscription::State;
use atomsub::pubsub::time::Timestamp;
use atomsub::pubsub::tx::Tx;
use atomsub::store::kv::KvStore;
use atomsub::store::memory::Memory;
use atomsub::store::{self, Store};

use crate::map::Map;
use crate::nouns::{
    ENGINES, SERVICE, atom_id, comments, contact, create, done, failed, id, item, jid, node, notice,
    subscription, token, tombstone, which,
};

/// Runs a test on every store.
pub fn on_each(test: impl Fn(&mut dyn Store)) {
    let directory = tempfile::tempdir().unwrap();
    let mut stores: Vec<Box<dyn Store>> =
        vec![Box::new(Memory::default()), Box::new(KvStore::open(Map::default(), None).unwrap())];
    for (engine, place) in ENGINES {
        stores.push(store::open(&place(directory.path().join(engine))).unwrap());
    }
    for store in &mut stores {
        test(&mut **store);
        store.commit().unwrap();
        assert_eq!(store.verify().unwrap().findings, Vec::<String>::new());
    }
}

fn ids(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.id.as_str()).collect()
}

#[test]
fn nodes_are_found_by_name_and_listed_by_service() {
    on_each(|store| {
        let names = ["b", "a\0", "a", "ab", "", "a\u{1}", "ä", "z/..", "a\0b"];
        let keys = done(store, |tx| names.iter().map(|name| create(tx, name)).collect::<Result<Vec<_>, _>>());
        done(store, |tx| {
            let mut elsewhere = node(tx.new_node_key()?, "a");
            elsewhere.id.service = format!("{SERVICE}.org");
            tx.put_node(&elsewhere)
        });
        store.commit().unwrap();
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        done(store, |tx| {
            for (name, key) in names.iter().zip(&keys) {
                assert_eq!(tx.node(&id(name))?, Some(node(*key, name)));
                assert_eq!(tx.node_by_key(*key)?, Some(node(*key, name)));
            }
            let other = NodeId { service: "pubsub".to_owned(), name: "a".to_owned() };
            assert_eq!(tx.node(&other)?, None);
            let listed = |after, limit| {
                let nodes = tx.nodes(SERVICE, after, limit)?;
                Ok::<_, Fault>(nodes.into_iter().map(|node| node.id.name).collect::<Vec<_>>())
            };
            assert_eq!(listed(None, 100)?, sorted);
            assert_eq!(listed(Some("a"), 3)?, sorted[2..5]);
            assert_eq!(listed(Some("aa"), 100)?, ["ab", "b", "z/..", "ä"]);
            assert_eq!(listed(Some("ä"), 100)?, Vec::<String>::new());
            assert_eq!(listed(None, 0)?, Vec::<String>::new());
            assert_eq!(tx.nodes("nowhere", None, 100)?, []);
            let backward = |before, limit| {
                let nodes = tx.nodes_before(SERVICE, before, limit)?;
                Ok::<_, Fault>(nodes.into_iter().map(|node| node.id.name).collect::<Vec<_>>())
            };
            assert_eq!(backward(None, 3)?, ["ä", "z/..", "b"]);
            assert_eq!(backward(Some("aa"), 2)?, ["a\u{1}", "a\0b"]);
            assert_eq!(backward(Some(""), 9)?, Vec::<String>::new());
            assert_eq!(tx.nodes_before("nowhere", None, 100)?, []);
            Ok(())
        });
    });
}

#[test]
fn a_node_is_reconfigured_in_place_and_keeps_its_name() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        let other = done(store, |tx| create(tx, "b"));
        done(store, |tx| {
            let mut changed = node(key, "a");
            changed.config.title = "Sonnets".to_owned();
            tx.put_node(&changed)?;
            assert_eq!(tx.node(&id("a"))?, Some(changed));
            assert_eq!(tx.nodes(SERVICE, None, 9)?.len(), 2);
            Ok(())
        });
        for broken in [node(other, "a"), node(key, "c"), node(NodeKey(99), "a")] {
            let failure = store.transact(&mut |tx| Ok(tx.put_node(&broken)?));
            assert!(matches!(failure, Err(Failure::Faulted(Fault::Bug(_)))), "{broken:?}");
        }
    });
}

#[test]
fn nodes_are_found_by_when_they_are_due() {
    on_each(|store| {
        let keys: Vec<NodeKey> =
            done(store, |tx| ["a", "b", "c", "d"].map(|name| create(tx, name)).into_iter().collect());
        let set = |tx: &mut dyn Tx, index: usize, due: Option<i64>| {
            let mut node = tx.node_by_key(keys[index])?.unwrap();
            node.expiry = due.map(Timestamp);
            tx.put_node(&node)
        };
        done(store, |tx| {
            [(0, 20), (1, 10), (2, 20), (3, 5)].into_iter().try_for_each(|(at, due)| set(tx, at, Some(due)))
        });
        store.commit().unwrap();
        let due = |store: &mut dyn Store, now, limit| {
            let nodes = done(store, |tx| tx.nodes_due(Timestamp(now), limit));
            nodes.into_iter().map(|node| node.id.name).collect::<String>()
        };
        for (now, limit, expected) in [(4, 9, ""), (5, 9, "d"), (19, 9, "db"), (20, 9, "dbac"), (99, 2, "db")]
        {
            assert_eq!(due(store, now, limit), expected, "{now} {limit}");
        }
        done(store, |tx| {
            set(tx, 3, None)?;
            set(tx, 1, Some(30))?;
            tx.remove_node(keys[0])
        });
        assert_eq!(due(store, 29, 9), "c");
        assert_eq!(due(store, 30, 9), "cb");
    });
}

#[test]
fn a_publication_is_the_newest_item_and_keeps_when_it_began() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        let places = done(store, |tx| {
            let mut places = Vec::new();
            for (id, time) in [("x", 10), ("y", 20), ("z", 30), ("x", 40)] {
                let mut item = item(id, time);
                tx.put_item(key, &mut item)?;
                assert_eq!(tx.item(key, id)?, Some(item.clone()));
                places.push((item.seq, item.created_seq, item.created, item.updated));
            }
            Ok(places)
        });
        assert!(places.is_sorted_by(|(one, ..), (other, ..)| one < other), "{places:?}");
        let (first, again) = (places[0], places[3]);
        assert_eq!((again.1, again.2, again.3), (first.1, Timestamp(10), Timestamp(40)));
        done(store, |tx| {
            assert_eq!(tx.counts(key)?, Counts { items: 3, companions: 3, subscriptions: 0, barred: 0 });
            let newest = tx.items(key, ItemRange::ALL, Direction::NewestFirst, 9)?;
            assert_eq!(ids(&newest), ["x", "z", "y"]);
            assert!(tx.remove_item(key, "x")?);
            assert!(!tx.remove_item(key, "x")?);
            assert_eq!(tx.item(key, "x")?, None);
            let mut anew = item("x", 50);
            tx.put_item(key, &mut anew)?;
            assert!(anew.seq > again.0, "a place was given out twice");
            assert_eq!((anew.created_seq, anew.created), (anew.seq, Timestamp(50)));
            Ok(())
        });
    });
}

#[test]
fn an_item_that_is_given_as_published_keeps_its_places() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        done(store, |tx| {
            for (id, time) in [("x", 10), ("y", 20)] {
                tx.put_item(key, &mut item(id, time))?;
            }
            let was = tx.items(key, ItemRange::ALL, Direction::OldestFirst, 9)?;
            let counts = tx.counts(key)?;
            assert!(tx.give_as_published(key, "x")? && !tx.give_as_published(key, "z")?);
            let mut expected = was.clone();
            expected[0].as_published = true;
            assert_eq!(tx.items(key, ItemRange::ALL, Direction::OldestFirst, 9)?, expected);
            assert_eq!(tx.items_by_creation(key, ItemRange::ALL, Direction::OldestFirst, 9)?, expected);
            assert_eq!(tx.newest_place(key)?, was[1].seq);
            assert_eq!(tx.counts(key)?, counts);
            Ok(())
        });
    });
}

#[test]
fn items_are_read_from_either_end_of_a_range() {
    on_each(|store| {
        let (key, other) = done(store, |tx| Ok((create(tx, "a")?, create(tx, "b")?)));
        let seqs = done(store, |tx| {
            let mut seqs = Vec::new();
            for id in ["1", "2", "3", "4", "5"] {
                let mut item = item(id, 0);
                tx.put_item(key, &mut item)?;
                seqs.push(item.seq);
                tx.put_item(other, &mut item.clone())?;
            }
            Ok(seqs)
        });
        // Half of them durable and half not, some of those removed.
        store.commit().unwrap();
        done(store, |tx| {
            tx.remove_item(key, "3")?;
            tx.put_item(key, &mut item("6", 0))
        });
        let (newest, oldest) = (Direction::NewestFirst, Direction::OldestFirst);
        let cases = [
            (None, None, oldest, 9, "1 2 4 5 6"),
            (None, None, newest, 9, "6 5 4 2 1"),
            (None, None, newest, 2, "6 5"),
            (None, None, oldest, 0, ""),
            (Some(1), None, oldest, 2, "4 5"),
            (Some(1), Some(4), newest, 9, "4"),
            (Some(0), Some(3), oldest, 9, "2"),
            (Some(3), Some(1), oldest, 9, ""),
            (None, Some(2), newest, 1, "2"),
        ];
        done(store, |tx| {
            for (after, before, direction, limit, expected) in cases {
                let place = |index: Option<usize>| index.map(|index| seqs[index]);
                let range = ItemRange { after: place(after), before: place(before) };
                let found = tx.items(key, range, direction, limit)?;
                assert_eq!(ids(&found).join(" "), expected, "{range:?} {direction:?} {limit}");
            }
            let ends = ItemRange { after: Some(u64::MAX), before: Some(0) };
            assert_eq!(tx.items(key, ends, oldest, 9)?, []);
            assert_eq!(tx.counts(other)?.items, 5);
            Ok(())
        });
    });
}

#[test]
fn items_are_read_by_when_they_were_first_published() {
    on_each(|store| {
        let (key, other) = done(store, |tx| Ok((create(tx, "a")?, create(tx, "b")?)));
        done(store, |tx| {
            for id in ["A", "B", "C", "D", "C"] {
                tx.put_item(key, &mut item(id, 0))?;
                tx.put_item(other, &mut item(id, 0))?;
            }
            Ok(())
        });
        store.commit().unwrap();
        done(store, |tx| {
            assert!(tx.remove_item(key, "B")?);
            tx.put_item(key, &mut item("A", 0))
        });
        let (newest, oldest) = (Direction::NewestFirst, Direction::OldestFirst);
        let cases = [
            (None, None, oldest, 9, "A C D"),
            (None, None, newest, 2, "D C"),
            (Some(1), None, oldest, 1, "C"),
            (Some(1), Some(4), newest, 9, "C"),
            (Some(2), Some(3), newest, 9, ""),
        ];
        done(store, |tx| {
            for (after, before, direction, limit, expected) in cases {
                let range = ItemRange { after, before };
                let found = tx.items_by_creation(key, range, direction, limit)?;
                assert_eq!(ids(&found).join(" "), expected, "{range:?} {direction:?} {limit}");
            }
            assert_eq!((tx.newest_place(key)?, tx.newest_place(other)?), (6, 5));
            let fresh = create(tx, "c")?;
            assert_eq!(tx.newest_place(fresh)?, 0);
            Ok(())
        });
    });
}

#[test]
fn items_are_found_by_their_atom_ids() {
    on_each(|store| {
        done(store, |tx| {
            let key = create(tx, "a")?;
            for (id, time) in [("1", 1), ("2", 2), ("3", 1), ("4", 3), ("1", 5)] {
                tx.put_item(key, &mut item(id, time))?;
            }
            assert!(tx.remove_item(key, "3")?);
            let found = |time| tx.items_with_atom_id(key, &atom_id(time), 9);
            assert_eq!(found(1)?, [""; 0]);
            assert_eq!(found(2)?, ["1", "2"]);
            assert_eq!(tx.items_with_atom_id(key, &atom_id(2), 1)?, ["1"]);
            assert_eq!(tx.items_with_atom_id(NodeKey(key.0 + 1), &atom_id(2), 9)?, [""; 0]);
            Ok(())
        });
    });
}

#[test]
fn items_are_found_by_the_node_of_their_comments() {
    on_each(|store| {
        done(store, |tx| {
            let keys = [create(tx, "a")?, create(tx, "b")?];
            for (key, id, time) in
                [(1, "1", 1), (0, "2", 1), (0, "1", 9), (0, "3", 5), (0, "4", 1), (0, "5", 2), (0, "2", 2)]
            {
                tx.put_item(keys[key], &mut item(id, time))?;
            }
            let found =
                |tx: &dyn Tx, publisher, limit| tx.items_with_comments(&comments(1), publisher, limit);
            let (first, rest) = ((keys[0], "1".to_owned()), (keys[0], "4".to_owned()));
            assert_eq!(found(tx, "juliet@capulet.lit", 9)?, [first.clone(), rest, (keys[1], "1".to_owned())]);
            assert_eq!(found(tx, "juliet@capulet.lit", 1)?, [first]);
            assert_eq!(found(tx, "nurse@capulet.lit", 9)?, [(keys[0], "3".to_owned())]);
            assert_eq!(found(tx, "romeo@montague.lit", 9)?, []);
            tx.remove_item(keys[0], "3")?;
            assert_eq!(found(tx, "nurse@capulet.lit", 9)?, []);
            tx.remove_node(keys[0])?;
            assert_eq!(found(tx, "juliet@capulet.lit", 9)?.len(), 3, "they outlive their node");
            tx.sweep(keys[0], 9)?;
            assert_eq!(found(tx, "juliet@capulet.lit", 9)?, [(keys[1], "1".to_owned())]);
            Ok(())
        });
    });
}

#[test]
fn nodes_are_found_by_what_they_are_tied_to() {
    on_each(|store| {
        let keys =
            done(store, |tx| ["a", "b", "c"].iter().map(|n| create(tx, n)).collect::<Result<Vec<_>, _>>());
        let tie = |item: Option<&str>| Tie { node: keys[0], item: item.map(str::to_owned) };
        done(store, |tx| {
            tx.put_node(&Node { ties: vec![tie(None)], ..node(keys[1], "b") })?;
            tx.put_node(&Node { ties: vec![tie(Some("1")), tie(Some("2"))], ..node(keys[2], "c") })?;
            let names = |item, limit| {
                let found = tx.tied(keys[0], item, limit)?;
                Ok::<_, Fault>(found.into_iter().map(|node| node.id.name).collect::<Vec<_>>())
            };
            assert_eq!(names(None, 9)?, ["b", "c", "c"]);
            assert_eq!(names(None, 2)?, ["b", "c"]);
            assert_eq!(names(Some("1"), 9)?, ["c"]);
            assert_eq!(names(Some("3"), 9)?, [""; 0]);
            tx.put_node(&Node { ties: vec![tie(Some("1"))], ..node(keys[2], "c") })?;
            tx.remove_node(keys[1])?;
            assert_eq!(tx.tied(keys[0], None, 9)?.len(), 1);
            tx.remove_node(keys[0])?;
            assert_eq!(tx.tied(keys[0], None, 9)?.len(), 1, "they outlive what they are tied to");
            Ok(())
        });
    });
}

#[test]
fn companions_are_counted_apart_whatever_becomes_of_them() {
    on_each(|store| {
        done(store, |tx| {
            let key = create(tx, "a")?;
            let companions =
                |tx: &dyn Tx| Ok::<_, Fault>((tx.counts(key)?.items, tx.counts(key)?.companions));
            // Those of an even time are companions.
            for (id, time, expected) in
                [("1", 2, (1, 1)), ("2", 3, (2, 1)), ("1", 4, (2, 1)), ("2", 4, (2, 2)), ("1", 5, (2, 1))]
            {
                tx.put_item(key, &mut item(id, time))?;
                assert_eq!(companions(tx)?, expected, "{id} {time}");
            }
            tx.remove_item(key, "1")?;
            assert_eq!(companions(tx)?, (1, 1));
            tx.remove_item(key, "2")?;
            assert_eq!(companions(tx)?, (0, 0));
            Ok(())
        });
    });
}

#[test]
fn nodes_are_counted_by_who_created_them() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        done(store, |tx| {
            let other = create(tx, "b")?;
            let away = NodeId { service: "comments.capulet.lit".to_owned(), name: "a".to_owned() };
            let third = tx.new_node_key()?;
            tx.put_node(&Node { id: away, ..node(third, "a") })?;
            let created = |tx: &dyn Tx, who| tx.nodes_created(SERVICE, who);
            assert_eq!((created(tx, "juliet@capulet.lit")?, created(tx, "romeo@montague.lit")?), (2, 0));
            tx.put_node(&Node { expiry: Some(Timestamp(1)), ..node(key, "a") })?;
            assert_eq!(created(tx, "juliet@capulet.lit")?, 2, "to configure is not to create");
            tx.put_node(&Node { creator: jid("romeo@montague.lit"), ..node(other, "b") })?;
            assert_eq!((created(tx, "juliet@capulet.lit")?, created(tx, "romeo@montague.lit")?), (1, 1));
            tx.remove_node(key)?;
            assert_eq!(created(tx, "juliet@capulet.lit")?, 0);
            Ok(())
        });
    });
}

#[test]
fn items_are_dated_in_their_order_although_the_clock_went_back() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        done(store, |tx| {
            let mut dates = Vec::new();
            for (id, time) in [("1", 50), ("2", 20), ("1", 30), ("3", 60)] {
                let mut item = item(id, time);
                tx.put_item(key, &mut item)?;
                dates.push((item.created.0, item.updated.0));
                // The date is kept although the item that had it is gone.
                tx.remove_item(key, "2")?;
            }
            assert_eq!(dates, [(50, 50), (50, 50), (50, 50), (60, 60)]);
            Ok(())
        });
    });
}

#[test]
fn subscriptions_are_found_by_node_and_by_subscriber() {
    on_each(|store| {
        let (key, other) = done(store, |tx| Ok((create(tx, "a")?, create(tx, "b")?)));
        let whose = [
            ("r@m.lit/orchard", "2"),
            ("r@m.lit", "9"),
            ("ra@m.lit", "1"),
            ("r@m.lit/", "1"),
            ("r@m.lit", "10"),
        ];
        done(store, |tx| {
            for (jid, subid) in whose {
                tx.put_subscription(key, &mut subscription(jid, subid))?;
            }
            tx.put_subscription(other, &mut subscription("r@m.lit", "9"))
        });
        store.commit().unwrap();
        done(store, |tx| {
            let order = ["10", "9", "1", "2", "1"];
            let subids = |page: Vec<_>| -> Vec<String> {
                page.into_iter().map(|one: atomsub::pubsub::subscription::Subscription| one.subid).collect()
            };
            assert_eq!(subids(tx.subscriptions_page(key, None, 9)?), order);
            assert_eq!(subids(tx.subscriptions_page(key, Some(&which("r@m.lit", "9")), 2)?), order[2..4]);
            assert_eq!(subids(tx.subscriptions(key, "r@m.lit")?), order[..4]);
            assert_eq!(subids(tx.subscriptions(key, "r")?), Vec::<String>::new());
            let of: Vec<_> =
                tx.subscriptions_of("r@m.lit")?.into_iter().map(|(key, one)| (key, one.subid)).collect();
            let expected: Vec<_> = order[..4].iter().map(|subid| (key, (*subid).to_owned())).collect();
            assert_eq!(of[..4], expected);
            assert_eq!(of[4..], [(other, "9".to_owned())]);
            assert_eq!(tx.counts(key)?, Counts { items: 0, companions: 0, subscriptions: 5, barred: 0 });
            assert!(tx.remove_subscription(key, &which("r@m.lit", "9"))?);
            assert!(!tx.remove_subscription(key, &which("r@m.lit", "9"))?);
            assert_eq!(tx.counts(key)?.subscriptions, 4);
            assert_eq!(tx.subscriptions_of("r@m.lit")?.len(), 4);
            Ok(())
        });
    });
}

#[test]
fn a_subscription_begins_after_what_is_queued_and_does_not_begin_again() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        let before = done(store, |tx| tx.queue(&notice(key, "1")));
        let since = done(store, |tx| {
            let mut one = subscription("r@m.lit", "1");
            tx.put_subscription(key, &mut one)?;
            Ok(one.since)
        });
        let after = done(store, |tx| tx.queue(&notice(key, "2")));
        assert!(before < since && since <= after, "{before} {since} {after}");
        done(store, |tx| {
            let mut one = subscription("r@m.lit", "1");
            one.state = State::Pending;
            tx.put_subscription(key, &mut one)?;
            assert_eq!(one.since, since);
            assert_eq!(tx.subscriptions(key, "r@m.lit")?, [one]);
            assert_eq!(tx.counts(key)?.subscriptions, 1);
            Ok(())
        });
    });
}

#[test]
fn affiliations_are_found_by_node_and_by_entity() {
    on_each(|store| {
        let (key, other) = done(store, |tx| Ok((create(tx, "a")?, create(tx, "b")?)));
        done(store, |tx| {
            tx.set_affiliation(key, "r@m.lit", Affiliation::Publisher)?;
            tx.set_affiliation(key, "j@c.lit", Affiliation::Owner)?;
            tx.set_affiliation(other, "r@m.lit", Affiliation::Outcast)?;
            tx.set_affiliation(key, "t@c.lit", Affiliation::None)
        });
        store.commit().unwrap();
        done(store, |tx| {
            tx.set_affiliation(key, "r@m.lit", Affiliation::Member)?;
            assert_eq!(tx.affiliation(key, "r@m.lit")?, Affiliation::Member);
            assert_eq!(tx.affiliation(key, "r@m")?, Affiliation::None);
            let (owner, member) = (Affiliation::Owner, Affiliation::Member);
            assert_eq!(tx.affiliations(key)?, [(jid("j@c.lit"), owner), (jid("r@m.lit"), member)]);
            assert_eq!(tx.affiliations_of("r@m.lit")?, [(key, member), (other, Affiliation::Outcast)]);
            tx.set_affiliation(key, "r@m.lit", Affiliation::None)?;
            assert_eq!(tx.affiliations(key)?, [(jid("j@c.lit"), owner)]);
            assert_eq!(tx.affiliations_of("r@m.lit")?, [(other, Affiliation::Outcast)]);
            Ok(())
        });
    });
}

#[test]
fn contacts_are_found_and_listed_by_service_and_strangers_are_not_kept() {
    on_each(|store| {
        let (asked, yes) = (contact("a@m.lit", Seen::Asked), contact("r@m.lit", Seen::Yes));
        done(store, |tx| {
            for one in [&yes, &asked, &contact("s@m.lit", Seen::No)] {
                tx.put_contact(SERVICE, one)?;
            }
            tx.put_contact("comments.capulet.lit", &contact("z@m.lit", Seen::Refused))
        });
        store.commit().unwrap();
        done(store, |tx| {
            assert_eq!(tx.contact(SERVICE, "r@m.lit")?, Some(yes.clone()));
            assert_eq!(tx.contact("comments.capulet.lit", "r@m.lit")?, None);
            assert_eq!(tx.contacts(SERVICE, None, 9)?, [asked.clone(), yes.clone()]);
            assert_eq!(tx.contacts(SERVICE, None, 1)?, std::slice::from_ref(&asked));
            assert_eq!(tx.contacts(SERVICE, Some("a@m.lit"), 9)?, std::slice::from_ref(&yes));
            let sees = Contact { sees_service: true, seen: Seen::No, ..asked.clone() };
            tx.put_contact(SERVICE, &sees)?;
            assert_eq!(tx.contact(SERVICE, "a@m.lit")?, Some(sees));
            tx.put_contact(SERVICE, &contact("a@m.lit", Seen::No))?;
            assert_eq!(tx.contact(SERVICE, "a@m.lit")?, None);
            Ok(())
        });
        store.commit().unwrap();
        assert_eq!(store.verify().unwrap().contacts, 2);
    });
}

#[test]
fn notices_leave_in_order_node_by_node() {
    on_each(|store| {
        let (a, b) = (NodeKey(3), NodeKey(300));
        let seqs = done(store, |tx| {
            [(b, "1"), (a, "2"), (b, "3")].map(|(key, id)| tx.queue(&notice(key, id))).into_iter().collect()
        });
        let seqs: Vec<u64> = seqs;
        assert!(seqs.is_sorted_by(|one, other| one < other), "{seqs:?}");
        store.commit().unwrap();
        done(store, |tx| {
            let place = |queued: Option<atomsub::pubsub::notice::Queued>| {
                queued.map(|queued| (queued.notice.key, queued.seq))
            };
            assert_eq!(tx.queued_node(SERVICE, None)?, Some(a));
            assert_eq!(tx.queued_node(SERVICE, Some(a))?, Some(b));
            assert_eq!(tx.queued_node(SERVICE, Some(b))?, None);
            assert_eq!(tx.queued_node("comments.example", None)?, None);
            assert_eq!(place(tx.next_queued(b, 0)?), Some((b, seqs[0])));
            assert_eq!(place(tx.next_queued(b, seqs[0])?), Some((b, seqs[2])));
            assert_eq!(place(tx.next_queued(a, seqs[1])?), None);
            let served = which("r@m.lit/orchard", "1");
            tx.put_served(b, seqs[0], &served)?;
            tx.put_served(b, seqs[1], &served)?;
            assert_eq!(tx.next_queued(b, 0)?.unwrap().served, Some(served));
            assert_eq!(tx.next_queued(b, seqs[0])?.unwrap().served, None);
            tx.remove_queued(b, seqs[0])?;
            tx.remove_queued(b, seqs[0])?;
            assert_eq!(place(tx.next_queued(b, 0)?), Some((b, seqs[2])));
            assert!(tx.queue(&notice(b, "4"))? > seqs[2]);
            Ok(())
        });
    });
}

/// A node with three items, two subscriptions and two affiliations, removed.
fn removed(store: &mut dyn Store) -> NodeKey {
    let key = done(store, |tx| {
        let key = create(tx, "a")?;
        for id in ["1", "2", "3"] {
            tx.put_item(key, &mut item(id, 0))?;
        }
        tx.put_subscription(key, &mut subscription("r@m.lit", "1"))?;
        tx.put_subscription(key, &mut subscription("r@m.lit/x", "2"))?;
        tx.set_affiliation(key, "r@m.lit", Affiliation::Member)?;
        tx.set_affiliation(key, "j@c.lit", Affiliation::Owner)?;
        Ok(key)
    });
    store.commit().unwrap();
    done(store, |tx| {
        tx.queue(&notice(key, "gone"))?;
        tx.remove_node(key)
    });
    key
}

#[test]
fn a_removed_node_is_out_of_sight_at_once() {
    on_each(|store| {
        let key = removed(store);
        done(store, |tx| {
            assert_eq!(tx.node(&id("a"))?, None);
            assert_eq!(tx.node_by_key(key)?, None);
            assert_eq!(tx.nodes(SERVICE, None, 9)?, []);
            assert_eq!(tx.subscriptions_of("r@m.lit")?, []);
            assert_eq!(tx.affiliations_of("j@c.lit")?, []);
            // Those who are told of the deletion are still known.
            assert_eq!(tx.subscriptions_page(key, None, 9)?.len(), 2);
            assert_eq!(tx.counts(key)?, Counts { items: 3, companions: 3, subscriptions: 2, barred: 0 });
            let again = create(tx, "a")?;
            assert!(again > key, "a key was given out twice");
            assert_eq!(tx.counts(again)?, Counts::default());
            assert_eq!(tx.subscriptions_page(again, None, 9)?, []);
            assert_eq!(tx.items(again, ItemRange::ALL, Direction::OldestFirst, 9)?, []);
            Ok(())
        });
        for broken in 0..4 {
            let failure = store.transact(&mut |tx| {
                match broken {
                    0 => tx.put_item(key, &mut item("4", 0))?,
                    1 => tx.put_subscription(key, &mut subscription("r@m.lit", "9"))?,
                    2 => tx.set_affiliation(key, "r@m.lit", Affiliation::Owner)?,
                    _ => tx.remove_node(key)?,
                }
                Ok(())
            });
            assert!(matches!(failure, Err(Failure::Faulted(Fault::Bug(_)))), "{broken}");
        }
    });
}

#[test]
fn a_removed_node_is_swept_in_pieces_and_its_notices_stay() {
    on_each(|store| {
        let key = removed(store);
        let mut pieces = 1;
        while !done(store, |tx| tx.sweep(key, 2)) {
            pieces += 1;
            store.commit().unwrap();
            assert_eq!(store.verify().unwrap().findings, Vec::<String>::new());
        }
        assert_eq!(pieces, 4);
        done(store, |tx| {
            assert_eq!(tx.counts(key)?, Counts::default());
            assert_eq!(tx.items(key, ItemRange::ALL, Direction::OldestFirst, 9)?, []);
            assert_eq!(tx.items_by_creation(key, ItemRange::ALL, Direction::OldestFirst, 9)?, []);
            assert_eq!(tx.item(key, "1")?, None);
            assert_eq!(tx.subscriptions_page(key, None, 9)?, []);
            assert_eq!(tx.affiliations(key)?, []);
            assert!(tx.next_queued(key, 0)?.is_some());
            assert!(tx.sweep(key, 2)?);
            Ok(())
        });
        store.commit().unwrap();
        let left = store.verify().unwrap();
        assert_eq!((left.items, left.subscriptions, left.affiliations, left.notices), (0, 0, 0, 1));
        let there = done(store, |tx| create(tx, "b"));
        let failure = store.transact(&mut |tx| Ok(tx.sweep(there, 2).map(|_| ())?));
        assert!(matches!(failure, Err(Failure::Faulted(Fault::Bug(_)))));
    });
}

#[test]
fn a_failed_transaction_leaves_no_trace_and_those_before_it_stay() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        done(store, |tx| tx.put_item(key, &mut item("1", 1)));
        failed(store, |tx| {
            tx.put_item(key, &mut item("1", 2))?;
            tx.put_item(key, &mut item("2", 2))?;
            tx.queue(&notice(key, "1"))?;
            tx.set_affiliation(key, "r@m.lit", Affiliation::Member)?;
            tx.remove_node(key)
        });
        let check = |tx: &mut dyn Tx| {
            assert_eq!(tx.node(&id("a"))?, Some(node(key, "a")));
            assert_eq!(tx.item(key, "1")?.unwrap().updated, Timestamp(1));
            assert_eq!(tx.item(key, "2")?, None);
            assert_eq!(tx.counts(key)?.items, 1);
            assert_eq!(tx.queued_node(SERVICE, None)?, None);
            assert_eq!(tx.affiliations(key)?, []);
            Ok(())
        };
        done(store, check);
        store.commit().unwrap();
        done(store, check);
    });
}

#[test]
fn a_transaction_that_panics_leaves_no_trace() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = store.transact(&mut |tx| {
                tx.put_item(key, &mut item("1", 1))?;
                std::panic::resume_unwind(Box::new("on purpose"));
            });
        }));
        assert!(panicked.is_err());
        store.commit().unwrap();
        done(store, |tx| {
            assert_eq!(tx.node(&id("a"))?, Some(node(key, "a")));
            assert_eq!(tx.item(key, "1")?, None);
            Ok(())
        });
    });
}

#[test]
fn tombstones_have_places_among_the_items_and_a_number() {
    on_each(|store| {
        let key = done(store, |tx| create(tx, "a"));
        let bury = |tx: &mut dyn Tx, id: &str, time| {
            let mut tombstone = tombstone(id, time);
            tx.put_tombstone(key, &mut tombstone, 3)?;
            Ok::<_, Fault>(tombstone)
        };
        let one = done(store, |tx| {
            tx.put_item(key, &mut item("x", 10))?;
            let one = bury(tx, "1", 20)?;
            let mut next = item("y", 15);
            tx.put_item(key, &mut next)?;
            assert_eq!((one.place, next.seq, tx.newest_place(key)?), (2, 3, 3));
            Ok(one)
        });
        store.commit().unwrap();
        done(store, |tx| {
            assert_eq!(tx.tombstone(key, "1")?, Some(one.clone()));
            assert_eq!(tx.tombstone(key, "x")?, None);
            for (id, time) in [("2", 30), ("1", 40), ("3", 50), ("4", 60)] {
                bury(tx, id, time)?;
            }
            Ok(())
        });
        let found = |tx: &dyn Tx, after, direction, limit| {
            let range = ItemRange { after, before: None };
            let found = tx.tombstones(key, range, direction, limit)?;
            Ok::<_, Fault>(found.into_iter().map(|found| (found.id, found.place)).collect::<Vec<_>>())
        };
        let expected = [("1", 5), ("3", 6), ("4", 7)].map(|(id, place)| (id.to_owned(), place));
        done(store, |tx| {
            assert_eq!(found(tx, None, Direction::OldestFirst, 9)?, expected);
            assert_eq!(found(tx, Some(5), Direction::NewestFirst, 1)?, expected[2..]);
            assert!(tx.remove_tombstone(key, "3")? && !tx.remove_tombstone(key, "3")?);
            assert_eq!(tx.counts(key)?.items, 2);
            Ok(())
        });
        done(store, |tx| tx.remove_node(key));
        assert!(!done(store, |tx| tx.sweep(key, 3)));
        assert!(done(store, |tx| tx.sweep(key, 1)));
    });
}

#[test]
fn tokens_are_found_by_what_is_shown_by_whose_they_are_and_by_when_they_end() {
    on_each(|store| {
        let one = token("1", "r@m.lit", 50);
        done(store, |tx| {
            assert_eq!(tx.webhook_secret()?, None);
            for token in [one.clone(), token("2", "r@m.lit", 30), token("3", "j@c.lit", 40)] {
                tx.put_token(&token)?;
            }
            tx.put_webhook_secret(Secret([7; 32]))
        });
        store.commit().unwrap();
        done(store, |tx| {
            assert_eq!(tx.token(one.key)?, Some(one.clone()));
            assert_eq!(tx.token(TokenKey::of("4"))?, None);
            assert_eq!(tx.tokens_of(SERVICE, "r@m.lit", 9)?.len(), 2);
            assert_eq!(tx.tokens_of(SERVICE, "r@m.lit", 1)?.len(), 1);
            assert_eq!(tx.tokens_of("elsewhere", "r@m.lit", 9)?, []);
            assert_eq!(tx.webhook_secret()?, Some(Secret([7; 32])));
            // One that is put again ends when it says now.
            let longer = Token { expires: Timestamp(60), used: Some(Timestamp(1)), ..one.clone() };
            tx.put_token(&longer)?;
            let due = |tx: &dyn Tx, now, limit| {
                let due = tx.tokens_due(Timestamp(now), limit)?;
                Ok::<_, Fault>(due.into_iter().map(|token| token.id).collect::<Vec<_>>())
            };
            assert_eq!(due(tx, 29, 9)?, Vec::<String>::new());
            assert_eq!(due(tx, 30, 9)?, ["2"]);
            assert_eq!(due(tx, 59, 9)?, ["2", "3"]);
            assert_eq!(due(tx, 60, 2)?, ["2", "3"]);
            assert!(tx.remove_token(one.key)? && !tx.remove_token(one.key)?);
            assert_eq!(due(tx, 60, 9)?, ["2", "3"]);
            assert_eq!(tx.tokens_of(SERVICE, "r@m.lit", 9)?.len(), 1);
            Ok(())
        });
        store.commit().unwrap();
        let report = store.verify().unwrap();
        assert_eq!((report.tokens, report.findings), (2, Vec::new()));
    });
}

/// Something done to a node.
type Work = fn(&mut dyn Tx, NodeKey) -> Result<(), Fault>;

#[test]
fn what_commits_changed_is_told_once() {
    on_each(|store| {
        let [a, b] = done(store, |tx| Ok([create(tx, "a")?, create(tx, "b")?]));
        store.commit().unwrap();
        assert_eq!(store.changed(), [a, b].into());
        assert_eq!(store.changed(), [].into());
        let changes: [(&str, Work, bool); 8] = [
            ("publish", |tx, key| tx.put_item(key, &mut item("x", 10)), true),
            ("retract", |tx, key| tx.remove_item(key, "x").map(|_| ()), true),
            ("bury", |tx, key| tx.put_tombstone(key, &mut tombstone("x", 1), 9), true),
            ("ban", |tx, key| tx.set_affiliation(key, "r@m.lit", Affiliation::Outcast), true),
            ("subscribe", |tx, key| tx.put_subscription(key, &mut subscription("r@m.lit", "1")), false),
            ("queue", |tx, key| tx.queue(&notice(key, "1")).map(|_| ()), false),
            (
                "configure",
                |tx, key| tx.put_node(&Node { expiry: Some(Timestamp(1)), ..node(key, "b") }),
                true,
            ),
            ("remove", |tx, key| tx.remove_node(key), true),
        ];
        for (what, work, is_change) in changes {
            done(store, |tx| work(tx, b));
            store.commit().unwrap();
            assert_eq!(store.changed().contains(&b), is_change, "{what}");
        }
        failed(store, |tx| tx.remove_node(a));
        store.commit().unwrap();
        assert_eq!(store.changed(), [].into());
    });
}
