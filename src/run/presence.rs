//! What the line learns about others: who is online, and whose notices came back.

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::host::{Link, Ticket};
use crate::limits::CONTACTS_PAGE;
use crate::pubsub::bounce::{self, Meaning};
use crate::pubsub::presence::contact::{self, Contact};
use crate::pubsub::presence::receive::{Facts, Presence, receive, settle};
use crate::pubsub::presence::show::Show;
use crate::pubsub::{Failure, Jid, Tx};
use crate::store::transact;
use crate::xmpp::head::Head;
use crate::xmpp::presence::write;

use super::answer::Answer;
use super::faults::told;
use super::inquiry::RosterNews;
use super::line::{Batch, Desk, Line, now};

/// Something that was learned.
pub(super) enum Learned {
    /// Somebody sent presence.
    Presence(Box<Seen>),
    /// A notice came back.
    Bounce { from: Jid, id: String, condition: String },
    /// A page of contacts is to be greeted: the stanzas for them, and after whom to go on.
    Greeting(Option<String>, oneshot::Sender<(Bytes, Option<String>)>),
    /// All hosts had time to tell who is online: what follows for a page of contacts, and after whom to go on.
    Settled(Option<String>, oneshot::Sender<Option<String>>),
    /// Something about rosters.
    Roster(RosterNews),
    /// The link is up.
    LinkUp(Link),
    /// The link is lost.
    LinkLost,
}

/// Presence of somebody, and where what is said back goes.
pub(super) struct Seen {
    pub(super) head: Head,
    pub(super) from: Jid,
    pub(super) presence: Presence,
    pub(super) link: Link,
    pub(super) ticket: Ticket,
}

impl Line {
    /// Takes note.
    pub(super) fn learn(&mut self, service: usize, learned: Learned, batch: &mut Batch) {
        match learned {
            Learned::Presence(seen) => {
                batch.answers.extend(self.see(service, *seen));
                batch.needs_commit = true;
            }
            Learned::Bounce { from, id, condition } => self.bounced(service, &from, &id, &condition, batch),
            Learned::Greeting(after, asker) => {
                let greeted = self.contacts(service, after.as_deref(), |desk, _, contact, stanzas| {
                    greet(&desk.service.jid, contact, stanzas);
                    Ok(())
                });
                // Whoever asked is gone when the link is.
                let _ = asker.send(greeted);
            }
            Learned::Settled(after, asker) => {
                if let Some(desk) = self.desks.get_mut(service) {
                    desk.reach.presences.note_complete();
                }
                let (_, last) = self.contacts(service, after.as_deref(), |desk, tx, contact, _| {
                    Ok(settle(&desk.service, &desk.reach.presences, tx, contact)?)
                });
                let _ = asker.send(last);
                batch.needs_commit = true;
            }
            Learned::Roster(news) => self.hear(service, news, batch),
            Learned::LinkUp(link) => {
                if let Some(desk) = self.desks.get_mut(service) {
                    desk.link = Some(link);
                }
            }
            Learned::LinkLost => {
                if let Some(desk) = self.desks.get_mut(service) {
                    desk.link = None;
                    self.rosters.revoke_all(&desk.service.jid);
                    desk.reach.presences.forget();
                }
            }
        }
    }

    fn see(&mut self, service: usize, seen: Seen) -> Option<Answer> {
        let Seen { head, from, presence, link, ticket } = seen;
        let desk = self.desks.get_mut(service)?;
        let (presences, rosters) = (&desk.reach.presences, &self.rosters);
        let facts = Facts { service: &desk.service, presences, rosters, now: now() };
        let reaction = transact(self.store.as_mut(), |tx| Ok(receive(&facts, tx, &from, presence)?));
        let reaction = told(reaction).ok()?;
        if let Some(note) = reaction.note
            && !note.apply(&from, &mut desk.reach.presences)
        {
            tracing::debug!(%from, "no room to note that somebody is online");
        }
        if presence != Presence::Error {
            desk.reach.bounces.forget(&from);
        }
        if reaction.say.is_empty() {
            return None;
        }
        let said = |presence: &Presence| write(&desk.service.jid, from.bare(), *presence);
        let stanza = reaction.say.iter().map(said).collect::<String>().into();
        Some(Answer { head, link, ticket, stanza })
    }

    fn bounced(&mut self, service: usize, from: &Jid, id: &str, condition: &str, batch: &mut Batch) {
        let Some(desk) = self.desks.get_mut(service) else { return };
        let Some(key) = desk.outbox.node_of_message(id) else { return };
        match bounce::meaning(condition) {
            Meaning::Offline => {}
            Meaning::Trouble => {
                if desk.reach.bounces.count(from, now()) {
                    tracing::info!(%from, condition, "not written to until there is a sign of life");
                }
            }
            Meaning::Gone => {
                let ended = transact(self.store.as_mut(), |tx| {
                    Ok(bounce::end(&desk.service, tx, from, key, condition)?)
                });
                for ended in told(ended).iter().flatten() {
                    let (jid, node) = (&ended.jid, &ended.node);
                    tracing::info!(%jid, node, condition, "a notice came back: the subscription has ended");
                }
                batch.needs_commit = true;
            }
        }
    }

    /// Does something for each contact of a page; what there is to send, and after whom to go on.
    fn contacts(
        &mut self,
        service: usize,
        after: Option<&str>,
        mut each: impl FnMut(&Desk, &mut dyn Tx, &Contact, &mut String) -> Result<(), Failure>,
    ) -> (Bytes, Option<String>) {
        let Some(desk) = self.desks.get(service) else { return (Bytes::new(), None) };
        let done = transact(self.store.as_mut(), |tx| {
            let page = tx.contacts(&desk.service.jid, after, CONTACTS_PAGE)?;
            let mut stanzas = String::new();
            for contact in &page {
                each(desk, tx, contact, &mut stanzas)?;
            }
            let last = page.last().filter(|_| page.len() == CONTACTS_PAGE);
            Ok((stanzas.into(), last.map(|contact| contact.jid.as_str().to_owned())))
        });
        told(done).unwrap_or_default()
    }
}

/// Tells a contact that the service is there, and asks whether he is.
fn greet(service: &str, contact: &Contact, stanzas: &mut String) {
    if contact.sees_service {
        stanzas.push_str(&write(service, contact.jid.as_str(), Presence::Available(Show::Online)));
    }
    if contact.seen == contact::Seen::Yes {
        stanzas.push_str(&write(service, contact.jid.as_str(), Presence::Probe));
    }
}
