//! The version of the layout.

use std::path::Path;

use atomsub::pubsub::fault::Fault;
use atomsub::store::fjall::Fjall;
use atomsub::store::kv::{Engine, SCHEMA, Writes};
use atomsub::store::sled::Sled;
use atomsub::store::{self, keys, record};

use crate::nouns::ENGINES;

/// Makes a store say that another version of the program wrote it.
fn pretend(engine: &str, directory: &Path, version: u32) {
    let key = keys::schema();
    let writes = Writes::from([(key.bytes().to_vec(), Some(record::encode(&key, &version).unwrap()))]);
    let files = directory.join(engine);
    match engine {
        "sled" => Sled::open(&files).unwrap().apply(&writes).unwrap(),
        _ => Fjall::open(&files).unwrap().apply(&writes).unwrap(),
    }
}

#[test]
fn a_store_of_another_version_is_refused() {
    for (engine, place) in ENGINES {
        let directory = tempfile::tempdir().unwrap();
        let place = place(directory.path().to_owned());
        drop(store::open(&place).unwrap());
        for version in [0, SCHEMA + 1] {
            pretend(engine, directory.path(), version);
            let fault = store::open(&place).map(|_| ()).unwrap_err();
            let text = format!("version {version} and this program knows version {SCHEMA}");
            assert!(matches!(&fault, Fault::Unavailable(what) if what.contains(&text)), "{engine}: {fault}");
        }
        pretend(engine, directory.path(), SCHEMA);
        store::open(&place).unwrap();
    }
}

#[test]
fn a_store_of_another_engine_is_not_taken_for_an_empty_one() {
    for (engine, place) in ENGINES {
        for (other, another) in ENGINES.into_iter().filter(|(other, _)| *other != engine) {
            let directory = tempfile::tempdir().unwrap();
            drop(store::open(&place(directory.path().to_owned())).unwrap());
            let wrong = another(directory.path().to_owned());
            let text = format!(
                "is one of {engine} and the configuration asks for {other}; write engine = \"{engine}\""
            );
            for refused in [store::open(&wrong).map(|_| ()), store::verify(&wrong).map(|_| ())] {
                let fault = refused.unwrap_err();
                assert!(matches!(&fault, Fault::Unavailable(what) if what.contains(&text)), "{fault}");
            }
            assert!(!directory.path().join(other).exists());
        }
    }
}
