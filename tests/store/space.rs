//! Disk space comes back: what is removed or replaced does not stay for good.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use atomsub::store::fjall::Fjall;
use atomsub::store::kv::{Engine, Order, Writes};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::damage::files;

const RECORDS: u32 = 120_000;

fn key(number: u32) -> Vec<u8> {
    [b"k".as_slice(), &number.to_be_bytes()].concat()
}

/// Writes or removes records, many in one batch.
fn write(
    engine: &mut Fjall,
    mut value: impl FnMut(u32) -> Option<Vec<u8>>,
    numbers: impl Iterator<Item = u32>,
) {
    let numbers: Vec<u32> = numbers.collect();
    for some in numbers.chunks(4_000) {
        let writes: Writes = some.iter().map(|number| (key(*number), value(*number))).collect();
        engine.apply(&writes).unwrap();
    }
}

/// The bytes of fjall's tables.
fn tables(directory: &Path) -> u64 {
    files(&directory.join("keyspaces")).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
}

#[test]
fn fjall_gives_back_the_space_of_what_was_removed() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("fjall");
    let mut random = StdRng::seed_from_u64(4);
    let mut engine = Fjall::open(&directory).unwrap();
    let mut noise = |_| Some((0..300).map(|_| random.random()).collect());
    write(&mut engine, &mut noise, 0..RECORDS);
    engine.tidy(RECORDS.into());
    write(&mut engine, |_| None, (0..RECORDS).filter(|number| number % 100 > 0));
    drop(engine);
    let full = tables(&directory);
    assert!(full > 20 << 20, "{full} bytes: too little is in tables to prove anything");
    let mut engine = Fjall::open(&directory).unwrap();
    engine.tidy((RECORDS / 100).into());
    drop(engine);
    let tidied = tables(&directory);
    assert!(tidied < full / 10, "{full} bytes before, {tidied} bytes after");

    let engine = Fjall::open(&directory).unwrap();
    let mut left = 0;
    engine
        .scan(&[], &[0xFF], Order::Ascending, &mut |found, _| {
            assert_eq!(found, key(left * 100));
            left += 1;
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(left, RECORDS / 100);
}
