//! What the line does for feeds of the web: says which are to be fetched, and takes what was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::config::Config;
use crate::pubsub::import::{self, Document, Feed, Fetched, Outcome, Rest, Step};
use crate::pubsub::{Context, Failure, Fault, Jid, Why};
use crate::store::transact;

use super::faults::told;
use super::ids::RandomIds;
use super::inquiry::undecidable;
use super::line::{Batch, Line, now};

/// What is asked of the line.
pub(super) enum FeedJob {
    /// Up to so many feeds that are to be fetched.
    Due(usize, oneshot::Sender<Vec<Feed>>),
    /// To take what was fetched, from some place on.
    Take(Arc<Fetched>, Rest, oneshot::Sender<Option<Rest>>),
}

/// What is said once it is durable: where to go on, if something is left. Nothing is said of what is not.
pub(super) type Taken = (oneshot::Sender<Option<Rest>>, Option<Rest>);

/// Says it, if it is.
pub(super) fn tell_feeds(taken: Vec<Taken>, is_kept: bool) {
    for (asker, rest) in taken.into_iter().filter(|_| is_kept) {
        // Whoever asked may have been told to stop.
        let _ = asker.send(rest);
    }
}

impl Line {
    pub(super) fn feed(&mut self, job: FeedJob, batch: &mut Batch) {
        match job {
            FeedJob::Due(limit, asker) => {
                let due = told(transact(self.store.as_mut(), |tx| Ok(tx.feeds_due(now(), limit)?)));
                // Whoever asked may have been told to stop.
                let _ = asker.send(due.unwrap_or_default());
            }
            FeedJob::Take(fetched, from, asker) => {
                if let Ok(rest) = self.take(&fetched, from) {
                    batch.needs_commit = true;
                    batch.taken.push((asker, rest));
                }
            }
        }
    }

    /// Takes a few steps; where to go on.
    fn take(&mut self, fetched: &Fetched, from: Rest) -> Result<Option<Rest>, Fault> {
        if let Outcome::Read { document, .. } = &fetched.outcome {
            let Self { store, desks, .. } = self;
            let is_there = |service: &str| desks.iter().any(|desk| desk.service.jid == service);
            let plan = told(transact(store.as_mut(), |tx| {
                Ok(import::plan(tx, &fetched.url, document, now(), from, &is_there)?)
            }))?;
            for step in &plan.steps {
                self.step(document, step)?;
            }
            if plan.rest.is_some() {
                return Ok(plan.rest);
            }
        }
        told(transact(self.store.as_mut(), |tx| Ok(import::settle(tx, fetched, now())?)))?;
        Ok(None)
    }

    /// Takes a step as the service itself; what is refused is noted.
    fn step(&mut self, document: &Document, step: &Step) -> Result<(), Fault> {
        let Some(desk) = self.desks.iter().find(|desk| desk.service.jid == step.service) else {
            return Err(Fault::Bug(format!("a step for {}, which is not there", step.service)));
        };
        let (from, rosters) = (Jid::from(desk.service.jid.clone()), &self.rosters);
        let taken = transact(self.store.as_mut(), |tx| {
            let ids = &mut RandomIds;
            let mut context = Context { service: &desk.service, from: &from, now: now(), rosters, ids };
            // A bug with one entry is that entry's misfortune, not everybody's.
            catch_unwind(AssertUnwindSafe(|| import::take(&mut context, tx, document, step)))
                .unwrap_or_else(|_| Err(Why::Internal.because("it made the engine panic").into()))
        });
        let refusal = match taken {
            Err(Failure::Refused(refusal)) => refusal,
            Err(Failure::Missing(_)) => undecidable(),
            Err(Failure::Faulted(fault)) => return told(Err(fault.into())),
            Ok(()) => return Ok(()),
        };
        tracing::info!(url = step.import.url, node = step.node, why = %refusal.text, "an entry of a feed is refused");
        told(transact(self.store.as_mut(), |tx| Ok(import::refused(tx, document, step, &refusal, now())?)))
    }

    /// Has the feeds that the configuration names go to their nodes, and no others that it named before.
    pub(super) fn configure_feeds(&mut self, config: &Config) -> Result<(), Fault> {
        for (index, service) in config.services.iter().enumerate() {
            let its = config.fetch.feeds.iter().filter(|feed| feed.service == service.jid);
            let wanted: Vec<_> = its.map(|feed| (feed.url.clone(), feed.node.clone())).collect();
            self.configure_feeds_of(index, &wanted)?;
        }
        self.commit(Vec::new());
        Ok(())
    }

    fn configure_feeds_of(&mut self, service: usize, wanted: &[(String, String)]) -> Result<(), Fault> {
        let Some(desk) = self.desks.get(service) else { return Ok(()) };
        // Whoever owns the nodes that have to be created. Without admins no feeds are configured.
        let owner = desk.service.admins.first().unwrap_or(&desk.service.jid);
        let (from, rosters) = (Jid::from(owner.clone()), &self.rosters);
        let store = self.store.as_mut();
        for (url, node) in wanted {
            let begun = transact(store, |tx| {
                let ids = &mut RandomIds;
                let mut context = Context { service: &desk.service, from: &from, now: now(), rosters, ids };
                import::begin(&mut context, tx, url, node, None)
            });
            match begun {
                Ok(_) => {}
                Err(Failure::Refused(refusal)) => {
                    tracing::error!(url, node, "a configured feed cannot be imported: {}", refusal.text);
                }
                Err(failure) => told(Err(failure))?,
            }
        }
        told(transact(store, |tx| {
            let ids = &mut RandomIds;
            let context = Context { service: &desk.service, from: &from, now: now(), rosters, ids };
            Ok(import::end_others(&context, tx, wanted)?)
        }))
    }
}
