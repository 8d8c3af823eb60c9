//! Rosters of owners, as far as the host lets the service read them (XEP-0356), and whom they admit — XEP-0060
//! [#accessmodels].
//!
//! They are facts that come from outside: a decision that needs one that is missing says so and changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::affiliation::Affiliation;
use super::config::AccessModel;
use super::fault::Fault;
use super::jid::{Jid, domain};
use super::node::Node;
use super::time::Timestamp;
use super::tx::Tx;
use crate::limits::{
    OWNERS_ASKED_MAX, ROSTER_CONTACTS_MAX, ROSTER_DOMAINS_MAX, ROSTER_MISS_SECONDS_MAX,
    ROSTER_REFUSAL_SECONDS_MAX, ROSTER_SECONDS_MAX,
};

/// The contacts in somebody's roster, by bare JID.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster(pub BTreeMap<String, RosterContact>);

/// A contact in a roster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterContact {
    /// Whether the contact sees the presence of the roster's owner: `from` or `both`.
    pub sees_owner: bool,
    /// The groups it is in.
    pub groups: BTreeSet<String>,
}

/// All rosters that are known, and whose may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rosters {
    /// The service and the domain whose rosters it may read.
    granted: BTreeSet<(String, String)>,
    /// By the bare JID of the owner.
    known: BTreeMap<String, Known>,
}

/// What came of asking for a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    /// Nothing where it could not be read.
    roster: Option<Arc<Roster>>,
    asked: Timestamp,
}

/// What an access model that looks at rosters says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Welcome.
    Yes,
    /// Not welcome.
    No,
    /// Nobody knows, as the rosters could not be read.
    Unreadable,
    /// The rosters of these owners have to be read first.
    Missing(Vec<String>),
}

/// Whether it is known whom a node admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Known,
    /// Not before the rosters of these owners are read.
    Missing(Vec<String>),
    /// Not now: a roster could not be read.
    Unreadable,
    /// No roster of an owner may be read.
    NotGranted,
}

impl Rosters {
    /// A host lets a service read its rosters.
    pub fn grant(&mut self, service: &str, domain: &str) {
        if self.granted.len() < ROSTER_DOMAINS_MAX {
            self.granted.insert((service.to_owned(), domain.to_owned()));
        }
    }

    /// A host does not let a service read its rosters any more.
    pub fn revoke(&mut self, service: &str, domain: &str) {
        self.granted.remove(&(service.to_owned(), domain.to_owned()));
    }

    /// The link of a service is lost, and what was granted to it has to be granted again.
    pub fn revoke_all(&mut self, service: &str) {
        self.granted.retain(|(to, _)| to != service);
    }

    /// Whether a service may read the rosters of a domain.
    pub fn may_read(&self, service: &str, domain: &str) -> bool {
        self.granted.contains(&(service.to_owned(), domain.to_owned()))
    }

    /// Keeps the roster of an owner, or that it could not be read, in place of the oldest others.
    pub fn keep(&mut self, owner: &str, roster: Option<Roster>, now: Timestamp) {
        self.known.insert(owner.to_owned(), Known { roster: roster.map(Arc::new), asked: now });
        while self.known.len() > 1
            && self.known.values().map(Known::weight).sum::<usize>() > ROSTER_CONTACTS_MAX
        {
            let others = self.known.iter().filter(|(of, _)| *of != owner);
            let Some(oldest) = others.min_by_key(|(_, known)| known.asked).map(|(of, _)| of.clone()) else {
                return;
            };
            self.known.remove(&oldest);
        }
    }

    /// A roster has changed.
    pub fn forget(&mut self, owner: &str) {
        self.known.remove(owner);
    }

    /// Whether the rosters of a node's owners admit somebody.
    pub fn admit(&self, tx: &dyn Tx, node: &Node, jid: &Jid, now: Timestamp) -> Result<Admission, Fault> {
        let mut missing = Vec::new();
        let mut is_unreadable = false;
        for owner in self.readable_owners(tx, node)? {
            match self.known.get(&owner).filter(|known| known.is_fresh(now)) {
                None => missing.push(owner),
                Some(Known { roster: None, .. }) => is_unreadable = true,
                Some(Known { roster: Some(roster), asked }) => {
                    if roster.admits(node, jid) {
                        return Ok(Admission::Yes);
                    }
                    // He may just have been accepted.
                    if asked.plus_seconds(ROSTER_REFUSAL_SECONDS_MAX) <= now {
                        missing.push(owner);
                    }
                }
            }
        }
        Ok(match (missing.is_empty(), is_unreadable) {
            (false, _) => Admission::Missing(missing),
            (true, true) => Admission::Unreadable,
            (true, false) => Admission::No,
        })
    }

    /// Whether all is known that decides about the subscribers of a node.
    pub fn standing(&self, tx: &dyn Tx, node: &Node, now: Timestamp) -> Result<Standing, Fault> {
        if !node.config.access_model.looks_at_rosters() {
            return Ok(Standing::Known);
        }
        let mut missing = self.readable_owners(tx, node)?;
        if missing.is_empty() {
            return Ok(Standing::NotGranted);
        }
        let fresh = |owner: &String| self.known.get(owner).filter(|known| known.is_fresh(now));
        let is_unreadable = missing.iter().filter_map(fresh).any(|known| known.roster.is_none());
        missing.retain(|owner| fresh(owner).is_none());
        Ok(match (missing.is_empty(), is_unreadable) {
            (false, _) => Standing::Missing(missing),
            (true, true) => Standing::Unreadable,
            (true, false) => Standing::Known,
        })
    }

    fn readable_owners(&self, tx: &dyn Tx, node: &Node) -> Result<Vec<String>, Fault> {
        let owners = tx.affiliations(node.key)?.into_iter();
        let owners = owners.filter(|(_, affiliation)| *affiliation == Affiliation::Owner);
        let readable = owners.filter(|(jid, _)| self.may_read(&node.id.service, domain(jid.bare())));
        Ok(readable.map(|(jid, _)| jid.bare().to_owned()).take(OWNERS_ASKED_MAX).collect())
    }
}

impl Known {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let seconds = if self.roster.is_some() { ROSTER_SECONDS_MAX } else { ROSTER_MISS_SECONDS_MAX };
        now < self.asked.plus_seconds(seconds)
    }

    fn weight(&self) -> usize {
        1 + self.roster.as_ref().map_or(0, |roster| roster.0.len())
    }
}

impl Roster {
    fn admits(&self, node: &Node, jid: &Jid) -> bool {
        let Some(contact) = self.0.get(jid.bare()) else { return false };
        match node.config.access_model {
            AccessModel::Presence => contact.sees_owner,
            AccessModel::Roster => {
                node.config.roster_groups.iter().any(|group| contact.groups.contains(group))
            }
            AccessModel::Open | AccessModel::Authorize | AccessModel::Whitelist => false,
        }
    }
}

impl AccessModel {
    /// Whether it takes a roster to decide.
    pub const fn looks_at_rosters(self) -> bool {
        match self {
            Self::Presence | Self::Roster => true,
            Self::Open | Self::Authorize | Self::Whitelist => false,
        }
    }
}
