//! What comes back: a notice that could not be delivered — XEP-0060 [#impl-bounce].
//!
//! An address that is gone for good loses its subscription. Other errors are counted, and after some of them the
//! address is not written to until it gives a sign of life, or for a day. The host stamps an error with its sender, so
//! a forged one can only cost the forger his own.

use std::collections::BTreeMap;

use crate::limits::{BOUNCE_AGE_SECONDS_MAX, BOUNCES_MAX, BOUNCES_NOTED_MAX};
use crate::pubsub::context::Service;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::NodeKey;
use crate::pubsub::notice::Event;
use crate::pubsub::time::Timestamp;
use crate::pubsub::{Fault, Tx, public_subscribers, tell};

/// What an error means for whoever did not get the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The address is gone: its subscription ends.
    Gone,
    /// Something is wrong there, perhaps not for long.
    Trouble,
    /// He is offline, which is nothing special.
    Offline,
}

/// The table, by the conditions of RFC 6120.
///
/// XEP-0060 would end subscriptions at each error of type `cancel`. But hosts say `service-unavailable` for everybody
/// who is offline, and `remote-server-not-found` for every server whose name does not resolve at the moment.
pub fn meaning(condition: &str) -> Meaning {
    match condition {
        "gone" | "item-not-found" | "jid-malformed" => Meaning::Gone,
        "service-unavailable" | "recipient-unavailable" => Meaning::Offline,
        // All others of RFC 6120, and what nobody knows yet.
        _ => Meaning::Trouble,
    }
}

/// A subscription that has ended because its address is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The address.
    pub jid: Jid,
    /// The NodeID.
    pub node: String,
}

/// Ends the subscriptions of an address to a node, and tells the owners why.
pub fn end(
    service: &Service,
    tx: &mut dyn Tx,
    from: &Jid,
    key: NodeKey,
    condition: &str,
) -> Result<Vec<Ended>, Fault> {
    let mut ended = Vec::new();
    let Some(node) = tx.node_by_key(key)?.filter(|node| node.id.service == service.jid) else {
        return Ok(ended);
    };
    for subscription in tx.subscriptions(key, from.bare())? {
        if subscription.jid == *from {
            public_subscribers::remove(tx, &node, &subscription)?;
            let event = Event::Unreachable {
                jid: subscription.jid.clone(),
                subid: subscription.subid,
                condition: condition.to_owned(),
            };
            tell::owners_that(tx, &node, event)?;
            ended.push(Ended { jid: subscription.jid, node: node.id.name.clone() });
        }
    }
    Ok(ended)
}

/// Who is in trouble. In memory only: after a restart, everybody is tried again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounces {
    /// By address: how many came back, and when the last one did.
    counted: BTreeMap<Jid, (u32, Timestamp)>,
}

impl Bounces {
    /// Counts an error of an address; whether this one is the last straw.
    pub fn count(&mut self, jid: &Jid, now: Timestamp) -> bool {
        if !self.counted.contains_key(jid) && self.counted.len() >= BOUNCES_NOTED_MAX {
            self.counted.retain(|_, (_, last)| is_recent(*last, now));
            if self.counted.len() >= BOUNCES_NOTED_MAX {
                return false;
            }
        }
        let (count, last) = self.counted.entry(jid.clone()).or_insert((0, now));
        if !is_recent(*last, now) {
            *count = 0;
        }
        *count = count.saturating_add(1);
        *last = now;
        *count == BOUNCES_MAX
    }

    /// Whether an address is not written to at the moment.
    pub fn is_suspended(&self, jid: &Jid, now: Timestamp) -> bool {
        self.counted.get(jid).is_some_and(|(count, last)| *count >= BOUNCES_MAX && is_recent(*last, now))
    }

    /// An entity gave a sign of life: all of its addresses are tried again.
    pub fn forget(&mut self, jid: &Jid) {
        if !self.counted.is_empty() {
            self.counted.retain(|counted, _| counted.bare() != jid.bare());
        }
    }
}

fn is_recent(last: Timestamp, now: Timestamp) -> bool {
    now < last.plus_seconds(BOUNCE_AGE_SECONDS_MAX)
}
