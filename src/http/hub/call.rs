//! What the hub says to callbacks (WebSub 5.2, 5.3, 7).

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use url::Url;

use crate::client::{Ask, Failed, Guard};
use crate::http::page::Page;
use crate::pubsub::hub::Secret;

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
    let signature = secret.and_then(|secret| signature(secret, &feed.plain.bytes));
    // Hexadecimal digits are what a header may have.
    let signature = signature.and_then(|signature| HeaderValue::from_str(&signature).ok());
    headers.extend(feed.links.clone().map(|links| (header::LINK, links)));
    headers.extend(signature.map(|signature| (SIGNATURE, signature)));
    headers
}

/// The signature of a document (WebSub 7.1).
fn signature(secret: &Secret, body: &[u8]) -> Option<String> {
    // Any length is one for a key.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(body);
    let mut text = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        // Nothing fails that writes to a text.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::signature;
    use crate::pubsub::hub::Secret;

    /// The first is RFC 4231's test case 2; the others were made with another program.
    #[test]
    fn what_is_handed_over_is_signed() {
        for (secret, body, expected) in [
            (
                "Jefe".to_owned(),
                "what do ya want for nothing?",
                "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            ("k".repeat(64), "", "sha256=83026a325aaee70e36cfe607536aa1054104ad1077c36134810d4ccded1ccd3b"),
            (
                "ä".repeat(99),
                "feed",
                "sha256=72f620aa4d2541031aedd0828aaedde62ee6ddf38fe35a1a73594f193876f6f8",
            ),
        ] {
            assert_eq!(signature(&Secret::new(secret), body.as_bytes()).as_deref(), Some(expected));
        }
    }
}
