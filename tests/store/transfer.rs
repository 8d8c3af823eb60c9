//! A store that goes into an archive and into another engine is the same store; half an archive is none.

use std::fs;
use std::io::{Cursor, Read};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::atompub::token::Secret;
use atomsub::pubsub::presence::contact::Seen;
use atomsub::store::{self, Place, TransferError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::damage::{copy, files};
use crate::nouns::{ENGINES, SERVICE, contact, create, done, dump, item, notice, subscription, token, which};

const ENTITIES: [&str; 2] = ["r@m.lit", "j@c.lit"];

/// Something of everything, in several commits.
fn fill(place: &Place) -> Vec<String> {
    let mut store = store::open(place).unwrap();
    for name in ["a", "a\0", "ü"] {
        done(&mut *store, |tx| {
            let key = create(tx, name)?;
            for number in 0..9 {
                tx.put_item(key, &mut item(&number.to_string(), number))?;
            }
            tx.remove_item(key, "3")?;
            tx.put_subscription(key, &mut subscription("r@m.lit/x", "1"))?;
            tx.set_affiliation(key, "j@c.lit", Affiliation::Owner)?;
            tx.put_contact(SERVICE, &contact("j@c.lit", Seen::Asked))?;
            tx.put_token(&token("1", "j@c.lit", 50))?;
            tx.put_webhook_secret(Secret([7; 32]))?;
            let seq = tx.queue(&notice(key, "1"))?;
            tx.put_served(key, seq, &which("r@m.lit/x", "1"))
        });
        store.commit().unwrap();
    }
    dump(&mut *store, &ENTITIES, 0..5)
}

fn read(place: &Place) -> Vec<String> {
    dump(&mut *store::open(place).unwrap(), &ENTITIES, 0..5)
}

fn export(place: &Place) -> Vec<u8> {
    let (mut archive, mut last) = (Vec::new(), 0);
    let records = store::export(place, &mut archive, &mut |records| last = records).unwrap();
    assert!(records > 50 && records == last, "{records} records, told of {last}");
    archive
}

fn import(place: &Place, archive: &[u8]) -> Result<u64, TransferError> {
    store::import(place, &mut Cursor::new(archive), &mut |_| ())
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none())
}

#[test]
fn a_store_moves_from_each_engine_to_each_and_is_the_same() {
    for (from, origin) in ENGINES {
        for (to, target) in ENGINES {
            let root = tempfile::tempdir().unwrap();
            let [origin, target] = [origin(root.path().join("from")), target(root.path().join("to"))];
            let filled = fill(&origin);
            let archive = export(&origin);
            import(&target, &archive).unwrap();
            assert!(read(&target) == filled, "{from} to {to}");
            let [before, after] = [&origin, &target].map(|place| store::verify(place).unwrap());
            assert_eq!((before.findings.clone(), &before), (Vec::new(), &after), "{from} to {to}");
            // Byte by byte, so nothing is lost that no noun tells of. (Opening a store writes nothing into it.)
            assert!(export(&target) == archive, "{from} to {to}");
        }
    }
}

#[test]
fn a_damaged_archive_is_refused_and_leaves_nothing() {
    let mut random = StdRng::seed_from_u64(3);
    let root = tempfile::tempdir().unwrap();
    let origin = Place::Sled(root.path().join("from"));
    fill(&origin);
    let archive = export(&origin);
    for trial in 0..60 {
        let (engine, target) = ENGINES[trial % ENGINES.len()];
        let directory = root.path().join("to");
        let place = random.random_range(0..archive.len());
        let mut bytes = archive.clone();
        let what = match trial % 3 {
            0 => {
                bytes.truncate(place);
                "cut"
            }
            1 => {
                bytes.push(0);
                "with something behind"
            }
            _ => {
                bytes[place] ^= 1 << random.random_range(0..8);
                "flipped"
            }
        };
        let fault = import(&target(directory.clone()), &bytes).unwrap_err();
        let newer = matches!(&fault, TransferError::Archive(what) if what.contains("newer version"));
        assert!(
            newer || fault.to_string().contains("the archive is damaged"),
            "{engine}: {what} {place}: {fault}"
        );
        assert!(is_empty(&directory), "{engine}: {what} {place}");
    }
}

/// An archive during whose reading something happens once.
struct Interrupted<'a> {
    archive: &'a [u8],
    then: Option<Box<dyn FnOnce() + 'a>>,
}

impl Read for Interrupted<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        if self.archive.len() < 2000
            && let Some(then) = self.then.take()
        {
            then();
        }
        self.archive.read(bytes)
    }
}

#[test]
fn what_an_interrupted_import_leaves_is_not_opened_and_can_be_repeated() {
    for (engine, place) in ENGINES {
        let root = tempfile::tempdir().unwrap();
        let [origin, target, crashed] = ["from", "to", "crashed"].map(|name| root.path().join(name));
        let filled = fill(&place(origin.clone()));
        let archive = export(&place(origin));
        let then = || {
            let unfinished = place(target.clone());
            refused(&unfinished);
            copy(&target, &crashed);
        };
        let mut input = Interrupted { archive: &archive, then: Some(Box::new(then)) };
        store::import(&place(target.clone()), &mut input, &mut |_| ()).unwrap();
        assert!(read(&place(target.clone())) == filled, "{engine}");
        // What a crash at that moment leaves.
        let left = place(crashed.clone());
        assert!(crashed.join(engine).exists());
        refused(&left);
        import(&left, &archive).unwrap();
        assert!(read(&left) == filled, "{engine}");
    }
}

/// Nothing is done with an unfinished store.
fn refused(place: &Place) {
    for fault in [
        store::open(place).map(|_| ()).unwrap_err().to_string(),
        store::verify(place).unwrap_err().to_string(),
        store::export(place, &mut Vec::new(), &mut |_| ()).unwrap_err().to_string(),
    ] {
        assert!(fault.contains("an import did not come to its end"), "{fault}");
    }
}

#[test]
fn a_store_is_not_imported_over_another_and_none_is_exported_from_nowhere() {
    for (engine, place) in ENGINES {
        for (other, another) in ENGINES {
            let root = tempfile::tempdir().unwrap();
            let directory: PathBuf = root.path().join("store");
            let mut nothing = Vec::new();
            let fault = store::export(&place(directory.clone()), &mut nothing, &mut |_| ()).unwrap_err();
            assert!(fault.to_string().contains("there is no store"), "{fault}");
            assert!(nothing.is_empty() && is_empty(&directory));
            let filled = fill(&place(directory.clone()));
            let archive = export(&place(directory.clone()));
            let fault = import(&another(directory.clone()), &archive).unwrap_err();
            let text = if engine == other { "there is a store already" } else { "the store there is one of" };
            assert!(fault.to_string().contains(text), "{fault}");
            assert!(read(&place(directory)) == filled, "{engine}");
        }
    }
}

#[test]
fn what_root_has_opened_still_belongs_to_the_service() {
    let root = tempfile::tempdir().unwrap();
    let service = 12_345;
    if chown(root.path(), Some(service), Some(service)).is_err() {
        println!("not tested: only root can give files away");
        return;
    }
    for (_, place) in ENGINES {
        let [origin, target] = ["from", "to"].map(|name| root.path().join(name));
        for directory in [&origin, &target] {
            fs::create_dir(directory).unwrap();
            chown(directory, Some(service), Some(service)).unwrap();
        }
        fill(&place(origin.clone()));
        import(&place(target.clone()), &export(&place(origin.clone()))).unwrap();
        for directory in [&origin, &target] {
            let strange = |file: &&PathBuf| fs::metadata(file).unwrap().uid() != service;
            assert_eq!(files(directory).iter().find(strange), None);
            store::verify(&place(directory.clone())).unwrap();
            assert_eq!(files(directory).iter().find(strange), None);
            fs::remove_dir_all(directory).unwrap();
        }
    }
}
