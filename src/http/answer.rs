//! Answers that say why there is nothing to see.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::engine::NoAnswer;

/// What says a whole answer is of a type of its own: text in UTF-8.
pub(super) const TEXT: (HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; charset=utf-8");

/// There is no such thing, or nobody may see it.
pub(super) fn not_found() -> Response {
    trouble(StatusCode::NOT_FOUND, "there is nothing here, or nothing for everybody")
}

/// A few words with a status.
pub(super) fn trouble(status: StatusCode, words: &str) -> Response {
    (status, [TEXT], format!("{words}\n")).into_response()
}

/// The same, with how long to wait.
pub(super) fn later(status: StatusCode, seconds: u64, words: &str) -> Response {
    (status, [TEXT, (header::RETRY_AFTER, seconds.to_string().as_str())], format!("{words}\n"))
        .into_response()
}

impl IntoResponse for NoAnswer {
    /// For whoever only looks: what the engine refuses to show is not there.
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) if refusal.why == crate::pubsub::Why::Internal => {
                trouble(StatusCode::INTERNAL_SERVER_ERROR, &refusal.text)
            }
            Self::Refused(_) => not_found(),
            Self::Busy => {
                later(StatusCode::SERVICE_UNAVAILABLE, 2, "there is too much to do; try again soon")
            }
        }
    }
}
