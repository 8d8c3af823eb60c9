//! Decides about one presence stanza, as RFC 6121 has it for an entity that approves everybody.

use super::contact::{Contact, Seen};
use super::presences::Presences;
use super::show::Show;
use super::{offline, online, since};
use crate::pubsub::context::Service;
use crate::pubsub::jid::Jid;
use crate::pubsub::roster::Rosters;
use crate::pubsub::{Fault, Timestamp, Tx};

/// What a presence stanza says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Its sender is online.
    Available(Show),
    /// Its sender is online again, after so many seconds — XEP-0312.
    Returned(Show, u64),
    /// Its sender is offline.
    Unavailable,
    /// Its sender asks to see ours.
    Subscribe,
    /// Its sender lets us see his.
    Subscribed,
    /// Its sender does not want to see ours any more.
    Unsubscribe,
    /// Its sender does not let us see his.
    Unsubscribed,
    /// Its sender's host asks for ours.
    Probe,
    /// What we sent could not be delivered.
    Error,
}

/// What a decision depends on besides the store.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The service that gets the presence.
    pub service: &'a Service,
    /// Who is online.
    pub presences: &'a Presences,
    /// The rosters that are known.
    pub rosters: &'a Rosters,
    /// When.
    pub now: Timestamp,
}

/// What is said back, and what is to be noted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// What the sender is told, in this order.
    pub say: Vec<Presence>,
    /// What the stanza tells about whether its sender is online.
    pub note: Option<Note>,
}

/// A change in who is online.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The sender is online.
    Online(Show),
    /// The sender is offline: that resource, or the entity where the address has none.
    Offline,
    /// The entity is offline as far as we shall know.
    EntityOffline,
}

impl Note {
    /// Brings who is online up to date; false where there is no room for it.
    pub fn apply(self, from: &Jid, presences: &mut Presences) -> bool {
        match self {
            Self::Online(show) => return presences.note_online(from, show),
            Self::Offline => presences.note_offline(from),
            Self::EntityOffline => presences.note_offline(&from.to_bare()),
        }
        true
    }
}

/// Decides about a presence stanza. Only what its sender asks for is answered, and never without end: what is said
/// back asks for nothing, but for the one request to see presence in return, which is made once.
pub fn receive(
    facts: &Facts<'_>,
    tx: &mut dyn Tx,
    from: &Jid,
    presence: Presence,
) -> Result<Reaction, Fault> {
    let Facts { service, presences, .. } = *facts;
    let known = tx.contact(&service.jid, from.bare())?;
    let mut contact = known.clone().unwrap_or_else(|| Contact::stranger(from));
    let mut reaction = Reaction::default();
    match presence {
        Presence::Available(show) | Presence::Returned(show, _) => {
            if known.is_some() || has_to_do_with_us(tx, from)? {
                if presences.is_online(from) {
                    // One who is here already does not come.
                } else if let Presence::Returned(_, seconds) = presence {
                    since::returned(facts, tx, from, seconds)?;
                } else {
                    online::came(facts, tx, from)?;
                }
                reaction.note = Some(Note::Online(show));
            }
        }
        Presence::Unavailable => {
            let was_last = from.is_bare() || !presences.is_elsewhere(from) && presences.is_complete();
            offline::left(service, tx, from, was_last)?;
            reaction.note = Some(Note::Offline);
        }
        // The host of a contact may be out of order; that ends nothing.
        Presence::Error => reaction.note = Some(Note::Offline),
        Presence::Subscribe => {
            contact.sees_service = true;
            reaction.say = vec![Presence::Subscribed, Presence::Available(Show::Online)];
            if contact.seen == Seen::No {
                contact.seen = Seen::Asked;
                reaction.say.push(Presence::Subscribe);
            }
        }
        Presence::Subscribed => {
            if known.is_some() || has_to_do_with_us(tx, from)? {
                contact.seen = Seen::Yes;
            }
        }
        Presence::Unsubscribe => {
            if contact.sees_service {
                reaction.say = vec![Presence::Unavailable, Presence::Unsubscribed];
            }
            contact.sees_service = false;
        }
        Presence::Unsubscribed => {
            contact.seen = match contact.seen {
                Seen::Asked | Seen::Refused => Seen::Refused,
                Seen::No | Seen::Yes => Seen::No,
            };
            // Nobody will tell us when it goes.
            offline::left(service, tx, from, true)?;
            reaction.note = Some(Note::EntityOffline);
        }
        Presence::Probe => {
            contact.sees_service = true;
            reaction.say = vec![Presence::Available(Show::Online)];
        }
    }
    if known.as_ref() != Some(&contact) {
        tx.put_contact(&service.jid, &contact)?;
    }
    Ok(reaction)
}

/// The hosts had time to tell who is online: a contact whose presence we see, and of whom we were told nothing, left
/// while we were not there.
pub fn settle(
    service: &Service,
    presences: &Presences,
    tx: &mut dyn Tx,
    contact: &Contact,
) -> Result<(), Fault> {
    if contact.seen == Seen::Yes && !presences.is_online(&contact.jid) {
        offline::left(service, tx, &contact.jid, true)?;
    }
    Ok(())
}

/// Nobody else's presence is of any use, and there is not room for everybody's.
fn has_to_do_with_us(tx: &dyn Tx, jid: &Jid) -> Result<bool, Fault> {
    Ok(!tx.subscriptions_of(jid.bare())?.is_empty() || !tx.affiliations_of(jid.bare())?.is_empty())
}
