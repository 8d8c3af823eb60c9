//! The line: one thread that owns the store, decides about requests in the order in which they came, commits them
//! together, and only then lets the answers go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

use crate::host::{Link, Ticket};
use crate::http::Question;
use crate::limits::{
    BATCH_MAX, ROSTER_ROUNDS_MAX, SETTLE_AFTER, STORE_RETRY_AFTER, UPKEEP_EVERY, UPKEEP_PORTION,
};
use crate::outbox::{Outbox, Portion, Reachable};
use crate::pubsub::reach::Reach;
use crate::pubsub::roster::Rosters;
use crate::pubsub::upkeep::upkeep;
use crate::pubsub::{
    Context, Failure, Fault, Jid, Refusal, Request, Response, Service, Timestamp, Tx, handle,
};
use crate::store::{Store, transact};
use crate::xmpp::answer;
use crate::xmpp::head::Head;
use crate::xmpp::multicast::Multicast;

use super::answer::Answer;
use super::faults::{hidden, told};
use super::feeds::{FeedJob, Taken, tell_feeds};
use super::ids::RandomIds;
use super::inquiry::{Inquiry, sender, undecidable};
use super::presence::Learned;
use super::proof::Proof;
use super::web::{Commits, Told};

/// What can be asked of the line.
pub(super) enum Job {
    /// A request of somebody.
    Request(Box<Asked>),
    /// A step in the delivery of a service's notices.
    Outbox(usize, Step),
    /// Something that a service learned from presence, or from what came back.
    Learned(usize, Learned),
    /// A question of the web side.
    Web(Box<Question>),
    /// Something about feeds of the web.
    Feeds(FeedJob),
    /// Whether the line still moves.
    Alive(oneshot::Sender<()>),
}

/// A request and where its answer goes.
pub(super) struct Asked {
    pub(super) service: usize,
    pub(super) head: Head,
    pub(super) from: Jid,
    /// What is asked; a request that cannot be read is answered in its turn too.
    pub(super) request: Result<Request, Refusal>,
    pub(super) link: Link,
    pub(super) ticket: Ticket,
}

/// A step in the delivery of notices.
pub(super) enum Step {
    /// Hand out the next portion.
    Next(oneshot::Sender<Result<Option<Portion>, Fault>>),
    /// The host has read everything up to this portion.
    Proven(u64),
    /// A connection begins, or the way on it changes: to the users of the host through its multicast service, or not.
    Begin(Option<Multicast>),
    /// Tell whether all is delivered and proven.
    IsDone(oneshot::Sender<bool>),
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
    /// The commits so far, of which the web side is told.
    pub(super) commits: Commits,
    /// When what is proven is written down, unless it goes with a commit before.
    next_settle: Instant,
    next_sweep: Instant,
    next_upkeep: Instant,
    /// That the store is whole, which is proved between the batches.
    proof: Proof,
}

/// What came of some jobs that share a commit.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) answers: Vec<Answer>,
    /// Steps that have to see what is durable, and nothing else.
    steps: Vec<(usize, Step)>,
    /// What the web side is told.
    pub(super) web: Vec<Told>,
    /// What is said about feeds.
    pub(super) taken: Vec<Taken>,
    /// Whether something has to be durable before the answers go and the steps are taken.
    pub(super) needs_commit: bool,
}

impl Line {
    pub(super) fn new(store: Box<dyn Store>, desks: Vec<Desk>, inquiry: Inquiry, commits: Commits) -> Self {
        let (now, rosters) = (Instant::now(), Rosters::default());
        let (next_settle, next_sweep, next_upkeep, proof) = (now, now, now, Proof::new());
        Self { store, desks, rosters, inquiry, commits, next_settle, next_sweep, next_upkeep, proof }
    }

    /// Works until all senders of jobs are gone, and settles what is left. A store that turns out to be damaged ends
    /// it before.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>, runtime: &Handle) -> Result<(), Fault> {
        while let Some(first) = self.wait(&mut jobs, runtime) {
            let mut batch = Batch::default();
            let is_idle = first.is_none();
            let mut next = first;
            for _ in 0..BATCH_MAX {
                let Some(job) = next.take() else { break };
                self.work(job, &mut batch);
                next = jobs.try_recv().ok();
            }
            if let Some(job) = next {
                self.work(job, &mut batch);
            }
            self.finish(batch);
            self.sweep();
            self.upkeep();
            self.proof.go_on(self.store.as_mut(), is_idle)?;
        }
        self.commit(Vec::new());
        Ok(())
    }

    /// The next job; `Some(None)` when there is none but something else to do; `None` at the end.
    #[expect(clippy::option_option, reason = "the outer is whether to go on, the inner is the job")]
    fn wait(&mut self, jobs: &mut mpsc::Receiver<Job>, runtime: &Handle) -> Option<Option<Job>> {
        match jobs.try_recv() {
            Ok(job) => return Some(Some(job)),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
            Err(mpsc::error::TryRecvError::Empty) => {}
        }
        if self.is_sweeping() || self.proof.is_pending() {
            return Some(None);
        }
        let settle = self.next_settle.saturating_duration_since(Instant::now());
        let patience = if self.is_unsettled() { settle.min(UPKEEP_EVERY) } else { UPKEEP_EVERY };
        match runtime.block_on(async { timeout(patience, jobs.recv()).await }) {
            Ok(job) => job.map(Some),
            Err(_) => Some(None),
        }
    }

    fn is_unsettled(&self) -> bool {
        self.desks.iter().any(|desk| desk.outbox.is_unsettled())
    }

    fn is_sweeping(&self) -> bool {
        self.next_sweep <= Instant::now() && self.desks.iter().any(|desk| desk.outbox.is_sweeping())
    }

    fn work(&mut self, job: Job, batch: &mut Batch) {
        match job {
            Job::Request(asked) => {
                if let Some(desk) = self.desks.get_mut(asked.service) {
                    desk.reach.bounces.forget(&asked.from);
                }
                let sender = sender(&asked);
                // Whoever waits for a roster has his later requests wait as well.
                if let Some(asked) = self.inquiry.hold_back(*asked) {
                    self.attend(asked, 0, batch);
                }
                self.let_go(&sender, batch);
            }
            Job::Outbox(service, step) => {
                let Some(desk) = self.desks.get_mut(service) else { return };
                match step {
                    Step::Proven(portion) => {
                        if !desk.outbox.is_unsettled() {
                            self.next_settle = self.next_settle.max(Instant::now() + SETTLE_AFTER);
                        }
                        desk.outbox.proven(portion);
                        batch.needs_commit |= desk.outbox.is_crowded();
                    }
                    Step::Begin(_) => {
                        batch.needs_commit |= desk.outbox.is_unsettled();
                        batch.steps.push((service, step));
                    }
                    Step::Next(_) | Step::IsDone(_) => batch.steps.push((service, step)),
                }
            }
            Job::Learned(service, learned) => self.learn(service, learned, batch),
            Job::Web(question) => self.show(*question, batch),
            Job::Feeds(job) => self.feed(job, batch),
            Job::Alive(asker) => {
                // Whoever asked may have given up.
                let _ = asker.send(());
            }
        }
    }

    /// Nothing is said before it is durable, to whoever asked and to whoever is told.
    fn finish(&mut self, batch: Batch) {
        let is_due = batch.needs_commit || self.is_unsettled() && self.next_settle <= Instant::now();
        let is_kept = if is_due {
            self.commit(batch.answers)
        } else {
            batch.answers.into_iter().for_each(Answer::send);
            true
        };
        self.tell_web(batch.web, is_kept);
        tell_feeds(batch.taken, is_kept);
        for (service, step) in batch.steps {
            self.deliver(service, step);
        }
    }

    /// Decides about a request, or puts it aside where rosters are missing.
    pub(super) fn attend(&mut self, asked: Asked, round: u8, batch: &mut Batch) {
        let stanza = match self.decide(&asked) {
            Ok(response) => answer::result(&asked.head, &response),
            Err(Failure::Refused(refusal)) => {
                tracing::debug!(why = ?refusal.why, "refused");
                answer::error(&asked.head, &refusal)
            }
            Err(Failure::Faulted(fault)) => answer::error(&asked.head, &hidden(&fault)),
            Err(Failure::Missing(owners)) if round < ROSTER_ROUNDS_MAX => {
                return self.put_aside(asked, round, owners, batch);
            }
            Err(Failure::Missing(_)) => answer::error(&asked.head, &undecidable()),
        };
        let Asked { head, request, link, ticket, .. } = asked;
        batch.needs_commit |= request.as_ref().is_ok_and(Request::changes);
        batch.answers.push(Answer { head, link, ticket, stanza });
    }

    fn decide(&mut self, asked: &Asked) -> Result<Response, Failure> {
        let request = asked.request.as_ref().map_err(|refusal| Failure::Refused(refusal.clone()))?;
        self.with_engine(asked.service, &asked.from, |ctx, tx| handle(ctx, tx, request))
    }

    /// Asks the engine for somebody, in one transaction.
    pub(super) fn with_engine<R>(
        &mut self,
        service: usize,
        from: &Jid,
        mut ask: impl FnMut(&mut Context<'_>, &mut dyn Tx) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let desk = self.desks.get(service);
        let desk = desk.ok_or_else(|| Fault::Bug("a request to no service".to_owned()))?;
        let (now, ids, rosters) = (now(), &mut RandomIds, &self.rosters);
        transact(self.store.as_mut(), |tx| {
            let mut context = Context { service: &desk.service, from, now, rosters, ids };
            // A bug in one request is that request's misfortune, not everybody's.
            catch_unwind(AssertUnwindSafe(|| ask(&mut context, tx)))
                .unwrap_or_else(|_| Err(Fault::Bug("a request made the engine panic".to_owned()).into()))
        })
    }

    /// Makes durable what was decided, then says it. False: nothing of it happened, and that is what is said.
    pub(super) fn commit(&mut self, answers: Vec<Answer>) -> bool {
        let Self { store, desks, .. } = self;
        let settled: Vec<bool> = desks.iter().map(|desk| settle(store.as_mut(), &desk.outbox)).collect();
        match store.commit() {
            Ok(()) => {
                self.commits.happened(&store.changed());
                answers.into_iter().for_each(Answer::send);
                for (desk, settled) in desks.iter_mut().zip(&settled) {
                    if *settled {
                        desk.outbox.settled();
                    }
                    desk.wake.notify_one();
                }
                if settled.contains(&false) {
                    self.next_settle = Instant::now() + STORE_RETRY_AFTER;
                }
                true
            }
            Err(fault) => {
                let refusal = hidden(&fault);
                for answer in answers.into_iter().filter(Answer::is_awaited) {
                    let stanza = answer::error(&answer.head, &refusal);
                    Answer { stanza, ..answer }.send();
                }
                self.next_settle = Instant::now() + STORE_RETRY_AFTER;
                false
            }
        }
    }

    fn deliver(&mut self, service: usize, step: Step) {
        let Some(Desk { outbox, reach, .. }) = self.desks.get_mut(service) else { return };
        let reach = Reachable { reach, rosters: &self.rosters, now: now() };
        match step {
            Step::Next(asker) => {
                let portion = told(transact(self.store.as_mut(), |tx| Ok(outbox.next(tx, reach)?)));
                if asker.send(portion).is_err() {
                    // It was for a connection that is gone.
                    outbox.lost();
                }
                let missing: Vec<String> = outbox.take_missing().into_iter().collect();
                // Those for which there is no room now are missed again.
                self.inquire(service, &missing);
            }
            Step::IsDone(asker) => {
                let is_done = told(transact(self.store.as_mut(), |tx| Ok(outbox.is_done(tx, reach)?)));
                // Whoever asked may have given up.
                let _ = asker.send(is_done.unwrap_or(false));
            }
            Step::Proven(portion) => outbox.proven(portion),
            Step::Begin(multicast) => outbox.begin(multicast),
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
        let on_web = self.desks.iter().any(|desk| desk.service.on_web);
        let (rosters, mut missing) = (&self.rosters, Vec::new());
        let seen = told(transact(self.store.as_mut(), |tx| {
            missing.clear();
            Ok(upkeep(tx, rosters, now(), on_web, &mut |service, owners| {
                missing.push((service.to_owned(), owners));
            })?)
        }));
        let seen = seen.unwrap_or(0);
        for (service, owners) in missing {
            if let Some(index) = self.desks.iter().position(|desk| desk.service.jid == service) {
                self.inquire(index, &owners);
            }
        }
        let is_kept = seen > 0 && self.commit(Vec::new());
        if seen < UPKEEP_PORTION || !is_kept {
            self.next_upkeep = Instant::now() + UPKEEP_EVERY;
        }
    }

    /// Removes a part of what deleted nodes left, so small that a request need not wait long.
    fn sweep(&mut self) {
        if !self.is_sweeping() {
            return;
        }
        let Self { store, desks, .. } = self;
        let swept: Vec<_> = desks
            .iter()
            .map(|desk| told(transact(store.as_mut(), |tx| Ok(desk.outbox.sweep(tx)?))))
            .collect();
        if !self.commit(Vec::new()) || swept.iter().any(Result::is_err) {
            self.next_sweep = Instant::now() + STORE_RETRY_AFTER;
            return;
        }
        for (desk, swept) in self.desks.iter_mut().zip(swept) {
            if let Ok(Some(key)) = swept {
                desk.outbox.swept(key);
            }
        }
    }
}

fn settle(store: &mut dyn Store, outbox: &Outbox) -> bool {
    !outbox.is_unsettled() || told(transact(store, |tx| Ok(outbox.settle(tx)?))).is_ok()
}

/// The wall clock, which only decides what is shown, never an order.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
