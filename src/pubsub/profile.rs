//! How nodes of certain kinds are configured: the profiles of XEP-0472, XEP-0501 and XEP-0508 by their `pubsub#type`,
//! and comments nodes (XEP-0277) by their names. What is asked of their entries is in `atom`.
//!
//! A profile's defaults are for what the creator of a node does not say. What a profile insists on holds whatever anybody
//! says, then and later: clients rely on it, and would rather see the effective form than an error. Nobody is kept from
//! a number of items of his own, though XEP-0472 asks for `max`.

use crate::atom::profile::is_social;

use super::config::NodeConfig;
use super::form::Form;
use super::options;
use super::refusal::Refusal;

/// The profiles that a node here can have, advertised as XEP-0472 asks. That of XEP-0277 (`urn:xmpp:microblog:0`) is not
/// among them, since it is for nodes of users' own accounts only, though a node may be of that type.
pub const ADVERTISED: &[&str] = &[
    "urn:xmpp:pubsub-social-feed:1",
    "urn:xmpp:pubsub-social-feed:flat-forums:0",
    "urn:xmpp:pubsub-social-feed:gallery:1",
    "urn:xmpp:pubsub-social-feed:stories:0",
    "urn:xmpp:pubsub-social-feed:threaded-forums:0",
];

/// How the names of comments nodes begin; the id of what is commented on follows.
pub(super) const COMMENTS: &str = "urn:xmpp:microblog:0:comments/";

/// What a kind of nodes asks of their configuration.
struct Profile {
    /// Which nodes are of the kind.
    is_of: fn(&str, &NodeConfig) -> bool,
    /// The options of its own.
    defaults: Options,
    /// The options that are always like this.
    always: Options,
}

/// Options of nodes and their values.
type Options = &'static [(&'static str, &'static str)];

/// The table: a node may be of several kinds, and a later one's defaults win.
static PROFILES: &[Profile] = &[
    // The base profile, and all that are based on it, in whatever version.
    Profile {
        is_of: |_, config| is_social(&config.payload_type),
        defaults: &[
            ("pubsub#max_items", "max"),
            ("pubsub#send_last_published_item", "never"),
            ("pubsub#deliver_payloads", "0"),
        ],
        always: &[("pubsub#notify_retract", "1"), ("pubsub#persist_items", "1")],
    },
    Profile {
        is_of: |_, config| config.payload_type.starts_with("urn:xmpp:pubsub-social-feed:stories:"),
        defaults: &[("pubsub#access_model", "presence"), ("pubsub#item_expire", "86400")],
        always: &[],
    },
    Profile {
        is_of: |name, _| is_comments(name),
        defaults: &[
            ("pubsub#access_model", "open"),
            ("pubsub#publish_model", "open"),
            ("pubsub#max_items", "max"),
            ("pubsub#itemreply", "publisher"),
            // Nobody comments in the name of somebody else.
            ("x-pubsub#author_policy", "reject"),
        ],
        always: &[("pubsub#notify_retract", "1"), ("pubsub#persist_items", "1")],
    },
];

/// Whether a node of this name is there for comments on something.
pub fn is_comments(name: &str) -> bool {
    name.strip_prefix(COMMENTS).is_some_and(|id| !id.is_empty())
}

/// The configuration of a new node: the profile's defaults, and what its creator says.
pub fn initial(name: &str, form: Option<&Form>) -> Result<NodeConfig, Refusal> {
    let said = |base: &NodeConfig| form.map_or_else(|| Ok(base.clone()), |form| options::apply(base, form));
    let mut config = NodeConfig::default();
    // It may be the form that says of which type the node is.
    for profile in of(name, &said(&config)?) {
        set(&mut config, profile.defaults);
    }
    let mut config = said(&config)?;
    insist(name, &mut config);
    Ok(config)
}

/// Makes a configuration what the node's profile insists on.
pub fn insist(name: &str, config: &mut NodeConfig) {
    let profiles: Vec<_> = of(name, config).collect();
    for profile in profiles {
        set(config, profile.always);
    }
}

fn of(name: &str, config: &NodeConfig) -> impl Iterator<Item = &'static Profile> {
    PROFILES.iter().filter(move |profile| (profile.is_of)(name, config))
}

fn set(config: &mut NodeConfig, options: Options) {
    for (var, value) in options {
        let understood = options::set(config, var, &[(*value).to_owned()]);
        debug_assert!(understood.is_some(), "{var} cannot be {value}");
    }
}
