//! The head file: one that is older than its store does no harm, one that is newer tells that something is lost.

use std::fs;
use std::path::Path;
use std::time::Duration;

use atomsub::pubsub::fault::Fault;
use atomsub::store::head::Head;
use atomsub::store::witness::Witness;
use atomsub::store::{self, Place};

use crate::damage::copy;
use crate::nouns::{ENGINES, create, done};

fn commit(place: &Place, name: &str) {
    let mut store = store::open(place).unwrap();
    done(&mut *store, |tx| create(tx, name));
    store.commit().unwrap();
}

/// The files of a store from one time and its head file from another.
fn mix(files: &Path, head: &Path, mixed: &Path) {
    copy(files, mixed);
    fs::copy(head.join("head"), mixed.join("head")).unwrap();
}

#[test]
fn what_a_power_cut_leaves_is_told_from_a_loss() {
    for (engine, place) in ENGINES {
        let root = tempfile::tempdir().unwrap();
        let [early, late, behind, before] =
            ["early", "late", "behind", "before"].map(|name| root.path().join(name));
        commit(&place(early.clone()), "a");
        copy(&early, &late);
        for name in ["b", "c", "d"] {
            commit(&place(late.clone()), name);
        }
        mix(&late, &early, &behind);
        commit(&place(behind.clone()), "e");
        assert_eq!(store::verify(&place(behind)).unwrap().findings, Vec::<String>::new());
        mix(&early, &late, &before);
        let fault = store::open(&place(before)).map(|_| ()).unwrap_err();
        let text = "it ends with commit 2, but commit 5 was durable";
        assert!(matches!(&fault, Fault::Corrupt(what) if what.contains(text)), "{engine}: {fault}");
    }
}

#[test]
fn a_torn_write_costs_nothing_that_was_synced() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("head");
    let head = |commit| Head { commit, records: commit * 2, sum: commit * 3 };
    let mut witness = Witness::create(&path, head(1)).unwrap();
    let mut synced = 1;
    for commit in 2..20 {
        witness.record(head(commit)).unwrap();
        let whole = fs::read(&path).unwrap();
        assert_eq!(Witness::open(&path).unwrap().head(), head(commit));
        // Either slot may be the one that was written.
        let without = |slot: usize| {
            let mut bytes = whole.clone();
            bytes[slot * 4096 + 5] ^= 1;
            let torn = root.path().join("torn");
            fs::write(&torn, bytes).unwrap();
            Witness::open(&torn).unwrap().head().commit
        };
        let mut known = [without(0), without(1)];
        known.sort_unstable();
        assert_eq!(known, [synced, commit]);
        if commit % 3 == 0 {
            witness.settle(Duration::ZERO).unwrap();
            synced = commit;
        }
    }
}
