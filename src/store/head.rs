//! The proof that a store is whole: how many commits, how many records, and a sum over the checksums of all.
//!
//! Each record's checksum tells that it is what was written, but not that it is the newest, or that none is
//! missing. The sum does: it is brought up to date in each commit, and the scan at open has to arrive at it.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::kv::{Engine, Order};
use super::{keys, record};
use crate::pubsub::fault::Fault;

/// What the last commit left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Commits so far.
    pub commit: u64,
    /// Records, without the one that holds this.
    pub records: u64,
    /// The sum over them.
    pub sum: u64,
}

impl Head {
    /// Takes a record in, given its key and value.
    pub fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.sum = self.sum.wrapping_add(spread(record::check(key, value)?));
        self.records += 1;
        Ok(())
    }

    /// Takes a record out.
    pub fn subtract(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.sum = self.sum.wrapping_sub(spread(record::check(key, value)?));
        self.records = self.records.saturating_sub(1);
        Ok(())
    }

    /// Takes in all records that an engine holds.
    pub fn scan(engine: &dyn Engine) -> Result<Self, Fault> {
        let (mut found, own) = (Self::default(), keys::head());
        engine.scan(&[], &[0xFF], Order::Ascending, &mut |key, value| {
            if key != own.bytes() {
                found.add(key, value)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The head that an engine holds.
    pub fn stored(engine: &dyn Engine) -> Result<Self, Fault> {
        let key = keys::head();
        let stored = engine.get(key.bytes())?;
        let stored = stored.ok_or_else(|| corrupt("the record of its last commit is missing"))?;
        record::decode(key.bytes(), &stored)
    }

    /// The head that an engine holds, which may not be older than one known from elsewhere.
    pub fn stored_since(engine: &dyn Engine, known: Self) -> Result<Self, Fault> {
        let stored = Self::stored(engine)?;
        if stored.commit < known.commit {
            let (at, of) = (stored.commit, known.commit);
            return Err(corrupt(&format!("it ends with commit {at}, but commit {of} was durable")));
        }
        if stored.commit == known.commit && stored != known {
            return Err(corrupt("it is not the one that its head file belongs to"));
        }
        Ok(stored)
    }

    /// Proves that an engine holds all that was written, at least up to a commit known from elsewhere.
    pub fn prove(engine: &dyn Engine, known: Self) -> Result<Self, Fault> {
        let stored = Self::stored_since(engine, known)?;
        Self { commit: stored.commit, ..Self::scan(engine)? }.must_be(stored)?;
        Ok(stored)
    }

    /// Compares what was found with what was written.
    pub fn must_be(self, stored: Self) -> Result<(), Fault> {
        if self.records != stored.records {
            let (is, was) = (self.records, stored.records);
            return Err(corrupt(&format!("it holds {is} records where there were {was}")));
        }
        if self != stored {
            return Err(corrupt("some of its records are older than the last commit"));
        }
        Ok(())
    }
}

fn corrupt(what: &str) -> Fault {
    Fault::Corrupt(what.to_owned())
}

/// Spreads a checksum over 64 bits (the finaliser of SplitMix64), so that sums of several do not cancel out.
fn spread(checksum: u32) -> u64 {
    let mut z = u64::from(checksum).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
