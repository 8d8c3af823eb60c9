//! The callbacks that hubs push feeds of the web to — WebSub, whose subscriber this is.
//!
//! Each has a token that only one hub was told, and no other proof of who is there; so what a hub says counts only if it is
//! about what it was asked for, and what it pushes only if it is signed.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::limits::HUB_CHALLENGE_BYTES_MAX;
use crate::pubsub::import::{Intent, News};

use super::answer::{TEXT, later, not_found, trouble};
use super::router::Web;

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
    if !text("x-hub-signature").is_some_and(|signature| is_signed(signature, &awaited.secret, &body)) {
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

/// Whether a signature, `method=digest`, is that of who knows the secret.
fn is_signed(signature: &str, secret: &str, body: &[u8]) -> bool {
    let Some((method, digest)) = signature.split_once('=') else { return false };
    let Some(digest) = read_hex(digest.trim()) else { return false };
    match method.trim() {
        "sha1" => verifies::<Hmac<Sha1>>(secret, body, &digest),
        "sha256" => verifies::<Hmac<Sha256>>(secret, body, &digest),
        "sha384" => verifies::<Hmac<Sha384>>(secret, body, &digest),
        "sha512" => verifies::<Hmac<Sha512>>(secret, body, &digest),
        _ => false,
    }
}

fn verifies<M: Mac + KeyInit>(secret: &str, body: &[u8], digest: &[u8]) -> bool {
    let Ok(mac) = <M as Mac>::new_from_slice(secret.as_bytes()) else { return false };
    mac.chain_update(body).verify_slice(digest).is_ok()
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::is_signed;

    #[test]
    fn only_who_knows_the_secret_signs() {
        // The examples of WebSub's methods over one body, made with openssl.
        let (secret, body) = ("s3cr3t", b"<feed/>");
        for (signature, expected) in [
            ("sha1=ded020dddff874624d8e23461d715af354afe52b", true),
            ("sha256=30288d016ac66bbd764cf5b8491017b685f72a750bec9628d5f3af177be5ec82", true),
            (
                "sha384=7c8b03cea28080d5f06387064c206ce35c74ff7e5e7ea4d6433ad94369ce8a845d67e8e96e02053b45a45b81bfd652e2",
                true,
            ),
            (
                "sha512=3dbadc04fb62ba7b5e9a9ba3e9f8187ce57a4e619b9a954702175d1fb6ffc986dbf7fcb9c40eb97f34a19f2ad2f5ab12b8c1abec68adcf79fd41c9a6dcbdae10",
                true,
            ),
            ("sha256=00", false),
            ("sha256=", false),
            ("sha256=xyz", false),
            ("md5=0cc175b9c0f1b6a831c399e269772661", false),
            ("", false),
        ] {
            assert_eq!(is_signed(signature, secret, body), expected, "{signature}");
        }
        assert!(!is_signed(
            "sha256=30288d016ac66bbd764cf5b8491017b685f72a750bec9628d5f3af177be5ec82",
            "another",
            body
        ));
        assert!(!is_signed(
            "sha256=30288d016ac66bbd764cf5b8491017b685f72a750bec9628d5f3af177be5ec82",
            secret,
            b"<feed></feed>"
        ));
    }
}
