//! The proof, record by record, and what `verify` sees beyond it.

use std::collections::BTreeMap;
use std::time::Duration;

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::node::{Node, Tie};
use atomsub::pubsub::time::Timestamp;
use atomsub::store::head::Head;
use atomsub::store::kv::KvStore;
use atomsub::store::{Store, keys, record};

use crate::map::Map;
use crate::nouns::{create, done, item, node, notice, subscription, which};

type Values = BTreeMap<Vec<u8>, Vec<u8>>;

/// What is on the disk after some commits, and what was there before the last.
fn written() -> (Values, Values) {
    let disk = Map::default();
    let mut store = KvStore::open(disk.clone(), None).unwrap();
    let key = done(&mut store, |tx| create(tx, "a"));
    let queued = done(&mut store, |tx| {
        let ties = vec![Tie { node: key, item: Some("1".to_owned()) }];
        tx.put_node(&Node { ties, expiry: Some(Timestamp(1)), ..node(key, "a") })?;
        tx.put_item(key, &mut item("1", 1))?;
        tx.put_item(key, &mut item("2", 1))?;
        tx.put_subscription(key, &mut subscription("r@m.lit/x", "1"))?;
        tx.set_affiliation(key, "j@c.lit", Affiliation::Owner)?;
        tx.queue(&notice(key, "1"))
    });
    store.commit().unwrap();
    let before = disk.values.lock().unwrap().clone();
    done(&mut store, |tx| {
        tx.put_item(key, &mut item("1", 2))?;
        tx.set_affiliation(key, "j@c.lit", Affiliation::Publisher)?;
        tx.put_served(key, queued, &which("r@m.lit/x", "1"))
    });
    store.commit().unwrap();
    let after = disk.values.lock().unwrap().clone();
    (before, after)
}

/// Opens a store and proves it.
fn open(values: Values) -> Result<KvStore<Map>, Fault> {
    let disk = Map::default();
    *disk.values.lock().unwrap() = values;
    let mut store = KvStore::open(disk, None)?;
    while !store.prove(Duration::ZERO)? {}
    Ok(store)
}

fn refused(key: &[u8], what: &str, values: Values) {
    let refused = open(values).map(|_| ());
    let key = key.escape_ascii();
    assert!(matches!(refused, Err(Fault::Corrupt(_) | Fault::Unavailable(_))), "{key} {what}: {refused:?}");
}

#[test]
fn a_record_that_is_changed_missing_misplaced_or_old_is_noticed() {
    let (before, whole) = written();
    open(whole.clone()).unwrap();
    for (key, value) in &whole {
        for bit in 0..value.len() * 8 {
            let mut values = whole.clone();
            values.get_mut(key).unwrap()[bit / 8] ^= 1 << (bit % 8);
            refused(key, "changed", values);
        }
        let mut values = whole.clone();
        values.remove(key);
        refused(key, "missing", values);
        for other in whole.values().filter(|other| *other != value) {
            let mut values = whole.clone();
            values.insert(key.clone(), other.clone());
            refused(key, "misplaced", values);
        }
        if before.get(key) != Some(value) {
            let mut values = whole.clone();
            match before.get(key) {
                Some(old) => values.insert(key.clone(), old.clone()),
                None => values.remove(key),
            };
            refused(key, "old", values);
        }
    }
    for (key, removed) in before.iter().filter(|(key, _)| !whole.contains_key(*key)) {
        let mut values = whole.clone();
        values.insert(key.clone(), removed.clone());
        refused(key, "back", values);
    }
}

/// Makes the proof agree with what is there, as a bug of this program would.
fn prove(disk: &Map) {
    let head = keys::head();
    let found = Head { commit: 3, ..Head::scan(disk).unwrap() };
    let record = record::encode(&head, &found).unwrap();
    disk.values.lock().unwrap().insert(head.bytes().to_vec(), record);
}

#[test]
fn verify_notices_what_does_not_fit_together() {
    let (_, whole) = written();
    let mut looked_at = 0;
    for key in whole.keys() {
        let meta = [keys::schema().bytes().to_vec(), keys::head().bytes().to_vec()].contains(key);
        // Nothing else tells of a notice, or of how far it was served.
        if meta || matches!(key[0], b'o' | b'O') {
            continue;
        }
        let disk = Map::default();
        disk.values.lock().unwrap().clone_from(&whole);
        disk.values.lock().unwrap().remove(key);
        prove(&disk);
        let found = KvStore::open(disk, None).unwrap().verify().unwrap();
        assert_ne!(found.findings, Vec::<String>::new(), "{}", key.escape_ascii());
        looked_at += 1;
    }
    assert_eq!(looked_at, 22);
}
