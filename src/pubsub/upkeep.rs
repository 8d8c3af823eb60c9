//! What the service does without anybody asking: ends leases, delivers digests — XEP-0060 [#impl-leases] — and removes
//! what has expired, also callbacks of the web.

use crate::limits::{DIGEST_ITEMS_MAX, RESULT_BYTES_MAX, ROSTER_PATIENCE, UPKEEP_PORTION};

use super::access::{Hearing, may_hear};
use super::expiry::expire;
use super::fault::Fault;
use super::filtered::{Patience, Search};
use super::hub;
use super::node::Node;
use super::notice::{Event, NoticeItem, delivered};
use super::public_subscribers;
use super::roster::{Rosters, Standing};
use super::subscription::{State, Subscription};
use super::subscription_options::Expire;
use super::tell;
use super::time::Timestamp;
use super::tx::Tx;

/// Sees to at most [`UPKEEP_PORTION`] subscriptions, nodes, items, callbacks and tokens; how many it were. As many as that mean that there
/// may be more. A digest of a node whose rosters are not known has to wait a little; `missing` is told the node's
/// service and the owners. `on_web` is whether there is a web side.
pub fn upkeep(
    tx: &mut dyn Tx,
    rosters: &Rosters,
    now: Timestamp,
    on_web: bool,
    missing: &mut dyn FnMut(&str, Vec<String>),
) -> Result<usize, Fault> {
    let due = tx.subscriptions_due(now, UPKEEP_PORTION)?;
    let seen = due.len();
    for (key, subscription) in due {
        let Some(node) = tx.node_by_key(key)? else { continue };
        match subscription.options.expire {
            Expire::At(end) if end <= now => {
                public_subscribers::remove(tx, &node, &subscription)?;
                tell::subscriber(tx, &node, &subscription, None)?;
                tell::owners(tx, &node, &subscription, None)?;
            }
            Expire::At(_) | Expire::Never | Expire::WithPresence => {
                let standing = Hearing::of(tx, &node)?.standing(rosters, now, tx)?;
                match standing {
                    Standing::Known | Standing::NotGranted => {
                        digest(tx, rosters, &node, subscription, now)?;
                    }
                    Standing::Unreadable => postpone(tx, &node, subscription, now)?,
                    Standing::Missing(owners) => {
                        missing(&node.id.service, owners);
                        postpone(tx, &node, subscription, now)?;
                    }
                }
            }
        }
    }
    let seen = seen + expire(tx, now, on_web, UPKEEP_PORTION - seen)?;
    let seen = seen + hub::end(tx, now, UPKEEP_PORTION - seen)?;
    Ok(seen + end_tokens(tx, now, UPKEEP_PORTION - seen)?)
}

/// Removes tokens that have ended; how many.
fn end_tokens(tx: &mut dyn Tx, now: Timestamp, most: usize) -> Result<usize, Fault> {
    let ended = tx.tokens_due(now, most)?;
    for token in &ended {
        tx.remove_token(token.key)?;
    }
    Ok(ended.len())
}

fn postpone(
    tx: &mut dyn Tx,
    node: &Node,
    mut subscription: Subscription,
    now: Timestamp,
) -> Result<(), Fault> {
    subscription.digest_due = Some(now.plus_seconds(ROSTER_PATIENCE.as_secs() + 1));
    tx.put_subscription(node.key, &mut subscription)
}

/// Sends what was published since the last digest, in one message.
fn digest(
    tx: &mut dyn Tx,
    rosters: &Rosters,
    node: &Node,
    mut subscription: Subscription,
    now: Timestamp,
) -> Result<(), Fault> {
    let may = subscription.state == State::Subscribed
        && subscription.options.deliver
        && may_hear(rosters, now, tx, node, &subscription.jid)?;
    if may && node.config.deliver_notifications {
        let (mut items, mut bytes) = (Vec::new(), 0);
        let held = std::slice::from_ref(&subscription);
        let search =
            Search { node, is_new: &|item| item.seq > subscription.digested, most: DIGEST_ITEMS_MAX };
        for (item, _) in search.newest(tx, now, held, &mut Patience::for_one_search())? {
            bytes += item.payload.as_ref().map_or(0, String::len);
            if bytes > RESULT_BYTES_MAX {
                break;
            }
            items.push(NoticeItem {
                id: item.id.clone(),
                publisher: node.config.told_publisher(&item).map(|jid| jid.as_str().to_owned()),
                payload: delivered(&node.config, item),
            });
        }
        items.reverse();
        if !items.is_empty() {
            tell::those(tx, node, &subscription.jid, &[&subscription], Event::Digest { items })?;
        }
    }
    subscription.digested = tx.newest_place(node.key)?;
    subscription.schedule_digest(now);
    tx.put_subscription(node.key, &mut subscription)
}
