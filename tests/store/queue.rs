//! An engine may have to step over what was removed, as fjall does until it merges its tables: delivery does not, however
//! much was told before.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::node::NodeKey;
use atomsub::store::Store;
use atomsub::store::kv::{Engine, KvStore, Order, Visit, Writes};

use crate::map::Map;
use crate::nouns::{SERVICE, create, done, notice, subscription, which};

/// An engine that keeps a mark for each removed record, and counts those that it steps over.
#[derive(Clone, Default)]
struct Marking {
    map: Map,
    removed: Arc<Mutex<BTreeSet<Vec<u8>>>>,
    steps: Arc<AtomicU64>,
    scans: Arc<AtomicU64>,
}

impl Engine for Marking {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.map.get(key)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let (mut begin, mut end) = (from.to_vec(), to.to_vec());
        self.map.scan(from, to, order, &mut |key, value| {
            let flow = visit(key, value)?;
            if flow == ControlFlow::Break(()) {
                match order {
                    Order::Ascending => end = key.to_vec(),
                    Order::Descending => begin = key.to_vec(),
                }
            }
            Ok(flow)
        })?;
        let steps = self.removed.lock().unwrap().range(begin..end).count();
        self.scans.fetch_add(1, Ordering::SeqCst);
        self.steps.fetch_add(steps as u64, Ordering::SeqCst);
        Ok(())
    }

    fn apply(&mut self, writes: &Writes) -> Result<(), Fault> {
        self.map.apply(writes)?;
        let mut removed = self.removed.lock().unwrap();
        for (key, change) in writes {
            if change.is_some() {
                removed.remove(key)
            } else {
                removed.insert(key.clone())
            };
        }
        Ok(())
    }

    fn recover(&mut self) -> Result<(), Fault> {
        self.map.recover()
    }
}

/// The notices of all nodes, as they are handed out: the next of each node in turn.
fn queued(store: &mut dyn Store) -> Vec<(NodeKey, u64)> {
    done(store, |tx| {
        let (mut found, mut after) = (Vec::new(), None);
        while let Some(key) = tx.queued_node(SERVICE, after)? {
            found.push((key, tx.next_queued(key, 0)?.unwrap().seq));
            after = Some(key);
        }
        Ok(found)
    })
}

#[test]
fn what_was_told_is_not_stepped_over_again() {
    const NODES: u64 = 20;
    const ROUNDS: u64 = 200;
    let engine = Marking::default();
    let mut store = KvStore::open(engine.clone(), None).unwrap();
    for round in 0..ROUNDS {
        // They come from different nodes in each round, and two from each, so that one is there when the other is told.
        let keys = (0..NODES).map(|number| NodeKey((round * 7 + number) % (NODES * 2)));
        let mut seqs = done(&mut store, |tx| {
            let each = keys.clone().flat_map(|key| [key; 2]);
            each.map(|key| Ok((key, tx.queue(&notice(key, "1"))?))).collect::<Result<Vec<_>, _>>()
        });
        store.commit().unwrap();
        while !seqs.is_empty() {
            let found = queued(&mut store);
            assert_eq!(found.len() as u64, NODES);
            done(&mut store, |tx| found.iter().try_for_each(|(key, seq)| tx.remove_queued(*key, *seq)));
            store.commit().unwrap();
            seqs.retain(|one| !found.contains(one));
        }
        assert_eq!(queued(&mut store), []);
    }
    let removed = ROUNDS * NODES * 2;
    let steps = engine.steps.swap(0, Ordering::SeqCst);
    assert!(steps <= 2 * removed, "{steps} steps over {removed} that were removed");

    // A start steps over all of them, once for each node at most.
    let key = NodeKey(NODES);
    done(&mut store, |tx| tx.queue(&notice(key, "1")));
    store.commit().unwrap();
    drop(store);
    let mut store = KvStore::open(engine.clone(), None).unwrap();
    let steps = engine.steps.swap(0, Ordering::SeqCst);
    assert!(steps >= removed && steps <= 2 * removed, "{steps} steps over {removed} that were removed");
    assert_eq!(queued(&mut store).len(), 1);
    assert_eq!(engine.steps.load(Ordering::SeqCst), 0);
}

#[test]
fn a_notice_that_is_alone_is_not_searched() {
    let engine = Marking::default();
    let mut store = KvStore::open(engine.clone(), None).unwrap();
    let keys = [NodeKey(1), NodeKey(2), NodeKey(3)];
    for _ in 0..3 {
        let seqs = done(&mut store, |tx| {
            keys.map(|key| tx.queue(&notice(key, "1"))).into_iter().collect::<Result<Vec<_>, _>>()
        });
        store.commit().unwrap();
        engine.scans.store(0, Ordering::SeqCst);
        let expected: Vec<_> = keys.into_iter().zip(seqs).collect();
        assert_eq!(queued(&mut store), expected);
        done(&mut store, |tx| {
            expected.iter().try_for_each(|(key, seq)| {
                assert_eq!(tx.next_queued(*key, *seq)?, None);
                tx.remove_queued(*key, *seq)
            })
        });
        store.commit().unwrap();
        assert_eq!(queued(&mut store), []);
        assert_eq!(engine.scans.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn whoever_came_and_went_often_is_found_at_once() {
    let engine = Marking::default();
    let mut store = KvStore::open(engine.clone(), None).unwrap();
    let key = done(&mut store, |tx| create(tx, "gazette"));
    for round in 0..50 {
        let subid = round.to_string();
        done(&mut store, |tx| tx.put_subscription(key, &mut subscription("r@m.lit", &subid)));
        store.commit().unwrap();
        let held = done(&mut store, |tx| tx.subscriptions(key, "r@m.lit"));
        assert_eq!(held.len(), 1);
        done(&mut store, |tx| tx.remove_subscription(key, &which("r@m.lit", &subid)));
        store.commit().unwrap();
    }
    assert_eq!(done(&mut store, |tx| tx.subscriptions(key, "r@m.lit")), []);
    assert_eq!(engine.steps.load(Ordering::SeqCst), 0);
}
