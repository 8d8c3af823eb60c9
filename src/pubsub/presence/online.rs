//! A subscriber comes online: where a node wants it, he gets its newest item — XEP-0060 [#impl-caching].

use crate::limits::LAST_ITEMS_AT_ONCE_MAX;
use crate::pubsub::access::may_hear;
use crate::pubsub::config::SendLast;
use crate::pubsub::jid::Jid;
use crate::pubsub::presence::hearing;
use crate::pubsub::presence::receive::Facts;
use crate::pubsub::{Fault, Tx, last};

/// Sends the newest items to a resource that came online: of nodes to which it or its bare JID is subscribed.
pub(super) fn came(facts: &Facts<'_>, tx: &mut dyn Tx, who: &Jid) -> Result<(), Fault> {
    let mut sent = 0;
    for (key, held) in hearing::of(tx, who)? {
        if sent >= LAST_ITEMS_AT_ONCE_MAX {
            break;
        }
        if let Some(node) = tx.node_by_key(key)?
            && node.id.service == facts.service.jid
            && node.config.send_last == SendLast::OnSubAndPresence
            && may_hear(facts.rosters, facts.now, tx, &node, who)?
        {
            sent += 1;
            last::send(tx, &node, who, &held, facts.now)?;
        }
    }
    Ok(())
}
