//! The proof that all is there that was written, made while the store is used: a portion at a time, in the order of
//! the keys. What is committed meanwhile is followed, so that in the end the sum is that of the last commit.

use std::ops::ControlFlow;
use std::time::Instant;

use super::head::Head;
use super::keys;
use super::kv::{Engine, Order};
use crate::pubsub::fault::Fault;

/// How far the proof has come.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// All keys before this one were seen.
    from: Vec<u8>,
    /// What they add up to.
    found: Head,
}

impl Proof {
    /// Follows the change of a record: what was not seen yet will be seen as it is then.
    pub fn follow(&mut self, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) -> Result<(), Fault> {
        if key >= self.from.as_slice() {
            return Ok(());
        }
        if let Some(old) = old {
            self.found.subtract(key, old)?;
        }
        if let Some(new) = new {
            self.found.add(key, new)?;
        }
        Ok(())
    }

    /// Sees one record more, and others until that time. At the end it is compared with the head; true then.
    pub fn go_on(&mut self, engine: &dyn Engine, head: Head, until: Instant) -> Result<bool, Fault> {
        let (mut found, mut next, own) = (self.found, None, keys::head());
        engine.scan(&self.from, &[0xFF], Order::Ascending, &mut |key, value| {
            if key != own.bytes() {
                found.add(key, value)?;
            }
            if Instant::now() < until {
                return Ok(ControlFlow::Continue(()));
            }
            // No key is between.
            next = Some([key, &[0]].concat());
            Ok(ControlFlow::Break(()))
        })?;
        let Some(next) = next else {
            return Head { commit: head.commit, ..found }.must_be(head).map(|()| true);
        };
        (self.from, self.found) = (next, found);
        Ok(false)
    }
}
