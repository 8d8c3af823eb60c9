//! All entries of a feed that was posted, one after the other, the oldest first: whoever listens hears of them in the
//! order of what they tell. Each is published or not; the answer says what has become of which.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::http::router::Web;
use crate::pubsub::publisher::publish::Payload;

use super::author::Author;
use super::body::Posted;
use super::post;
use super::trouble::Trouble;

/// What has become of an entry: its status and where it is, or why it is nowhere.
type Outcome = Result<(StatusCode, Option<String>), Trouble>;

/// Publishes them.
pub(super) async fn publish(
    web: &Web,
    author: &Author,
    node: &str,
    entries: Vec<Posted>,
) -> Result<Response, Trouble> {
    let mut outcomes: Vec<(usize, Option<String>, Outcome)> = Vec::with_capacity(entries.len());
    let mut entries: Vec<(usize, Posted)> = entries.into_iter().enumerate().collect();
    // Feeds begin with the newest.
    entries.sort_by_key(|(place, posted)| (posted.updated, std::cmp::Reverse(*place)));
    for (place, Posted { id, payload, .. }) in entries {
        let outcome = match payload {
            // The request itself was counted.
            Ok(_) if !outcomes.is_empty() && author.count(web).is_err() => Err(Trouble::too_often(10)),
            Ok(payload) => one(web, author, node, payload).await,
            Err(trouble) => Err(trouble),
        };
        outcomes.push((place, id, outcome));
    }
    outcomes.sort_by_key(|(place, ..)| *place);
    let troubles: Vec<&Trouble> =
        outcomes.iter().filter_map(|(.., outcome)| outcome.as_ref().err()).collect();
    match troubles.first() {
        None => Ok(answer(StatusCode::OK, &outcomes)),
        Some(first) if troubles.len() == outcomes.len() && troubles.iter().all(|other| other == first) => {
            Err((*first).clone())
        }
        Some(_) => Ok(answer(StatusCode::MULTI_STATUS, &outcomes)),
    }
}

async fn one(web: &Web, author: &Author, node: &str, payload: Payload) -> Outcome {
    let found = post::entry(web, author, node.to_owned(), payload, None).await?;
    Ok(found.map_or((StatusCode::ACCEPTED, None), |found| {
        (post::status(&found), Some(author.member(web, node, &found.item.id)))
    }))
}

fn answer(status: StatusCode, outcomes: &[(usize, Option<String>, Outcome)]) -> Response {
    let entries = outcomes.iter().map(|(_, id, outcome)| match outcome {
        Ok((status, location)) => json!({ "id": id, "status": status.as_u16(), "location": location }),
        Err(trouble) => json!({ "id": id, "status": trouble.status.as_u16(), "error": trouble.words }),
    });
    let document = json!({ "entries": entries.collect::<Vec<Value>>() });
    (status, [(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}
