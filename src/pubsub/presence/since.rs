//! A subscriber comes back and says how long he was away: what was published meanwhile — XEP-0312.

use crate::limits::{CLOCK_SKEW_SECONDS, INTERIM_ITEMS_MAX};
use crate::pubsub::access::may_hear;
use crate::pubsub::filtered::{Patience, Search};
use crate::pubsub::item::Item;
use crate::pubsub::jid::Jid;
use crate::pubsub::notice::Event;
use crate::pubsub::presence::hearing;
use crate::pubsub::presence::receive::Facts;
use crate::pubsub::{Fault, Timestamp, Tx, tell};

/// Sends a resource that came back what its subscriptions, and those of its bare JID, have missed: of each item the
/// last version, oldest first, and not more than a bound, of which the newest.
pub(super) fn returned(facts: &Facts<'_>, tx: &mut dyn Tx, who: &Jid, seconds: u64) -> Result<(), Fault> {
    let away = i64::try_from(seconds.saturating_add(CLOCK_SKEW_SECONDS)).unwrap_or(i64::MAX);
    let since = Timestamp(facts.now.0.saturating_sub(away.saturating_mul(1000)));
    let is_new = |item: &Item| item.updated >= since;
    let mut room = INTERIM_ITEMS_MAX;
    let mut patience = Patience::for_one_search();
    for (key, held) in hearing::of(tx, who)? {
        if let Some(node) = tx.node_by_key(key)?
            && node.id.service == facts.service.jid
            && node.config.deliver_notifications
            && may_hear(facts.rosters, facts.now, tx, &node, who)?
        {
            let search = Search { node: &node, is_new: &is_new, most: room };
            let missed = search.newest(tx, facts.now, &held, &mut patience)?;
            room -= missed.len();
            for (item, wanting) in missed.into_iter().rev() {
                let at = item.updated;
                tell::those(tx, &node, who, &wanting, Event::published(&node, item, Some(at)))?;
            }
        }
    }
    Ok(())
}
