//! Refusals: the errors of XEP-0060 that the service gives, and the few of its neighbours. Their form on the wire is in `xmpp::refusal`.

use std::borrow::Cow;

use super::Response;
use super::chat::Said;

/// Why a request is refused: one variant for each error of the specification that the service gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the words of the specification")]
pub enum Why {
    /// An entry is to keep its atom:id.
    AtomIdChanged,
    BadRequest,
    ClosedNode,
    /// XEP-0395: the newest item is another one; its place.
    CompareAndPublishFailed(u64),
    Forbidden,
    /// The same, of the command get-pending: type `cancel`.
    ForbiddenCommand,
    Gone,
    Internal,
    InvalidConfiguration,
    InvalidJid,
    InvalidOptions,
    InvalidPayload,
    /// XEP-0496: a relation that cannot be.
    InvalidRelation,
    InvalidSubid,
    ItemForbidden,
    ItemNotFound,
    ItemRequired,
    JidRequired,
    MaxItemsExceeded,
    MaxNodesExceeded,
    NodeExists,
    NodeFull,
    NodeidRequired,
    NotAcceptable,
    NotAllowed,
    NotAuthorizedToRead,
    NotInRosterGroup,
    NotSubscribed,
    /// The same, asked for the options of a subscription: type `modify`.
    NotSubscribedToConfigure,
    PayloadRequired,
    PayloadTooBig,
    PendingSubscription,
    PreconditionNotMet,
    PresenceSubscriptionRequired,
    ResourceConstraint,
    ServiceUnavailable,
    StanzaTooBig,
    SubidRequired,
    TooManySubscriptions,
    Unsupported(Feature),
    UnsupportedAccessModel,
    /// A request that is not of pubsub: `feature-not-implemented` without a condition of pubsub.
    NotImplemented,
}

/// The features that a node may lack, as `<unsupported/>` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the words of the specification")]
pub enum Feature {
    PersistentItems,
    Subscribe,
}

/// A refusal with the words that help whoever gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The error.
    pub why: Why,
    /// What was wrong and, where that helps, what to do.
    pub text: Cow<'static, str>,
    /// What goes with the error: that which could not be changed, as it still is.
    pub unchanged: Option<Box<Response>>,
    /// What is said in place of the error to whoever asked in words.
    pub said: Option<Box<Said>>,
}

impl Refusal {
    /// The refusal together with what stays as it is.
    #[must_use]
    pub fn along_with(self, unchanged: Response) -> Self {
        Self { unchanged: Some(Box::new(unchanged)), ..self }
    }

    /// The refusal for whoever asked in words.
    #[must_use]
    pub fn in_words(self, said: Said) -> Self {
        Self { said: Some(Box::new(said)), ..self }
    }
}

impl Why {
    /// The refusal with its text.
    pub fn because(self, text: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal { why: self, text: text.into(), unchanged: None, said: None }
    }
}
