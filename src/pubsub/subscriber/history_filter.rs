//! Which publications of a node's history are wanted — XEP-0313 [#filter].

use crate::pubsub::form::Form;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Fault, Timestamp, Tx};

/// Which publications are wanted: those to which all of it applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Not before this time.
    pub start: Option<Timestamp>,
    /// Not after this time.
    pub end: Option<Timestamp>,
    /// Of this publisher.
    pub with: Option<Jid>,
    /// Before this one in the order of the query.
    pub before_id: Option<String>,
    /// After this one in the order of the query.
    pub after_id: Option<String>,
    /// Only these; all of them if there are none.
    pub ids: Vec<String>,
}

impl HistoryFilter {
    /// Reads the form of a query. A field that is not known must not be taken for one that was heeded.
    pub fn read(form: &Form) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        for (var, values) in &form.fields {
            let wrong = || Why::BadRequest.because(format!("{var} cannot be {:?}", values.join(", ")));
            match (var.as_str(), values.as_slice()) {
                ("start" | "end" | "with" | "before-id" | "after-id" | "ids", []) => {}
                ("start", [time]) => filter.start = Some(Timestamp::parse(time).ok_or_else(wrong)?),
                ("end", [time]) => filter.end = Some(Timestamp::parse(time).ok_or_else(wrong)?),
                ("with", [jid]) => filter.with = Some(Jid::parse(jid.trim()).ok_or_else(wrong)?),
                ("before-id", [id]) => filter.before_id = Some(id.clone()),
                ("after-id", [id]) => filter.after_id = Some(id.clone()),
                ("ids", ids) => filter.ids = ids.to_vec(),
                ("start" | "end" | "with" | "before-id" | "after-id", _) => return Err(wrong()),
                (var, _) => {
                    return Err(Why::NotImplemented.because(format!("there is no field {var:?}")));
                }
            }
        }
        Ok(filter)
    }

    /// Whether the whole history is wanted.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether time and publisher of an item are the wanted ones. All events come from the service; who published is
    /// only searched for where the node tells.
    pub(super) fn matches(&self, ctx: &Context<'_>, node: &Node, item: &Item) -> bool {
        let in_time = self.start.is_none_or(|start| item.updated >= start)
            && self.end.is_none_or(|end| item.updated <= end);
        let publisher = node.config.told_publisher(item);
        let is_with = |with: &Jid| with.as_str() == ctx.service.jid || Some(with) == publisher;
        in_time && self.with.as_ref().is_none_or(is_with)
    }
}

/// The place behind which all items are from this time on. Items are dated in the order of their places.
pub(super) fn first_after(tx: &dyn Tx, key: NodeKey, time: Timestamp) -> Result<u64, Fault> {
    let (mut low, mut high) = (0, tx.newest_place(key)?);
    while low < high {
        let middle = low.midpoint(high);
        let range = ItemRange { after: Some(middle), before: None };
        match tx.items(key, range, Direction::OldestFirst, 1)?.pop() {
            Some(item) if item.updated < time => low = item.seq,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}
