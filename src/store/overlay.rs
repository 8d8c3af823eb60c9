//! Writes that are not durable yet, laid over an engine, and the way back from those of a failed transaction.

use std::iter::Peekable;
use std::ops::{Bound, ControlFlow};

use super::kv::{Engine, Order, Visit, Writes};
use crate::pubsub::fault::Fault;

/// The writes of all transactions since the last commit.
#[derive(Debug, Default)]
pub struct Overlay {
    writes: Writes,
    /// What was in `writes` before each write of the running transaction.
    undo: Vec<Before>,
}

/// A key, and what was written to it before, if anything.
type Before = (Vec<u8>, Option<Option<Vec<u8>>>);
type Change<'a> = (&'a Vec<u8>, &'a Option<Vec<u8>>);

impl Overlay {
    /// Writes a value, or removes it.
    pub fn put(&mut self, key: &[u8], value: Option<Vec<u8>>) {
        let before = self.writes.insert(key.to_vec(), value);
        self.undo.push((key.to_vec(), before));
    }

    /// Makes the writes of the running transaction part of the next commit.
    pub fn keep(&mut self) {
        self.undo.clear();
    }

    /// Takes back the writes of the running transaction.
    pub fn roll_back(&mut self) {
        while let Some((key, before)) = self.undo.pop() {
            match before {
                Some(before) => self.writes.insert(key, before),
                None => self.writes.remove(&key),
            };
        }
    }

    /// Hands over the writes of all transactions that were kept.
    pub fn take(&mut self) -> Writes {
        self.undo.clear();
        std::mem::take(&mut self.writes)
    }

    /// A value as the running transaction sees it.
    pub fn get(&self, engine: &dyn Engine, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.writes.get(key) {
            Some(change) => Ok(change.clone()),
            None => engine.get(key),
        }
    }

    /// The lowest key of a range that was written, or removed.
    pub fn first(&self, from: &[u8], to: &[u8]) -> Option<&[u8]> {
        self.range(from, to).next().map(|(key, _)| key.as_slice())
    }

    fn range(&self, from: &[u8], to: &[u8]) -> impl DoubleEndedIterator<Item = Change<'_>> {
        self.writes.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)))
    }

    /// Visits a range of keys as the running transaction sees it.
    pub fn scan(
        &self,
        engine: &dyn Engine,
        from: &[u8],
        to: &[u8],
        order: Order,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        if from >= to {
            return Ok(());
        }
        let mine = self.range(from, to);
        match order {
            Order::Ascending => merge(mine.peekable(), engine, (from, to), order, visit),
            Order::Descending => merge(mine.rev().peekable(), engine, (from, to), order, visit),
        }
    }
}

fn merge<'a>(
    mut mine: Peekable<impl Iterator<Item = Change<'a>>>,
    engine: &dyn Engine,
    (from, to): (&[u8], &[u8]),
    order: Order,
    visit: &mut Visit<'_>,
) -> Result<(), Fault> {
    let mut flow = ControlFlow::Continue(());
    engine.scan(from, to, order, &mut |key, value| {
        while flow.is_continue()
            && let Some((earlier, change)) = mine.next_if(|(mine, _)| order.precedes(mine, key))
        {
            if let Some(value) = change {
                flow = visit(earlier, value)?;
            }
        }
        if flow.is_continue() {
            flow = match mine.next_if(|(mine, _)| mine.as_slice() == key) {
                None => visit(key, value)?,
                Some((_, Some(value))) => visit(key, value)?,
                Some((_, None)) => flow,
            };
        }
        Ok(flow)
    })?;
    while flow.is_continue()
        && let Some((key, change)) = mine.next()
    {
        if let Some(value) = change {
            flow = visit(key, value)?;
        }
    }
    Ok(())
}
