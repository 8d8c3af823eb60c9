//! Manage affiliations — XEP-0060 [#owner-affiliations].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request` (no JID, no such affiliation, a JID twice),
//! `not-acceptable` with the affiliations that would have left the node without an owner.
//! Features: `modify-affiliations`, `member-affiliation`, `publisher-affiliation`, `publish-only-affiliation`,
//! `outcast-affiliation`.

use std::collections::BTreeMap;

use crate::pubsub::access::{self, find, may};
use crate::pubsub::affiliation::{Action, Affiliation};
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::notice::Event;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::subscription::State;
use crate::pubsub::{Context, Failure, Response, Timestamp, Tx, attachments, public_subscribers, tell};

/// The request for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affiliations {
    /// The NodeID.
    pub node: String,
}

/// The request for changes: all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeAffiliations {
    /// The NodeID.
    pub node: String,
    /// JIDs and words, as written.
    pub changes: Vec<(String, String)>,
}

/// Lists the affiliations with a node.
pub fn affiliations(ctx: &Context<'_>, tx: &dyn Tx, request: &Affiliations) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    let list = access::affiliations(tx, &node)?;
    Ok(Response::Affiliations { node: request.node.clone(), list })
}

/// Changes affiliations. Who is affected is told; who is banned is no subscriber any more.
pub fn change_affiliations(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    request: &ChangeAffiliations,
) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    let changes = read(&request.changes)?;
    keep_an_owner(tx, &node, &changes)?;

    for (jid, affiliation) in changes {
        if tx.affiliation(node.key, jid.bare())? == affiliation {
            continue;
        }
        tx.set_affiliation(node.key, jid.bare(), affiliation)?;
        settle(tx, &node, &jid, affiliation, ctx.now)?;
        let event = Event::Affiliation { jid: jid.bare().to_owned(), affiliation };
        tell::one(tx, &node, &jid, event)?;
    }
    Ok(Response::Done)
}

fn read(changes: &[(String, String)]) -> Result<BTreeMap<Jid, Affiliation>, Refusal> {
    let mut read = BTreeMap::new();
    for (jid, word) in changes {
        let parsed = Jid::parse(jid).map(|jid| jid.to_bare());
        let parsed = parsed.ok_or_else(|| Why::BadRequest.because(format!("{jid:?} is no JID")))?;
        let affiliation = Affiliation::parse(word)
            .ok_or_else(|| Why::BadRequest.because(format!("there is no affiliation {word:?}")))?;
        if read.insert(parsed, affiliation).is_some() {
            return Err(Why::BadRequest.because(format!("{jid} is named twice")));
        }
    }
    Ok(read)
}

/// Refuses what would leave the node without an owner, and says who was one.
fn keep_an_owner(tx: &dyn Tx, node: &Node, changes: &BTreeMap<Jid, Affiliation>) -> Result<(), Failure> {
    let now = tx.affiliations(node.key)?;
    let stays = |jid: &Jid| changes.get(jid).is_none_or(|affiliation| *affiliation == Affiliation::Owner);
    let owners = || now.iter().filter(|(_, affiliation)| *affiliation == Affiliation::Owner);
    let is_kept = changes.values().any(|affiliation| *affiliation == Affiliation::Owner);
    if is_kept || owners().next().is_none() || owners().any(|(jid, _)| stays(jid)) {
        return Ok(());
    }
    let list = owners().cloned().collect();
    let unchanged = Response::Affiliations { node: node.id.name.clone(), list };
    let refusal = Why::NotAcceptable.because("a node needs an owner: name another one first");
    Err(refusal.along_with(unchanged).into())
}

/// What an affiliation means for the subscriptions of the same entity.
fn settle(
    tx: &mut dyn Tx,
    node: &Node,
    jid: &Jid,
    affiliation: Affiliation,
    now: Timestamp,
) -> Result<(), Failure> {
    if matches!(affiliation, Affiliation::Outcast | Affiliation::PublishOnly) {
        attachments::banned(tx, node, jid)?;
    }
    for mut subscription in tx.subscriptions(node.key, jid.bare())? {
        let state = match affiliation {
            Affiliation::Outcast | Affiliation::PublishOnly => None,
            Affiliation::Owner | Affiliation::Publisher | Affiliation::Member
                if subscription.state == State::Pending =>
            {
                Some(State::Subscribed)
            }
            Affiliation::Owner | Affiliation::Publisher | Affiliation::Member | Affiliation::None => continue,
        };
        match state {
            None => public_subscribers::remove(tx, node, &subscription)?,
            Some(state) => {
                subscription.state = state;
                public_subscribers::put(tx, node, &mut subscription, now)?;
            }
        }
        tell::subscriber(tx, node, &subscription, state)?;
    }
    Ok(())
}
