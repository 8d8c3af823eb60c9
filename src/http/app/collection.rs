//! `/app/n/{slug}`: the entries of a node to be edited, a page at a time, and where new ones are posted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::atom::NS;
use crate::atom::member::APP_NS;
use crate::http::feed::About;
use crate::http::router::Web;
use crate::pubsub::atompub::entries::{Entries, Member, Page};
use crate::pubsub::atompub::{Told, Wish};
use crate::xml::Writer;

use super::author::Author;
use super::body::{self, Format};
use super::trouble::Trouble;
use super::{member, post};

/// Which page.
#[derive(Debug, Deserialize)]
pub(super) struct After {
    after: Option<String>,
}

/// Shows a page, with what was changed last at the beginning.
pub(super) async fn feed(
    State(web): State<Arc<Web>>,
    author: Author,
    Path(node): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Response, Trouble> {
    let node = author.node(&web, &node)?;
    // What stands in our own links, and needs no escapes there.
    let is_cursor = |after: &String| after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !after.iter().all(is_cursor) {
        return Err(Trouble::not_found());
    }
    let own = after.clone();
    let Told::Entries(page) = author.ask(&web, Wish::Entries(Entries { node, after })).await? else {
        return Err(Trouble::bug());
    };
    let writing = tokio::task::spawn_blocking(move || written(&web, &author, *page, own.as_deref()));
    let feed = writing.await.map_err(|_| Trouble::bug())?;
    Ok(([(header::CONTENT_TYPE, "application/atom+xml;type=feed")], feed).into_response())
}

/// Publishes an entry, or all of a feed.
pub(super) async fn publish(
    State(web): State<Arc<Web>>,
    author: Author,
    Path(node): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Trouble> {
    let node = author.node(&web, &node)?;
    let format = Format::of(&headers)?;
    let (bytes, _place) = body::bytes(&web, &author, body).await?;
    let document = body::understood(&web, format, bytes).await?;
    post::document(&web, &author, node, document, &headers).await
}

fn written(web: &Web, author: &Author, page: Page, after: Option<&str>) -> String {
    let Page { node, items, next } = page;
    let own = author.collection(web, &node.id.name);
    let about = About::of(&node, None);
    let updated = items.iter().map(|item| item.updated).max().unwrap_or(node.created);
    let mut out = Writer::new();
    out.open("feed").attr("xmlns", NS);
    for (name, text) in [("id", own.as_str()), ("title", &about.title), ("updated", &updated.to_rfc3339())] {
        out.open(name).text(text).close();
    }
    out.open("author").open("name").text(&about.author.name).close().close();
    out.open("app:collection").attr("xmlns:app", APP_NS).attr("href", &own);
    out.open("title").text(&about.title).close().close();
    let at = |after: &str| format!("{own}?after={after}");
    let itself = after.map_or_else(|| own.clone(), at);
    let next = next.as_deref().map(at);
    let links = [("self", Some(itself)), ("first", Some(own.clone())), ("next", next)];
    for (rel, href) in links.into_iter().filter_map(|(rel, href)| Some((rel, href?))) {
        out.open("link").attr("rel", rel).attr("href", &href).close();
    }
    for item in items {
        let href = author.member(web, &node.id.name, &item.id);
        let found = Member { node: node.clone(), item, is_new: false };
        // Whatever is no entry is no member.
        if let Some(entry) = member::written(&found, &href) {
            out.raw(&entry);
        }
    }
    out.close();
    out.finish()
}
