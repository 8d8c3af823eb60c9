//! Where the queued notices are: of each node that has some, the first and the last.
//!
//! Notices are removed as they are told, from the beginning of their ranges, and an engine may have to step over what was
//! removed for a long time. So the ends are known, and never looked for; one notice, as most nodes have, is never searched.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use super::keys::{self, Span};
use super::kv::{Engine, Order, Writes};
use super::record;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::{NodeId, NodeKey};
use crate::pubsub::notice::{Notice, Queued};

/// The nodes with notices that are durable, and where those of each are.
#[derive(Debug, Default)]
pub struct Queue(BTreeMap<NodeKey, Ends>);

/// The places of the first notice of a node, and of the last, if that is not removed yet.
#[derive(Clone, Copy, Debug)]
struct Ends {
    first: u64,
    last: u64,
}

impl Queue {
    /// Finds what an engine holds.
    pub fn read(engine: &dyn Engine) -> Result<Self, Fault> {
        let (mut queue, mut after) = (Self::default(), None);
        while let Some((key, first)) = end(engine, &keys::notices_after(after), Order::Ascending)? {
            let last = end(engine, &keys::notices(key, 0), Order::Descending)?;
            queue.0.insert(key, Ends { first, last: last.map_or(first, |(_, last)| last) });
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
                self.0.entry(key).or_insert(Ends { first: seq, last: seq }).last = seq;
            } else if let Some(ends) = self.0.get_mut(&key).filter(|ends| ends.first == seq) {
                let rest = keys::notices(key, seq);
                let next = if seq < ends.last { end(engine, &rest, Order::Ascending)? } else { None };
                match next {
                    Some((_, next)) => ends.first = next,
                    None => drop(self.0.remove(&key)),
                }
            }
        }
        Ok(())
    }

    /// The next node that has one.
    fn next(&self, after: Option<NodeKey>) -> Option<NodeKey> {
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
            let its_service = |key: &[u8], stored: &[u8]| {
                let (_, _, id) = record::decode_beginning::<(u64, NodeKey, NodeId)>(key, stored)?;
                Ok::<bool, Fault>(id.service == service)
            };
            if self.look_at_next(key, 0, its_service)?.unwrap_or(false) {
                return Ok(Some(key));
            }
            after = Some(key);
        }
        Ok(None)
    }

    /// The next notice of a node.
    pub(super) fn next_in_queue(&self, key: NodeKey, after: u64) -> Result<Option<Queued>, Fault> {
        let next = self.look_at_next(key, after, record::decode::<(u64, Notice)>)?;
        let Some((seq, notice)) = next else { return Ok(None) };
        Ok(Some(Queued { seq, notice, served: self.get(&keys::served(key, seq))? }))
    }

    /// The next node that has durable notices, or of which some were queued or removed since.
    fn next_to_look_at(&self, after: Option<NodeKey>) -> Option<NodeKey> {
        let span = keys::notices_after(after);
        let written = self.overlay.first(span.from(), span.to()).and_then(keys::node_of);
        self.queue.next(after).into_iter().chain(written).min()
    }

    /// Looks at the next notice of a node.
    fn look_at_next<T>(
        &self,
        key: NodeKey,
        after: u64,
        look: impl Fn(&[u8], &[u8]) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let (ends, all) = (self.queue.0.get(&key), keys::notices(key, after));
        let Some(written) = self.overlay.first(all.from(), all.to()) else {
            // Nothing was queued or removed since.
            return match ends {
                Some(ends) if after < ends.first => {
                    let place = keys::notice(key, ends.first);
                    let stored = self.overlay.get(self.engine, place.bytes())?;
                    stored.map(|stored| look(place.bytes(), &stored)).transpose()
                }
                Some(ends) if after < ends.last => self.search(&all, look),
                Some(_) | None => Ok(None),
            };
        };
        // What is not durable comes behind what is.
        let first = ends.map_or(keys::place_of_notice(written)?.1, |ends| ends.first);
        self.search(&keys::notices(key, after.max(first.saturating_sub(1))), look)
    }

    fn search<T>(
        &self,
        span: &Span<(u64, Notice)>,
        look: impl Fn(&[u8], &[u8]) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut found = None;
        self.overlay.scan(self.engine, span.from(), span.to(), Order::Ascending, &mut |key, stored| {
            found = Some(look(key, stored)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }
}

/// The place that comes first in this order.
fn end(
    engine: &dyn Engine,
    span: &Span<(u64, Notice)>,
    order: Order,
) -> Result<Option<(NodeKey, u64)>, Fault> {
    let mut end = None;
    engine.scan(span.from(), span.to(), order, &mut |key, _| {
        end = Some(keys::place_of_notice(key)?);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(end)
}
