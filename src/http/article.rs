//! An entry on a page for people.

use chrono::DateTime;
use maud::{Markup as Html, PreEscaped, html};

use crate::atom::shown::Markup;

use super::feed::FeedEntry;

/// The entry. On its own page its title leads nowhere; on others its date does where it has no title.
pub(super) fn article(entry: &FeedEntry, is_alone: bool) -> Html {
    let shown = &entry.shown;
    let elsewhere = shown.links.iter().find(|link| link.rel == "alternate" && link.href != entry.page);
    let elsewhere = elsewhere.filter(|link| link.href.starts_with("http"));
    let day = shown.published.as_ref().unwrap_or(&shown.updated);
    let is_named = !shown.title.is_empty();
    html! {
        article class="h-entry" lang=[shown.language.as_deref()] dir="auto" id={ "i-" (super::slug::of(&entry.item)) } {
            header {
                @if is_named && is_alone {
                    h1 class="p-name" { (shown.title) }
                } @else if is_named {
                    h2 class="p-name" { a class="u-url" href=(entry.page) { (shown.title) } }
                }
                p class="by" {
                    @for (index, author) in shown.authors.iter().enumerate() {
                        @if index > 0 { ", " }
                        span class="p-author" title=[author.uri.as_deref()] { (author.name) }
                    }
                    @if !shown.authors.is_empty() { " · " }
                    @if is_named || is_alone {
                        (time("dt-published", day))
                    } @else {
                        a class="u-url" href=(entry.page) { (time("dt-published", day)) }
                    }
                    @if shown.published.as_ref().is_some_and(|published| *published != shown.updated) {
                        " · changed "
                        (time("dt-updated", &shown.updated))
                    }
                }
            }
            @match (&shown.content, &shown.summary) {
                (Some(content), _) => div class="e-content" { (markup(content)) },
                (None, Some(summary)) => div class="p-summary" { (markup(summary)) },
                (None, None) => {},
            }
            @for link in shown.links.iter().filter(|link| link.rel == "enclosure" && link.href.starts_with("http")) {
                p class="file" { a href=(link.href) rel="nofollow ugc noopener noreferrer" {
                    (link.title.as_deref().unwrap_or_else(|| file_name(&link.href)))
                } }
            }
            @if elsewhere.is_some() || !shown.categories.is_empty() {
                footer {
                    @for category in &shown.categories {
                        span class="p-category" { (category.label.as_ref().unwrap_or(&category.term)) } " "
                    }
                    @if let Some(link) = elsewhere {
                        a class="u-syndication" href=(link.href) rel="nofollow ugc noopener noreferrer" {
                            (host(&link.href))
                        }
                    }
                }
            }
        }
    }
}

fn markup(markup: &Markup) -> Html {
    match markup {
        Markup::Text(text) => html! { p class="text" { (text) } },
        // It was made harmless when the entry was read.
        Markup::Html(html) | Markup::Xhtml(html) => PreEscaped(html.clone()),
        Markup::Elsewhere { src, .. } => html! {
            p { a href=(src) rel="nofollow ugc noopener noreferrer" { (host(src)) } }
        },
    }
}

/// A date and a time to the minute, where everybody's clock is the same.
fn time(class: &str, date: &str) -> Html {
    let moment = DateTime::parse_from_rfc3339(date).map(|date| date.to_utc().format("%Y-%m-%d %H:%M UTC"));
    html! {
        time class=(class) datetime=(date) {
            @match moment { Ok(moment) => (moment), Err(_) => (date) }
        }
    }
}

fn host(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or(url)
}

fn file_name(url: &str) -> &str {
    url.rsplit('/').find(|part| !part.is_empty()).unwrap_or(url)
}
