//! One callback, told what is to be told to it (WebSub 7).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::http::cache::{Document, Key};
use crate::http::documents;
use crate::http::engine::NoAnswer;
use crate::http::router::Web;
use crate::http::topic;
use crate::limits::HUB_BUSY_PAUSE;
use crate::pubsub::hub::{Ask, Callback, CallbackKey, Outcome, Parcel, Told, Version};

use super::Hub;
use super::call::{Handed, deny, hand_over};

const OVER: &str = "this feed is not there any more, or not for everybody";

/// Tells it; how long until it is to be told again, if that is known already.
pub(super) async fn tell(web: Arc<Web>, service: usize, key: CallbackKey) -> Option<Duration> {
    told(&web, service, &key).await.unwrap_or(Some(HUB_BUSY_PAUSE))
}

async fn told(web: &Arc<Web>, service: usize, key: &CallbackKey) -> Result<Option<Duration>, NoAnswer> {
    let Some(hub) = &web.hub else { return Ok(None) };
    let Told::Parcel(Some(parcel)) = web.engine.hub(service, Ask::Parcel(key.clone())).await? else {
        // What there was to tell is over. There may be something else since.
        return Ok(Some(Duration::ZERO));
    };
    let Parcel { callback, feed } = *parcel;
    let outcome = match feed {
        // It may be elsewhere now, as the document says then: whoever wants it longer asks for it there.
        Some((node, version)) => {
            let document = Document::Feed { json: topic::is_json(&key.topic), archive: None };
            deliver(web, hub, &callback, Key { service, node, document }, version).await?
        }
        None if deny(&hub.asking, &key.url, &key.topic, OVER).await => Outcome::Over,
        None => Outcome::Unheard,
    };
    tracing::debug!(host = callback.host, topic = key.topic, outcome = name(&outcome), "a callback was told");
    Ok(settle(web, service, Ask::Settle(key.clone(), outcome, rand::random())).await)
}

/// Notes what came of it. As long as it cannot be noted, it would be told again and again, so nobody else has this turn
/// until it is: where the disk is full, each subscriber is sent a document once, and no more.
async fn settle(web: &Web, service: usize, settle: Ask) -> Option<Duration> {
    loop {
        match web.engine.hub(service, settle.clone()).await {
            Ok(Told::Settled(next)) => return next,
            Ok(_) => return None,
            Err(_) => sleep(HUB_BUSY_PAUSE).await,
        }
    }
}

async fn deliver(
    web: &Arc<Web>,
    hub: &Hub,
    callback: &Callback,
    key: Key,
    version: Version,
) -> Result<Outcome, NoAnswer> {
    // It is at least as new as the state that it is told for. That it is gone since then is seen the next time.
    let page = documents::page_of(web, key).await?.ok_or(NoAnswer::Busy)?;
    let tag = page.plain.tag.clone();
    if callback.document.as_ref() == Some(&tag) {
        return Ok(Outcome::Delivered(version, tag));
    }
    Ok(match hand_over(&hub.delivering, &callback.key.url, &page, callback.secret.as_ref()).await {
        Handed::Taken => Outcome::Delivered(version, tag),
        Handed::NotTaken => Outcome::Failed,
        Handed::Gone => Outcome::Over,
    })
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered(..) => "it has the document",
        Outcome::Failed => "it has not taken the document",
        Outcome::Over => "it is over",
        Outcome::Unheard => "it does not hear that it is over",
    }
}
