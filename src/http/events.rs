//! `/n/{slug}/events`: what changes in a node, as Server-Sent Events.
//!
//! The id of an event is the node's key and the place of the change, so that whoever comes back to another node of that
//! name is told to begin anew.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::{broadcast, mpsc};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use crate::limits::{WEB_EVENTS_AHEAD, WEB_HEARTBEAT, WEB_RETRY_AFTER};
use crate::pubsub::node::NodeKey;
use crate::pubsub::reader::changes::{Changes, Since};
use crate::pubsub::reader::{Look, Sight};

use super::answer::{later, not_found};
use super::caller::{Caller, Peer};
use super::engine::NoAnswer;
use super::event::{self, RESET};
use super::live::{Channel, Event, Seat, Station};
use super::router::Web;
use super::slug;

/// In which format.
#[derive(Debug, Deserialize)]
pub(super) struct Format {
    format: Option<String>,
}

/// The stream of events.
pub(super) async fn events(
    State(web): State<Arc<Web>>,
    Path(node): Path<String>,
    Query(format): Query<Format>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, NoAnswer> {
    let Some((service, node)) = slug::node(&web.services, &node) else { return Ok(not_found()) };
    let atom = match format.format.as_deref() {
        None | Some("json") => false,
        Some("atom") => true,
        Some(_) => return Ok(not_found()),
    };
    let caller = Caller::of(peer, &headers, &web.settings.proxies);
    let Some(seat) = web.live.seat(caller) else {
        let words = "there are too many who listen; the feed has the same";
        return Ok(later(StatusCode::SERVICE_UNAVAILABLE, WEB_RETRY_AFTER.as_secs(), words));
    };
    let station = Station { service, node, atom };
    // First listen, then look: nothing is lost between.
    let (channel, heard, is_new) = web.live.tune(&station);
    let from = headers.get("last-event-id").and_then(|id| event::parse_id(id.to_str().ok()?));
    let is_known = headers.contains_key("last-event-id");
    let looked = look(&web, &station, from).await;
    let changes = match looked {
        Ok(Some(changes)) => changes,
        other => {
            if is_new {
                web.live.close(&station, &channel, true);
            }
            return other.map(|_| not_found());
        }
    };
    if is_new {
        let from = (changes.public.node.key, changes.place);
        tokio::spawn(read(Arc::clone(&web), station.clone(), channel, from));
    }
    let (out, body) = mpsc::channel(WEB_EVENTS_AHEAD);
    let is_reset = changes.is_reset || is_known && from.is_none();
    let listener = Listener { web, station, heard, out, place: 0, _seat: seat };
    tokio::spawn(listener.tell(changes, is_reset));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    // Else nginx would collect them.
    let unbuffered = [("x-accel-buffering", "no")];
    Ok((headers, unbuffered, Body::from_stream(ReceiverStream::new(body))).into_response())
}

async fn look(
    web: &Web,
    station: &Station,
    from: Option<(NodeKey, u64)>,
) -> Result<Option<Box<Changes>>, NoAnswer> {
    let since = Since { node: station.node.clone(), from };
    let seen = web.engine.look(station.service, Look::Changes(since)).await?;
    Ok(match seen.sight {
        Sight::Changes(changes) => changes,
        Sight::Nodes(_) | Sight::Feed(_) | Sight::Item(_) => None,
    })
}

/// The events of some changes, written while others are served.
async fn written(web: &Arc<Web>, station: &Station, changes: Box<Changes>) -> Vec<Event> {
    if changes.list.is_empty() {
        return Vec::new();
    }
    let (owned, station) = (Arc::clone(web), station.clone());
    // It is never closed.
    let turn = Arc::clone(&web.renderings).acquire_owned().await.ok();
    let writing = tokio::task::spawn_blocking(move || {
        let events = event::of_changes(&owned, &station, &changes);
        drop(turn);
        events
    });
    writing.await.unwrap_or_default()
}

/// Reads the changes of a node for all who listen, as long as somebody does.
async fn read(web: Arc<Web>, station: Station, channel: Arc<Channel>, mut from: (NodeKey, u64)) {
    let (mut config, mut followed, mut stop) = (None, Vec::new(), web.stopped());
    loop {
        let mut wait = WEB_HEARTBEAT;
        match look(&web, &station, Some(from)).await {
            Ok(Some(changes)) => {
                let node = &changes.public.node;
                let mut nodes = changes.public.relatives.clone();
                nodes.push(node.key);
                if nodes != followed {
                    web.live.follow(&station, &nodes);
                    followed = nodes;
                    // What has changed between the look and now was news for nobody.
                    channel.news.notify_one();
                }
                let known = config.replace(node.config.clone());
                if known.is_some_and(|known| known != node.config) {
                    tell(&channel, event::node(&changes));
                }
                if changes.is_reset {
                    tell(&channel, event::reset(&changes));
                }
                from = (node.key, changes.place);
                if changes.is_part {
                    channel.news.notify_one();
                }
                written(&web, &station, changes).await.into_iter().for_each(|event| tell(&channel, event));
            }
            Ok(None) => {
                tell(&channel, event::end(from.1));
                web.live.close(&station, &channel, true);
                return;
            }
            Err(_) => wait = WEB_RETRY_AFTER,
        }
        tokio::select! {
            _ = timeout(wait, channel.news.notified()) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if web.live.close(&station, &channel, false) {
            return;
        }
    }
}

fn tell(channel: &Channel, event: Event) {
    // Whoever listened may be gone.
    let _ = channel.events.send(event);
}

/// One who listens.
struct Listener {
    web: Arc<Web>,
    station: Station,
    heard: broadcast::Receiver<Event>,
    out: mpsc::Sender<Result<Bytes, Infallible>>,
    /// The place up to which he has been told.
    place: u64,
    _seat: Seat,
}

/// There is nobody to tell, or nothing more.
struct Over;

impl Listener {
    async fn tell(mut self, changes: Box<Changes>, is_reset: bool) {
        let (mut stop, out) = (self.web.stopped(), self.out.clone());
        tokio::select! {
            () = out.closed() => {}
            // It ends in one way only.
            Err(Over) = self.go_on(changes, is_reset) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn go_on(&mut self, changes: Box<Changes>, is_reset: bool) -> Result<Infallible, Over> {
        self.say(event::hello(&changes)).await?;
        if is_reset {
            self.say(Bytes::from_static(RESET)).await?;
        }
        self.catch_up(changes).await?;
        loop {
            match timeout(WEB_HEARTBEAT, self.heard.recv()).await {
                Err(_) => self.say(Bytes::from_static(b":\n\n")).await?,
                Ok(Ok(event)) => self.hear(event).await?,
                // He is too slow, or nobody reads for him any more: he comes back with his last id.
                Ok(Err(_)) => return Err(Over),
            }
        }
    }

    /// Tells what was missed, part after part.
    async fn catch_up(&mut self, mut changes: Box<Changes>) -> Result<(), Over> {
        loop {
            let from = Some((changes.public.node.key, changes.place));
            let is_part = changes.is_part;
            self.place = changes.place;
            for event in written(&self.web, &self.station, changes).await {
                self.say(event.text).await?;
            }
            if !is_part {
                return Ok(());
            }
            changes = look(&self.web, &self.station, from).await.ok().flatten().ok_or(Over)?;
        }
    }

    async fn hear(&mut self, event: Event) -> Result<(), Over> {
        // What was missed included it, unless it is not about an entry.
        let is_new = event.place > self.place || !event.text.starts_with(b"id:");
        if is_new {
            self.place = self.place.max(event.place);
            self.say(event.text).await?;
        }
        if event.is_last { Err(Over) } else { Ok(()) }
    }

    async fn say(&self, text: Bytes) -> Result<(), Over> {
        self.out.send(Ok(text)).await.map_err(|_| Over)
    }
}
