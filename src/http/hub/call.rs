//! What the hub says to callbacks (WebSub 5.2, 5.3, 7).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use url::Url;

use crate::client::{Ask, Failed, Guard};
use crate::http::page::Page;
use crate::http::signature::sign;
use crate::pubsub::secret::Secret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");
const GONE: u16 = 410;

/// What a callback says to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// It could not be asked.
    None,
}

/// What becomes of a document that is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    Taken,
    NotTaken,
    /// There is nobody any more who would take it.
    Gone,
}

/// Asks a callback whether it wants what was asked for: it does if it repeats what nobody else knows. The second is why
/// not.
pub(super) async fn verify(
    guard: &Guard,
    callback: &str,
    topic: &str,
    lease: Option<u64>,
) -> (Answer, String) {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
    let mode = if lease.is_some() { "subscribe" } else { "unsubscribe" };
    let lease = lease.map(|lease| lease.to_string());
    let mut query = vec![("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", &challenge)];
    query.extend(lease.as_deref().map(|lease| ("hub.lease_seconds", lease)));
    match get(guard, callback, &query).await {
        Ok(answer) if answer.status.is_success() && answer.body == challenge => (Answer::Yes, String::new()),
        Ok(answer) => {
            let is_ill = answer.status.is_server_error();
            let why = format!("it answers {}, and not what it was to repeat", answer.status);
            (if is_ill { Answer::None } else { Answer::No }, why)
        }
        Err(failed) => (if is_final(&failed) { Answer::No } else { Answer::None }, failed.to_string()),
    }
}

/// Whether it would be no use to ask again. An answer that is too long is another than was wanted.
fn is_final(failed: &Failed) -> bool {
    match failed {
        Failed::TooLong(_) | Failed::NotInflated | Failed::Forbidden(_) => true,
        Failed::Unreachable(_) | Failed::TooSlow | Failed::TooManyRedirects => false,
    }
}

/// Tells a callback that there is nothing for it, or nothing any more; whether it has heard that.
pub(super) async fn deny(guard: &Guard, callback: &str, topic: &str, reason: &str) -> bool {
    let query = [("hub.mode", "denied"), ("hub.topic", topic), ("hub.reason", reason)];
    match get(guard, callback, &query).await {
        Ok(answer) => !answer.status.is_server_error(),
        Err(failed) => is_final(&failed),
    }
}

async fn get(guard: &Guard, callback: &str, query: &[(&str, &str)]) -> Result<crate::client::Answer, Failed> {
    let mut url = parse(callback)?;
    url.query_pairs_mut().extend_pairs(query);
    guard.send(Ask { follows: false, ..Ask::get(url) }).await
}

/// Hands a feed over, signed if there is a secret.
pub(super) async fn hand_over(guard: &Guard, callback: &str, feed: &Page, secret: Option<&Secret>) -> Handed {
    let Ok(url) = parse(callback) else { return Handed::Gone };
    let headers = headers(feed, secret);
    match guard.send(Ask { headers, ..Ask::post(url, feed.plain.bytes.clone()) }).await {
        Ok(answer) if answer.status.is_success() => Handed::Taken,
        Ok(answer) if answer.status.as_u16() == GONE => Handed::Gone,
        Ok(_) | Err(_) => Handed::NotTaken,
    }
}

fn parse(callback: &str) -> Result<Url, Failed> {
    callback.parse().map_err(|_| Failed::Forbidden("it is no URL".to_owned()))
}

/// Of what type it is, where it and the hub are, and that it is from the hub.
fn headers(feed: &Page, secret: Option<&Secret>) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(feed.kind))]);
    let signature = secret.and_then(|secret| sign(secret.reveal(), &feed.plain.bytes));
    // Hexadecimal digits are what a header may have.
    let signature = signature.and_then(|signature| HeaderValue::from_str(&signature).ok());
    headers.extend(feed.links.clone().map(|links| (header::LINK, links)));
    headers.extend(signature.map(|signature| (SIGNATURE, signature)));
    headers
}
