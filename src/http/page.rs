//! The frame of all pages.

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::look::STYLE;
use super::router::Web;

/// What a page may do: show itself and pictures from the web. What entries hold is not run, wherever it comes from.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https:; \
     media-src https:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// A page.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) language: Option<String>,
    /// What else its head says.
    pub(super) head: Markup,
    pub(super) body: Markup,
}

impl Page {
    pub(super) fn html(&self, web: &Web) -> String {
        let path = web.settings.public.path();
        html! {
            (DOCTYPE)
            html lang=[self.language.as_deref()] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    link rel="stylesheet" href={ (path) (STYLE) };
                    (self.head)
                }
                body { (self.body) }
            }
        }
        .into_string()
    }

    pub(super) fn response(&self, web: &Web) -> Response {
        let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
        ([kind, POLICY, (header::CACHE_CONTROL, "public, max-age=10")], self.html(web)).into_response()
    }
}
