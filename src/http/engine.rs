//! How the web side asks the engine: through the line, which decides for the web and for XMPP alike.
//!
//! Only a few questions of the web are with the line at a time, so that however many readers there are, what comes over
//! XMPP waits for a few questions at most. The others wait here, and not for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::limits::{
    WEB_PATIENCE, WEB_QUESTIONS_MAX, WEB_ROSTER_PAUSE, WEB_ROSTER_PAUSE_MAX, WEB_ROSTER_ROUNDS_MAX,
};
use crate::pubsub::hub::{Ask, Told};
use crate::pubsub::import::{Awaited, Intent, News};
use crate::pubsub::reader::{Look, Sight};
use crate::pubsub::{Jid, Refusal, Request, Response};

/// A question on its way to the line, and where its answer goes.
#[derive(Debug)]
pub struct Question {
    /// Which of the services is asked.
    pub service: usize,
    /// What is asked.
    pub asked: Asked,
    /// Given back once it is answered.
    _turn: OwnedSemaphorePermit,
}

/// What is asked.
#[derive(Debug)]
pub enum Asked {
    /// To see what anyone may read.
    Look(Look, oneshot::Sender<Result<Seen, Refusal>>),
    /// The same as over XMPP, by somebody who has shown who he is. There is nothing to say while it is being found out what
    /// is in the rosters that decide.
    Request(Box<(Jid, Request)>, oneshot::Sender<Result<Option<Response>, Refusal>>),
    /// What the hub has to know.
    Hub(Box<Ask>, oneshot::Sender<Result<Told, Refusal>>),
    /// Whether what a hub says at the callback of a token is about what it was asked for.
    Intent(Box<(String, Intent)>, oneshot::Sender<Result<bool, Refusal>>),
    /// Whose news come to the callback of a token.
    Awaited(String, oneshot::Sender<Result<Option<Awaited>, Refusal>>),
}

impl Asked {
    /// Whether nobody waits for the answer any more: he has been told that nothing was done.
    pub fn is_given_up(&self) -> bool {
        match self {
            Self::Look(_, answer) => answer.is_closed(),
            Self::Request(_, answer) => answer.is_closed(),
            Self::Hub(_, answer) => answer.is_closed(),
            Self::Intent(_, answer) => answer.is_closed(),
            Self::Awaited(_, answer) => answer.is_closed(),
        }
    }
}

/// What was seen.
#[derive(Debug)]
pub struct Seen {
    /// It.
    pub sight: Sight,
    /// After which commit.
    pub as_of: u64,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The engine refuses.
    Refused(Refusal),
    /// Not now: there is too much to do, or the program ends.
    Busy,
}

/// Asks.
#[derive(Clone, Debug)]
pub struct Engine {
    questions: mpsc::Sender<Question>,
    turns: Arc<Semaphore>,
    patience: Duration,
    /// Where what hubs push goes, if anywhere.
    news: Option<mpsc::Sender<News>>,
}

impl Engine {
    /// One who asks, and what he asks, for the line.
    pub fn new() -> (Self, mpsc::Receiver<Question>) {
        let (questions, asked) = mpsc::channel(WEB_QUESTIONS_MAX);
        let turns = Arc::new(Semaphore::new(WEB_QUESTIONS_MAX));
        (Self { questions, turns, patience: WEB_PATIENCE, news: None }, asked)
    }

    /// The same, with somebody who wants what hubs push.
    #[must_use]
    pub fn with_news(self, news: mpsc::Sender<News>) -> Self {
        Self { news: Some(news), ..self }
    }

    /// Looks at what anyone may read.
    pub async fn look(&self, service: usize, look: Look) -> Result<Seen, NoAnswer> {
        self.ask(service, |answer| Asked::Look(look, answer)).await
    }

    /// Asks for somebody, by the same rules as over XMPP. Where rosters decide he waits for them, so that nobody learns by
    /// being put off that there is something that he may not know of. He waits here: nobody has to wait for his turn.
    pub async fn request(&self, service: usize, from: Jid, request: Request) -> Result<Response, NoAnswer> {
        let (asked, mut pause) = ((from, request), WEB_ROSTER_PAUSE);
        for _ in 0..WEB_ROSTER_ROUNDS_MAX {
            let asked = Box::new(asked.clone());
            if let Some(response) = self.ask(service, |answer| Asked::Request(asked, answer)).await? {
                return Ok(response);
            }
            sleep(pause).await;
            pause = (2 * pause).min(WEB_ROSTER_PAUSE_MAX);
        }
        Err(NoAnswer::Busy)
    }

    /// Asks for the hub.
    pub async fn hub(&self, service: usize, ask: Ask) -> Result<Told, NoAnswer> {
        self.ask(service, |answer| Asked::Hub(Box::new(ask), answer)).await
    }

    /// Says what a hub says at the callback of a token; whether it is about what the hub was asked for.
    pub async fn intent(&self, token: String, intent: Intent) -> Result<bool, NoAnswer> {
        self.ask(0, |answer| Asked::Intent(Box::new((token, intent)), answer)).await
    }

    /// Asks whose news come to the callback of a token.
    pub async fn awaited(&self, token: String) -> Result<Option<Awaited>, NoAnswer> {
        self.ask(0, |answer| Asked::Awaited(token, answer)).await
    }

    /// Hands over what a hub has pushed, which is read when there is time.
    pub fn pass_on(&self, news: News) -> Result<(), NoAnswer> {
        let sent = self.news.as_ref().map(|to| to.try_send(news));
        if sent.is_some_and(|sent| sent.is_ok()) { Ok(()) } else { Err(NoAnswer::Busy) }
    }

    async fn ask<T>(
        &self,
        service: usize,
        asked: impl FnOnce(oneshot::Sender<Result<T, Refusal>>) -> Asked,
    ) -> Result<T, NoAnswer> {
        let (answer, answered) = oneshot::channel();
        let asking = async {
            let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
            let question = Question { service, asked: asked(answer), _turn: turn };
            self.questions.send(question).await.ok()?;
            answered.await.ok()
        };
        let answered = timeout(self.patience, asking).await.ok().flatten();
        answered.ok_or(NoAnswer::Busy)?.map_err(NoAnswer::Refused)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Engine, NoAnswer};
    use crate::pubsub::{Jid, Request};

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_to_be_done() {
        for (patience, is_given_up) in [(60_000, false), (10, true)] {
            let (engine, mut questions) = Engine::new();
            let engine = Engine { patience: Duration::from_millis(patience), ..engine };
            let asking = tokio::spawn(async move {
                engine.request(0, Jid::from_host("ed@example.com"), Request::Ping).await
            });
            let question = questions.recv().await.unwrap();
            if is_given_up {
                assert!(matches!(asking.await.unwrap(), Err(NoAnswer::Busy)));
            }
            assert_eq!(question.asked.is_given_up(), is_given_up);
        }
    }
}
