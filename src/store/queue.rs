//! Where the queued notices are: of each node that has some, the first.
//!
//! Notices are removed as they are told, from the beginning of their ranges, and an engine may have to step over what was
//! removed for a long time. So the beginning is known, and never looked for.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use super::keys::{self, Span};
use super::kv::{Engine, Order, Writes};
use super::record;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::{NodeId, NodeKey};
use crate::pubsub::notice::{Notice, Queued};

/// The nodes with notices that are durable, and the place of the first of each.
#[derive(Debug, Default)]
pub struct Queue(BTreeMap<NodeKey, u64>);

impl Queue {
    /// Finds what an engine holds.
    pub fn read(engine: &dyn Engine) -> Result<Self, Fault> {
        let (mut queue, mut after) = (Self::default(), None);
        while let Some((key, seq)) = first(engine, &keys::notices_after(after))? {
            queue.0.insert(key, seq);
            after = Some(key);
        }
        Ok(queue)
    }

    /// Follows a batch that an engine holds now.
    pub fn follow(&mut self, engine: &dyn Engine, writes: &Writes) -> Result<(), Fault> {
        let all = keys::notices_after(None);
        for (written, change) in
            writes.range::<[u8], _>((Bound::Included(all.from()), Bound::Excluded(all.to())))
        {
            let (key, seq) = keys::place_of_notice(written)?;
            if change.is_some() {
                // Later ones come behind it.
                self.0.entry(key).or_insert(seq);
            } else if self.first(key) == Some(seq) {
                match first(engine, &keys::notices(key, seq))? {
                    Some((_, next)) => self.0.insert(key, next),
                    None => self.0.remove(&key),
                };
            }
        }
        Ok(())
    }

    /// The first notice of a node.
    pub fn first(&self, key: NodeKey) -> Option<u64> {
        self.0.get(&key).copied()
    }

    /// The next node that has one.
    pub fn next(&self, after: Option<NodeKey>) -> Option<NodeKey> {
        let rest = self.0.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        rest.map(|(key, _)| *key).next()
    }
}

impl KvTx<'_> {
    /// The next node of a service that has notices.
    pub(super) fn node_in_queue(
        &self,
        service: &str,
        mut after: Option<NodeKey>,
    ) -> Result<Option<NodeKey>, Fault> {
        while let Some(key) = self.next_to_look_at(after) {
            let mut is_its = false;
            let span = self.notices(key, 0)?;
            self.overlay.scan(
                self.engine,
                span.from(),
                span.to(),
                Order::Ascending,
                &mut |key, stored| {
                    let (_, _, id) = record::decode_beginning::<(u64, NodeKey, NodeId)>(key, stored)?;
                    is_its = id.service == service;
                    Ok(ControlFlow::Break(()))
                },
            )?;
            if is_its {
                return Ok(Some(key));
            }
            after = Some(key);
        }
        Ok(None)
    }

    /// The next notice of a node.
    pub(super) fn next_in_queue(&self, key: NodeKey, after: u64) -> Result<Option<Queued>, Fault> {
        let next = self.page(&self.notices(key, after)?, Order::Ascending, 1)?.pop();
        let Some((seq, notice)) = next else { return Ok(None) };
        Ok(Some(Queued { seq, notice, served: self.get(&keys::served(key, seq))? }))
    }

    /// The next node that has durable notices, or of which some were queued or removed since.
    fn next_to_look_at(&self, after: Option<NodeKey>) -> Option<NodeKey> {
        let span = keys::notices_after(after);
        let written = self.overlay.first(span.from(), span.to()).and_then(keys::node_of);
        self.queue.next(after).into_iter().chain(written).min()
    }

    /// The notices of a node after a place, from where there are any.
    fn notices(&self, key: NodeKey, after: u64) -> Result<Span<(u64, Notice)>, Fault> {
        let all = keys::notices(key, after);
        // What is not durable comes behind what is.
        let first = match (self.queue.first(key), self.overlay.first(all.from(), all.to())) {
            (Some(first), _) => first,
            (None, Some(written)) => keys::place_of_notice(written)?.1,
            (None, None) => u64::MAX,
        };
        Ok(keys::notices(key, after.max(first.saturating_sub(1))))
    }
}

fn first(engine: &dyn Engine, span: &Span<(u64, Notice)>) -> Result<Option<(NodeKey, u64)>, Fault> {
    let mut first = None;
    engine.scan(span.from(), span.to(), Order::Ascending, &mut |key, _| {
        first = Some(keys::place_of_notice(key)?);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(first)
}
