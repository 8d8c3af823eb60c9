//! The way to a host's multicast service (XEP-0033): found once for each connection, tried before it is used, and given
//! up at the first error.
//!
//! The service is a process of its own at the host, so an answered ping does not prove that it has passed on what it got.
//! A message to ourselves through it does: it comes back behind all that was sent before it, and behind its errors.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::host::{Down, Session};
use crate::limits::{MULTICAST_PATIENCE, MULTICAST_SEARCH_PATIENCE};
use crate::xml::Tree;
use crate::xmpp::head::Head;
use crate::xmpp::multicast::{self, Multicast};

/// What one service asks its host about multicast, and what comes back.
pub(super) struct Guide {
    /// The component's JID.
    jid: String,
    /// The host's domain; none where the service is not to be looked for.
    host: Option<String>,
    /// Nobody else can know it, so nobody else can answer in the host's place.
    prefix: String,
    asked: Mutex<Asked>,
    /// The address of the service as long as it is used.
    in_use: watch::Sender<Option<String>>,
}

/// The questions under way, by their ids.
#[derive(Default)]
struct Asked {
    last: u64,
    waiting: BTreeMap<String, Waiting>,
}

/// Somebody who waits for an answer.
struct Waiting {
    /// Whose answers count.
    of: Vec<String>,
    answer: oneshot::Sender<Tree>,
}

/// An answer that is under way.
pub(super) struct Answer(oneshot::Receiver<Tree>);

impl Answer {
    async fn by(self, deadline: Instant) -> Option<Tree> {
        timeout_at(deadline, self.0).await.ok()?.ok()
    }

    /// Whether a message to ourselves came back in time.
    async fn comes_back(self, patience: Duration) -> bool {
        let answer = self.by(Instant::now() + patience).await;
        answer.is_some_and(|message| message.root().attr("type") != Some("error"))
    }
}

impl Guide {
    /// For the component of this name.
    pub(super) fn new(jid: &str, searches: bool) -> Self {
        Self {
            jid: jid.to_owned(),
            host: jid.split_once('.').filter(|_| searches).map(|(_, host)| host.to_owned()),
            prefix: format!("{:032x}-", rand::random::<u128>()),
            asked: Mutex::default(),
            in_use: watch::Sender::new(None),
        }
    }

    /// Looks for the service and tries it; from then on it is in use. Nothing where there is none that works.
    pub(super) async fn find(&self, session: &Session) -> Result<Option<Multicast>, Down> {
        self.in_use.send_replace(None);
        let Some(host) = &self.host else { return Ok(None) };
        let Some((jid, recipients_max)) = self.search(session, host).await? else { return Ok(None) };
        let found = Multicast { jid, host: host.clone(), recipients_max };
        let echo = self.echo(session, &found).await?;
        if !echo.comes_back(MULTICAST_SEARCH_PATIENCE).await {
            tracing::warn!(found.jid, "the host's multicast service does not pass on what we send");
            return Ok(None);
        }
        tracing::info!(found.jid, recipients_max, "the host's users are told through its multicast service");
        self.in_use.send_replace(Some(found.jid.clone()));
        Ok(Some(found))
    }

    /// Sends a message to ourselves through the service, behind all that was sent before.
    pub(super) async fn echo(&self, session: &Session, multicast: &Multicast) -> Result<Answer, Down> {
        let (id, answer) = self.ask(&[&self.jid, &multicast.jid]);
        session.notices(multicast::echo(&self.jid, &multicast.jid, &id).into()).await?;
        Ok(answer)
    }

    /// Whether all that was sent before this message has been passed on. Otherwise the service is given up.
    pub(super) async fn has_passed(&self, echo: Answer) -> bool {
        if !echo.comes_back(MULTICAST_PATIENCE).await {
            self.in_use.send_replace(None);
        }
        // Errors come back before it does.
        self.in_use.borrow().is_some()
    }

    /// Waits until the service is given up.
    pub(super) async fn given_up(&self) {
        // The sender is our own.
        let _ = self.in_use.subscribe().wait_for(Option::is_none).await;
    }

    /// Waits until nothing of what was sent to the service is left there, so that it cannot arrive after what follows.
    pub(super) async fn drained(&self, session: &Session, multicast: &Multicast) -> Result<(), Down> {
        tracing::warn!(multicast.jid, "the host's multicast service is not used any more on this connection");
        let echo = self.echo(session, multicast).await?;
        // However it comes back, or if it does not: it is given up.
        let _ = timeout(MULTICAST_PATIENCE, echo.0).await;
        Ok(())
    }

    /// Takes note of a stanza; whether that is all there is to do with it.
    pub(super) fn notice(&self, stanza: &Tree, head: &Head) -> bool {
        if self.host.is_none() {
            return false;
        }
        let (Some(id), Some(from)) = (&head.id, &head.from) else { return false };
        let mut asked = self.asked();
        let is_answer = asked.waiting.get(id).is_some_and(|waiting| waiting.of.contains(from));
        if is_answer && let Some(waiting) = asked.waiting.remove(id) {
            // Whoever asked may have given up.
            let _ = waiting.answer.send(stanza.clone());
            return true;
        }
        if head.name == "message" && head.kind.as_deref() == Some("error") {
            self.in_use.send_if_modified(|in_use| in_use.take_if(|jid| jid == from).is_some());
        }
        false
    }

    /// The host itself, or the first of its services that has multicast.
    async fn search(&self, session: &Session, host: &str) -> Result<Option<(String, usize)>, Down> {
        let all = [host.to_owned()];
        if let Some(found) = self.first_of(session, &all).await? {
            return Ok(Some(found));
        }
        let (id, answer) = self.ask(&[host]);
        session.notices(multicast::items_question(&self.jid, host, &id).into()).await?;
        let items = answer.by(Instant::now() + MULTICAST_SEARCH_PATIENCE).await;
        let services = items.map(|items| multicast::services(items.root())).unwrap_or_default();
        self.first_of(session, &services).await
    }

    /// Asks all of these what they are.
    async fn first_of(&self, session: &Session, jids: &[String]) -> Result<Option<(String, usize)>, Down> {
        let mut answers = Vec::new();
        for jid in jids.iter().filter(|jid| **jid != self.jid) {
            let (id, answer) = self.ask(&[jid]);
            session.notices(multicast::info_question(&self.jid, jid, &id).into()).await?;
            answers.push((jid, answer));
        }
        let deadline = Instant::now() + MULTICAST_SEARCH_PATIENCE;
        for (jid, answer) in answers {
            let info = answer.by(deadline).await;
            if let Some(max) = info.and_then(|info| multicast::recipients_max(info.root())) {
                return Ok(Some((jid.clone(), max)));
            }
        }
        Ok(None)
    }

    fn ask(&self, of: &[&str]) -> (String, Answer) {
        let (answer, receiver) = oneshot::channel();
        let mut asked = self.asked();
        // Those who gave up.
        asked.waiting.retain(|_, waiting| !waiting.answer.is_closed());
        asked.last += 1;
        let id = format!("{}{}", self.prefix, asked.last);
        let of = of.iter().map(|of| (*of).to_owned()).collect();
        asked.waiting.insert(id.clone(), Waiting { of, answer });
        (id, Answer(receiver))
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
