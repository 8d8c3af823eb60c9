//! One page of an audience: who of it is told, and how.

use crate::pubsub::access::may_hear;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::node::Node;
use crate::pubsub::notice::{Event, Notice};
use crate::pubsub::reach::Reach;
use crate::pubsub::roster::Rosters;
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::subscription_options::SHOW_VALUES;
use crate::pubsub::{Fault, Timestamp, Tx};
use crate::xmpp::notice::Recipient;

/// Whom notices reach at the moment.
#[derive(Clone, Copy)]
pub(super) struct Reachable<'a> {
    pub(super) reach: &'a Reach,
    pub(super) rosters: &'a Rosters,
    pub(super) now: Timestamp,
}

impl Reachable<'_> {
    /// Whether a subscriber is in a state in which he wants to be told, or the node wants to tell him.
    fn is_ready(self, node: Option<&Node>, subscription: &Subscription) -> bool {
        let (presences, jid) = (&self.reach.presences, &subscription.jid);
        let only_online = node.is_some_and(|node| node.config.presence_based_delivery);
        let shows = &subscription.options.show_values;
        let is_shown = || presences.shows(jid).iter().any(|show| shows.iter().any(|s| s == show.as_str()));
        let is_known = presences.is_complete() || presences.is_online(jid);
        (!only_online || presences.may_be_online(jid))
            && (shows.len() == SHOW_VALUES.len() || !is_known || is_shown())
            && !self.reach.bounces.is_suspended(jid, self.now)
    }
}

/// The subscriptions of a page that can be served now: those of one address are served together, so the last
/// address has to wait when the page may end in the middle of it.
pub(super) fn whole(page: &[Subscription], is_full: bool) -> &[Subscription] {
    let Some(last) = page.last().filter(|_| is_full) else { return page };
    let end = page.iter().position(|first| first.jid == last.jid).unwrap_or(page.len());
    // One address alone cannot fill a page.
    page.get(..end).filter(|served| !served.is_empty()).unwrap_or(page)
}

/// Calls `tell` once for each address of a page with subscriptions that the notice is for: made before it was queued,
/// and of somebody who may hear of the node now and whom it reaches.
pub(super) fn to_page(
    tx: &dyn Tx,
    reach: Reachable<'_>,
    notice: &Notice,
    seq: u64,
    page: &[Subscription],
    mut tell: impl FnMut(Recipient<'_>),
) -> Result<(), Fault> {
    let node = tx.node_by_key(notice.key)?;
    // Presence is asked for because it is not known.
    let asks = notice.event == Event::PresenceWanted;
    let is_told =
        |one: &&Subscription| wants(one, notice, seq) && (asks || reach.is_ready(node.as_ref(), one));
    for address in page.chunk_by(|one, other| one.jid == other.jid) {
        let wanted: Vec<&Subscription> = address.iter().filter(is_told).collect();
        let Some(first) = wanted.first() else { continue };
        if !may(tx, reach, node.as_ref(), notice, first)? {
            continue;
        }
        let subids: Vec<&str> = wanted.iter().map(|wanted| wanted.subid.as_str()).collect();
        tell(Recipient {
            to: if asks { first.jid.bare() } else { first.jid.as_str() },
            with_body: wanted.iter().any(|wanted| wanted.options.include_body),
            subids: if address.len() > 1 { &subids } else { &[] },
        });
    }
    Ok(())
}

fn wants(subscription: &Subscription, notice: &Notice, seq: u64) -> bool {
    let in_digest = subscription.options.digest && matches!(notice.event, Event::Published { .. });
    subscription.state == State::Subscribed
        && subscription.since <= seq
        && subscription.options.deliver
        && !in_digest
}

fn may(
    tx: &dyn Tx,
    reach: Reachable<'_>,
    node: Option<&Node>,
    notice: &Notice,
    subscription: &Subscription,
) -> Result<bool, Fault> {
    match node {
        Some(node) => may_hear(reach.rosters, reach.now, tx, node, &subscription.jid),
        // The node is gone and its models with it; those who were banned stay banned.
        None => Ok(tx.affiliation(notice.key, subscription.jid.bare())? != Affiliation::Outcast),
    }
}
