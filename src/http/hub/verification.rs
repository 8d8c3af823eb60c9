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
    Done(Pending),
    /// It is to be asked again after this time.
    Later(Pending, Duration),
}

/// Asks.
pub(super) async fn ask(web: Arc<Web>, mut pending: Pending) -> Verified {
    let Some(hub) = &web.hub else { return Verified::Done(pending) };
    if !hub.pending.counts(&pending) {
        return Verified::Done(pending);
    }
    pending.asked += 1;
    let wish = &pending.wish;
    let lease = wish.terms.as_ref().map(|(seconds, _)| *seconds);
    let answer = verify(&hub.asking, &wish.url, &wish.topic, lease).await;
    tracing::debug!(host = wish.host, topic = wish.topic, ?answer, "a callback was asked");
    match answer {
        Answer::Yes if hub.pending.counts(&pending) => grant(&web, hub, pending).await,
        Answer::None if pending.asked < HUB_QUESTIONS_MAX => {
            let pause = HUB_QUESTION_PAUSE * pending.asked;
            Verified::Later(pending, pause)
        }
        Answer::Yes | Answer::No | Answer::None => Verified::Done(pending),
    }
}

async fn grant(web: &Web, hub: &Hub, pending: Pending) -> Verified {
    let Pending { wish, wanted, service, .. } = &pending;
    match web.engine.hub(*service, Ask::Grant(wish.clone(), *wanted)).await {
        Ok(_) => Verified::Done(pending),
        // Between the wish and the answer something has changed.
        Err(NoAnswer::Refused(refusal)) => {
            deny(&hub.asking, &wish.url, &wish.topic, &refusal.text).await;
            Verified::Done(pending)
        }
        // It has said that it wants it, so it is as good as asked.
        Err(NoAnswer::Busy) => Verified::Later(pending, HUB_QUESTION_PAUSE),
    }
}
