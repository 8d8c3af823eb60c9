//! `/app/n/{slug}/{item}`: an entry to be edited. It is what was published, not what is shown to everybody, so that what
//! comes back is whole.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::atom::member::member;
use crate::http::router::Web;
use crate::http::slug;
use crate::pubsub::atompub::changes::{Known, Remove, Replace};
use crate::pubsub::atompub::entries::{Member, OneEntry};
use crate::pubsub::atompub::{Told, Wish};

use super::author::Author;
use super::body::{self, Document, Format};
use super::trouble::Trouble;
use super::version;

/// The type of an entry document.
const KIND: &str = "application/atom+xml;type=entry";

type Answer = Result<Response, Trouble>;

/// Shows it.
pub(super) async fn get(
    State(web): State<Arc<Web>>,
    author: Author,
    Path((node, item)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let (node, id) = (author.node(&web, &node)?, slug::name(&item).ok_or_else(Trouble::not_found)?);
    let Told::Entry(member) = author.ask(&web, Wish::Entry(OneEntry { node, id })).await? else {
        return Err(Trouble::bug());
    };
    if version::has(&headers, member.version()) {
        let tag = version::tag(member.version());
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    shown(&web, &author, &member, StatusCode::OK)
}

/// Changes it, if it is still as it was when it was read.
pub(super) async fn put(
    State(web): State<Arc<Web>>,
    author: Author,
    Path((node, item)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let (node, id) = (author.node(&web, &node)?, slug::name(&item).ok_or_else(Trouble::not_found)?);
    let format = Format::of(&headers)?;
    let known = version::known(&headers).ok_or_else(|| {
        let words =
            "say in If-Match what you have read, by its ETag, so that you undo nothing that you do not know";
        Trouble::new(StatusCode::PRECONDITION_REQUIRED, words)
    })?;
    let (bytes, _place) = body::bytes(&web, &author, body).await?;
    let Document::Entry(payload) = body::understood(&web, format, bytes).await? else {
        return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, "a feed is no entry"));
    };
    let wish = Wish::Replace(Replace { node, id, payload, known });
    let Told::Entry(member) = author.ask(&web, wish).await? else { return Err(Trouble::bug()) };
    shown(&web, &author, &member, StatusCode::OK)
}

/// Deletes it, if it is still as it was when it was read, where that is said.
pub(super) async fn delete(
    State(web): State<Arc<Web>>,
    author: Author,
    Path((node, item)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let (node, id) = (author.node(&web, &node)?, slug::name(&item).ok_or_else(Trouble::not_found)?);
    let known = version::known(&headers).unwrap_or(Known::Whatever);
    author.ask(&web, Wish::Remove(Remove { node, id, known })).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The answer that shows a member.
pub(super) fn shown(web: &Web, author: &Author, found: &Member, status: StatusCode) -> Answer {
    let href = author.member(web, &found.node.id.name, &found.item.id);
    // Whatever is no entry is no member.
    let entry = written(found, &href).ok_or_else(Trouble::not_found)?;
    let mut response = (status, entry).into_response();
    let headers = response.headers_mut();
    let mut put = |name, value: &str| {
        // What cannot be a header is none; these can.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, KIND);
    put(header::ETAG, &version::tag(found.version()));
    put(header::CONTENT_LOCATION, &href);
    if status == StatusCode::CREATED {
        put(header::LOCATION, &href);
    }
    Ok(response)
}

/// A member as it is written, if it is an entry.
pub(super) fn written(found: &Member, href: &str) -> Option<String> {
    member(&found.item.given()?, &found.item.updated.to_rfc3339(), href)
}
