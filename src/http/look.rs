//! How pages look: the style, in a file of its own, because nothing that stands in a page is obeyed.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::answer::not_found;

/// Where the style is, under the public URL.
pub(super) const STYLE: &str = "/look/style.css";

/// Where the script is, likewise.
pub(super) const SCRIPT: &str = "/look/live.js";

/// Where the picture beside the address is, likewise.
pub(super) const ICON: &str = "/look/icon.svg";

/// The files.
const FILES: [(&str, &str, &str); 3] = [
    ("style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("live.js", "text/javascript; charset=utf-8", include_str!("live.js")),
    ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
];

/// One of the files.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return not_found();
    };
    ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=300")], *text).into_response()
}
