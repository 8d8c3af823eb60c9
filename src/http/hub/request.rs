//! `POST /hub`: somebody asks to be told of a feed, or no longer. Whether the callback wants that too is asked afterwards.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::answer::{TEXT, later, not_found, trouble};
use crate::http::caller::{Caller, Peer};
use crate::http::engine::NoAnswer;
use crate::http::router::Web;
use crate::http::topic::Topic;
use crate::limits::{HUB_FORM_BYTES_MAX, HUB_PENDING_RETRY_AFTER};
use crate::pubsub::Why;
use crate::pubsub::hub::{Ask, Told, Wish};

use super::Hub;
use super::form::{Form, Wrong};
use super::pending::Pending;

const FORM: &str = "application/x-www-form-urlencoded";

/// Takes a wish, or says what is wrong with it.
pub(in crate::http) async fn request(
    State(web): State<Arc<Web>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, NoAnswer> {
    let Some(hub) = &web.hub else { return Ok(not_found()) };
    let caller = Caller::of(peer, &headers, &web.settings.proxies);
    let form = match read(hub, &web, &headers, body) {
        Ok(form) => form,
        Err((status, words)) => return Ok(trouble(status, &words)),
    };
    let Some(topic) = Topic::of(&web, &form.topic) else { return Ok(no_topic(&web)) };
    let wish = Wish {
        node: topic.node.clone(),
        topic: form.topic,
        host: form.callback.host_str().unwrap_or_default().to_owned(),
        url: form.callback.into(),
        caller: caller.map(|caller| caller.to_string()),
        terms: form.terms,
    };
    if let Err(wait) = hub.count(&wish) {
        let words = "too many subscriptions have been asked for; try again later";
        return Ok(later(StatusCode::TOO_MANY_REQUESTS, wait.as_secs() + 1, words));
    }
    let wanted = match web.engine.hub(topic.service, Ask::Consider(wish.clone())).await {
        Ok(Told::Considered(wanted)) => wanted,
        Ok(_) => return Err(NoAnswer::Busy),
        Err(NoAnswer::Refused(refusal)) if refusal.why == Why::ResourceConstraint => {
            return Ok(trouble(StatusCode::TOO_MANY_REQUESTS, &refusal.text));
        }
        Err(NoAnswer::Refused(refusal)) if refusal.why == Why::ItemNotFound => {
            let no_callback = wish.terms.is_none();
            return Ok(if no_callback {
                trouble(StatusCode::NOT_FOUND, &refusal.text)
            } else {
                no_topic(&web)
            });
        }
        Err(other) => return Err(other),
    };
    if !hub.pending.admit(Pending::new(topic.service, wish, wanted)) {
        let words = "too many callbacks are being asked whether they want what was asked for; try again soon";
        return Ok(later(StatusCode::SERVICE_UNAVAILABLE, HUB_PENDING_RETRY_AFTER.as_secs(), words));
    }
    hub.wake.notify_one();
    let words = "The callback is being asked whether it wants this.\n";
    Ok((StatusCode::ACCEPTED, [TEXT], words).into_response())
}

/// `GET /hub`: what it is, for people.
pub(in crate::http) async fn about(State(web): State<Arc<Web>>) -> Response {
    if web.hub.is_none() {
        return not_found();
    }
    let example = web.settings.public.at("/n/NODE/feed.atom");
    let words = format!(
        "This is a WebSub hub (https://www.w3.org/TR/websub/) for the feeds at {example} and feed.json.\n\
         To be sent one whenever it changes, POST hub.mode=subscribe, hub.topic and hub.callback, as a form.\n"
    );
    ([TEXT], words).into_response()
}

fn read(
    hub: &Hub,
    web: &Web,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Form, Wrong> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("send a form, as {FORM}")));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        long @ StatusCode::PAYLOAD_TOO_LARGE => {
            (long, format!("the form is longer than {HUB_FORM_BYTES_MAX} bytes"))
        }
        other => (other, rejection.body_text()),
    })?;
    let form = Form::read(&body)?;
    let is_ours = form.callback.as_str().starts_with(&web.settings.public.at("/"));
    if is_ours {
        return Err((StatusCode::FORBIDDEN, "hub.callback leads to this hub itself".to_owned()));
    }
    match hub.asking.permits(&form.callback) {
        Ok(()) => Ok(form),
        Err(failed) => Err((StatusCode::FORBIDDEN, format!("hub.callback: {failed}"))),
    }
}

fn no_topic(web: &Web) -> Response {
    let example = web.settings.public.at("/n/NODE/feed.atom");
    let words = format!("hub.topic is no feed of this service; they are at {example} or feed.json");
    trouble(StatusCode::NOT_FOUND, &words)
}
