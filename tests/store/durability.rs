//! What was committed is there after the process was killed, at whatever moment.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use atomsub::pubsub::fault::Failure;
use atomsub::pubsub::item::{Direction, ItemRange};
use atomsub::store::{self, Place, Store};
use rand::RngExt;

use crate::nouns::{ENGINES, create, done, id, item, notice};

/// Where the child finds its store.
const STORE: &str = "ATOMSUB_TEST_STORE";
/// Whose files they are.
const ENGINE: &str = "ATOMSUB_TEST_ENGINE";
/// Transactions of one commit.
const BATCH: usize = 4;

/// The child: publishes for ever, and says after each commit how many items are durable.
#[test]
fn publisher() {
    let Some(directory) = std::env::var_os(STORE) else { return };
    let mut store = store::open(&place(directory.into())).unwrap();
    let mut published = count(&mut *store);
    loop {
        publish(&mut *store, published).unwrap();
        published += BATCH;
        println!("durable {published}");
    }
}

/// The place of the child's store.
fn place(directory: PathBuf) -> Place {
    let engine = std::env::var(ENGINE).unwrap();
    let (_, place) = ENGINES.into_iter().find(|(name, _)| *name == engine).unwrap();
    place(directory)
}

fn publish(store: &mut dyn Store, first: usize) -> Result<(), Failure> {
    for number in first..first + BATCH {
        store.transact(&mut |tx| {
            let found = tx.node(&id("a"))?.map(|node| node.key);
            let key = found.map_or_else(|| create(tx, "a"), Ok)?;
            let mut item = item(&number.to_string(), 0);
            item.payload = Some("x".repeat(1 + number * 7919 % 5000));
            tx.put_item(key, &mut item)?;
            tx.queue(&notice(key, &item.id))?;
            Ok(())
        })?;
    }
    Ok(store.commit()?)
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

/// This program, told to be one of the children.
fn child(program: &mut Command, name: &str, engine: &str, directory: &Path) -> Child {
    program.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    program.env(STORE, directory).env(ENGINE, engine);
    program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Lets the child publish for a while, kills it, and gives what it said last.
fn killed(engine: &str, directory: &Path, after: Duration) -> usize {
    let program = std::env::current_exe().unwrap();
    let mut child = child(&mut Command::new(program), "durability::publisher", engine, directory);
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
    for (engine, place) in ENGINES {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("store");
        let mut acknowledged = 0;
        for round in 0..12 {
            let after = Duration::from_millis(rand::rng().random_range(20..300));
            acknowledged = killed(engine, &directory, after).max(acknowledged);
            let mut store = store::open(&place(directory.clone())).unwrap();
            let there = count(&mut *store);
            assert!(there >= acknowledged, "{engine} {round}: {acknowledged} acknowledged, {there} there");
            assert_eq!(there % BATCH, 0, "{engine} {round}: a part of a commit is there");
            assert_eq!(store.verify().unwrap().findings, Vec::<String>::new());
        }
        assert!(acknowledged > 0, "{engine}: none was acknowledged at all");
    }
}

/// The child on a small disk: fills it, makes room again, and says when it is done.
#[test]
fn publisher_on_a_small_disk() {
    let Some(disk) = std::env::var_os(STORE).map(PathBuf::from) else { return };
    let (place, filler) = (place(disk.join("store")), disk.join("filler"));
    let mut store = store::open(&place).unwrap();
    fs::write(&filler, vec![1; 12 << 20]).unwrap();
    let mut published = 0;
    while publish(&mut *store, published).is_ok() {
        published += BATCH;
    }
    // Reading goes on, and finds what was promised and nothing else.
    for _ in 0..3 {
        assert_eq!(count(&mut *store), published);
        // An engine may find room that it had set aside.
        published += publish(&mut *store, published).map_or(0, |()| BATCH);
    }
    // The same after a restart on the full disk.
    drop(store);
    store = store::open(&place).unwrap();
    assert_eq!(count(&mut *store), published);
    fs::remove_file(filler).unwrap();
    for _ in 0..9 {
        publish(&mut *store, published).unwrap();
        published += BATCH;
    }
    drop(store);
    store = store::open(&place).unwrap();
    assert_eq!(count(&mut *store), published);
    assert_eq!(store.verify().unwrap().findings, Vec::<String>::new());
    println!("done {published}");
}

#[test]
fn a_full_disk_costs_what_does_not_fit_and_nothing_else() {
    let disk = tempfile::tempdir().unwrap();
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command
            .args(["-r", "-m", "sh", "-c"])
            .arg(format!("mount -t tmpfs -o size=48m none \"$0\" && {script}"));
        command.arg(disk.path());
        command
    };
    if !unshare("true").output().is_ok_and(|tried| tried.status.success()) {
        println!("not tested: no file system can be mounted here");
        return;
    }
    for (engine, _) in ENGINES {
        let mut program = unshare("exec \"$@\"");
        program.arg(std::env::current_exe().unwrap());
        let child = child(&mut program, "durability::publisher_on_a_small_disk", engine, disk.path());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("done"), "{engine}: {said} {}", String::from_utf8_lossy(&output.stderr));
    }
}
