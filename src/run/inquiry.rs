//! Rosters that a decision needs: the questions to the host, and the requests that wait for the answers.
//!
//! A request that waits holds back the later ones of its sender, so that they are answered in the order received.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::host::{Link, Ticket};
use crate::limits::{HELD_BACK_MAX, HELD_BACK_OF_ONE_MAX, QUESTIONS_MAX, ROSTER_PATIENCE};
use crate::pubsub::roster::Roster;
use crate::pubsub::{Jid, Refusal, Response, Why};
use crate::xmpp::answer;
use crate::xmpp::head::Head;
use crate::xmpp::roster::question;

use super::answer::Answer;
use super::line::{Asked, Batch, Job, Line, now};
use super::presence::Learned;

/// What was heard about rosters.
pub(super) enum RosterNews {
    /// A host says whether its rosters may be read.
    Privilege { domain: String, may_read: bool },
    /// An answer to a question.
    Answer { id: String, from: Jid, roster: Option<Roster> },
    /// No answer to a question came in time.
    Late { id: String },
    /// A host tells that a roster has changed.
    Changed { owner: Jid, head: Head, link: Link, ticket: Ticket },
}

/// Whose requests wait.
type Sender = (usize, String);

/// The questions under way and what waits for them.
pub(super) struct Inquiry {
    runtime: Handle,
    line: mpsc::WeakSender<Job>,
    /// Nobody else can know it, so nobody else can answer in the host's place.
    prefix: String,
    questions: u64,
    /// The owners whose rosters were asked for, and the ids of the questions.
    asking: BTreeMap<String, String>,
    held: BTreeMap<Sender, Held>,
}

/// What waits of one sender.
struct Held {
    /// The first one waits for rosters, the others for the first.
    waiting: VecDeque<Asked>,
    missing: BTreeSet<String>,
    /// How often the first one has waited.
    round: u8,
}

impl Inquiry {
    pub(super) fn new(runtime: Handle, line: mpsc::WeakSender<Job>) -> Self {
        let prefix = format!("{:032x}-", rand::random::<u128>());
        Self { runtime, line, prefix, questions: 0, asking: BTreeMap::new(), held: BTreeMap::new() }
    }

    /// Has a request wait behind those of its sender that wait already; gives it back where there are none.
    pub(super) fn hold_back(&mut self, asked: Asked) -> Option<Asked> {
        match self.held.get_mut(&sender(&asked)) {
            Some(held) => held.waiting.push_back(asked),
            None => return Some(asked),
        }
        None
    }

    /// Asks the host for a roster, unless that is under way; false when too many questions are.
    fn ask(&mut self, service: usize, jid: &str, link: Option<Link>, owner: &str) -> bool {
        if self.asking.contains_key(owner) {
            return true;
        }
        if self.asking.len() >= QUESTIONS_MAX {
            return false;
        }
        self.questions += 1;
        let id = format!("{}{}", self.prefix, self.questions);
        self.asking.insert(owner.to_owned(), id.clone());
        let question = question(jid, owner, &id);
        let asker = self.line.clone();
        self.runtime.spawn(async move {
            if let Some(session) = link.and_then(|link| link.session().ok()) {
                // If the link is lost, there will be no answer.
                let _ = session.notices(question.into()).await;
            }
            sleep(ROSTER_PATIENCE).await;
            if let Some(line) = asker.upgrade() {
                let late = Learned::Roster(RosterNews::Late { id });
                let _ = line.send(Job::Learned(service, late)).await;
            }
        });
        true
    }

    /// The senders whose rosters are all there once this one is.
    fn ready(&mut self, owner: &str) -> Vec<Sender> {
        let mut ready = Vec::new();
        for (sender, held) in &mut self.held {
            if held.missing.remove(owner) && held.missing.is_empty() {
                ready.push(sender.clone());
            }
        }
        ready
    }

    fn is_full(&self, sender: &Sender) -> bool {
        let all: usize = self.held.values().map(|held| held.waiting.len()).sum();
        let own = self.held.get(sender).map_or(0, |held| held.waiting.len());
        all > HELD_BACK_MAX || own > HELD_BACK_OF_ONE_MAX
    }
}

impl Line {
    /// Takes note.
    pub(super) fn hear(&mut self, service: usize, news: RosterNews, batch: &mut Batch) {
        match news {
            RosterNews::Privilege { domain, may_read } => {
                if let Some(desk) = self.desks.get(service) {
                    let jid = &desk.service.jid;
                    tracing::info!(jid, domain, may_read, "the host says whether rosters may be read");
                    if may_read {
                        self.rosters.grant(jid, &domain);
                    } else {
                        self.rosters.revoke(jid, &domain);
                    }
                }
            }
            RosterNews::Answer { id, from, roster } => {
                let is_asked = from.is_bare() && self.inquiry.asking.get(from.bare()) == Some(&id);
                if is_asked {
                    self.answered(from.bare(), roster, batch);
                }
            }
            RosterNews::Late { id } => {
                let mut asked = self.inquiry.asking.iter();
                let owner = asked.find(|(_, asked)| **asked == id).map(|(owner, _)| owner.clone());
                if let Some(owner) = owner {
                    tracing::warn!(owner, "the host does not answer with a roster");
                    self.answered(&owner, None, batch);
                }
            }
            RosterNews::Changed { owner, head, link, ticket } => {
                self.rosters.forget(owner.bare());
                let stanza = answer::result(&head, &Response::Done);
                batch.answers.push(Answer { head, link, ticket, stanza });
            }
        }
    }

    /// Puts a request aside until the rosters of these owners are there.
    pub(super) fn put_aside(&mut self, asked: Asked, round: u8, owners: Vec<String>, batch: &mut Batch) {
        if self.inquire(asked.service, &owners) {
            let (sender, missing) = (sender(&asked), owners.into_iter().collect());
            self.inquiry.held.insert(sender, Held { waiting: VecDeque::from([asked]), missing, round });
        } else {
            batch.answers.push(refused(asked));
        }
    }

    /// Asks for rosters; false when not all of them could be asked for.
    pub(super) fn inquire(&mut self, service: usize, owners: &[String]) -> bool {
        let Some(desk) = self.desks.get(service) else { return false };
        let (jid, link) = (&desk.service.jid, &desk.link);
        owners.iter().all(|owner| self.inquiry.ask(service, jid, link.clone(), owner))
    }

    /// Refuses all that waits of a sender, in order, where that is too much.
    pub(super) fn let_go(&mut self, sender: &Sender, batch: &mut Batch) {
        if !self.inquiry.is_full(sender) {
            return;
        }
        let held = self.inquiry.held.remove(sender);
        batch.answers.extend(held.into_iter().flat_map(|held| held.waiting).map(refused));
    }

    fn answered(&mut self, owner: &str, roster: Option<Roster>, batch: &mut Batch) {
        self.inquiry.asking.remove(owner);
        self.rosters.keep(owner, roster, now());
        for desk in &self.desks {
            desk.wake.notify_one();
        }
        for sender in self.inquiry.ready(owner) {
            let Some(Held { waiting, mut round, .. }) = self.inquiry.held.remove(&sender) else { continue };
            for asked in waiting {
                if let Some(asked) = self.inquiry.hold_back(asked) {
                    self.attend(asked, round + 1, batch);
                }
                round = 0;
            }
        }
    }
}

/// What is said when it takes rosters to decide and they are not to be had.
pub(super) fn undecidable() -> Refusal {
    Why::ResourceConstraint.because("who may do this cannot be found out at the moment: ask again later")
}

fn refused(asked: Asked) -> Answer {
    let Asked { head, link, ticket, .. } = asked;
    let stanza = answer::error(&head, &undecidable());
    Answer { head, link, ticket, stanza }
}

/// Whose request it is.
pub(super) fn sender(asked: &Asked) -> Sender {
    (asked.service, asked.from.bare().to_owned())
}
