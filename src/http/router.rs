//! The routes, and what holds for all of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::sync::{Semaphore, watch};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::limits::{
    HUB_FORM_BYTES_MAX, HUB_NEWS_AT_ONCE, HUB_NEWS_EVERY, WEB_BODY_BYTES_MAX, WEB_CALLS_AT_ONCE_MAX,
    WEB_CALLS_PER_SECOND_MAX, WEB_LISTENERS_MAX, WEB_RENDERINGS_MAX, WEB_REQUEST_PATIENCE,
    WEB_STALL_PATIENCE,
};

use crate::pubsub::node::NodeKey;

use super::answer::{later, not_found, trouble};
use super::app::{self, App};
use super::cache::Cache;
use super::caller::{Caller, Peer};
use super::engine::Engine;
use super::hub::{self, Hub};
use super::list::Lists;
use super::live::Live;
use super::pace::Pace;
use super::serve::connections_max;
use super::settings::Settings;
use super::{documents, events, list, look, websub};

/// What all routes know.
#[derive(Debug)]
pub struct Web {
    pub(super) settings: Settings,
    /// The services by their JIDs; the first needs no name in URLs.
    pub(super) services: Vec<String>,
    pub(super) engine: Engine,
    /// The hub, if there is one.
    pub(super) hub: Option<Hub>,
    pub(super) cache: Cache,
    /// Who may render something now.
    pub(super) renderings: Arc<Semaphore>,
    pub(super) lists: Lists,
    pub(super) live: Arc<Live>,
    pub(super) app: App,
    calls: Pace<Caller>,
    /// How often feeds are pushed, by their URLs.
    pub(super) pushes: Pace<String>,
    stop: watch::Sender<bool>,
}

impl Web {
    /// The web side of these services. Where there is a hub, feeds say so.
    pub fn new(settings: Settings, services: Vec<String>, engine: Engine, hub: Option<Hub>) -> Arc<Self> {
        let second = Duration::from_secs(1);
        Arc::new(Self {
            settings,
            services,
            engine,
            hub,
            cache: Cache::default(),
            renderings: Arc::new(Semaphore::new(WEB_RENDERINGS_MAX)),
            lists: Lists::default(),
            live: Arc::new(Live::new(WEB_LISTENERS_MAX.min(connections_max() / 2))),
            app: App::new(),
            calls: Pace::new(second / WEB_CALLS_PER_SECOND_MAX, WEB_CALLS_AT_ONCE_MAX, Caller::OTHERS),
            pushes: Pace::new(HUB_NEWS_EVERY, HUB_NEWS_AT_ONCE, String::new()),
            stop: watch::Sender::new(false),
        })
    }

    /// A commit has changed these nodes: what shows them is old. To be told before anybody hears of the commit.
    pub fn changed(&self, commit: u64, nodes: &BTreeSet<NodeKey>) {
        self.cache.changed(commit, nodes);
        self.live.changed(nodes);
        if let Some(hub) = &self.hub {
            hub.changed(nodes);
        }
    }

    /// The URL of the hub, if there is one.
    pub(super) fn hub_url(&self) -> Option<String> {
        self.hub.as_ref().map(|_| self.settings.public.at(hub::PATH))
    }

    /// How it is configured.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells when the web side is to end.
    pub(super) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// What tells that the web side is to end.
    pub fn stop(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }
}

/// Unless an answer says otherwise, nothing in it is run, framed, or taken for something else.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::SERVER, "atomsub"),
];

/// All routes.
pub fn router(web: Arc<Web>) -> Router {
    let app = if web.settings.publish { app::routes() } else { Router::new() };
    let mut router = Router::new()
        .merge(app)
        .route("/", get(list::page))
        .route("/opml", get(list::opml))
        .route("/n/{node}", get(documents::page))
        .route("/n/{node}/", get(documents::page_elsewhere))
        .route("/n/{node}/events", get(events::events))
        .route("/n/{node}/{file}", get(documents::file))
        .route("/n/{node}/archive/{file}", get(documents::archive))
        .route("/n/{node}/i/{item}", get(documents::item))
        .route("/n/{node}/i/{item}/entry.atom", get(documents::item_as_atom))
        .route("/look/{file}", get(look::file))
        .route(hub::PATH, get(hub::about).post(hub::request).layer(DefaultBodyLimit::max(HUB_FORM_BYTES_MAX)))
        .route("/websub/{token}", get(websub::intent).post(websub::news))
        .fallback(async || not_found())
        .method_not_allowed_fallback(async || {
            trouble(
                StatusCode::METHOD_NOT_ALLOWED,
                "not with this method: the header Allow says which there are",
            )
        })
        .with_state(Arc::clone(&web))
        .layer(RequestBodyLimitLayer::new(WEB_BODY_BYTES_MAX))
        .layer(RequestBodyTimeoutLayer::new(WEB_STALL_PATIENCE))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WEB_REQUEST_PATIENCE))
        .layer(from_fn_with_state(web, within_limits))
        .layer(CatchPanicLayer::custom(|_| {
            trouble(StatusCode::INTERNAL_SERVER_ERROR, "this should not have happened")
        }))
        .layer(from_fn(noted));
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    router
}

/// Turns away whoever asks too often.
async fn within_limits(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let caller = peer.and_then(|peer| Caller::of(peer, request.headers(), &web.settings.proxies));
    match caller.map(|caller| web.calls.count(caller)) {
        Some(Err(wait)) => later(
            StatusCode::TOO_MANY_REQUESTS,
            wait.as_secs() + 1,
            "you ask too often; what you have may be fresh enough",
        ),
        Some(Ok(())) | None if is_too_long(&request) => trouble(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("at most {WEB_BODY_BYTES_MAX} bytes are taken at once"),
        ),
        Some(Ok(())) | None => next.run(request).await,
    }
}

/// Whether a request says that it is longer than any may be.
fn is_too_long(request: &Request) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > WEB_BODY_BYTES_MAX)
}

/// Notes each request for whoever looks for what is wrong, if he does.
async fn noted(request: Request, next: Next) -> Response {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return next.run(request).await;
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // Who knows where a hub is to push can pretend to be one.
    let path = if path.starts_with("/websub/") { "/websub/" } else { &path };
    let begun = Instant::now();
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
    tracing::debug!(%method, path, status, ms, "answered");
    response
}
