//! One page of an audience: who of it is told, and how.

use crate::pubsub::access::Hearing;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::notice::{Event, Notice};
use crate::pubsub::subscription::{State, Subscription};
use crate::pubsub::{Fault, Tx};
use crate::xmpp::notice::Recipient;

use super::Reachable;
use super::delivery::Delivery;

/// The subscriptions of a page that can be served now: those of one address are served together, so the last
/// address has to wait when the page may end in the middle of it.
pub(super) fn whole(page: &[Subscription], is_full: bool) -> &[Subscription] {
    let Some(last) = page.last().filter(|_| is_full) else { return page };
    let end = page.iter().position(|first| first.jid == last.jid).unwrap_or(page.len());
    // One address alone cannot fill a page.
    page.get(..end).filter(|served| !served.is_empty()).unwrap_or(page)
}

/// Calls `tell` once for each address of a page with subscriptions that the notice is for: made before it was queued, with
/// a filter that lets it through, and of somebody who may hear of the node now and whom it reaches. Ends early when `tell`
/// has no room for another one. Gives how many subscriptions of the page were looked at.
pub(super) fn to_page(
    tx: &dyn Tx,
    reach: Reachable<'_>,
    delivery: &Delivery,
    page: &[Subscription],
    mut tell: impl FnMut(Recipient<'_>) -> Result<bool, Fault>,
) -> Result<usize, Fault> {
    let Delivery { seq, notice, .. } = delivery;
    let node = tx.node_by_key(notice.key)?;
    // Presence is asked for because it is not known.
    let asks = notice.event == Event::PresenceWanted;
    let is_told =
        |one: &&Subscription| wants(one, notice, *seq) && (asks || reach.is_ready(node.as_ref(), one));
    let hearing = node.as_ref().map(|node| Hearing::of(tx, node)).transpose()?;
    // XEP-0060 [#impl-shim]: not where all subscriptions of a node hear the same.
    let names_subscriptions = matches!(notice.event, Event::Published { .. } | Event::Retracted { .. });
    let mut seen = 0;
    for address in page.chunk_by(|one, other| one.jid == other.jid) {
        seen += address.len();
        let mut wanted = Vec::with_capacity(address.len());
        for one in address.iter().filter(is_told) {
            if delivery.passes(tx, one)? {
                wanted.push(one);
            }
        }
        let Some(first) = wanted.first() else { continue };
        if !may(tx, reach, hearing.as_ref(), notice, first)? {
            continue;
        }
        let subids: Vec<&str> = wanted.iter().map(|wanted| wanted.subid.as_str()).collect();
        let has_room = tell(Recipient {
            to: if asks { first.jid.bare() } else { first.jid.as_str() },
            with_body: wanted.iter().any(|wanted| wanted.options.include_body),
            subids: if names_subscriptions && address.len() > 1 { &subids } else { &[] },
        })?;
        if !has_room {
            break;
        }
    }
    Ok(seen)
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
    hearing: Option<&Hearing<'_>>,
    notice: &Notice,
    subscription: &Subscription,
) -> Result<bool, Fault> {
    if let Some(hearing) = hearing {
        return hearing.may(reach.rosters, reach.now, tx, &subscription.jid);
    }
    // The node is gone and its models with it; those who were banned, or their whole domain, stay banned.
    let own = tx.affiliation(notice.key, subscription.jid.bare())?;
    let domain = tx.affiliation(notice.key, subscription.jid.domain())?;
    let is_banned = own == Affiliation::Outcast || own == Affiliation::None && domain == Affiliation::Outcast;
    Ok(!is_banned)
}
