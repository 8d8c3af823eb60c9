//! Delivery of notices after their commit, at least once, whatever crashes.
//!
//! A notice is queued in the transaction of the change that caused it. [`Outbox`] hands it out in pages of its
//! audience, node after node, so that a node with many subscribers does not hold up the others. A component's stream
//! has no acknowledgements but it is ordered: when a ping to the host came back, the host has read all that was sent
//! before it. Only then is a notice forgotten. When the link is lost, all that is not proven is handed out again.

mod deliver;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::limits::{
    NOTICES_REMEMBERED_MAX, NOTICES_UNPROVEN_MAX, OUTBOX_PAGE, OUTBOX_PORTION_BYTES, SWEEP_PORTION,
};
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::node::NodeKey;
use crate::pubsub::notice::{Audience, Notice, Queued};
use crate::pubsub::reach::Reach;
use crate::pubsub::roster::{Rosters, Standing};
use crate::pubsub::subscription::{Subscription, SubscriptionKey};
use crate::pubsub::{Fault, Timestamp, Tx};
use crate::xmpp::notice::{Recipient, Rendered};
use deliver::Reachable;

/// The deliveries of one service: what was handed out on the present link, and what of it is proven to have arrived.
#[derive(Debug)]
pub struct Outbox {
    service: String,
    /// How far each node with notices under way has come.
    under_way: BTreeMap<NodeKey, Position>,
    /// The node that was served last: the next turn is its successor's.
    turn: Option<NodeKey>,
    /// What was handed out and not yet proven, in order.
    unproven: VecDeque<HandedOut>,
    /// The nodes of the notices that were handed out last, by their places: some may come back.
    may_come_back: BTreeMap<u64, NodeKey>,
    /// Owners whose rosters are missing.
    missing: BTreeSet<String>,
    /// Whether some notices could not go because of rosters.
    is_held_up: bool,
    /// Portions handed out so far.
    portions: u64,
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

/// A notice in delivery.
#[derive(Debug)]
struct Delivery {
    seq: u64,
    notice: Notice,
    rendered: Rendered,
}

/// A notice whose turn it is, and after whom of its audience to go on.
type Turn = (Arc<Delivery>, Option<SubscriptionKey>);

impl Delivery {
    fn write_for(&self, recipient: Recipient<'_>, stanzas: &mut BytesMut) {
        self.rendered.write_for(&self.notice, recipient, stanzas);
    }
}

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
            under_way: BTreeMap::new(),
            turn: None,
            unproven: VecDeque::new(),
            may_come_back: BTreeMap::new(),
            missing: BTreeSet::new(),
            is_held_up: false,
            portions: 0,
            to_sweep: Vec::new(),
        }
    }

    /// The next portion to send: pages of nodes that have something, in turn. Nothing when all was handed out, or
    /// when too much of it is not proven yet.
    pub fn next(
        &mut self,
        tx: &dyn Tx,
        reach: &Reach,
        rosters: &Rosters,
        now: Timestamp,
    ) -> Result<Option<Portion>, Fault> {
        let reach = Reachable { reach, rosters, now };
        let mut stanzas = BytesMut::new();
        let before = self.unproven.len();
        while stanzas.len() < OUTBOX_PORTION_BYTES && self.unproven.len() < NOTICES_UNPROVEN_MAX {
            let Some((delivery, after)) = self.next_delivery(tx, reach)? else { break };
            self.turn = Some(delivery.notice.key);
            self.hand_out(tx, reach, delivery, after.as_ref(), &mut stanzas)?;
        }
        if self.unproven.len() == before {
            return Ok(None);
        }
        self.portions += 1;
        Ok(Some(Portion { number: self.portions, stanzas: stanzas.freeze() }))
    }

    /// The owners whose rosters have to be read before some of the notices can go.
    pub fn take_missing(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.missing)
    }

    /// Whether it is time to try again what could not go because of rosters.
    pub fn tries_again(&mut self) -> bool {
        std::mem::take(&mut self.is_held_up)
    }

    /// The node whose notice went out with this message id, unless that is long ago.
    pub fn node_of_message(&self, id: &str) -> Option<NodeKey> {
        let seq = id.strip_prefix('n')?.parse().ok()?;
        self.may_come_back.get(&seq).copied()
    }

    /// Whether something was handed out that is not proven.
    pub fn is_waiting(&self) -> bool {
        !self.unproven.is_empty()
    }

    /// Whether a deleted node is still to be swept.
    pub fn is_sweeping(&self) -> bool {
        !self.to_sweep.is_empty()
    }

    /// The host has read everything up to this portion: forget it.
    pub fn proven(&mut self, tx: &mut dyn Tx, portion: u64) -> Result<(), Fault> {
        // Of several pages of one notice only the last has to be written down.
        let mut served: BTreeMap<(NodeKey, u64), SubscriptionKey> = BTreeMap::new();
        while self.unproven.front().is_some_and(|first| first.portion <= portion) {
            let Some(handed_out) = self.unproven.pop_front() else { break };
            let which = (handed_out.key, handed_out.seq);
            match handed_out.progress {
                Progress::UpTo(subscriber) => {
                    served.insert(which, subscriber);
                }
                Progress::Done => {
                    served.remove(&which);
                    tx.remove_queued(handed_out.key, handed_out.seq)?;
                }
                Progress::DoneAndSweep => {
                    served.remove(&which);
                    self.to_sweep.push(which);
                }
            }
        }
        for ((key, seq), subscriber) in served {
            tx.put_served(key, seq, &subscriber)?;
        }
        self.forget_idle(tx)
    }

    /// Removes a bounded part of what is left of deleted nodes. The notice of the deletion is the reminder to go on
    /// after a crash, so it goes last.
    pub fn sweep(&mut self, tx: &mut dyn Tx) -> Result<(), Fault> {
        if let Some(&(key, seq)) = self.to_sweep.last()
            && tx.sweep(key, SWEEP_PORTION)?
        {
            tx.remove_queued(key, seq)?;
            self.under_way.remove(&key);
            self.to_sweep.pop();
        }
        Ok(())
    }

    /// The link is lost: what is not proven has to be sent again.
    pub fn lost(&mut self) {
        self.under_way.retain(|key, _| self.to_sweep.iter().any(|(swept, _)| swept == key));
        self.unproven.clear();
        self.turn = None;
    }

    /// The next notice in turn, and after whom of its audience to go on.
    fn next_delivery(&mut self, tx: &dyn Tx, reach: Reachable<'_>) -> Result<Option<Turn>, Fault> {
        let start = self.turn;
        let mut after = start;
        let mut wrapped = start.is_none();
        loop {
            let Some(first) = tx.first_queued(&self.service, after)? else {
                if wrapped {
                    return Ok(None);
                }
                (wrapped, after) = (true, None);
                continue;
            };
            let key = first.notice.key;
            if self.is_known(tx, reach, key)?
                && let Some(found) = self.next_of(tx, key, first)?
            {
                return Ok(Some(found));
            }
            if wrapped && start.is_some_and(|start| key >= start) {
                return Ok(None);
            }
            after = Some(key);
        }
    }

    /// Whether it is known whom a node admits. If not, its notices wait: for the rosters that are missing, or for
    /// the host to say whether it lets them be read.
    fn is_known(&mut self, tx: &dyn Tx, reach: Reachable<'_>, key: NodeKey) -> Result<bool, Fault> {
        let Some(node) = tx.node_by_key(key)? else { return Ok(true) };
        let is_known = match reach.rosters.standing(tx, &node, reach.now)? {
            Standing::Known => true,
            Standing::NotGranted => reach.reach.presences.is_complete(),
            Standing::Unreadable => false,
            Standing::Missing(owners) => {
                self.missing.extend(owners);
                false
            }
        };
        self.is_held_up |= !is_known;
        Ok(is_known)
    }

    /// The next notice of a node, given the first that is queued.
    fn next_of(&self, tx: &dyn Tx, key: NodeKey, first: Queued) -> Result<Option<Turn>, Fault> {
        let queued = match self.under_way.get(&key) {
            None => first,
            Some(Position { rest: Some((delivery, after)), .. }) => {
                return Ok(Some((Arc::clone(delivery), Some(after.clone()))));
            }
            Some(position) => match tx.next_queued(key, position.seq)? {
                None => return Ok(None),
                Some(next) => next,
            },
        };
        let Queued { seq, notice, served } = queued;
        let rendered = Rendered::new(&notice, &message_id(seq));
        Ok(Some((Arc::new(Delivery { seq, notice, rendered }), served)))
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
        let last = match &delivery.notice.audience {
            Audience::One(jid) => {
                delivery.write_for(Recipient::plain(jid.as_str()), stanzas);
                None
            }
            Audience::Owners => {
                for (jid, affiliation) in tx.affiliations(key)? {
                    if affiliation == Affiliation::Owner {
                        delivery.write_for(Recipient::plain(jid.as_str()), stanzas);
                    }
                }
                None
            }
            Audience::Subscribers | Audience::Bereaved => {
                let page = tx.subscriptions_page(key, after, OUTBOX_PAGE)?;
                let is_full = page.len() == OUTBOX_PAGE;
                let page = deliver::whole(&page, is_full);
                deliver::to_page(tx, reach, &delivery.notice, seq, page, |to| {
                    delivery.write_for(to, stanzas);
                })?;
                page.last().filter(|_| is_full).map(Subscription::key)
            }
        };
        let progress = match (&last, &delivery.notice.audience) {
            (Some(last), _) => Progress::UpTo(last.clone()),
            (None, Audience::Bereaved) => Progress::DoneAndSweep,
            (None, Audience::Subscribers | Audience::Owners | Audience::One(_)) => Progress::Done,
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

    /// Forgets the positions of nodes that have nothing queued any more.
    fn forget_idle(&mut self, tx: &dyn Tx) -> Result<(), Fault> {
        if self.unproven.is_empty() && self.to_sweep.is_empty() {
            let mut idle = Vec::new();
            for (&key, position) in &self.under_way {
                if position.rest.is_none() && tx.next_queued(key, 0)?.is_none() {
                    idle.push(key);
                }
            }
            for key in idle {
                self.under_way.remove(&key);
            }
        }
        Ok(())
    }
}

/// The id of every message that carries a notice: the same when it is sent again.
fn message_id(seq: u64) -> String {
    format!("n{seq}")
}
