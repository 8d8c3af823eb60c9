//! What somebody sends: one entry, or the entries of a feed, as Atom or as JSON Feed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;

use crate::atom::NS;
use crate::atom::member::{is_draft, published, published_alone};
use crate::atom::validation::{self, Flaw};
use crate::http::router::Web;
use crate::limits::{POSTED_ENTRIES_MAX, WEB_BODY_BYTES_MAX};
use crate::pubsub::Timestamp;
use crate::pubsub::publisher::publish::Payload;
use crate::xml::{Element, Limits, Tree, XmlError};

use super::author::Author;
use super::note;
use super::room::Place;
use super::trouble::Trouble;

/// What was sent.
#[derive(Debug)]
pub(super) enum Document {
    Entry(Payload),
    Feed(Vec<Posted>),
}

/// An entry of a feed that was sent.
#[derive(Debug)]
pub(super) struct Posted {
    /// Its atom:id.
    pub(super) id: Option<String>,
    /// When it was last changed, as it says itself.
    pub(super) updated: Option<Timestamp>,
    /// It, or what is wrong with it.
    pub(super) payload: Result<Payload, Trouble>,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Atom,
    Json,
}

impl Format {
    /// That of a request. What a page of somebody else could send from a browser without being asked is none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Trouble> {
        let wrong = |words: &str| Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words);
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let mut parts = kind.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let format = match media.as_str() {
            "application/atom+xml" => Self::Atom,
            "application/json" | "application/feed+json" => Self::Json,
            _ => {
                return Err(wrong(
                    "send an entry as application/atom+xml;type=entry, or as application/json",
                ));
            }
        };
        let charset = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("charset"));
        if charset.is_some_and(|(_, charset)| !is_utf8(charset.trim_matches('"'))) {
            return Err(wrong("write it in UTF-8"));
        }
        if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(wrong("send it uncompressed"));
        }
        Ok(format)
    }
}

/// Reads a body, and gives the place in the room for them with it, which is held until it is not needed any more.
pub(super) async fn bytes<'a>(
    web: &'a Web,
    author: &Author,
    body: Body,
) -> Result<(Bytes, Place<'a>), Trouble> {
    let place = web.app.room.place(author.account()).await?;
    let bytes = Bytes::from_request(Request::new(body), &()).await;
    let bytes = bytes.map_err(|rejection| {
        let is_long = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        let words = format!("at most {WEB_BODY_BYTES_MAX} bytes are taken at once");
        Trouble::new(rejection.status(), if is_long { words } else { rejection.body_text() })
    })?;
    Ok((bytes, place))
}

/// Understands it, while others are served.
pub(super) async fn understood(web: &Web, format: Format, bytes: Bytes) -> Result<Document, Trouble> {
    // It is never closed.
    let turn = Arc::clone(&web.app.readings).acquire_owned().await.map_err(|_| Trouble::bug())?;
    let reading = tokio::task::spawn_blocking(move || {
        let document = read(format, bytes);
        // Also where nobody waits for it any more, it is the turn of the next one only now.
        drop(turn);
        document
    });
    reading.await.map_err(|_| Trouble::bug())?
}

fn read(format: Format, bytes: Bytes) -> Result<Document, Trouble> {
    let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => bytes.slice_ref(rest),
        None => bytes,
    };
    let bytes = match format {
        Format::Atom => in_utf8(bytes)?,
        Format::Json => note::as_atom(&bytes)?.into(),
    };
    let limits = Limits { bytes: 2 * WEB_BODY_BYTES_MAX, ..Limits::default() };
    let tree = Tree::parse(bytes, &limits).map_err(|error| unreadable(&error))?;
    let root = tree.root();
    if root.is("entry", NS) {
        return payload(root, published(root)).map(Document::Entry);
    }
    if !root.is("feed", NS) {
        return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, validation::text(Flaw::NoEntry)));
    }
    let entries: Vec<_> = root.children().filter(|child| child.is("entry", NS)).collect();
    if entries.len() > POSTED_ENTRIES_MAX {
        let words = format!("at most {POSTED_ENTRIES_MAX} entries are taken at once");
        return Err(Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, words));
    }
    let posted = |entry: Element<'_>| Posted {
        id: entry.child("id", NS).map(|id| id.text().trim().to_owned()),
        updated: entry.child("updated", NS).and_then(|updated| Timestamp::parse(&updated.text())),
        payload: payload(entry, published_alone(root, entry)),
    };
    Ok(Document::Feed(entries.into_iter().map(posted).collect()))
}

/// An entry as it is published.
fn payload(entry: Element<'_>, xml: Option<String>) -> Result<Payload, Trouble> {
    if is_draft(entry) {
        let words = "nothing is kept here that is not published: post it without app:draft when it is ready";
        return Err(Trouble::new(StatusCode::FORBIDDEN, words));
    }
    let tree = Tree::parse(xml.ok_or_else(Trouble::bug)?.into(), &Limits::default())
        .map_err(|error| unreadable(&error))?;
    Ok(Payload::of(tree.root()))
}

/// Refuses what says that it is not in UTF-8, as others read it by what it says.
fn in_utf8(bytes: Bytes) -> Result<Bytes, Trouble> {
    let declaration = bytes.strip_prefix(b"<?xml").and_then(|rest| rest.split(|byte| *byte == b'>').next());
    let declaration = declaration.and_then(|declaration| str::from_utf8(declaration).ok());
    let encoding = declaration.and_then(|declaration| declaration.split_once("encoding"));
    let encoding = encoding.and_then(|(_, rest)| rest.split(['\'', '"']).nth(1));
    if str::from_utf8(&bytes).is_ok() && encoding.is_none_or(is_utf8) {
        return Ok(bytes);
    }
    Err(Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "write it in UTF-8"))
}

fn is_utf8(charset: &str) -> bool {
    ["utf-8", "utf8", "us-ascii"].iter().any(|known| known.eq_ignore_ascii_case(charset))
}

fn unreadable(error: &XmlError) -> Trouble {
    let is_much = matches!(error, XmlError::Over(_));
    let status = if is_much { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
    Trouble::new(status, format!("it cannot be read as XML: {error}"))
}
