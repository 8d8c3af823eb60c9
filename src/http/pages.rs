//! The pages of a node and of an entry, for people.

use axum::http::StatusCode;
use maud::{Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::svg;

use super::article::article;
use super::feed::{About, Feed, FeedEntry};
use super::frame::Frame;
use super::page::Page;
use super::place::Places;
use super::router::Web;

/// How long pages may be kept: they ask again when they hear of a change.
const CONTROL: &str = "public, max-age=60";

/// The page of a node, or of one of its archives.
pub(super) fn node(web: &Web, feed: &Feed) -> Page {
    let Feed { places, about, .. } = feed;
    let path = &places.path;
    let (older, newer) = (feed.older.map(|older| format!("{path}/archive/{older}")), newer(feed));
    let events = format!("{path}/events");
    let body = html! {
        header class="h-feed" {
            p class="up" { a href={ (web.settings.public.path()) "/" } { "Feeds" } }
            h1 class="p-name" dir="auto" { (about.title) }
            @if let Some(subtitle) = &about.subtitle { p class="p-summary" dir="auto" { (subtitle) } }
            (follow(places))
        }
        main {
            @for entry in &feed.entries { (article(entry, false)) }
            @if feed.entries.is_empty() { p class="empty" { "Nothing has been published here yet." } }
        }
        @if newer.is_some() || older.is_some() {
            nav {
                @if let Some(newer) = &newer { a rel="prev" href=(newer) { "Newer" } }
                @if let Some(older) = &older { a rel="next" href=(older) { "Older" } }
            }
        }
    };
    let frame = Frame {
        title: &about.title,
        language: about.language.as_deref(),
        head: discovery(places, about),
        events: feed.archive.is_none().then_some(events.as_str()),
        body,
    };
    Page { modified: Some(feed.modified), ..frame.page(web, CONTROL) }
}

/// The page after the one of an archive.
fn newer(feed: &Feed) -> Option<String> {
    feed.archive?;
    Some(match feed.newer {
        Some(newer) => format!("{}/archive/{newer}", feed.places.path),
        None => feed.places.path.clone(),
    })
}

/// The page of an entry.
pub(super) fn item(web: &Web, places: &Places, about: &About, entry: &FeedEntry) -> Page {
    let title = if entry.shown.title.is_empty() { &about.title } else { &entry.shown.title };
    let body = html! {
        header { p class="up" { a href=(places.path) { (about.title) } } }
        main { (article(entry, true)) }
        footer { p { a href=(entry.uri) { "This entry over XMPP" } } }
    };
    let head = html! {
        (discovery(places, about))
        link rel="alternate" type="application/atom+xml" href={ (entry.page) "/entry.atom" };
    };
    let language = entry.shown.language.as_deref().or(about.language.as_deref());
    Frame { title, language, head, events: None, body }.page(web, CONTROL)
}

/// The page of an entry that is gone.
pub(super) fn gone(web: &Web, places: &Places, about: &About, when: &str) -> Page {
    let body = html! {
        header { p class="up" { a href=(places.path) { (about.title) } } }
        main {
            h1 { "Gone" }
            p { "What was here was deleted on " time datetime=(when) { (when.get(..10).unwrap_or(when)) } "." }
        }
    };
    let frame = Frame { title: "Gone", language: Some("en"), head: html! {}, events: None, body };
    Page { status: StatusCode::GONE, ..frame.page(web, CONTROL) }
}

/// How to subscribe over XMPP, for the camera of a phone.
pub(super) fn code(places: &Places) -> Option<Page> {
    let code = QrCode::new(places.subscribe.as_bytes()).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Some(Page::new("image/svg+xml", "public, max-age=86400", svg))
}

/// Where readers of feeds find the feed when they are given the page.
fn discovery(places: &Places, about: &About) -> Markup {
    html! {
        link rel="alternate" type="application/atom+xml" title=(about.title) href=(places.feed(false));
        link rel="alternate" type="application/feed+json" title=(about.title) href=(places.feed(true));
        link rel="alternate" type="application/atom+xml" title="XMPP" href=(places.uri);
    }
}

/// How to follow a node.
fn follow(places: &Places) -> Markup {
    html! {
        div class="follow" {
            a class="button" href=(places.subscribe) { "Follow with XMPP" }
            " "
            a class="button" href={ (places.path) "/feed.atom" } { "Atom feed" }
            details {
                summary { "On a phone" }
                img src={ (places.path) "/code.svg" } width="240" height="240"
                    alt="The link to follow with XMPP, as a QR code";
                p { code { (PreEscaped(break_anywhere(&places.uri))) } }
            }
        }
    }
}

/// A URI that may be cut at the end of a line.
fn break_anywhere(uri: &str) -> String {
    html! { (uri) }.into_string().replace("?;", "<wbr>?;")
}
