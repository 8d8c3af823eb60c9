//! The list of the nodes that anyone may read, for people and as OPML for readers of feeds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::limits::{WEB_LIST_AGE_MAX, WEB_LISTS_MAX, WEB_LOOKS_MAX, WEB_NODES_PAGE, WEB_OPML_NODES_MAX};
use crate::pubsub::node::Node;
use crate::pubsub::reader::nodes::Nodes;
use crate::pubsub::reader::{Look, Sight};
use crate::xml::write::Writer;

use super::answer::not_found;
use super::engine::NoAnswer;
use super::feed::About;
use super::frame::Frame;
use super::page::Page;
use super::place::Places;
use super::router::Web;
use super::slug;

const TITLE: &str = "Feeds";
const CONTROL: &str = "public, max-age=10";

/// Lists that were made a moment ago, by what they begin after; the OPML document begins after nothing of its kind.
#[derive(Debug, Default)]
pub(super) struct Lists(Mutex<HashMap<String, (Instant, Arc<Page>)>>);

/// Where the list goes on.
#[derive(Debug, Deserialize)]
pub(super) struct Start {
    after: Option<String>,
}

/// `/`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> Result<Response, NoAnswer> {
    let after = start.after.unwrap_or_default();
    let from = match slug::node(&web.services, &after) {
        Some(from) => Some(from),
        None if after.is_empty() => None,
        None => return Ok(not_found()),
    };
    if let Some(page) = web.lists.get(&after) {
        return Ok(page.response(&headers));
    }
    let mut found = collect(&web, from, WEB_NODES_PAGE + 1).await?;
    let is_part = found.len() > WEB_NODES_PAGE;
    found.truncate(WEB_NODES_PAGE);
    let next = found.last().filter(|_| is_part);
    let next = next.map(|(service, node)| slug::of_node(&web.services, *service, &node.id.name));
    let page = web.lists.put(after, rendered(&web, &found, next.as_deref()));
    Ok(page.response(&headers))
}

/// `/opml`
pub(super) async fn opml(State(web): State<Arc<Web>>, headers: HeaderMap) -> Result<Response, NoAnswer> {
    const OPML: &str = "/opml";
    if let Some(page) = web.lists.get(OPML) {
        return Ok(page.response(&headers));
    }
    let found = collect(&web, None, WEB_OPML_NODES_MAX).await?;
    let mut out = Writer::new();
    out.raw("<?xml version='1.0' encoding='utf-8'?>\n").open("opml").attr("version", "2.0");
    out.open("head").open("title").text(web.settings.public.host()).close().close().open("body");
    for (service, node) in &found {
        let (places, about) = (Places::of(&web, *service, node), About::of(node, None));
        out.open("outline").attr("type", "rss").attr("text", &about.title);
        out.attr_opt("description", about.subtitle.as_deref());
        out.attr("xmlUrl", &places.feed(false)).attr("htmlUrl", &places.page).close();
    }
    let page = Page::new("text/x-opml; charset=utf-8", CONTROL, out.finish());
    Ok(web.lists.put(OPML.to_owned(), page).response(&headers))
}

/// Up to so many nodes after one, service after service.
async fn collect(
    web: &Web,
    from: Option<(usize, String)>,
    most: usize,
) -> Result<Vec<(usize, Node)>, NoAnswer> {
    let (first, mut after) = from.map_or((0, None), |(service, node)| (service, Some(node)));
    let (mut found, mut looks) = (Vec::new(), 0);
    for service in first..web.services.len() {
        loop {
            let seen = web.engine.look(service, Look::Nodes(Nodes { after })).await?;
            let Sight::Nodes(page) = seen.sight else { return Err(NoAnswer::Busy) };
            found.extend(page.nodes.into_iter().map(|node| (service, node)));
            after = page.next;
            looks += 1;
            if found.len() >= most || looks >= WEB_LOOKS_MAX {
                found.truncate(most);
                return Ok(found);
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

fn rendered(web: &Web, found: &[(usize, Node)], next: Option<&str>) -> Page {
    let path = web.settings.public.path();
    let head = html! {
        link rel="outline" type="text/x-opml" title=(TITLE) href={ (path) "/opml" };
    };
    let body = html! {
        header {
            h1 { (TITLE) }
            p class="p-summary" { "What anyone may read at " (web.settings.public.host()) "." }
        }
        main {
            ul class="list" { @for (service, node) in found { (row(web, *service, node)) } }
            @if found.is_empty() { p class="empty" { "There is nothing yet that anyone may read." } }
        }
        nav {
            @if let Some(next) = next { a rel="next" href={ (path) "/?after=" (next) } { "More" } }
            a href={ (path) "/opml" } { "All as OPML" }
        }
    };
    Frame { title: TITLE, language: Some("en"), head, events: None, body }.page(web, CONTROL)
}

fn row(web: &Web, service: usize, node: &Node) -> Markup {
    let (places, about) = (Places::of(web, service, node), About::of(node, None));
    html! {
        li lang=[about.language.as_deref()] dir="auto" {
            a href=(places.path) { (about.title) }
            @if let Some(subtitle) = &about.subtitle { p { (subtitle) } }
        }
    }
}

impl Lists {
    fn get(&self, start: &str) -> Option<Arc<Page>> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, page) = lists.get(start)?;
        (made.elapsed() < WEB_LIST_AGE_MAX).then(|| Arc::clone(page))
    }

    fn put(&self, start: String, page: Page) -> Arc<Page> {
        let page = Arc::new(page);
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= WEB_LISTS_MAX {
            lists.retain(|_, (made, _)| made.elapsed() < WEB_LIST_AGE_MAX);
        }
        if lists.len() < WEB_LISTS_MAX {
            lists.insert(start, (Instant::now(), Arc::clone(&page)));
        }
        page
    }
}
