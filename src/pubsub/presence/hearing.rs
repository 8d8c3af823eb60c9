//! What a resource hears of: the nodes to which it or its bare JID is subscribed.

use std::collections::BTreeMap;

use crate::pubsub::jid::Jid;
use crate::pubsub::node::NodeKey;
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Fault, Tx};

/// The subscriptions by which a resource hears of nodes.
pub(super) fn of(tx: &dyn Tx, who: &Jid) -> Result<BTreeMap<NodeKey, Vec<Subscription>>, Fault> {
    let mut hearing = BTreeMap::<_, Vec<_>>::new();
    for (key, held) in tx.subscriptions_of(who.bare())? {
        let hears = held.state == State::Subscribed
            && held.options.deliver
            && (held.jid.is_bare() || held.jid == *who);
        if hears {
            hearing.entry(key).or_default().push(held);
        }
    }
    Ok(hearing)
}
