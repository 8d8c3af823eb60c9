//! A subscriber comes back and says how long he was away: what was published meanwhile — XEP-0312.

use std::collections::BTreeSet;

use crate::limits::{CLOCK_SKEW_SECONDS, INTERIM_ITEMS_MAX, ITEMS_READ_AT_ONCE};
use crate::pubsub::access::may_hear;
use crate::pubsub::expiry::Living;
use crate::pubsub::item::{Direction, Item, ItemRange};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::presence::receive::Facts;
use crate::pubsub::subscription::State;
use crate::pubsub::{Fault, Timestamp, Tx, tell};

/// Sends a resource that came back what its subscriptions, and those of its bare JID, have missed: of each item the
/// last version, oldest first, and not more than a bound, of which the newest.
pub(super) fn returned(facts: &Facts<'_>, tx: &mut dyn Tx, who: &Jid, seconds: u64) -> Result<(), Fault> {
    let away = i64::try_from(seconds.saturating_add(CLOCK_SKEW_SECONDS)).unwrap_or(i64::MAX);
    let since = Timestamp(facts.now.0.saturating_sub(away.saturating_mul(1000)));
    let mut nodes = BTreeSet::new();
    let mut room = INTERIM_ITEMS_MAX;
    for (key, subscription) in tx.subscriptions_of(who.bare())? {
        let hears = subscription.state == State::Subscribed
            && subscription.options.deliver
            && (subscription.jid.is_bare() || subscription.jid == *who);
        if hears
            && nodes.insert(key)
            && let Some(node) = tx.node_by_key(key)?
            && node.id.service == facts.service.jid
            && node.config.deliver_notifications
            && may_hear(facts.rosters, facts.now, tx, &node, who)?
        {
            let missed = published(facts, tx, &node, since, room)?;
            room -= missed.len();
            for item in missed.into_iter().rev() {
                let at = item.updated;
                tell::one(tx, &node, who, Event::published(&node, item, Some(at)))?;
            }
        }
    }
    Ok(())
}

/// The newest items of a node that were published since, newest first.
fn published(
    facts: &Facts<'_>,
    tx: &dyn Tx,
    node: &Node,
    since: Timestamp,
    most: usize,
) -> Result<Vec<Item>, Fault> {
    let living = Living::of(tx, node, facts.now)?;
    let (mut found, mut range) = (Vec::new(), ItemRange::ALL);
    while found.len() < most {
        let wanted = ITEMS_READ_AT_ONCE.min(most - found.len());
        let read = tx.items(node.key, range, Direction::NewestFirst, wanted)?;
        let Some(oldest) = read.last() else { break };
        range.before = Some(oldest.seq);
        let is_rest = read.len() < wanted || oldest.updated < since;
        found.extend(read.into_iter().filter(|item| item.updated >= since && living.has(item)));
        if is_rest {
            break;
        }
    }
    Ok(found)
}
