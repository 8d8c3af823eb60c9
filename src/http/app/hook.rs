//! `/app/hook/{id}`: for services that can only post. Each request is signed, in the way that WebSub and many others do it:
//! `X-Hub-Signature-256` is `sha256=` and the HMAC-SHA256 of the body, in hexadecimal digits.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::http::caller::{Caller, Peer};
use crate::http::router::Web;
use crate::http::signature::{Method, Signature};
use crate::pubsub::atompub::token::{Kind, TokenKey};

use super::author::{Author, missed, safely};
use super::body::{self, Format};
use super::post;
use super::trouble::Trouble;

/// Publishes what is signed.
pub(super) async fn publish(
    State(web): State<Arc<Web>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Trouble> {
    safely(peer, &headers, &web.settings)?;
    let caller = Caller::of(peer, &headers, &web.settings.proxies);
    let refused = |status, words: &str| match missed(&web, caller) {
        late if late.status == StatusCode::TOO_MANY_REQUESTS => late,
        _ => Trouble::new(status, words),
    };
    let found = Author::find(&web, TokenKey::of(&id), Kind::Webhook).await?;
    let Some((author, token, Some(secret))) = found else {
        return Err(refused(StatusCode::NOT_FOUND, "there is no such webhook, or none any more"));
    };
    let format = Format::of(&headers)?;
    let signature = signature(&headers)
        .ok_or_else(|| refused(StatusCode::FORBIDDEN, "sign it: X-Hub-Signature-256: sha256=…"))?;
    let (bytes, _place) = body::bytes(&web, &author, body).await?;
    if !signature.fits(&secret.0, &bytes) {
        return Err(refused(StatusCode::FORBIDDEN, "the signature does not fit the body and the secret"));
    }
    // Whoever knows the address alone cannot use up what may be asked there.
    author.count(&web)?;
    let node = token.node.ok_or_else(Trouble::bug)?;
    let document = body::understood(&web, format, bytes).await?;
    post::document(&web, &author, node, document, &headers).await
}

/// The signature of a request, if it has one of the right kind.
fn signature(headers: &HeaderMap) -> Option<Signature> {
    let header = headers.get("x-hub-signature-256").or_else(|| headers.get("x-hub-signature"))?;
    Signature::read(header.to_str().ok()?).filter(|signature| signature.method == Method::Sha256)
}
