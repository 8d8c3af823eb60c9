//! A document as it is sent: rendered once for all who ask, compressed once, and known by what is in it.

use std::io::Write as _;

use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha1::{Digest, Sha1};

use crate::pubsub::Timestamp;

/// Bytes below which compression gains nothing.
const SMALL: usize = 500;
/// Milliseconds within which two changes have the same date.
const MOMENT: i64 = 2_000;

/// A rendered document.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    /// How long others may keep it.
    pub(super) control: &'static str,
    /// What it may do in a browser, if that is more than nothing.
    pub(super) policy: Option<&'static str>,
    /// Where it leads, for whoever does not look inside.
    pub(super) links: Option<HeaderValue>,
    /// When what is in it last changed.
    pub(super) modified: Option<Timestamp>,
    pub(super) plain: Body,
    pub(super) gzip: Option<Body>,
}

/// One form of a document.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    pub(super) tag: String,
}

impl Page {
    /// A document of this type and content.
    pub(super) fn new(kind: &'static str, control: &'static str, content: String) -> Self {
        let tag = BASE64_URL_SAFE_NO_PAD.encode(Sha1::digest(&content));
        let gzip = (content.len() > SMALL).then(|| compressed(&content)).flatten();
        Self {
            status: StatusCode::OK,
            kind,
            control,
            policy: None,
            links: None,
            modified: None,
            gzip: gzip.map(|bytes| Body { bytes, tag: format!("\"{tag}-gz\"") }),
            plain: Body { bytes: content.into(), tag: format!("\"{tag}\"") },
        }
    }

    /// The bytes that it takes to keep it.
    pub(super) fn weight(&self) -> usize {
        const OVERHEAD: usize = 512;
        OVERHEAD + self.plain.bytes.len() + self.gzip.as_ref().map_or(0, |gzip| gzip.bytes.len())
    }

    /// The answer to a request with these headers: the document, or that it is what the asker has already.
    pub(super) fn response(&self, request: &HeaderMap) -> Response {
        let body = self.gzip.as_ref().filter(|_| takes_gzip(request)).unwrap_or(&self.plain);
        let modified = self.modified.filter(|modified| Utc::now().timestamp_millis() - modified.0 > MOMENT);
        let modified = modified.and_then(|modified| DateTime::from_timestamp(modified.0 / 1000, 0));
        let is_known = self.status == StatusCode::OK && is_known(request, &body.tag, modified);
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            (self.status, body.bytes.clone()).into_response()
        };
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &str| {
            // What cannot be a header is none.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(header::ETAG, &body.tag);
        set(header::CACHE_CONTROL, self.control);
        set(header::VARY, "Accept-Encoding");
        if let Some(modified) = modified {
            set(header::LAST_MODIFIED, &modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        }
        if !is_known {
            set(header::CONTENT_TYPE, self.kind);
            if body.tag != self.plain.tag {
                set(header::CONTENT_ENCODING, "gzip");
            }
        }
        if let Some(policy) = self.policy {
            set(header::CONTENT_SECURITY_POLICY, policy);
        }
        if let Some(links) = &self.links {
            headers.insert(header::LINK, links.clone());
        }
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}

fn compressed(content: &str) -> Option<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(content.as_bytes()).ok()?;
    gzip.finish().ok().map(Bytes::from)
}

/// Whether somebody has the document already. Where he says what he has, the date does not count.
fn is_known(request: &HeaderMap, tag: &str, modified: Option<DateTime<Utc>>) -> bool {
    let tags: Vec<&str> = values(request, header::IF_NONE_MATCH).collect();
    if !tags.is_empty() {
        return tags.iter().any(|known| *known == "*" || known.trim_start_matches("W/") == tag);
    }
    let since = request.get(header::IF_MODIFIED_SINCE).and_then(|since| since.to_str().ok());
    let since = since.and_then(|since| DateTime::parse_from_rfc2822(since).ok());
    since.zip(modified).is_some_and(|(since, modified)| modified <= since)
}

fn takes_gzip(request: &HeaderMap) -> bool {
    values(request, header::ACCEPT_ENCODING).any(|value| {
        let (coding, weight) = value.split_once(';').unwrap_or((value, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        ["gzip", "*"].contains(&coding.trim()) && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// The values of a header that is a list.
fn values(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let all = request.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
}
