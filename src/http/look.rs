//! How pages look: the style, in a file of its own, because nothing that stands in a page is obeyed.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::answer::not_found;

/// Where the style is, under the public URL.
pub(super) const STYLE: &str = "/look/style.css";

/// The files.
const FILES: [(&str, &str, &str); 1] = [("style.css", "text/css; charset=utf-8", include_str!("style.css"))];

/// One of the files.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return not_found();
    };
    ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=300")], *text).into_response()
}
