//! The web side at the line: its questions, decided with all others and answered when they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::http::{self, Asked, Hub, Question, Seen, Server, router, run_hub};
use crate::pubsub::hub;
use crate::pubsub::import::{self, Awaited, News};
use crate::pubsub::node::NodeKey;
use crate::pubsub::reader::{self, look};
use crate::pubsub::{Failure, Jid, Refusal, Response, Why, handle};
use crate::store::transact;

use super::faults::{hidden, told};
use super::line::{Batch, Job, Line, now};

/// An answer to the web side that waits for its turn.
pub(super) enum Told {
    Seen(oneshot::Sender<Result<Seen, Refusal>>, Result<Seen, Refusal>),
    Response(oneshot::Sender<Result<Option<Response>, Refusal>>, Box<Result<Option<Response>, Refusal>>),
    Hub(oneshot::Sender<Result<hub::Told, Refusal>>, Result<hub::Told, Refusal>),
    Intended(oneshot::Sender<Result<bool, Refusal>>, Result<bool, Refusal>),
    Awaited(oneshot::Sender<Result<Option<Awaited>, Refusal>>, Result<Option<Awaited>, Refusal>),
}

/// The commits of the store, one after the other.
pub(super) struct Commits {
    /// How many there have been.
    pub(super) number: u64,
    web: Option<Arc<http::Web>>,
}

impl Commits {
    /// None yet.
    pub(super) fn new(web: Option<Arc<http::Web>>) -> Self {
        Self { number: 0, web }
    }

    /// One more, which has changed these nodes: the web side is told before anybody else.
    pub(super) fn happened(&mut self, changed: &BTreeSet<NodeKey>) {
        self.number += 1;
        if let Some(web) = &self.web {
            web.changed(self.number, changed);
        }
    }
}

/// The web side before its first request.
pub(super) struct Web {
    pub(super) shown: Arc<http::Web>,
    listener: TcpListener,
    questions: mpsc::Receiver<Question>,
}

/// The web side while it serves.
pub(super) struct Serving {
    server: Server,
    questions: JoinHandle<()>,
}

impl Web {
    /// Listens. Nobody is served yet.
    pub(super) async fn open(
        settings: &http::Settings,
        config: &Config,
        news: mpsc::Sender<News>,
    ) -> Result<Self, String> {
        let listener = Server::bind(settings.listen).await?;
        let (engine, questions) = http::Engine::new();
        let engine = engine.with_news(news);
        let services = config.services.iter().map(|service| service.jid.to_string()).collect();
        let shown = http::Web::new(settings.clone(), services, engine, hub(settings, config));
        Ok(Self { shown, listener, questions })
    }

    /// Serves. What is asked is put into the line, little at a time, so the line's own queue stays short.
    pub(super) fn start(self, line: &mpsc::Sender<Job>) -> Serving {
        let Self { shown, listener, mut questions } = self;
        let settings = shown.settings();
        tracing::info!(listen = %settings.listen, public_url = %settings.public, "the web side is open");
        let line = line.clone();
        let questions = tokio::spawn(async move {
            while let Some(question) = questions.recv().await {
                if line.send(Job::Web(Box::new(question))).await.is_err() {
                    return;
                }
            }
        });
        // It ends with the web side.
        tokio::spawn(run_hub(Arc::clone(&shown)));
        let stop = shown.stop();
        Serving { server: Server::start(listener, router(shown), stop), questions }
    }
}

/// The hub, if there is to be one.
fn hub(settings: &http::Settings, config: &Config) -> Option<Hub> {
    let agent = format!("atomsub/{} (+{})", env!("CARGO_PKG_VERSION"), settings.public);
    let hub = settings.hub.then(|| Hub::new(&agent, &config.fetch.allow))?;
    hub.map_err(|why| tracing::error!("there is no hub: {why}")).ok()
}

impl Serving {
    /// Ends it, and its hold on the line.
    pub(super) async fn stop(self) {
        self.server.stop().await;
        self.questions.abort();
    }
}

impl Line {
    /// Decides about a question of the web side.
    pub(super) fn show(&mut self, question: Question, batch: &mut Batch) {
        let Question { service, asked, .. } = question;
        // It may have waited long behind others.
        if asked.is_given_up() {
            return;
        }
        batch.web.push(match asked {
            Asked::Look(wanted, answer) => {
                let anyone = Jid::from_host(reader::ANYONE);
                let sight = self.with_engine(service, &anyone, |ctx, tx| look(ctx, tx, &wanted));
                let seen =
                    self.refusal(service, sight).map(|sight| Seen { sight, as_of: self.commits.number });
                Told::Seen(answer, seen)
            }
            Asked::Request(asked, answer) => {
                let (from, request) = *asked;
                let response = self.with_engine(service, &from, |ctx, tx| handle(ctx, tx, &request));
                batch.needs_commit |= request.changes();
                let response = match response {
                    Err(Failure::Missing(owners)) => {
                        self.inquire(service, &owners);
                        Ok(None)
                    }
                    decided => self.refusal(service, decided).map(Some),
                };
                Told::Response(answer, Box::new(response))
            }
            Asked::Hub(ask, answer) => {
                let anyone = Jid::from_host(reader::ANYONE);
                let told = self.with_engine(service, &anyone, |ctx, tx| hub::hub(ctx, tx, &ask));
                batch.needs_commit |= ask.changes();
                Told::Hub(answer, self.refusal(service, told))
            }
            Asked::Intent(said, answer) => {
                let (token, intent) = *said;
                let intended = told(transact(self.store.as_mut(), |tx| {
                    Ok(import::intended(tx, &token, &intent, now())?)
                }));
                batch.needs_commit = true;
                Told::Intended(answer, intended.map_err(|_| lost()))
            }
            Asked::Awaited(token, answer) => {
                let awaited = told(transact(self.store.as_mut(), |tx| Ok(import::awaited(tx, &token)?)));
                Told::Awaited(answer, awaited.map_err(|_| lost()))
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
    pub(super) fn tell_web(&self, answers: Vec<Told>, is_kept: bool) {
        for told in answers {
            // Whoever asked may have given up.
            match told {
                Told::Seen(answer, seen) => {
                    let seen = if is_kept { seen } else { Err(lost()) };
                    let _ = answer.send(seen.map(|seen| Seen { as_of: self.commits.number, ..seen }));
                }
                Told::Response(answer, response) => {
                    let _ = answer.send(if is_kept { *response } else { Err(lost()) });
                }
                Told::Hub(answer, told) => {
                    let _ = answer.send(if is_kept { told } else { Err(lost()) });
                }
                Told::Intended(answer, intended) => {
                    let _ = answer.send(if is_kept { intended } else { Err(lost()) });
                }
                Told::Awaited(answer, awaited) => {
                    let _ = answer.send(if is_kept { awaited } else { Err(lost()) });
                }
            }
        }
    }
}

fn lost() -> Refusal {
    Why::Internal.because("the service could not do this; its log tells more")
}
