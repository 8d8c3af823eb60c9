//! The line: one thread that owns the store, decides about requests in the order in which they came, commits them
//! together, and only then lets the answers go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use crate::host::{Link, Ticket};
use crate::limits::{BATCH_MAX, ROSTER_ROUNDS_MAX, SETTLE_AFTER, UPKEEP_EVERY, UPKEEP_PORTION};
use crate::outbox::{Outbox, Portion};
use crate::pubsub::reach::Reach;
use crate::pubsub::roster::Rosters;
use crate::pubsub::upkeep::upkeep;
use crate::pubsub::{Context, Failure, Fault, Ids, Jid, Refusal, Request, Service, Timestamp, Why, handle};
use crate::store::{Store, transact};
use crate::xmpp::answer;
use crate::xmpp::head::Head;

use super::inquiry::{Inquiry, sender, undecidable};
use super::presence::Learned;

/// What can be asked of the line.
pub(super) enum Job {
    /// A request of somebody.
    Request(Box<Asked>),
    /// A step in the delivery of a service's notices.
    Outbox(usize, Step),
    /// Something that a service learned from presence, or from what came back.
    Learned(usize, Learned),
    /// Whether the line still moves.
    Alive(oneshot::Sender<()>),
}

/// A request and where its answer goes.
pub(super) struct Asked {
    pub(super) service: usize,
    pub(super) head: Head,
    pub(super) from: Jid,
    pub(super) request: Request,
    pub(super) link: Link,
    pub(super) ticket: Ticket,
}

/// A step in the delivery of notices.
pub(super) enum Step {
    /// Hand out the next portion.
    Next(oneshot::Sender<Option<Portion>>),
    /// The host has read everything up to this portion.
    Proven(u64),
    /// The connection is lost.
    Lost,
}

/// One service as the line knows it.
pub(super) struct Desk {
    pub(super) service: Service,
    pub(super) outbox: Outbox,
    pub(super) reach: Reach,
    /// To ask the host on, while there is a connection.
    pub(super) link: Option<Link>,
    /// Tells the service's deliverer that there may be something to hand out.
    pub(super) wake: Arc<Notify>,
}

/// The state of the line.
pub(super) struct Line {
    pub(super) store: Box<dyn Store>,
    pub(super) desks: Vec<Desk>,
    /// The rosters that are known.
    pub(super) rosters: Rosters,
    /// What waits for rosters.
    pub(super) inquiry: Inquiry,
    /// Something happened that need not be durable before it is said: it goes with the next commit.
    unsettled: bool,
    next_upkeep: Instant,
}

/// An answer that waits for the commit.
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) link: Link,
    pub(super) ticket: Ticket,
    pub(super) stanza: Bytes,
}

impl Line {
    pub(super) fn new(store: Box<dyn Store>, desks: Vec<Desk>, inquiry: Inquiry) -> Self {
        let (rosters, next_upkeep) = (Rosters::default(), Instant::now());
        Self { store, desks, rosters, inquiry, unsettled: false, next_upkeep }
    }

    /// Works until all senders of jobs are gone, and settles what is left.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>, runtime: &Handle) {
        while let Some(first) = self.wait(&mut jobs, runtime) {
            let mut answers = Vec::new();
            let mut changed = false;
            let mut next = first;
            for _ in 0..BATCH_MAX {
                let Some(job) = next.take() else { break };
                self.take(job, &mut changed, &mut answers);
                next = jobs.try_recv().ok();
            }
            if let Some(job) = next {
                self.take(job, &mut changed, &mut answers);
            }
            if changed {
                self.commit(answers);
            } else {
                answers.into_iter().for_each(Answer::send);
            }
            self.sweep();
            self.upkeep();
        }
        self.commit(Vec::new());
    }

    /// The next job; `Some(None)` when there is none but something else to do; `None` at the end.
    #[expect(clippy::option_option, reason = "the outer is whether to go on, the inner is the job")]
    fn wait(&mut self, jobs: &mut mpsc::Receiver<Job>, runtime: &Handle) -> Option<Option<Job>> {
        match jobs.try_recv() {
            Ok(job) => return Some(Some(job)),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
            Err(mpsc::error::TryRecvError::Empty) => {}
        }
        if self.desks.iter().any(|desk| desk.outbox.is_sweeping()) {
            return Some(None);
        }
        let patience = if self.unsettled { SETTLE_AFTER } else { UPKEEP_EVERY };
        if let Ok(job) = runtime.block_on(async { timeout(patience, jobs.recv()).await }) {
            return job.map(Some);
        }
        if self.unsettled {
            self.commit(Vec::new());
        }
        Some(None)
    }

    /// Takes a job into the batch. What earlier ones have changed is made durable before notices of it are handed out.
    fn take(&mut self, job: Job, changed: &mut bool, answers: &mut Vec<Answer>) {
        if *changed && matches!(job, Job::Outbox(_, Step::Next(_))) {
            self.commit(std::mem::take(answers));
            *changed = false;
        }
        *changed |= self.work(job, answers);
    }

    /// Does one job; whether it changed something that has to be durable before it is said.
    fn work(&mut self, job: Job, answers: &mut Vec<Answer>) -> bool {
        match job {
            Job::Request(asked) => {
                if let Some(desk) = self.desks.get_mut(asked.service) {
                    desk.reach.bounces.forget(&asked.from);
                }
                let sender = sender(&asked);
                // Whoever waits for a roster has his later requests wait as well.
                let changed = match self.inquiry.hold_back(*asked) {
                    Some(asked) => self.attend(asked, 0, answers),
                    None => false,
                };
                self.let_go(&sender, answers);
                changed
            }
            Job::Outbox(service, step) => {
                self.deliver(service, step);
                false
            }
            Job::Learned(service, learned) => self.learn(service, learned, answers),
            Job::Alive(asker) => {
                // Whoever asked may have given up.
                let _ = asker.send(());
                false
            }
        }
    }

    /// Decides about a request; whether it may have changed something. It is put aside when rosters are missing.
    pub(super) fn attend(&mut self, asked: Asked, round: u8, answers: &mut Vec<Answer>) -> bool {
        let Some(desk) = self.desks.get(asked.service) else { return false };
        let (now, ids, rosters) = (now(), &mut RandomIds, &self.rosters);
        let decision = transact(self.store.as_mut(), |tx| {
            let mut context = Context { service: &desk.service, from: &asked.from, now, rosters, ids };
            // A bug in one request is that request's misfortune, not everybody's.
            catch_unwind(AssertUnwindSafe(|| handle(&mut context, tx, &asked.request)))
                .unwrap_or_else(|_| Err(Fault::Bug("a request made the engine panic".to_owned()).into()))
        });
        let stanza = match decision {
            Ok(response) => answer::result(&asked.head, &response),
            Err(Failure::Refused(refusal)) => {
                tracing::debug!(why = ?refusal.why, "refused");
                answer::error(&asked.head, &refusal)
            }
            Err(Failure::Faulted(fault)) => answer::error(&asked.head, &hidden(&fault)),
            Err(Failure::Missing(owners)) if round < ROSTER_ROUNDS_MAX => {
                self.put_aside(asked, round, owners, answers);
                return false;
            }
            Err(Failure::Missing(_)) => answer::error(&asked.head, &undecidable()),
        };
        let Asked { head, request, link, ticket, .. } = asked;
        answers.push(Answer { head, link, ticket, stanza });
        request.changes()
    }

    /// Makes durable what was decided, then says it.
    fn commit(&mut self, answers: Vec<Answer>) {
        match self.store.commit() {
            Ok(()) => {
                self.unsettled = false;
                answers.into_iter().for_each(Answer::send);
                for desk in &self.desks {
                    desk.wake.notify_one();
                }
            }
            Err(fault) => {
                let refusal = hidden(&fault);
                for answer in answers.into_iter().filter(|answer| answer.head.wants_answer()) {
                    let stanza = answer::error(&answer.head, &refusal);
                    Answer { stanza, ..answer }.send();
                }
            }
        }
    }

    fn deliver(&mut self, service: usize, step: Step) {
        let Some(desk) = self.desks.get_mut(service) else { return };
        let Desk { outbox, reach, .. } = desk;
        match step {
            Step::Next(asker) => {
                let rosters = &self.rosters;
                let portion =
                    transact(self.store.as_mut(), |tx| Ok(outbox.next(tx, reach, rosters, now())?));
                // A deliverer that is gone will see to it that the portion counts as lost.
                let _ = asker.send(portion.unwrap_or_else(|failure| {
                    told(&failure);
                    None
                }));
                let missing: Vec<String> = outbox.take_missing().into_iter().collect();
                self.inquire(service, &missing);
            }
            Step::Proven(portion) => {
                let proven = transact(self.store.as_mut(), |tx| Ok(outbox.proven(tx, portion)?));
                proven.unwrap_or_else(|failure| told(&failure));
                self.unsettled = true;
            }
            Step::Lost => outbox.lost(),
        }
    }

    /// Once in a while, does what is due without anybody asking.
    fn upkeep(&mut self) {
        if self.next_upkeep > Instant::now() {
            return;
        }
        for desk in &mut self.desks {
            if desk.outbox.tries_again() {
                desk.wake.notify_one();
            }
        }
        let (rosters, mut missing) = (&self.rosters, Vec::new());
        let seen = transact(self.store.as_mut(), |tx| {
            missing.clear();
            Ok(upkeep(tx, rosters, now(), &mut |service, owners| missing.push((service.to_owned(), owners)))?)
        });
        let seen = seen.inspect_err(told).unwrap_or_default();
        for (service, owners) in missing {
            if let Some(index) = self.desks.iter().position(|desk| desk.service.jid == service) {
                self.inquire(index, &owners);
            }
        }
        if seen > 0 {
            self.commit(Vec::new());
        }
        if seen < UPKEEP_PORTION {
            self.next_upkeep = Instant::now() + UPKEEP_EVERY;
        }
    }

    /// Removes a part of what deleted nodes left.
    fn sweep(&mut self) {
        for desk in self.desks.iter_mut().filter(|desk| desk.outbox.is_sweeping()) {
            let outbox = &mut desk.outbox;
            let swept = transact(self.store.as_mut(), |tx| Ok(outbox.sweep(tx)?));
            swept.unwrap_or_else(|failure| told(&failure));
            self.unsettled = true;
        }
    }
}

impl Answer {
    fn send(self) {
        if !self.stanza.is_empty() {
            self.link.reply(self.stanza, self.ticket);
        }
    }
}

/// What a caller sees of a fault; the operator finds the rest in the log by its id.
fn hidden(fault: &Fault) -> Refusal {
    let id = Uuid::now_v7().simple();
    tracing::error!(%id, "{fault}");
    Why::Internal.because(format!("the service could not do this; its log tells more under {id}"))
}

pub(super) fn told(failure: &Failure) {
    match failure {
        Failure::Refused(refusal) => tracing::error!(why = ?refusal.why, "the outbox was refused"),
        Failure::Faulted(fault) => tracing::error!("{fault}"),
        Failure::Missing(owners) => {
            tracing::error!(?owners, "rosters are missing where none can be waited for");
        }
    }
    // Not a busy loop when the store is out of order.
    std::thread::sleep(Duration::from_millis(100));
}

/// The wall clock, which only decides what is shown, never an order.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Ids in time order with 74 random bits.
struct RandomIds;

impl Ids for RandomIds {
    fn next(&mut self) -> String {
        Uuid::now_v7().to_string()
    }
}
