//! Why something is not done, as HTTP says it: the one table of refusals and their statuses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::answer::{later, trouble};
use crate::http::engine::NoAnswer;
use crate::pubsub::{Refusal, Why};

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) status: StatusCode,
    pub(super) words: String,
    /// How many seconds to wait before it is worth trying again.
    wait: Option<u64>,
}

impl Trouble {
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into(), wait: None }
    }

    /// Nobody is known by what was shown.
    pub(super) fn unknown() -> Self {
        let words = "show a token that is good, as a bearer token or as the password of your JID; \
                     the command atomsub#create-http-token of the service makes one";
        Self::new(StatusCode::UNAUTHORIZED, words)
    }

    pub(super) fn too_often(seconds: u64) -> Self {
        let words = "that is too often; try again later";
        Self { wait: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, words) }
    }

    pub(super) fn too_much() -> Self {
        let words = "you are sending too much at once; wait for the answers";
        Self { wait: Some(1), ..Self::new(StatusCode::TOO_MANY_REQUESTS, words) }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here, or nothing for you")
    }

    pub(super) fn busy() -> Self {
        let words = "there is too much to do; try again soon";
        Self { wait: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, words) }
    }

    /// What should not have happened.
    pub(super) fn bug() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "this should not have happened")
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        let status = status(refusal.why);
        if refusal.why == Why::ItemNotFound {
            return Self::not_found();
        }
        let is_moved = refusal.why == Why::Gone && refusal.text.starts_with("xmpp:");
        let words = if is_moved {
            format!("the node has moved to {}", refusal.text)
        } else {
            refusal.text.into_owned()
        };
        let wait = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(2);
        Self { status, words, wait }
    }
}

impl From<NoAnswer> for Trouble {
    fn from(none: NoAnswer) -> Self {
        match none {
            NoAnswer::Refused(refusal) => refusal.into(),
            NoAnswer::Busy => Self::busy(),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let Self { status, words, wait } = self;
        let mut response = match wait {
            Some(seconds) => later(status, seconds, &words),
            None => trouble(status, &words),
        };
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                for challenge in ["Bearer realm=\"atomsub\"", "Basic realm=\"atomsub\", charset=\"UTF-8\""] {
                    headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
                }
            }
            // A node that keeps nothing.
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        response
    }
}

/// The table.
const fn status(why: Why) -> StatusCode {
    match why {
        Why::ItemNotFound => StatusCode::NOT_FOUND,
        Why::Gone => StatusCode::GONE,
        Why::ClosedNode
        | Why::Forbidden
        | Why::ForbiddenCommand
        | Why::NotAllowed
        | Why::NotAuthorizedToRead
        | Why::NotInRosterGroup
        | Why::NotSubscribed
        | Why::NotSubscribedToConfigure
        | Why::PendingSubscription
        | Why::PresenceSubscriptionRequired => StatusCode::FORBIDDEN,
        Why::Unsupported(_) => StatusCode::METHOD_NOT_ALLOWED,
        Why::AtomIdChanged | Why::MaxItemsExceeded | Why::NodeExists | Why::NodeFull => StatusCode::CONFLICT,
        Why::CompareAndPublishFailed(_) | Why::PreconditionNotMet => StatusCode::PRECONDITION_FAILED,
        Why::PayloadTooBig | Why::StanzaTooBig => StatusCode::PAYLOAD_TOO_LARGE,
        Why::InvalidPayload
        | Why::ItemForbidden
        | Why::ItemRequired
        | Why::NotAcceptable
        | Why::PayloadRequired => StatusCode::UNPROCESSABLE_ENTITY,
        Why::ResourceConstraint | Why::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Why::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Why::BadRequest
        | Why::InvalidConfiguration
        | Why::InvalidJid
        | Why::InvalidOptions
        | Why::InvalidRelation
        | Why::InvalidSubid
        | Why::JidRequired
        | Why::MaxNodesExceeded
        | Why::NodeidRequired
        | Why::NotImplemented
        | Why::SubidRequired
        | Why::TooManySubscriptions
        | Why::UnsupportedAccessModel => StatusCode::BAD_REQUEST,
    }
}
