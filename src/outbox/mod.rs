//! Delivery of notices after their commit, at least once, whatever crashes.
//!
//! A notice is queued in the transaction of the change that caused it. [`Outbox`] hands it out in pages of its
//! audience, node after node, so that a node with many subscribers does not hold up the others. A component's stream
//! has no acknowledgements but it is ordered: when a ping to the host came back, the host has read all that was sent
//! before it. Only then is a notice forgotten. When the link is lost, all that is not proven is handed out again.
//!
//! The store may fail at any point. So what is known here changes only with what is sure: a portion that could not be
//! read to its end was not handed out, and a proof is kept until a commit has written it down.

mod audience;
mod copies;
mod deliver;
mod delivery;
mod reachable;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::limits::{NOTICES_REMEMBERED_MAX, NOTICES_UNPROVEN_MAX, OUTBOX_PORTION_BYTES, SWEEP_PORTION};
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::node::NodeKey;
use crate::pubsub::notice::{Audience, Queued};
use crate::pubsub::subscription::{Subscription, SubscriptionKey};
use crate::pubsub::{Fault, Tx, removal};
use crate::xmpp::multicast::Multicast;
use crate::xmpp::notice::Recipient;
use audience::Audiences;
use copies::Copies;
use delivery::Delivery;
use reachable::HeldUp;
pub use reachable::Reachable;

/// The deliveries of one service: what was handed out on the present link, and what of it is proven to have arrived.
#[derive(Debug)]
pub struct Outbox {
    service: String,
    /// The host's multicast service, where its users are told through it.
    multicast: Option<Multicast>,
    /// How far each node with notices under way has come.
    under_way: BTreeMap<NodeKey, Position>,
    /// Whom busy nodes tell.
    audiences: Audiences,
    /// The node that was served last: the next turn is its successor's.
    turn: Option<NodeKey>,
    /// What was handed out and is not yet forgotten, in order.
    unproven: VecDeque<HandedOut>,
    /// The nodes of the notices that were handed out last, by their places: some may come back.
    may_come_back: BTreeMap<u64, NodeKey>,
    /// What could not go yet.
    held_up: HeldUp,
    /// Portions handed out so far.
    portions: u64,
    /// The last portion that the host has read.
    proven: u64,
    /// Deleted nodes whose subscribers have been told, with the notice that told them.
    to_sweep: Vec<(NodeKey, u64)>,
}

/// How far the notices of a node have been handed out.
#[derive(Debug)]
struct Position {
    /// The notice that was handed out last.
    seq: u64,
    /// If only a part of its audience had its turn: the rendered notice, and after whom to go on.
    rest: Option<(Arc<Delivery>, SubscriptionKey)>,
}

/// A notice whose turn it is, and after whom of its audience to go on.
type Turn = (Arc<Delivery>, Option<SubscriptionKey>);

/// A page of an audience that was handed out.
#[derive(Debug)]
struct HandedOut {
    portion: u64,
    key: NodeKey,
    seq: u64,
    progress: Progress,
}

/// What is done once it is proven.
#[derive(Debug)]
enum Progress {
    /// The audience is served up to here.
    UpTo(SubscriptionKey),
    /// Everybody was told.
    Done,
    /// Everybody was told that the node is gone: what is left of it can go too.
    DoneAndSweep,
}

/// Some stanzas to send, and their number for [`Outbox::proven`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Its number.
    pub number: u64,
    /// Complete stanzas; none where an audience turned out to be nobody.
    pub stanzas: Bytes,
}

impl Outbox {
    /// The outbox of a service.
    pub fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            multicast: None,
            under_way: BTreeMap::new(),
            audiences: Audiences::default(),
            turn: None,
            unproven: VecDeque::new(),
            may_come_back: BTreeMap::new(),
            held_up: HeldUp::default(),
            portions: 0,
            proven: 0,
            to_sweep: Vec::new(),
        }
    }

    /// The next portion to send: pages of nodes that have something, in turn. Nothing when all was handed out, or
    /// when too much of it is not proven yet.
    pub fn next(&mut self, tx: &dyn Tx, reach: Reachable<'_>) -> Result<Option<Portion>, Fault> {
        let mut stanzas = BytesMut::new();
        let before = self.unproven.len();
        while stanzas.len() < OUTBOX_PORTION_BYTES && self.unproven.len() < NOTICES_UNPROVEN_MAX {
            let whole = stanzas.len();
            match self.next_page(tx, reach, &mut stanzas) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) if self.unproven.len() == before => return Err(fault),
                // What was handed out before it has to go; the fault will come again.
                Err(_) => {
                    stanzas.truncate(whole);
                    break;
                }
            }
        }
        if self.unproven.len() == before {
            return Ok(None);
        }
        self.portions += 1;
        Ok(Some(Portion { number: self.portions, stanzas: stanzas.freeze() }))
    }

    /// The owners whose rosters have to be read before some of the notices can go.
    pub fn take_missing(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.held_up.missing)
    }

    /// Whether there is something to try again that could not go because of rosters.
    pub fn tries_again(&mut self) -> bool {
        std::mem::take(&mut self.held_up.is_some)
    }

    /// The node whose notice went out with this message id, unless that is long ago.
    pub fn node_of_message(&self, id: &str) -> Option<NodeKey> {
        let seq = id.strip_prefix('n')?.parse().ok()?;
        self.may_come_back.get(&seq).copied()
    }

    /// Whether nothing is left to hand out or to be proven.
    pub fn is_done(&self, tx: &dyn Tx, reach: Reachable<'_>) -> Result<bool, Fault> {
        let is_proven = self.unproven.back().is_none_or(|last| last.portion <= self.proven);
        let mut held_up = HeldUp::default();
        let next = self.next_delivery(tx, reach, &mut held_up)?;
        Ok(is_proven && next.is_none() && !held_up.is_some)
    }

    /// The host has read everything up to this portion.
    pub fn proven(&mut self, portion: u64) {
        self.proven = self.proven.max(portion);
    }

    /// Whether something is proven that no commit has written down.
    pub fn is_unsettled(&self) -> bool {
        self.unproven.front().is_some_and(|first| first.portion <= self.proven)
    }

    /// Whether so much is handed out that what is proven of it should be forgotten soon.
    pub fn is_crowded(&self) -> bool {
        self.unproven.len() >= NOTICES_UNPROVEN_MAX / 2
    }

    /// Writes down what is proven; [`Outbox::settled`] follows once that is durable.
    pub fn settle(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        // Of several pages of one notice only the last has to be written down.
        let mut served = BTreeMap::new();
        for handed_out in self.unproven.iter().take_while(|next| next.portion <= self.proven) {
            let which = (handed_out.key, handed_out.seq);
            match &handed_out.progress {
                Progress::UpTo(subscriber) => {
                    served.insert(which, subscriber);
                }
                Progress::Done => {
                    served.remove(&which);
                    tx.remove_queued(handed_out.key, handed_out.seq)?;
                }
                Progress::DoneAndSweep => {
                    served.remove(&which);
                }
            }
        }
        for ((key, seq), subscriber) in served {
            tx.put_served(key, seq, subscriber)?;
        }
        Ok(())
    }

    /// What is proven was written down.
    pub fn settled(&mut self) {
        while self.is_unsettled() {
            let Some(HandedOut { key, seq, progress, .. }) = self.unproven.pop_front() else { break };
            match progress {
                Progress::UpTo(_) => {}
                Progress::Done => self.forget(key, seq),
                Progress::DoneAndSweep => self.to_sweep.push((key, seq)),
            }
        }
    }

    /// Whether a deleted node is still to be swept.
    pub fn is_sweeping(&self) -> bool {
        !self.to_sweep.is_empty()
    }

    /// Removes a bounded part of what is left of a deleted node. The notice of the deletion is the reminder to go on
    /// after a crash, so it goes last; then this gives the node, and [`Outbox::swept`] follows once that is durable.
    pub fn sweep(&self, tx: &mut dyn Tx) -> Result<Option<NodeKey>, Fault> {
        let Some(&(key, seq)) = self.to_sweep.last() else { return Ok(None) };
        if !removal::sweep(tx, key, SWEEP_PORTION)? {
            return Ok(None);
        }
        tx.remove_queued(key, seq)?;
        Ok(Some(key))
    }

    /// Nothing is left of a node.
    pub fn swept(&mut self, key: NodeKey) {
        self.to_sweep.retain(|(swept, _)| *swept != key);
        self.under_way.remove(&key);
    }

    /// The link is lost, or leads elsewhere: what is not proven has to be sent again, to the users of a host with a
    /// multicast service through that.
    pub fn begin(&mut self, multicast: Option<Multicast>) {
        self.lost();
        self.multicast = multicast;
    }

    /// What is not proven has to be sent again.
    pub fn lost(&mut self) {
        // What is proven but not settled goes again as well; that is rare, and twice is better than never.
        self.under_way.retain(|key, _| self.to_sweep.iter().any(|(swept, _)| swept == key));
        self.unproven.clear();
        self.turn = None;
    }

    /// Hands out the next page in turn; false when there is none.
    fn next_page(
        &mut self,
        tx: &dyn Tx,
        reach: Reachable<'_>,
        stanzas: &mut BytesMut,
    ) -> Result<bool, Fault> {
        let mut held_up = std::mem::take(&mut self.held_up);
        let next = self.next_delivery(tx, reach, &mut held_up);
        self.held_up = held_up;
        let Some((delivery, after)) = next? else { return Ok(false) };
        let key = delivery.notice.key;
        self.hand_out(tx, reach, delivery, after.as_ref(), stanzas)?;
        self.turn = Some(key);
        Ok(true)
    }

    /// The next notice in turn, and after whom of its audience to go on.
    fn next_delivery(
        &self,
        tx: &dyn Tx,
        reach: Reachable<'_>,
        held_up: &mut HeldUp,
    ) -> Result<Option<Turn>, Fault> {
        let start = self.turn;
        let mut after = start;
        let mut wrapped = start.is_none();
        loop {
            let Some(key) = tx.queued_node(&self.service, after)? else {
                if wrapped {
                    return Ok(None);
                }
                (wrapped, after) = (true, None);
                continue;
            };
            if let Some(found) = self.next_of(tx, key)?
                && reach.is_known(tx, key, held_up)?
            {
                return Ok(Some(found));
            }
            if wrapped && start.is_some_and(|start| key >= start) {
                return Ok(None);
            }
            after = Some(key);
        }
    }

    /// The next notice of a node.
    fn next_of(&self, tx: &dyn Tx, key: NodeKey) -> Result<Option<Turn>, Fault> {
        let position = self.under_way.get(&key);
        if let Some(Position { rest: Some((delivery, after)), .. }) = position {
            return Ok(Some((Arc::clone(delivery), Some(after.clone()))));
        }
        let queued = tx.next_queued(key, position.map_or(0, |position| position.seq))?;
        Ok(queued.map(|Queued { seq, notice, served }| (Arc::new(Delivery::new(seq, notice)), served)))
    }

    /// Writes one page of a notice's audience.
    fn hand_out(
        &mut self,
        tx: &dyn Tx,
        reach: Reachable<'_>,
        delivery: Arc<Delivery>,
        after: Option<&SubscriptionKey>,
        stanzas: &mut BytesMut,
    ) -> Result<(), Fault> {
        let (key, seq) = (delivery.notice.key, delivery.seq);
        let mut copies = Copies::new(tx, &delivery, self.multicast.as_ref(), stanzas);
        let last = match &delivery.notice.audience {
            Audience::One(jid) => {
                copies.add(Recipient::plain(jid.as_str()))?;
                None
            }
            Audience::Subscriptions { jid, subids, with_body } => {
                let subids: Vec<&str> = subids.iter().map(String::as_str).collect();
                let with_body = *with_body;
                let to = Recipient { to: jid.as_str(), with_body, subids: &subids };
                copies.add(to)?;
                None
            }
            Audience::Owners => {
                for (jid, affiliation) in tx.affiliations(key)? {
                    if affiliation == Affiliation::Owner {
                        copies.add(Recipient::plain(jid.as_str()))?;
                    }
                }
                None
            }
            Audience::Subscribers | Audience::Bereaved => {
                let limit = delivery.page();
                let page = self.audiences.page(tx, key, after, limit)?;
                let is_full = page.is_full;
                let page = deliver::whole(page.all(), is_full);
                copies.make_room(page.len());
                let seen = deliver::to_page(tx, reach, &delivery, page, |to| copies.add(to))?;
                let last = page.get(..seen).and_then(<[Subscription]>::last);
                last.filter(|_| is_full || seen < page.len()).map(Subscription::key)
            }
        };
        copies.finish()?;
        let progress = match (&last, &delivery.notice.audience) {
            (Some(last), _) => Progress::UpTo(last.clone()),
            (None, Audience::Bereaved) => Progress::DoneAndSweep,
            (
                None,
                Audience::Subscribers | Audience::Owners | Audience::One(_) | Audience::Subscriptions { .. },
            ) => Progress::Done,
        };
        self.may_come_back.insert(seq, key);
        while self.may_come_back.len() > NOTICES_REMEMBERED_MAX {
            self.may_come_back.pop_first();
        }
        let portion = self.portions + 1;
        self.unproven.push_back(HandedOut { portion, key, seq, progress });
        let rest = last.map(|last| (delivery, last));
        self.under_way.insert(key, Position { seq, rest });
        Ok(())
    }

    /// Forgets how far a node has come when that was its last notice under way.
    fn forget(&mut self, key: NodeKey, seq: u64) {
        if self.under_way.get(&key).is_some_and(|position| position.seq == seq) {
            self.under_way.remove(&key);
        }
    }
}
