//! The documents of a node: from the cache, or rendered from what the engine shows.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::pubsub::reader::PublicNode;
use crate::pubsub::reader::feed::{Feed as FeedLook, FeedPart};
use crate::pubsub::reader::item::{ItemSight, OneItem};
use crate::pubsub::reader::{Look, Sight};

use super::answer::not_found;
use super::cache::{Document, Key, Rendered};
use super::engine::NoAnswer;
use super::feed::{About, Feed, entry, patience};
use super::page::Page;
use super::place::Places;
use super::router::Web;
use super::{atom, json, pages, slug};

type Answer = Result<Response, NoAnswer>;

/// How long feeds may be kept.
const FEED_CONTROL: &str = "public, max-age=60, stale-while-revalidate=600";
/// How long archives may be kept: they change only when somebody edits or deletes what is old.
const ARCHIVE_CONTROL: &str = "public, max-age=86400";

/// `/n/{slug}`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Path(node): Path<String>,
    headers: HeaderMap,
) -> Answer {
    document(&web, &node, Document::Page { archive: None }, &headers).await
}

/// `/n/{slug}/`: as people type it.
pub(super) async fn page_elsewhere(State(web): State<Arc<Web>>, Path(node): Path<String>) -> Response {
    if slug::node(&web.services, &node).is_none() {
        return not_found();
    }
    Redirect::permanent(&format!("{}/n/{node}", web.settings.public.path())).into_response()
}

/// `/n/{slug}/{file}`: the feed in a format, or the code.
pub(super) async fn file(
    State(web): State<Arc<Web>>,
    Path((node, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let wanted = match file.as_str() {
        "feed.atom" => Document::Feed { json: false, archive: None },
        "feed.json" => Document::Feed { json: true, archive: None },
        "code.svg" => Document::Code,
        _ => return Ok(not_found()),
    };
    document(&web, &node, wanted, &headers).await
}

/// `/n/{slug}/archive/{number}`, with the ending of a format or without
pub(super) async fn archive(
    State(web): State<Arc<Web>>,
    Path((node, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let (number, ending) = file.split_once('.').unwrap_or((&file, ""));
    // As it is written here, so that each has one address.
    let Some(number) = number.parse().ok().filter(|read: &u64| read.to_string() == number) else {
        return Ok(not_found());
    };
    let archive = Some(number);
    let wanted = match ending {
        "" if !file.contains('.') => Document::Page { archive },
        "atom" => Document::Feed { json: false, archive },
        "json" => Document::Feed { json: true, archive },
        _ => return Ok(not_found()),
    };
    document(&web, &node, wanted, &headers).await
}

/// `/n/{slug}/i/{item}`
pub(super) async fn item(
    State(web): State<Arc<Web>>,
    Path((node, item)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let Some(id) = slug::name(&item) else { return Ok(not_found()) };
    document(&web, &node, Document::Item { id, atom: false }, &headers).await
}

/// `/n/{slug}/i/{item}/entry.atom`
pub(super) async fn item_as_atom(
    State(web): State<Arc<Web>>,
    Path((node, item)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let Some(id) = slug::name(&item) else { return Ok(not_found()) };
    document(&web, &node, Document::Item { id, atom: true }, &headers).await
}

async fn document(web: &Arc<Web>, node: &str, document: Document, headers: &HeaderMap) -> Answer {
    let Some((service, node)) = slug::node(&web.services, node) else { return Ok(not_found()) };
    let page = page_of(web, Key { service, node, document }).await?;
    Ok(page.map_or_else(not_found, |page| page.response(headers)))
}

/// A document, if it is there.
pub(super) async fn page_of(web: &Arc<Web>, key: Key) -> Result<Option<Arc<Page>>, NoAnswer> {
    if let Some(page) = web.cache.get(&key) {
        return Ok(Some(page));
    }
    // It is never closed.
    let turn = Arc::clone(&web.renderings).acquire_owned().await.map_err(|_| NoAnswer::Busy)?;
    if let Some(page) = web.cache.get(&key) {
        return Ok(Some(page));
    }
    let Some(found) = look(web, &key).await? else { return Ok(None) };
    let owned = Arc::clone(web);
    let rendering = tokio::task::spawn_blocking(move || {
        let page = render(&owned, &key, found).map(|rendered| owned.cache.put(key, rendered));
        // Whoever is next finds it.
        drop(turn);
        page
    });
    rendering.await.map_err(|_| NoAnswer::Busy)
}

/// What the engine shows.
enum Found {
    Part(Box<FeedPart>, u64),
    Item(ItemSight, u64),
}

async fn look(web: &Web, key: &Key) -> Result<Option<Found>, NoAnswer> {
    let node = key.node.clone();
    let look = match &key.document {
        Document::Feed { archive, .. } | Document::Page { archive } => {
            Look::Feed(FeedLook { node, archive: *archive })
        }
        Document::Item { id, .. } => Look::Item(OneItem { node, id: id.clone() }),
        Document::Code => Look::Feed(FeedLook { node, archive: None }),
    };
    let seen = web.engine.look(key.service, look).await?;
    Ok(match seen.sight {
        Sight::Feed(part) => part.map(|part| Found::Part(part, seen.as_of)),
        Sight::Item(item) => item.map(|item| Found::Item(item, seen.as_of)),
        Sight::Nodes(_) | Sight::Changes(_) => None,
    })
}

fn render(web: &Web, key: &Key, found: Found) -> Option<Rendered> {
    let (page, public, as_of) = match found {
        Found::Part(part, as_of) => {
            let public = part.public.clone();
            (part_page(web, key, *part)?, public, as_of)
        }
        Found::Item(ItemSight::There(found), as_of) => {
            let (public, item) = *found;
            let (places, about) = (Places::of(web, key.service, &public.node), About::of(&public.node, None));
            let shown = entry(&places, &public.node, &item, false, patience())?;
            let page = match &key.document {
                Document::Item { atom: true, .. } => Page::new(atom::KIND, FEED_CONTROL, atom::entry(&shown)),
                Document::Item { .. } | Document::Feed { .. } | Document::Page { .. } | Document::Code => {
                    pages::item(web, &places, &about, &shown)
                }
            };
            (Page { modified: Some(item.updated), ..page }, public, as_of)
        }
        Found::Item(ItemSight::Gone(gone), as_of) => {
            let (public, tombstone) = *gone;
            let (places, about) = (Places::of(web, key.service, &public.node), About::of(&public.node, None));
            (pages::gone(web, &places, &about, &tombstone.when.to_rfc3339()), public, as_of)
        }
    };
    let PublicNode { node, mut relatives } = public;
    relatives.push(node.key);
    Some(Rendered { page, nodes: relatives, as_of })
}

fn part_page(web: &Web, key: &Key, part: FeedPart) -> Option<Page> {
    match key.document {
        Document::Code => pages::code(&Places::of(web, key.service, &part.public.node)),
        Document::Page { archive } => {
            let feed = Feed::of(web, key.service, part, archive);
            Some(Page { links: header(&feed, false), ..pages::node(web, &feed) })
        }
        Document::Feed { json, archive } => {
            let feed = Feed::of(web, key.service, part, archive);
            let control = if archive.is_some() { ARCHIVE_CONTROL } else { FEED_CONTROL };
            let page = if json {
                Page::new(json::KIND, control, json::feed(&feed))
            } else {
                Page::new(atom::KIND, control, atom::feed(&feed))
            };
            Some(Page { modified: Some(feed.modified), links: header(&feed, json), ..page })
        }
        Document::Item { .. } => None,
    }
}

/// The `Link` header of a feed and of its page (RFC 8288).
fn header(feed: &Feed, json: bool) -> Option<HeaderValue> {
    let links = atom::links(feed, json).into_iter().filter(|(rel, ..)| *rel != "alternate");
    let links: Vec<String> = links.map(|(rel, _, href)| format!("<{href}>; rel=\"{rel}\"")).collect();
    HeaderValue::from_str(&links.join(", ")).ok()
}
