//! The callbacks that hubs push feeds of the web to — WebSub, whose subscriber this is.
//!
//! Each has a token that only one hub was told, and no other proof of who is there; so what a hub says counts only if it is
//! about what it was asked for, and what it pushes only if it is signed.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::limits::HUB_CHALLENGE_BYTES_MAX;
use crate::pubsub::import::{Intent, News};

use super::answer::{TEXT, later, not_found, trouble};
use super::router::Web;
use super::signature::Signature;

/// What the paths of callbacks begin with.
pub const CALLBACKS: &str = "/websub/";

/// What a hub says when it wants to know something.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.topic", default)]
    topic: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
    #[serde(rename = "hub.lease_seconds", default)]
    lease: String,
}

/// A hub wants to know whether it was asked, or says that it will not push.
pub(super) async fn intent(
    State(web): State<Arc<Web>>,
    Path(token): Path<String>,
    Query(said): Query<Said>,
) -> Response {
    let Said { mode, topic, challenge, lease } = said;
    let intent = match mode.as_str() {
        "subscribe" if challenge.len() <= HUB_CHALLENGE_BYTES_MAX => {
            Intent::Subscribe { topic, lease: lease.trim().parse().ok() }
        }
        "denied" => Intent::Denied { topic },
        // Nothing else was asked for.
        _ => return not_found(),
    };
    match web.engine.intent(token, intent).await {
        Ok(true) => ([TEXT], challenge).into_response(),
        Ok(false) => not_found(),
        Err(no_answer) => no_answer.into_response(),
    }
}

/// A hub pushes. Nothing is taken from whoever has no token; what is not signed as it should be is not read, and the hub
/// does not learn of it.
pub(super) async fn news(
    State(web): State<Arc<Web>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let awaited = match web.engine.awaited(token).await {
        Ok(Some(awaited)) => awaited,
        Ok(None) => return trouble(StatusCode::GONE, "nothing is awaited here"),
        Err(no_answer) => return no_answer.into_response(),
    };
    let body = match Bytes::from_request(Request::new(body), &()).await {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let accepted = StatusCode::ACCEPTED.into_response();
    let signature = text("x-hub-signature").and_then(Signature::read);
    if !signature.is_some_and(|signature| signature.fits(awaited.secret.reveal(), &body)) {
        tracing::info!(url = awaited.feed, "what was pushed is not signed by the hub");
        return accepted;
    }
    if let Err(wait) = web.pushes.count(awaited.feed.clone()) {
        return later(StatusCode::TOO_MANY_REQUESTS, wait.as_secs() + 1, "tell what is new in one document");
    }
    let content_type = text(header::CONTENT_TYPE.as_str()).map(str::to_owned);
    match web.engine.pass_on(News { feed: awaited.feed, content_type, body }) {
        Ok(()) => accepted,
        Err(no_answer) => no_answer.into_response(),
    }
}
