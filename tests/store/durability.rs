//! What was committed is there after the process was killed, at whatever moment.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use atomsub::pubsub::item::{Direction, ItemRange};
use atomsub::store::{self, Place, Store};
use rand::RngExt;

use crate::nouns::{create, done, id, item, notice};

/// Where the child finds its store.
const STORE: &str = "ATOMSUB_TEST_STORE";
/// Transactions of one commit.
const BATCH: usize = 4;

/// The child: publishes for ever, and says after each commit how many items are durable.
#[test]
fn publisher() {
    let Some(directory) = std::env::var_os(STORE) else { return };
    let mut store = store::open(&Place::Sled(directory.into())).unwrap();
    let mut published = count(&mut *store);
    loop {
        for _ in 0..BATCH {
            done(&mut *store, |tx| {
                let found = tx.node(&id("a"))?.map(|node| node.key);
                let key = found.map_or_else(|| create(tx, "a"), Ok)?;
                let mut item = item(&published.to_string(), 0);
                item.payload = Some("x".repeat(1 + published * 7919 % 5000));
                tx.put_item(key, &mut item)?;
                tx.queue(&notice(key, &item.id))
            });
            published += 1;
        }
        store.commit().unwrap();
        println!("durable {published}");
    }
}

/// How many items there are, all of them whole and each with its notice.
fn count(store: &mut dyn Store) -> usize {
    done(store, |tx| {
        let Some(node) = tx.node(&id("a"))? else { return Ok(0) };
        let items = tx.items(node.key, ItemRange::ALL, Direction::OldestFirst, usize::MAX)?;
        assert_eq!(tx.counts(node.key)?.items, items.len() as u64);
        let mut place = 0;
        for (number, item) in items.iter().enumerate() {
            assert_eq!(item.id, number.to_string());
            let queued = tx.next_queued(node.key, place)?.unwrap();
            assert_eq!(queued.notice, notice(node.key, &item.id));
            place = queued.seq;
        }
        assert_eq!(tx.next_queued(node.key, place)?, None);
        Ok(items.len())
    })
}

/// Lets the child publish for a while, kills it, and gives what it said last.
fn killed(directory: &Path, after: Duration) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::publisher", "--nocapture", "--test-threads=1"])
        .env(STORE, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = thread::spawn(move || {
        let said = output.lines().map_while(Result::ok);
        said.filter_map(|line| line.strip_prefix("durable ")?.parse::<usize>().ok()).last()
    });
    thread::sleep(after);
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    reader.join().unwrap().unwrap_or(0)
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("store");
    let mut acknowledged = 0;
    for round in 0..12 {
        let after = Duration::from_millis(rand::rng().random_range(20..300));
        acknowledged = killed(&directory, after).max(acknowledged);
        let mut store = store::open(&Place::Sled(directory.clone())).unwrap();
        let there = count(&mut *store);
        assert!(there >= acknowledged, "round {round}: {acknowledged} acknowledged, {there} there");
        assert_eq!(there % BATCH, 0, "round {round}: a part of a commit is there");
        assert_eq!(store.verify().unwrap().findings, Vec::<String>::new());
    }
    assert!(acknowledged > 100, "only {acknowledged} were acknowledged at all");
}
