//! Every call to the engine fails once, in turn: what was promised is there, and nothing else.

use std::time::Duration;

use atomsub::pubsub::fault::{Failure, Fault};
use atomsub::pubsub::item::{Direction, ItemRange};
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::notice::Event;
use atomsub::pubsub::tx::Tx;
use atomsub::store::Store;
use atomsub::store::kv::KvStore;

use crate::map::{Map, Trouble};
use crate::nouns::{SERVICE, create, done, id, item, notice};

/// Publishes in commits of two until all of it is durable or something fails, and tells what was promised.
fn publish(store: &mut KvStore<Map>, first: usize, promised: &mut Vec<String>) -> Result<(), Failure> {
    for batch in first..first + 3 {
        let ids = [format!("{batch}a"), format!("{batch}b")];
        for item_id in &ids {
            store.transact(&mut |tx| {
                let node = tx.node(&id("a"))?.map(|node| node.key);
                let key = node.map_or_else(|| create(tx, "a"), Ok)?;
                tx.put_item(key, &mut item(item_id, 0))?;
                // Each batch has a node of its own in the queue.
                tx.queue(&notice(NodeKey(20 - batch as u64), item_id))?;
                Ok(())
            })?;
        }
        store.commit()?;
        promised.extend(ids);
        store.prove(Duration::ZERO)?;
    }
    Ok(())
}

fn stored(store: &mut KvStore<Map>) -> Vec<String> {
    done(store, |tx| {
        let Some(node) = tx.node(&id("a"))? else { return Ok(Vec::new()) };
        let items = tx.items(node.key, ItemRange::ALL, Direction::OldestFirst, 99)?;
        assert_eq!(tx.counts(node.key)?.items, items.len() as u64);
        let ids: Vec<String> = items.into_iter().map(|item| item.id).collect();
        let mut queued = queued(tx)?;
        queued.sort_by_key(|(seq, _)| *seq);
        assert_eq!(queued.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), ids);
        Ok(ids)
    })
}

/// The places of all notices, node by node, and what they are about.
fn queued(tx: &dyn Tx) -> Result<Vec<(u64, String)>, Fault> {
    let (mut found, mut node) = (Vec::new(), None);
    while let Some(key) = tx.queued_node(SERVICE, node)? {
        let mut place = 0;
        while let Some(queued) = tx.next_queued(key, place)? {
            let Event::Retracted { id } = queued.notice.event else { panic!("{:?}", queued.notice) };
            place = queued.seq;
            found.push((place, id));
        }
        node = Some(key);
    }
    Ok(found)
}

/// Lets each call fail in turn, once or from then on.
fn check(trouble: &Trouble) {
    let mut failures = 0;
    for calls in 0.. {
        let trouble = Trouble { late: trouble.late, stays: trouble.stays, ..Trouble::default() };
        let disk = Map { trouble: trouble.clone(), ..Map::default() };
        publish(&mut KvStore::open(disk.clone(), None).unwrap(), 9, &mut Vec::new()).unwrap();
        // Its proof is under way meanwhile.
        let mut store = KvStore::open(disk, None).unwrap();
        let before = stored(&mut store);
        let mut promised = Vec::new();
        trouble.after(calls);
        let outcome = publish(&mut store, 0, &mut promised);
        if !trouble.came() {
            assert!(calls > 20 && failures > 10, "{calls} calls, {failures} failures");
            return;
        }
        if let Err(failure) = &outcome {
            assert!(matches!(failure, Failure::Faulted(Fault::Unavailable(_))), "{calls}: {failure:?}");
            failures += 1;
        }
        // What happened before the failure and was not committed may still be.
        let at_most = promised.len() + usize::from(store.commit().is_ok());
        trouble.is_over();
        let kept = stored(&mut store).split_off(before.len());
        // Only an engine that was away for longer may have to correct itself: by a whole batch.
        let corrected = trouble.late && trouble.stays && kept.len() == promised.len() + 2;
        assert!(kept.starts_with(&promised), "{calls}: {kept:?}");
        assert!(kept.len() <= at_most || corrected, "{calls}: {kept:?}");
        let mut more = Vec::new();
        publish(&mut store, 5, &mut more).unwrap();
        assert_eq!(stored(&mut store), [before, kept, more].concat(), "{calls}");
        while !store.prove(Duration::ZERO).unwrap() {}
        assert_eq!(store.verify().unwrap().findings, Vec::<String>::new());
    }
}

#[test]
fn a_failing_call_costs_its_batch_and_nothing_else() {
    check(&Trouble::default());
}

#[test]
fn a_batch_that_is_durable_in_spite_of_an_error_is_not_reported_as_lost() {
    check(&Trouble { late: true, ..Trouble::default() });
}

#[test]
fn an_engine_that_is_away_for_longer_is_asked_again() {
    check(&Trouble { stays: true, ..Trouble::default() });
    check(&Trouble { stays: true, late: true, ..Trouble::default() });
}
