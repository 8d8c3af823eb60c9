//! The frame of all pages for people.

use maud::{DOCTYPE, Markup, html};

use super::look::{ICON, SCRIPT, STYLE};
use super::page::Page;
use super::router::Web;

/// What a page may do: show itself, and pictures and sounds from the web. What entries hold is not run.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    img-src 'self' https:; media-src https:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// A page for people.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) language: Option<&'a str>,
    /// What else its head says.
    pub(super) head: Markup,
    /// Where it hears of changes, if it does.
    pub(super) events: Option<&'a str>,
    pub(super) body: Markup,
}

impl Frame<'_> {
    /// The page.
    pub(super) fn page(&self, web: &Web, control: &'static str) -> Page {
        let path = web.settings.public.path();
        let html = html! {
            (DOCTYPE)
            html lang=[self.language] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    link rel="stylesheet" href={ (path) (STYLE) };
                    link rel="icon" href={ (path) (ICON) };
                    (self.head)
                    @if self.events.is_some() { script src={ (path) (SCRIPT) } defer {} }
                }
                body data-events=[self.events] { (self.body) }
            }
        };
        let page = Page::new("text/html; charset=utf-8", control, html.into_string());
        Page { policy: Some(POLICY), ..page }
    }
}
