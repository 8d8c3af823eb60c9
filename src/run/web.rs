//! The web side at the line: its questions, decided with all others and answered when they are.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::http::{Asked, Question, Seen};
use crate::pubsub::reader::{self, look};
use crate::pubsub::{Failure, Jid, Refusal, Response, Why, handle};

use super::answer::hidden;
use super::line::{Batch, Job, Line};

/// An answer to the web side that waits for its turn.
pub(super) enum Told {
    Seen(oneshot::Sender<Result<Seen, Refusal>>, Result<Seen, Refusal>),
    Response(oneshot::Sender<Result<Response, Refusal>>, Box<Result<Response, Refusal>>),
}

/// Puts the questions of the web side into the line. Few are under way at a time, so the line's queue stays short.
pub(super) fn forward(mut questions: mpsc::Receiver<Question>, line: mpsc::Sender<Job>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(question) = questions.recv().await {
            if line.send(Job::Web(Box::new(question))).await.is_err() {
                return;
            }
        }
    })
}

impl Line {
    /// Decides about a question of the web side.
    pub(super) fn show(&mut self, question: Question, batch: &mut Batch) {
        let Question { service, asked, .. } = question;
        batch.web.push(match asked {
            Asked::Look(wanted, answer) => {
                let anyone = Jid::from_host(reader::ANYONE);
                let sight = self.with_engine(service, &anyone, |ctx, tx| look(ctx, tx, &wanted));
                let seen = self.refusal(service, sight).map(|sight| Seen { sight, as_of: self.commits });
                Told::Seen(answer, seen)
            }
            Asked::Request(asked, answer) => {
                let (from, request) = *asked;
                let response = self.with_engine(service, &from, |ctx, tx| handle(ctx, tx, &request));
                batch.needs_commit |= request.changes();
                Told::Response(answer, Box::new(self.refusal(service, response)))
            }
        });
    }

    /// What the web side is told of a failure. Nobody waits there for rosters: they are asked for, and there when
    /// somebody tries again.
    fn refusal<R>(&mut self, service: usize, decided: Result<R, Failure>) -> Result<R, Refusal> {
        decided.map_err(|failure| match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Faulted(fault) => hidden(&fault),
            Failure::Missing(owners) => {
                self.inquire(service, &owners);
                Why::ResourceConstraint.because("who may do this is being found out: try again in a moment")
            }
        })
    }

    /// Tells the web side, unless what was decided has not happened.
    pub(super) fn tell_web(&self, told: Vec<Told>, is_kept: bool) {
        let lost = || Why::Internal.because("the service could not do this; its log tells more");
        for told in told {
            // Whoever asked may have given up.
            match told {
                Told::Seen(answer, seen) => {
                    let seen = if is_kept { seen } else { Err(lost()) };
                    let _ = answer.send(seen.map(|seen| Seen { as_of: self.commits, ..seen }));
                }
                Told::Response(answer, response) => {
                    let _ = answer.send(if is_kept { *response } else { Err(lost()) });
                }
            }
        }
    }
}
