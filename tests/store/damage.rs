//! A flipped bit or a cut tail is noticed: what opens is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::fault::{Failure, Fault};
use atomsub::store::{self, Place, Store};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::nouns::{ENGINES, PlaceIn, create, done, dump, item, notice, subscription};

const ENTITIES: [&str; 2] = ["r@m.lit", "j@c.lit"];
const NODES: u64 = 8;

/// Opens a store, proves it and reads all of it.
fn read(place: &Place) -> Result<Vec<String>, Failure> {
    let mut store = store::open(place)?;
    while !store.prove(Duration::from_millis(1))? {}
    Ok(dump(&mut *store, &ENTITIES, 0..NODES + 2))
}

/// A store with items of all sizes, many of them modified since, so that older forms lie about in its files.
fn fill(place: &Place, random: &mut StdRng) -> Box<dyn Store> {
    let mut store = store::open(place).unwrap();
    let keys = done(&mut *store, |tx| {
        let keys = (0..NODES).map(|name| create(tx, &name.to_string())).collect::<Result<Vec<_>, _>>()?;
        for key in &keys {
            tx.set_affiliation(*key, "j@c.lit", Affiliation::Owner)?;
            tx.put_subscription(*key, &mut subscription("r@m.lit/x", "1"))?;
        }
        Ok(keys)
    });
    for turn in 0..60 {
        for _ in 0..8 {
            let key = keys[random.random_range(0..keys.len())];
            let mut item = item(&random.random_range(0..20).to_string(), turn);
            item.payload = Some("x".repeat(random.random_range(0..6000)));
            done(&mut *store, |tx| {
                let (mut stored, text) = (item.clone(), notice(key, &item.id));
                tx.put_item(key, &mut stored)?;
                tx.queue(&text)
            });
        }
        store.commit().unwrap();
    }
    store
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

pub fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Where something is written: a store's files are mostly holes.
fn written(bytes: &[u8]) -> Vec<usize> {
    let blocks = bytes.chunks(64).enumerate().filter(|(_, block)| **block != [0; 64][..block.len()]);
    blocks.map(|(index, _)| index * 64).collect()
}

/// The file of a store in which most is written.
fn fullest(directory: &Path) -> PathBuf {
    let files = files(directory).into_iter();
    let fullest = files.max_by_key(|file| written(&fs::read(file).unwrap()).len()).unwrap();
    fullest.strip_prefix(directory).unwrap().to_owned()
}

/// Flips a bit, or cuts what follows; nothing where nothing is written.
fn damage(file: &Path, cut: bool, random: &mut StdRng) -> Option<String> {
    let mut bytes = fs::read(file).unwrap();
    let blocks = written(&bytes);
    let place = blocks.choose(random)? + random.random_range(0..64);
    let place = place.min(bytes.len() - 1);
    if cut {
        bytes.truncate(place);
    } else {
        bytes[place] ^= 1 << random.random_range(0..8);
    }
    fs::write(file, bytes).unwrap();
    Some(format!("{} {} {place}", file.display(), if cut { "cut at" } else { "flipped at" }))
}

/// Has fjall write tables, which it would do only when there is much more.
fn tabulate(directory: &Path) {
    let db = fjall::Database::builder(directory).open().unwrap();
    let records = db.keyspace("records", fjall::KeyspaceCreateOptions::default).unwrap();
    assert!(records.rotate_memtable().unwrap());
    while records.sealed_memtable_count() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(records.table_count() > 0);
}

/// Damages copies of a store that was closed and of one that was not, one after the other.
fn check(engine: &str, place: PlaceIn) {
    let mut random = StdRng::seed_from_u64(1);
    let root = tempfile::tempdir().unwrap();
    let [open, crashed, closed] = ["open", "crashed", "closed"].map(|name| root.path().join(name));
    let store = fill(&place(open.clone()), &mut random);
    copy(&open, &crashed);
    drop(store);
    fs::rename(open, &closed).unwrap();
    if engine == "fjall" {
        tabulate(&closed.join(engine));
    }
    let expected = read(&place(closed.clone())).unwrap();
    for store in [&crashed, &closed] {
        fs::remove_file(store.join(engine).join("reserve")).unwrap();
    }
    let sources = [crashed, closed].map(|source| (fullest(&source), source));
    let (mut noticed, mut harmless) = (0, 0);
    for trial in 0..60 {
        let copied = root.path().join(trial.to_string());
        let (records, source) = &sources[trial % 2];
        copy(source, &copied);
        // Mostly the file that holds the records, and each of the others too.
        let files = files(&copied);
        let file = if trial % 10 < 7 { &copied.join(records) } else { &files[trial % files.len()] };
        let Some(what) = damage(file, trial % 3 == 0, &mut random) else { continue };
        match read(&place(copied.clone())) {
            Ok(found) => {
                assert!(found == expected, "served as if whole: {what}");
                harmless += 1;
            }
            Err(Failure::Faulted(fault)) => {
                let advice = fault.to_string();
                assert!(advice.contains(&*copied.to_string_lossy()), "{what}: {advice}");
                let again = store::open(&place(copied.clone())).map(|_| ());
                assert!(again.is_err(), "opened again: {what}: {advice}");
                noticed += 1;
            }
            Err(failure @ (Failure::Refused(_) | Failure::Missing(_))) => panic!("{failure:?}"),
        }
        fs::remove_dir_all(&copied).unwrap();
    }
    assert!(noticed >= 30, "{engine}: {noticed} noticed, {harmless} harmless");
}

#[test]
fn a_flipped_bit_or_a_cut_tail_is_never_served_as_if_whole() {
    for (engine, place) in ENGINES {
        check(engine, place);
    }
}

#[test]
fn what_is_missing_is_named() {
    for (engine, place) in ENGINES {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("store");
        drop(fill(&place(directory.clone()), &mut StdRng::seed_from_u64(2)));
        let sound = store::verify(&place(directory.clone())).unwrap();
        assert_eq!((sound.nodes, sound.findings), (NODES, Vec::new()));
        for (file, text) in [("head", "head file"), (engine, "missing after 61 commits")] {
            let copied = root.path().join(file);
            copy(&directory, &copied);
            let lost = copied.join(file);
            let removed = if lost.is_dir() { fs::remove_dir_all(lost) } else { fs::remove_file(lost) };
            removed.unwrap();
            let fault = store::open(&place(copied)).map(|_| ()).unwrap_err();
            assert!(fault.to_string().contains(text), "{fault}");
        }
    }
}

#[test]
fn a_second_process_is_told_so() {
    for (_, place) in ENGINES {
        let root = tempfile::tempdir().unwrap();
        let place = place(root.path().join("store"));
        let _first = store::open(&place).unwrap();
        let fault = store::open(&place).map(|_| ()).unwrap_err();
        assert!(matches!(&fault, Fault::Unavailable(what) if what.contains("another process")), "{fault}");
    }
}
