//! The configuration: what the file, the environment and the command line say, checked as a whole.
//!
//! `keys` declares what can be said, `layers` merges who said it, `validate` turns that into a [`Config`] or into
//! every problem with it at once.

pub mod address;
mod example;
mod feeds;
mod keys;
mod layers;
mod problem;
mod read;
mod secret;
mod validate;

use jid::BareJid;

pub use example::example;
pub use keys::{Comments, Contact, Engine, Limits, Log, LogFormat, Store};
pub use layers::{Override, Sources};
pub use problem::{ConfigError, Problem};

use crate::feeds::guard::Network;
use crate::host::{Secret, Settings};
use crate::http;
use crate::store::Place;

/// A configuration that makes sense.
#[derive(Debug, Clone)]
pub struct Config {
    /// The components to be, each with a domain of its own. At least one.
    pub services: Vec<Service>,
    /// Who has every right on every node.
    pub admins: Vec<BareJid>,
    /// Who may create comments nodes.
    pub comments: Comments,
    /// Where nodes, items and subscriptions are kept; the path is ready for use.
    pub store: Store,
    /// Whom to turn to.
    pub contact: Contact,
    /// The web side, if there is to be one.
    pub http: Option<http::Settings>,
    /// Feeds of the web.
    pub fetch: Fetch,
    /// How much one stanza may ask.
    pub limits: Limits,
    /// What the program says of itself.
    pub log: Log,
    /// What should be mended but keeps nothing from working: secrets that others can read.
    pub warnings: Vec<String>,
}

/// Which feeds of the web are published in nodes, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// How many an account may add.
    pub per_account: usize,
    /// The seconds between two fetches of one.
    pub seconds: u64,
    /// Networks that they may be at although they are not public.
    pub allow: Vec<Network>,
    /// Those that are named here.
    pub feeds: Vec<Feed>,
}

/// A feed that goes to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its URL.
    pub url: String,
    /// The node.
    pub node: String,
    /// The component that has the node.
    pub service: BareJid,
}

/// One component.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its domain.
    pub jid: BareJid,
    /// The server's `host:port` for components.
    pub server: String,
    /// The secret that it shares with the server.
    pub secret: Secret,
    /// Who may create nodes: domains, for all their users, and bare JIDs.
    pub create_nodes: Vec<BareJid>,
    /// How the server's own users are told.
    pub multicast: Multicast,
}

/// Whether a multicast service of the server is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multicast {
    /// Where there is one.
    Auto,
    /// Never.
    Off,
}

impl Service {
    /// What its link to the server has to know.
    pub fn settings(&self, limits: &Limits) -> Settings {
        let settings = Settings::new(self.jid.as_str(), self.server.as_str(), self.secret.clone());
        Settings { limits: limits.xml(), ..settings }
    }
}

impl Store {
    /// Where the store is.
    pub fn place(&self) -> Place {
        match self.engine {
            Engine::Memory => Place::Memory,
            Engine::Sled => Place::Sled(self.path.clone()),
            Engine::Fjall => Place::Fjall(self.path.clone()),
        }
    }
}

impl Config {
    /// Reads and checks a configuration.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let layers = layers::Layers::read(sources)?;
        validate::validate(sources, &layers)
    }
}
