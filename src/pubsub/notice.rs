//! Notices: what is told to others once a change is durable.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::affiliation::Affiliation;
use super::config::NodeConfig;
use super::fault::Fault;
use super::item::Item;
use super::jid::Jid;
use super::node::{Node, NodeId, NodeKey};
use super::subscription::{State, Subscription, SubscriptionKey};
use super::time::Timestamp;
use super::tx::Tx;
use super::uid::Uid;

/// One event for one audience. It is queued in the transaction of the change that caused it. The store reads the node
/// alone where that is enough, so it comes first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The node whose order the notice keeps.
    pub key: NodeKey,
    /// The node's address.
    pub node: NodeId,
    /// Who is told.
    pub audience: Audience,
    /// Whether clients may store it for later: type `normal` rather than `headline`.
    pub normal: bool,
    /// What happened.
    pub event: Event,
}

impl Notice {
    /// The item that was published. None where there is none, or where it is not any more what it was: then a later
    /// notice tells of it.
    pub(super) fn item(&self, tx: &dyn Tx) -> Result<Option<Item>, Fault> {
        let Event::Published { uid: Some(uid), .. } = &self.event else { return Ok(None) };
        Ok(Uid::find(tx, self.key, uid)?.and_then(|(_, item)| item))
    }

    /// The payloads that were published. Where the node delivers none, they are looked up.
    pub fn payloads(&self, tx: &dyn Tx) -> Result<Vec<Cow<'_, str>>, Fault> {
        match &self.event {
            Event::Published { payload: Some(payload), .. } => Ok(vec![Cow::Borrowed(payload)]),
            Event::Published { payload: None, .. } => {
                let payload = self.item(tx)?.and_then(Item::into_given);
                Ok(payload.map(Cow::Owned).into_iter().collect())
            }
            Event::Digest { items } => digested(tx, self.key, items),
            Event::Retracted { .. }
            | Event::Purged
            | Event::Configured { .. }
            | Event::Deleted { .. }
            | Event::Subscription { .. }
            | Event::Affiliation { .. }
            | Event::Authorization { .. }
            | Event::Unreachable { .. }
            | Event::FeedTrouble { .. }
            | Event::PresenceWanted => Ok(Vec::new()),
        }
    }
}

/// Who is told: a rule that the outbox pages through, never a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Audience {
    /// Every subscriber who may read the node at the time of sending.
    Subscribers,
    /// Every subscriber, without a look at the node, which is gone. What is left of it is swept afterwards.
    Bereaved,
    /// The node's owners.
    Owners,
    /// One address.
    One(Jid),
    /// One address, because of subscriptions that it has.
    Subscriptions {
        /// The address.
        jid: Jid,
        /// The SubIDs, where it has others as well.
        subids: Vec<String>,
        /// Whether one of them wants a text.
        with_body: bool,
    },
}

/// What happened — the children of `<event/>` in the schema of XEP-0060 [#schemas-event].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// An item was created or modified.
    Published {
        /// The ItemID; a transient item may have none.
        id: Option<String>,
        /// The publisher, where the node tells.
        publisher: Option<String>,
        /// The payload, where the node delivers it.
        payload: Option<String>,
        /// When it was published, if that was not just now.
        delayed: Option<Timestamp>,
        /// Its id in the history of the node, if it is there.
        uid: Option<String>,
    },
    /// Several items that were published, in one message.
    Digest {
        /// The items, oldest first.
        items: Vec<NoticeItem>,
    },
    /// Somebody asks to subscribe; an owner has to decide.
    Authorization {
        /// Who.
        jid: Jid,
        /// Which subscription.
        subid: String,
    },
    /// An item was deleted.
    Retracted {
        /// The ItemID.
        id: String,
    },
    /// All items were deleted.
    Purged,
    /// The node is configured differently.
    Configured {
        /// How, where the node delivers payloads.
        config: Option<Box<NodeConfig>>,
    },
    /// The node was deleted.
    Deleted {
        /// Where to go instead: an `xmpp:` URI.
        redirect: Option<String>,
    },
    /// The state of somebody's subscription is a different one.
    Subscription {
        /// Whose.
        jid: Jid,
        /// Which.
        subid: Option<String>,
        /// The state; `None` is the end of it.
        state: Option<State>,
    },
    /// Somebody's affiliation is a different one.
    Affiliation {
        /// Whose.
        jid: String,
        /// Which.
        affiliation: Affiliation,
    },
    /// A subscription has ended: what was sent there came back.
    Unreachable {
        /// Whose.
        jid: Jid,
        /// Which.
        subid: String,
        /// The condition of RFC 6120 that came back.
        condition: String,
    },
    /// The service would like to see the presence of whoever is told.
    PresenceWanted,
    /// A feed that goes to the node cannot be fetched.
    FeedTrouble {
        /// Its URL.
        url: String,
        /// Why.
        why: String,
        /// Since when; nothing if it has stopped for good.
        since: Option<Timestamp>,
    },
}

impl Event {
    /// An item as its node tells of it; with a date where that was not just now.
    pub(super) fn published(node: &Node, item: Item, delayed: Option<Timestamp>) -> Self {
        let uid = node.config.persist_items.then(|| Uid::of(node.key, &item).to_string());
        Self::Published {
            id: Some(item.id.clone()),
            publisher: node.config.told_publisher(&item).map(|jid| jid.as_str().to_owned()),
            payload: delivered(&node.config, item),
            delayed,
            uid,
        }
    }

    /// The request that an owner approves or denies a subscription.
    pub fn authorization(subscription: &Subscription) -> Self {
        Self::Authorization { jid: subscription.jid.clone(), subid: subscription.subid.clone() }
    }

    /// What became of a subscription.
    pub fn subscription(subscription: &Subscription, state: Option<State>) -> Self {
        Self::Subscription { jid: subscription.jid.clone(), subid: Some(subscription.subid.clone()), state }
    }
}

/// The payload of an item, where the node delivers it: always, or because the item was modified.
pub(super) fn delivered(config: &NodeConfig, item: Item) -> Option<String> {
    let is_modified = item.seq != item.created_seq;
    let is_delivered = config.deliver_payloads || config.payload_on_modify && is_modified;
    if is_delivered { item.into_given() } else { None }
}

/// An item in a digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeItem {
    /// The ItemID.
    pub id: String,
    /// The publisher, where the node tells.
    pub publisher: Option<String>,
    /// The payload, where the node delivers it.
    pub payload: Option<String>,
}

fn digested<'a>(tx: &dyn Tx, key: NodeKey, items: &'a [NoticeItem]) -> Result<Vec<Cow<'a, str>>, Fault> {
    let mut payloads = Vec::with_capacity(items.len());
    for item in items {
        payloads.extend(match &item.payload {
            Some(payload) => Some(Cow::Borrowed(payload.as_str())),
            None => tx.item(key, &item.id)?.and_then(Item::into_given).map(Cow::Owned),
        });
    }
    Ok(payloads)
}

/// A notice in the durable queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    /// Its place in the queue: grows with every notice, never used again.
    pub seq: u64,
    /// The notice.
    pub notice: Notice,
    /// The last subscriber that is known to have been served, if delivery was interrupted.
    pub served: Option<SubscriptionKey>,
}
