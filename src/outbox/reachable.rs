//! Whom notices reach at the moment, and which of them have to wait until that is known.

use std::collections::BTreeSet;

use crate::pubsub::access::Hearing;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::presence::show::Shows;
use crate::pubsub::reach::Reach;
use crate::pubsub::roster::{Rosters, Standing};
use crate::pubsub::subscription::Subscription;
use crate::pubsub::{Fault, Timestamp, Tx};

/// Whom notices reach at the moment.
#[derive(Clone, Copy)]
pub struct Reachable<'a> {
    /// Who is online, and whose notices came back.
    pub reach: &'a Reach,
    /// The rosters that are known.
    pub rosters: &'a Rosters,
    /// When.
    pub now: Timestamp,
}

impl Reachable<'_> {
    /// Whether a subscriber is in a state in which he wants to be told, or the node wants to tell him.
    pub(super) fn is_ready(self, node: Option<&Node>, subscription: &Subscription) -> bool {
        let (presences, jid) = (&self.reach.presences, &subscription.jid);
        let only_online = node.is_some_and(|node| node.config.presence_based_delivery);
        let shows = subscription.options.show_values;
        let is_shown = || presences.shows(jid).into_iter().any(|show| shows.has(show));
        let is_known = presences.is_complete() || presences.is_online(jid);
        (!only_online || presences.may_be_online(jid))
            && (shows == Shows::ALL || !is_known || is_shown())
            && !self.reach.bounces.is_suspended(jid, self.now)
    }

    /// Whether it is known whom a node admits. If not, its notices wait: for the rosters that are missing, or for the host
    /// to say whether it lets them be read.
    pub(super) fn is_known(self, tx: &dyn Tx, key: NodeKey, held_up: &mut HeldUp) -> Result<bool, Fault> {
        let Some(node) = tx.node_by_key(key)? else { return Ok(true) };
        let is_known = match Hearing::of(tx, &node)?.standing(self.rosters, self.now, tx)? {
            Standing::Known => true,
            Standing::NotGranted => self.reach.presences.is_complete(),
            Standing::Unreadable => false,
            Standing::Missing(owners) => {
                held_up.missing.extend(owners);
                false
            }
        };
        held_up.is_some |= !is_known;
        Ok(is_known)
    }
}

/// Notices that cannot go before it is known who may hear them.
#[derive(Debug, Default)]
pub(super) struct HeldUp {
    /// Owners whose rosters are missing.
    pub(super) missing: BTreeSet<String>,
    pub(super) is_some: bool,
}
