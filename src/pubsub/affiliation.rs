//! Affiliations and the one matrix of what each may do — XEP-0060 [#affiliations].

use serde::{Deserialize, Serialize};

/// The long-lived relation of an entity to a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Affiliation {
    /// May do everything.
    Owner,
    /// May publish and read.
    Publisher,
    /// May publish but neither subscribe nor read.
    PublishOnly,
    /// May read where not everybody may.
    Member,
    /// No relation: the node's models decide.
    #[default]
    None,
    /// May do nothing.
    Outcast,
}

/// What somebody wants to do with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Find the node in service discovery.
    Discover,
    /// Subscribe, and go on receiving what is published.
    Subscribe,
    /// Retrieve items.
    Retrieve,
    /// Publish an item of one's own.
    Publish,
    /// Retract an item of one's own.
    Retract,
    /// Overwrite or retract an item of somebody else.
    Moderate,
    /// Configure, purge, delete, manage affiliations and subscriptions.
    Administer,
}

/// What the matrix says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed whatever the models are.
    Yes,
    /// The access model (discover, subscribe, retrieve) or the publish model (publish, retract) decides.
    Model,
    /// Refused whatever the models are.
    No,
}

impl Affiliation {
    /// All of them, in the order of their rights.
    pub const ALL: [Self; 6] =
        [Self::Owner, Self::Publisher, Self::PublishOnly, Self::Member, Self::None, Self::Outcast];

    /// The word of the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Publisher => "publisher",
            Self::PublishOnly => "publish-only",
            Self::Member => "member",
            Self::None => "none",
            Self::Outcast => "outcast",
        }
    }

    /// Reads the word of the protocol.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|affiliation| affiliation.as_str() == word)
    }

    /// Whether its holder hears of a node, if the node's models allow it.
    pub const fn hears(self) -> bool {
        !matches!(self.allows(Action::Subscribe), Verdict::No)
    }

    /// The matrix: what the affiliation alone says about an action.
    pub const fn allows(self, action: Action) -> Verdict {
        use Verdict::{Model, No, Yes};
        match action {
            Action::Discover => match self {
                Self::Owner | Self::Publisher | Self::PublishOnly | Self::Member => Yes,
                Self::None => Model,
                Self::Outcast => No,
            },
            Action::Subscribe | Action::Retrieve => match self {
                Self::Owner | Self::Publisher | Self::Member => Yes,
                Self::None => Model,
                Self::PublishOnly | Self::Outcast => No,
            },
            Action::Publish | Action::Retract => match self {
                Self::Owner | Self::Publisher | Self::PublishOnly => Yes,
                Self::Member | Self::None => Model,
                Self::Outcast => No,
            },
            Action::Moderate | Action::Administer => match self {
                Self::Owner => Yes,
                Self::Publisher | Self::PublishOnly | Self::Member | Self::None | Self::Outcast => No,
            },
        }
    }
}
