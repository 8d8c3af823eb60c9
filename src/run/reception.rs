//! The reception of a service: what comes from the link, read and put into the line.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::host::{Inbound, Link, Ticket};
use crate::pubsub::chat::talks::{Talks, Turn};
use crate::pubsub::chat::{Chat, Words};
use crate::pubsub::{Jid, Refusal, Request, Why};
use crate::xml::{Tree, XmlError};
use crate::xmpp::head::Head;
use crate::xmpp::request::{self, Kind};
use crate::xmpp::{bounce, presence, roster};

use super::inquiry::RosterNews;
use super::line::{Asked, Job, now};
use super::multicast::Guide;
use super::presence::{Learned, Seen};
use super::roll_call::RollCall;

/// The reception of one service.
pub(super) struct Reception {
    pub(super) service: usize,
    pub(super) jid: String,
    pub(super) link: Link,
    pub(super) line: mpsc::Sender<Job>,
    /// Who waits for answers about multicast.
    pub(super) guide: Arc<Guide>,
    /// Who is answered in words.
    pub(super) talks: Talks,
}

impl Reception {
    /// Receives until the link has shut down.
    pub(super) async fn run(mut self, mut inbound: mpsc::Receiver<Inbound>) {
        let mut roll_call: Option<JoinHandle<()>> = None;
        while let Some(arrival) = inbound.recv().await {
            match arrival {
                Inbound::Stanza(stanza, ticket) => self.receive(&stanza, ticket).await,
                Inbound::Refused { head, why, ticket } => {
                    if let Some(from) = self.sender(&head).filter(|_| head.wants_answer()) {
                        self.ask(head, from, Err(unreadable(&why)), ticket).await;
                    }
                }
                Inbound::Up => {
                    self.learn(Learned::LinkUp(self.link.clone())).await;
                    roll_call = Some(self.call_the_roll());
                }
                Inbound::Down => {
                    roll_call.take().inspect(JoinHandle::abort);
                    self.learn(Learned::LinkLost).await;
                }
            }
        }
        roll_call.inspect(JoinHandle::abort);
    }

    async fn receive(&mut self, stanza: &Tree, ticket: Ticket) {
        let head = Head::of(stanza);
        if self.guide.notice(stanza, &head) {
            return;
        }
        let Some(ticket) = self.notice_roster(stanza, &head, ticket).await else { return };
        if head.name == "message" && head.kind.as_deref() != Some("error") {
            let request = request::read_message(stanza.root(), &self.jid);
            if let (Some(request), Some(from)) = (request, self.sender(&head))
                && let Some(request) = self.bounded(request, &from)
            {
                self.ask(head, from, Ok(request), ticket).await;
            }
            return;
        }
        // Of the rest only an IQ and presence that ask are answered, or two services could talk for ever.
        let kind = match (head.name.as_str(), head.kind.as_deref()) {
            ("iq", Some("get")) => Kind::Get,
            ("iq", Some("set")) => Kind::Set,
            ("presence", _) => return self.notice_presence(stanza, head, ticket).await,
            ("message", Some("error")) => return self.notice_bounce(stanza, &head).await,
            _ => return,
        };
        let Some(from) = self.sender(&head) else { return };
        let request = if head.to.as_deref() == Some(self.jid.as_str()) {
            request::read(kind, stanza.root())
        } else {
            Err(Why::ServiceUnavailable.because(format!("there is nobody here but {}", self.jid)))
        };
        self.ask(head, from, request, ticket).await;
    }

    /// The request, unless its sender has talked too much already.
    fn bounded(&mut self, request: Request, from: &Jid) -> Option<Request> {
        let Request::Chat(chat) = request else { return Some(request) };
        match self.talks.turn(from, now()) {
            Turn::Answer => Some(Request::Chat(chat)),
            Turn::LastWord => Some(Request::Chat(Chat { words: Words::TooMuch, ..chat })),
            Turn::Silence => None,
        }
    }

    /// Who sent a stanza, unless it was the service itself.
    fn sender(&self, head: &Head) -> Option<Jid> {
        head.from
            .as_deref()
            .map(Jid::from_host)
            .filter(|from| !from.bare().is_empty() && from.bare() != self.jid)
    }

    async fn notice_presence(&self, stanza: &Tree, head: Head, ticket: Ticket) {
        let Some(presence) = presence::read(stanza.root()) else { return };
        let is_ours = head.to.as_deref() == Some(self.jid.as_str());
        if let Some(from) = self.sender(&head).filter(|_| is_ours) {
            let link = self.link.clone();
            self.learn(Learned::Presence(Box::new(Seen { head, from, presence, link, ticket }))).await;
        }
    }

    async fn notice_bounce(&self, stanza: &Tree, head: &Head) {
        if let Some(from) = self.sender(head)
            && let Some(id) = head.id.clone()
            && let Some(condition) = bounce::condition(stanza.root())
        {
            self.learn(Learned::Bounce { from, id, condition }).await;
        }
    }

    /// Takes what is about rosters; the ticket comes back when it is not.
    async fn notice_roster(&self, stanza: &Tree, head: &Head, ticket: Ticket) -> Option<Ticket> {
        let (root, Some(from)) = (stanza.root(), self.sender(head)) else { return Some(ticket) };
        let news = match (head.name.as_str(), head.kind.as_deref()) {
            ("message", kind) if kind != Some("error") && from.local().is_none() && from.is_bare() => {
                let Some(may_read) = roster::privilege(root) else { return Some(ticket) };
                RosterNews::Privilege { domain: from.bare().to_owned(), may_read }
            }
            ("iq", Some("result" | "error")) => {
                let Some(id) = head.id.clone() else { return Some(ticket) };
                RosterNews::Answer { id, from, roster: roster::answer(root) }
            }
            ("iq", Some("set")) if from.is_bare() && roster::is_push(root) => {
                let (head, link) = (head.clone(), self.link.clone());
                RosterNews::Changed { owner: from, head, link, ticket }
            }
            _ => return Some(ticket),
        };
        self.learn(Learned::Roster(news)).await;
        None
    }

    fn call_the_roll(&self) -> JoinHandle<()> {
        let call = RollCall { service: self.service, link: self.link.clone(), line: self.line.clone() };
        tokio::spawn(call.run())
    }

    async fn learn(&self, learned: Learned) {
        // The line goes away last.
        let _ = self.line.send(Job::Learned(self.service, learned)).await;
    }

    async fn ask(&self, head: Head, from: Jid, request: Result<Request, Refusal>, ticket: Ticket) {
        let asked = Asked { service: self.service, head, from, request, link: self.link.clone(), ticket };
        // The line goes away last, when nobody reads answers any more.
        let _ = self.line.send(Job::Request(Box::new(asked))).await;
    }
}

/// Why a stanza is not even read.
fn unreadable(why: &XmlError) -> Refusal {
    match why {
        XmlError::Over(limit) => Why::StanzaTooBig.because(limit.to_string()),
        XmlError::Malformed(_) | XmlError::UndeclaredPrefix(_) | XmlError::DuplicateAttribute(_) => {
            Why::BadRequest.because(why.to_string())
        }
    }
}
