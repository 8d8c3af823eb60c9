//! What the line does for feeds of the web: says which are to be fetched, and takes what was.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::config::Config;
use crate::pubsub::import::{self, Document, Feed, Fetched, Outcome, Push, Rest, Step};
use crate::pubsub::{Failure, Fault, Jid};
use crate::store::transact;

use super::faults::{hidden, told};
use super::inquiry::undecidable;
use super::line::{Batch, Line, now};

/// What is asked of the line.
pub(super) enum FeedJob {
    /// Up to so many feeds that are to be fetched.
    Due(usize, oneshot::Sender<Vec<Feed>>),
    /// To take what was fetched, from some place on.
    Take(Arc<Fetched>, Rest, oneshot::Sender<Option<Rest>>),
    /// What the hub of a feed is to be asked for now.
    Wanted(String, oneshot::Sender<Option<Push>>),
}

/// What is said once it is durable. Nothing is said of what is not.
pub(super) enum Taken {
    /// Where to go on, if something is left.
    Rest(oneshot::Sender<Option<Rest>>, Option<Rest>),
    /// What a hub is asked for.
    Wanted(oneshot::Sender<Option<Push>>, Option<Push>),
}

/// Says it, if it is.
pub(super) fn tell_feeds(taken: Vec<Taken>, is_kept: bool) {
    for taken in taken.into_iter().filter(|_| is_kept) {
        // Whoever asked may have been told to stop.
        match taken {
            Taken::Rest(asker, rest) => drop(asker.send(rest)),
            Taken::Wanted(asker, push) => drop(asker.send(push)),
        }
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
                    batch.taken.push(Taken::Rest(asker, rest));
                }
            }
            FeedJob::Wanted(url, asker) => {
                let push = told(transact(self.store.as_mut(), |tx| Ok(import::wanted(tx, &url, now())?)));
                if let Ok(push) = push {
                    batch.needs_commit |= push.is_some();
                    batch.taken.push(Taken::Wanted(asker, push));
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
        let Some(service) = self.desks.iter().position(|desk| desk.service.jid == step.service) else {
            return Err(Fault::Bug(format!("a step for {}, which is not there", step.service)));
        };
        let from = Jid::from(step.service.clone());
        let refusal = match self.with_engine(service, &from, |ctx, tx| import::take(ctx, tx, document, step))
        {
            Ok(()) => return Ok(()),
            Err(Failure::Refused(refusal)) => refusal,
            Err(Failure::Missing(_)) => undecidable(),
            // A bug with one entry is that entry's misfortune, not everybody's.
            Err(Failure::Faulted(fault @ Fault::Bug(_))) => hidden(&fault),
            Err(Failure::Faulted(fault)) => return told(Err(fault.into())),
        };
        tracing::info!(url = step.import.url, node = step.node, why = %refusal.text, "an entry of a feed is refused");
        told(transact(self.store.as_mut(), |tx| Ok(import::refused(tx, document, step, &refusal, now())?)))
    }

    /// Has the feeds that the configuration names go to their nodes, and no others that it named before.
    pub(super) fn configure_feeds(&mut self, config: &Config) -> Result<(), Fault> {
        for (index, service) in config.services.iter().enumerate() {
            let its = config.fetch.feeds.iter().filter(|feed| feed.service == service.jid);
            let wanted: Vec<_> = its.map(|feed| (feed.url.clone(), feed.node.clone())).collect();
            // Whoever owns the nodes that have to be created. Without admins no feeds are configured.
            let owner = config.admins.first().map_or_else(|| service.jid.to_string(), ToString::to_string);
            self.configure_feeds_of(index, &Jid::from(owner), &wanted)?;
        }
        self.commit(Vec::new());
        Ok(())
    }

    fn configure_feeds_of(
        &mut self,
        service: usize,
        owner: &Jid,
        wanted: &[(String, String)],
    ) -> Result<(), Fault> {
        for (url, node) in wanted {
            match self.with_engine(service, owner, |ctx, tx| import::begin(ctx, tx, url, node, None)) {
                Ok(_) => {}
                Err(Failure::Refused(refusal)) => {
                    tracing::error!(url, node, "a configured feed cannot be imported: {}", refusal.text);
                }
                Err(failure) => told(Err(failure))?,
            }
        }
        told(self.with_engine(service, owner, |ctx, tx| Ok(import::end_others(ctx, tx, wanted)?)))
    }
}
