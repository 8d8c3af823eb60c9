//! Publishing over HTTP: AtomPub (RFC 5023), and webhooks for those who can only post.
//!
//! It finds out who asks and reads what he sends. The rest is decided by the engine, as a request of his account
//! ([`crate::pubsub::atompub`]), and answered when it is durable.

mod author;
mod batch;
mod body;
mod collection;
mod hook;
mod member;
mod note;
mod post;
mod room;
mod service;
mod slug;
mod trouble;
mod version;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::limits::{
    TOKEN_CALLS_AT_ONCE_MAX, TOKEN_CALLS_EVERY, TOKEN_MISSES_AT_ONCE_MAX, TOKEN_MISSES_EVERY,
    WEB_BODIES_UNDERSTOOD_MAX,
};
use crate::pubsub::atompub::token::TokenKey;

use super::answer::trouble;
use super::caller::Caller;
use super::pace::Pace;
use super::router::Web;
use room::Room;

/// What publishing over HTTP knows besides.
#[derive(Debug)]
pub(super) struct App {
    /// How often something was asked with each token.
    calls: Pace<TokenKey>,
    /// How often each caller has shown what is none.
    misses: Pace<Caller>,
    room: Room,
    /// Who may understand a body now.
    readings: Arc<Semaphore>,
}

impl App {
    pub(super) fn new() -> Self {
        Self {
            calls: Pace::new(TOKEN_CALLS_EVERY, TOKEN_CALLS_AT_ONCE_MAX, TokenKey([0; 32])),
            misses: Pace::new(TOKEN_MISSES_EVERY, TOKEN_MISSES_AT_ONCE_MAX, Caller::OTHERS),
            room: Room::new(),
            readings: Arc::new(Semaphore::new(WEB_BODIES_UNDERSTOOD_MAX)),
        }
    }
}

/// The routes. What is answered is for the one who has asked, and old at once.
pub(super) fn routes() -> Router<Arc<Web>> {
    let control = HeaderValue::from_static("private, no-store");
    Router::new()
        .route("/app/service", get(service::document))
        .route("/app/n/{node}", get(collection::feed).post(collection::publish))
        .route("/app/n/{node}/{item}", get(member::get).put(member::put).delete(member::delete))
        .route("/app/hook/{id}", post(hook::publish))
        .method_not_allowed_fallback(async || {
            trouble(
                StatusCode::METHOD_NOT_ALLOWED,
                "this cannot be done here; the header Allow says what can",
            )
        })
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, control))
}
