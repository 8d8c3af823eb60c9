//! One question to a callback, and what follows from its answer (WebSub 5.3).

use std::sync::Arc;
use std::time::Duration;

use crate::http::engine::NoAnswer;
use crate::http::router::Web;
use crate::limits::{HUB_QUESTION_PAUSE, HUB_QUESTIONS_MAX};
use crate::pubsub::hub::Ask;

use super::Hub;
use super::call::{Answer, deny, verify};
use super::pending::Pending;

/// What comes of it.
#[derive(Debug)]
pub(super) enum Verified {
    /// It is settled; the node may have a new callback.
    Done,
    /// It is to be asked again after this time.
    Later(Box<Pending>, Duration),
}

/// Asks.
pub(super) async fn ask(web: Arc<Web>, mut pending: Pending) -> Verified {
    let Some(hub) = &web.hub else { return Verified::Done };
    if !hub.pending.counts(&pending) {
        return Verified::Done;
    }
    pending.asked += 1;
    let wish = &pending.wish;
    let lease = wish.terms.as_ref().map(|(seconds, _)| *seconds);
    let (answer, why) = verify(&hub.asking, &wish.url, &wish.topic, lease).await;
    let is_last = pending.asked >= HUB_QUESTIONS_MAX;
    match answer {
        Answer::Yes if hub.pending.counts(&pending) => grant(&web, hub, pending, is_last).await,
        Answer::Yes => Verified::Done,
        Answer::None if !is_last => {
            let pause = HUB_QUESTION_PAUSE * pending.asked;
            Verified::Later(Box::new(pending), pause)
        }
        Answer::No | Answer::None => {
            tracing::info!(
                host = wish.host,
                topic = wish.topic,
                why,
                "a callback does not want what was asked for"
            );
            Verified::Done
        }
    }
}

async fn grant(web: &Web, hub: &Hub, pending: Pending, is_last: bool) -> Verified {
    let Pending { wish, wanted, service, .. } = &pending;
    match web.engine.hub(*service, Ask::Grant(wish.clone(), *wanted)).await {
        Ok(_) => Verified::Done,
        // Between the wish and the answer something has changed.
        Err(NoAnswer::Refused(refusal)) => {
            deny(&hub.asking, &wish.url, &wish.topic, &refusal.text).await;
            Verified::Done
        }
        // It is asked again, but not for ever.
        Err(NoAnswer::Busy) if !is_last => Verified::Later(Box::new(pending), HUB_QUESTION_PAUSE),
        Err(NoAnswer::Busy) => {
            tracing::warn!(host = wish.host, topic = wish.topic, "no time was found for a subscription");
            Verified::Done
        }
    }
}
