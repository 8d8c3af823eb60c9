//! Every key of the configuration file, declared once: its name, meaning, default and range.
//!
//! A declaration makes both the type that the file is read into and the row of [`SECTIONS`] that the defaults, the
//! nearest known key, the range checks and `component.toml.example` come from.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::Deserialize;

use crate::host::Secret;
use crate::xml;

/// One table of the file.
#[derive(Debug)]
pub(super) struct Section {
    /// The table's name; empty for the keys above the first table.
    pub(super) name: &'static str,
    /// What the table is for, a line each.
    pub(super) about: &'static [&'static str],
    /// Its keys, in the order of the file.
    pub(super) keys: &'static [Key],
}

/// One key of a table.
#[derive(Debug)]
pub(super) struct Key {
    /// The key's name inside its table.
    pub(super) name: &'static str,
    /// What the key means, a line each.
    pub(super) doc: &'static [&'static str],
    /// How the example shows it.
    pub(super) shown: Shown,
    /// The numbers it may be.
    pub(super) range: Option<RangeInclusive<usize>>,
}

/// What stands on the right of the equals sign in the example, as TOML.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// The value when the key is absent.
    Default(&'static str),
    /// A value to write; the key has no default and may be absent.
    Example(&'static str),
    /// A value to write; the key must be there.
    Needed(&'static str),
}

impl Shown {
    /// The value, as TOML.
    pub(super) fn toml(self) -> &'static str {
        match self {
            Self::Default(toml) | Self::Example(toml) | Self::Needed(toml) => toml,
        }
    }
}

impl Section {
    /// The key's full name, as messages, the environment and `--set` say it.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// The tables of the file, in its order.
pub(super) const SECTIONS: &[Section] = &[
    Written::SECTION,
    Service::SECTION,
    Store::SECTION,
    Access::SECTION,
    Contact::SECTION,
    Http::SECTION,
    Fetch::SECTION,
    Feed::SECTION,
    Limits::SECTION,
    Log::SECTION,
];

/// Turns a declaration of keys into the type that is read and its row of [`SECTIONS`].
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $vis:vis $type_name:ident $path:literal {
            $(
                $(#[doc = $doc:literal])*
                $key:ident: $type:ty = $shown:ident $toml:tt $(within $range:expr)?;
            )*
        }
        $({ $($table:ident: $table_type:ty;)* })?
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        $vis struct $type_name {
            $( $(#[doc = $doc])* $vis $key: $type, )*
            $($(
                #[doc = concat!("The table `", stringify!($table), "`.")]
                $vis $table: $table_type,
            )*)?
        }

        impl $type_name {
            pub(super) const SECTION: Section = Section {
                name: $path,
                about: &[$($about),*],
                keys: &[$(Key {
                    name: stringify!($key),
                    doc: &[$($doc),*],
                    shown: Shown::$shown(stringify!($toml)),
                    range: optional!($($range)?),
                }),*],
            };
        }
    };
}

/// `Some` of what is there, `None` of nothing.
macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

section! {
    /// The configuration of atomsub: every key, with what it means.
    ///
    /// A key that is commented out shows its default, or an example where it says so. Any key but those of
    /// [[service]] can be overridden by the environment, ATOMSUB_STORE__PATH=/srv/atomsub, and by an option, --set
    /// store.path=/srv/atomsub. Those of the only [[service]] too: ATOMSUB_SECRET, ATOMSUB_SECRET_FILE,
    /// ATOMSUB_SERVER, ATOMSUB_JID and ATOMSUB_MULTICAST. The order is: defaults, this file, the environment,
    /// options; later ones win. Nothing is reloaded while the program runs: restart it after a change.
    pub(super) Written "" {
        /// The bare JIDs of those who have every right on every node. An example; there are none by default.
        admins: Option<Vec<String>> = Example ["juliet@example.org"];
    } {
        service: Vec<Service>;
        store: Store;
        access: Access;
        contact: Contact;
        http: Http;
        fetch: Fetch;
        feeds: Vec<Feed>;
        limits: Limits;
        log: Log;
    }
}

section! {
    /// A component that this program is. Write the block once more for each further one.
    pub(super) Service "service" {
        /// The component's own domain, the same as in the server's configuration.
        jid: Option<String> = Needed "pubsub.example.org";
        /// Where the server listens for components, as host:port.
        server: Option<String> = Needed "127.0.0.1:5347";
        /// The secret that the server's configuration has for this component. Not for the command line, where
        /// others could read it.
        secret: Option<Secret> = Needed "write the shared secret here";
        /// Instead of the secret, a file that holds it, readable by this program alone. A relative path starts at
        /// $CREDENTIALS_DIRECTORY when systemd sets it, else at the directory of this file. An example.
        secret_file: Option<PathBuf> = Example "/etc/atomsub/secret";
        /// Whether the server's own users are told through its multicast service (XEP-0033), one stanza for many: "auto",
        /// where it has one that lets this component, as ejabberd with mod_multicast, or "off".
        multicast: Option<String> = Default "auto";
    }
}

section! {
    /// Where nodes, items and subscriptions are kept.
    pub Store "store" {
        /// "sled" and "fjall" keep them on disk; fjall takes a tenth of the space and is for large stores. "memory"
        /// forgets them when the program ends. A store stays with its engine until it is exported and imported.
        engine: Engine = Default "sled";
        /// The directory for them, of this program alone. A relative path starts at the directory of this file.
        path: PathBuf = Default "/var/lib/atomsub";
    }
}

section! {
    /// Who may do what, apart from what each node's owners decide.
    pub(super) Access "access" {
        /// Who may create nodes: domains, with all their users, or bare JIDs. An example; by default the users of the
        /// service's parent domain, example.org for pubsub.example.org. Admins always may.
        create_nodes: Option<Vec<String>> = Example ["example.org"];
        /// Who may create nodes for comments, which clients make for each post, whether it is here or elsewhere: "anyone",
        /// also from other servers, or "creators", who may create any node.
        comments: Comments = Default "anyone";
    }
}

section! {
    /// Whom to turn to: each a list of URIs, like those in the examples. Whoever asks the service what it is, is told.
    pub Contact "contact" {
        /// About abuse.
        abuse: Option<Vec<String>> = Example ["mailto:abuse@example.org", "xmpp:juliet@example.org"];
        /// The people who run the service.
        admin: Option<Vec<String>> = Example ["xmpp:juliet@example.org"];
        /// With praise and complaints.
        feedback: Option<Vec<String>> = Example ["https://example.org/feedback"];
        /// To buy something.
        sales: Option<Vec<String>> = Example ["mailto:sales@example.org"];
        /// About security.
        security: Option<Vec<String>> = Example ["mailto:security@example.org"];
        /// Where it says whether the service is up.
        status: Option<Vec<String>> = Example ["https://status.example.org"];
        /// With questions.
        support: Option<Vec<String>> = Example ["https://example.org/support"];
    }
}

section! {
    /// What anyone may read, as feeds and pages on the web. Off unless it says where to listen.
    pub(super) Http "http" {
        /// Where to listen, as address:port. An example. For a reverse proxy that speaks TLS: what listens on other
        /// addresses than loopback speaks plain HTTP to everybody.
        listen: Option<String> = Example "127.0.0.1:5280";
        /// What it is found under from outside: links and ids begin with it. A path in it is one that the reverse proxy
        /// takes away. An example; needed where listen is set.
        public_url: Option<String> = Example "https://feeds.example.org";
        /// The addresses of reverse proxies, which say in X-Forwarded-For whom they ask for.
        proxies: Vec<String> = Default ["127.0.0.1", "::1"];
        /// Whether there is a hub (WebSub) at public_url and /hub, which sends feeds to whoever asked for them whenever
        /// they change. It connects to hosts that strangers name, at public addresses only.
        hub: bool = Default true;
        /// Networks, or addresses, that those may also name although they are not public. An example; by default there
        /// are none. Whoever can ask the hub has it send requests there, with paths of his choice.
        hub_allow: Option<Vec<String>> = Example ["10.1.2.3"];
        /// Whether those who may publish over XMPP can do so here too (AtomPub, webhooks), with tokens that they make
        /// for themselves by commands. What is neither on this machine nor a proxy is refused: tokens want TLS.
        publish: bool = Default true;
    }
}

section! {
    /// Feeds of the web, Atom, RSS or JSON Feed, whose entries are published in nodes.
    pub(super) Fetch "fetch" {
        /// How many feeds an account may add to nodes that it owns, by the command "Add a feed". By default none. Admins
        /// may add any number.
        per_account: usize = Default 0 within 0..=1_000;
        /// The seconds between two fetches of one feed, at least. Most are fetched less often, as they have news.
        seconds: usize = Default 900 within 1..=86_400;
        /// Networks, or addresses, that feeds and their hubs may be at although they are not public. An example; by default
        /// there are none, so that nobody gets at what only this machine can reach.
        allow: Option<Vec<String>> = Example ["10.1.0.0/16"];
    }
}

section! {
    /// A feed to publish in a node, which is created if it is not there and belongs to the first of the admins. Write the
    /// block once for each feed; what is not here any more ends.
    pub(super) Feed "feeds" {
        /// The URL of the feed.
        url: Option<String> = Example "https://example.org/feed";
        /// The node.
        node: Option<String> = Example "news";
        /// The component that has the node. Not needed where there is only one.
        service: Option<String> = Example "pubsub.example.org";
    }
}

section! {
    /// How much one stanza may ask of this program. What is bigger is answered with an error.
    pub Limits "limits" {
        /// The bytes of a stanza. No more than the server's own limit for components.
        stanza_bytes: usize = Default 524288 within 10_000..=16_777_216;
        /// How deep its elements may be nested.
        stanza_depth: usize = Default 64 within 16..=64;
        /// The bytes of one attribute.
        attribute_bytes: usize = Default 65536 within 1_024..=1_048_576;
        /// How many elements it has.
        stanza_nodes: usize = Default 32768 within 100..=262_144;
        /// The bytes of one entry, less than those of a stanza.
        payload_bytes: usize = Default 262144 within 1_024..=262_144;
    }
}

section! {
    /// What the program says of itself, on standard error. How much is up to RUST_LOG, RUST_LOG=atomsub=debug.
    pub Log "log" {
        /// "text" for people, "json" for programs, "auto" for text with colours when a terminal reads it.
        format: LogFormat = Default "auto";
    }
}

impl Contact {
    /// The lists by the names that XEP-0157 has for them.
    pub fn fields(&self) -> [(&'static str, &[String]); 7] {
        [
            ("abuse-addresses", &self.abuse),
            ("admin-addresses", &self.admin),
            ("feedback-addresses", &self.feedback),
            ("sales-addresses", &self.sales),
            ("security-addresses", &self.security),
            ("status-addresses", &self.status),
            ("support-addresses", &self.support),
        ]
        .map(|(field, addresses)| (field, addresses.as_deref().unwrap_or_default()))
    }
}

impl Limits {
    /// What reading a stanza may cost.
    pub fn xml(&self) -> xml::Limits {
        xml::Limits {
            bytes: self.stanza_bytes,
            depth: self.stanza_depth,
            elements: self.stanza_nodes,
            attribute_bytes: self.attribute_bytes,
            ..xml::Limits::default()
        }
    }
}

/// What keeps nodes, items and subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// On disk, under `store.path`.
    Sled,
    /// On disk too.
    Fjall,
    /// In memory, gone when the program ends.
    Memory,
}

/// Who may create comments nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Comments {
    /// Everybody.
    Anyone,
    /// Those who may create any node.
    Creators,
}

/// The shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text, with colours on a terminal.
    Auto,
    /// Text without colours.
    Text,
    /// One JSON object a line.
    Json,
}

impl fmt::Display for Key {
    /// The key as it is written, `path = "/var/lib/atomsub"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.shown.toml())
    }
}
