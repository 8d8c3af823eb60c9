//! Everything a decision depends on besides the store, passed in as data.

use super::atompub::token::Secret;
use super::jid::{Jid, domain};
use super::node::NodeId;
use super::profile;
use super::roster::Rosters;
use super::time::Timestamp;

/// The circumstances of one request.
pub struct Context<'a> {
    /// The service that was asked.
    pub service: &'a Service,
    /// Who asks, as the host stamped it.
    pub from: &'a Jid,
    /// When.
    pub now: Timestamp,
    /// The rosters that are known.
    pub rosters: &'a Rosters,
    /// Where new ids come from.
    pub ids: &'a mut dyn Ids,
}

impl Context<'_> {
    /// Whether the sender has every right.
    pub fn is_admin(&self) -> bool {
        self.service.admins.iter().any(|admin| admin == self.from.bare())
    }

    /// When something is removed, for those who look for it on the web; none where there is no web side.
    pub fn removed_at(&self) -> Option<Timestamp> {
        self.service.on_web.then_some(self.now)
    }

    /// Whether the sender may create a node of this name.
    pub fn may_create(&self, name: &str) -> bool {
        let listed = |who: &String| who == self.from.bare() || who == domain(self.from.bare());
        self.is_admin()
            || self.service.creators.iter().any(listed)
            || self.service.anyone_comments && profile::is_comments(name)
    }

    /// Whether the sender may have feeds of the web published.
    pub fn may_add_feeds(&self) -> bool {
        self.is_admin() || self.service.feeds_per_account > 0
    }

    /// The address of a node of this name.
    pub fn node_id(&self, name: &str) -> NodeId {
        NodeId { service: self.service.jid.clone(), name: name.to_owned() }
    }
}

/// A source of ids that were never used and cannot be guessed, safe in URLs.
pub trait Ids {
    /// The next id.
    fn next(&mut self) -> String;
    /// 256 bits of the best chance that there is.
    fn secret(&mut self) -> Secret;
}

/// One component JID and its policy.
#[derive(Clone, Debug)]
pub struct Service {
    /// The component JID.
    pub jid: String,
    /// Bare JIDs with every right.
    pub admins: Vec<String>,
    /// Domains and bare JIDs that may create nodes.
    pub creators: Vec<String>,
    /// Whether everybody may create comments nodes.
    pub anyone_comments: bool,
    /// How many feeds of the web an account may have published in nodes of its own; admins may have more.
    pub feeds_per_account: usize,
    /// The largest payload in bytes.
    pub payload_bytes_max: usize,
    /// Whom to turn to.
    pub contact: Vec<Contact>,
    /// Whether what is stored outlives the program.
    pub is_durable: bool,
    /// Whether there is a web side, on which anyone may read.
    pub on_web: bool,
    /// The URL that the web side is found under, if there is one.
    pub public_url: Option<String>,
    /// The URL below which its accounts publish over HTTP, if they can.
    pub atompub: Option<String>,
    /// When the service started.
    pub started: Timestamp,
}

/// Where to reach somebody who answers for the service — XEP-0157.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The field of the form: what to turn to them for.
    pub field: &'static str,
    /// URIs.
    pub addresses: Vec<String>,
}
