//! Who is online, as far as a service was told. In memory only: after a restart the hosts are asked again.

use std::collections::BTreeMap;

use crate::limits::{PRESENCES_MAX, RESOURCES_PER_ENTITY_MAX};
use crate::pubsub::jid::Jid;

use super::show::Show;

/// Who is online.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presences {
    /// By bare JID, then by resource.
    online: BTreeMap<String, BTreeMap<String, Show>>,
    /// Whether all hosts had time to tell who is online since the link came up.
    is_complete: bool,
}

impl Presences {
    /// How available somebody is: for a full JID that resource, for a bare JID each of its resources.
    pub fn shows(&self, jid: &Jid) -> Vec<Show> {
        let Some(resources) = self.online.get(jid.bare()) else { return Vec::new() };
        match jid.resource() {
            Some(resource) => resources.get(resource).copied().into_iter().collect(),
            None => resources.values().copied().collect(),
        }
    }

    /// Whether somebody is online: for a bare JID with any resource.
    pub fn is_online(&self, jid: &Jid) -> bool {
        !self.shows(jid).is_empty()
    }

    /// Whether somebody is online or may be: as long as not everybody is known, nobody is taken to be offline.
    pub fn may_be_online(&self, jid: &Jid) -> bool {
        !self.is_complete || self.is_online(jid)
    }

    /// Whether all hosts had time to tell who is online.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether an entity is online with another resource than this one.
    pub fn is_elsewhere(&self, jid: &Jid) -> bool {
        let Some(resource) = jid.resource() else { return false };
        self.online.get(jid.bare()).is_some_and(|all| all.keys().any(|other| other != resource))
    }

    /// Notes that somebody is online; false where there is no room to note it.
    pub fn note_online(&mut self, jid: &Jid, show: Show) -> bool {
        if !self.online.contains_key(jid.bare()) && self.online.len() >= PRESENCES_MAX {
            return false;
        }
        let resources = self.online.entry(jid.bare().to_owned()).or_default();
        let resource = jid.resource().unwrap_or_default();
        if !resources.contains_key(resource) && resources.len() >= RESOURCES_PER_ENTITY_MAX {
            return false;
        }
        resources.insert(resource.to_owned(), show);
        true
    }

    /// Notes that somebody is offline: a resource, or an entity with all of its resources.
    pub fn note_offline(&mut self, jid: &Jid) {
        if let Some(resource) = jid.resource()
            && let Some(resources) = self.online.get_mut(jid.bare())
        {
            resources.remove(resource);
            if !resources.is_empty() {
                return;
            }
        }
        self.online.remove(jid.bare());
    }

    /// All hosts had time to tell: who is not known to be online is offline.
    pub fn note_complete(&mut self) {
        self.is_complete = true;
    }

    /// The link is lost, and with it all that was known.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}
