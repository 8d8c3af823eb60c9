//! Publishing what was posted, whoever has posted it: one entry, or all of a feed.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::http::answer::trouble;
use crate::http::router::Web;
use crate::pubsub::atompub::changes::Post;
use crate::pubsub::atompub::entries::Member;
use crate::pubsub::atompub::{Told, Wish};
use crate::pubsub::publisher::publish::Payload;

use super::author::Author;
use super::body::Document;
use super::trouble::Trouble;
use super::{batch, member, slug};

/// Publishes a document.
pub(super) async fn document(
    web: &Web,
    author: &Author,
    node: String,
    document: Document,
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let payload = match document {
        Document::Entry(payload) => payload,
        Document::Feed(entries) => return batch::publish(web, author, &node, entries).await,
    };
    match entry(web, author, node, payload, slug::wished(headers)).await? {
        Some(found) => member::shown(web, author, &found, status(&found)),
        None => {
            Ok(trouble(StatusCode::ACCEPTED, "it was passed on to those who listen; nothing is kept here"))
        }
    }
}

/// Publishes an entry; nothing where nothing is kept.
pub(super) async fn entry(
    web: &Web,
    author: &Author,
    node: String,
    payload: Payload,
    slug: Option<String>,
) -> Result<Option<Box<Member>>, Trouble> {
    let told = author.ask(web, Wish::Post(Post { node, payload, slug })).await?;
    if let Told::Entry(found) = told { Ok(Some(found)) } else { Ok(None) }
}

/// Whether it was there before.
pub(super) fn status(found: &Member) -> StatusCode {
    if found.is_new { StatusCode::CREATED } else { StatusCode::OK }
}
