//! The version of the layout.

use std::path::Path;

use atomsub::pubsub::fault::Fault;
use atomsub::store::kv::{Engine, SCHEMA, Writes};
use atomsub::store::sled::Sled;
use atomsub::store::{self, Place, keys, record};

/// Makes a store say that another version of the program wrote it.
fn pretend(directory: &Path, version: u32) {
    let key = keys::schema();
    let schema = record::encode(&key, &version).unwrap();
    let mut engine = Sled::open(&directory.join("sled")).unwrap();
    engine.apply(&Writes::from([(key.bytes().to_vec(), Some(schema))])).unwrap();
}

#[test]
fn a_store_of_another_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Sled(directory.path().to_owned());
    drop(store::open(&place).unwrap());
    for version in [0, SCHEMA + 1] {
        pretend(directory.path(), version);
        let fault = store::open(&place).map(|_| ()).unwrap_err();
        let text = format!("version {version} and this program knows version {SCHEMA}");
        assert!(matches!(&fault, Fault::Unavailable(what) if what.contains(&text)), "{fault}");
    }
    pretend(directory.path(), SCHEMA);
    store::open(&place).unwrap();
}
