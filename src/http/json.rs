//! A feed as JSON Feed 1.1.

use serde_json::{Map, Value, json};

use crate::atom::shown::{Markup, Shown, ShownPerson};

use super::feed::{Feed, FeedEntry};

pub(super) const KIND: &str = "application/feed+json; charset=utf-8";

/// The feed document.
pub(super) fn feed(feed: &Feed) -> String {
    let about = &feed.about;
    let next = feed.older.map(|older| feed.places.archive(older, true));
    let hubs = feed.hub.as_ref().map(|hub| json!([{ "type": "WebSub", "url": hub }]));
    let items: Vec<Value> = feed.entries.iter().map(item).collect();
    let document = object([
        ("version", Some(json!("https://jsonfeed.org/version/1.1"))),
        ("title", Some(json!(about.title))),
        ("description", about.subtitle.as_ref().map(|subtitle| json!(subtitle))),
        ("home_page_url", Some(json!(feed.places.page))),
        ("feed_url", Some(json!(feed.own_url(true)))),
        ("next_url", next.map(|next| json!(next))),
        ("icon", about.logo.as_ref().map(|logo| json!(logo))),
        ("language", about.language.as_ref().map(|language| json!(language))),
        ("authors", Some(json!([person(&about.author)]))),
        ("hubs", hubs),
        ("_xmpp", Some(json!({ "uri": feed.places.uri }))),
        ("items", Some(json!(items))),
    ]);
    document.to_string()
}

/// One entry.
pub(super) fn item(entry: &FeedEntry) -> Value {
    let shown = &entry.shown;
    let (html, text) = content(shown);
    let related = shown.links.iter().find(|link| link.rel == "related" && link.href.starts_with("http"));
    let tags: Vec<&str> = shown.categories.iter().map(|category| category.term.as_str()).collect();
    let authors: Vec<Value> = shown.authors.iter().map(person).collect();
    let attachments = attachments(shown);
    object([
        ("id", Some(json!(shown.id))),
        ("url", Some(json!(shown.page()))),
        ("external_url", related.map(|link| json!(link.href))),
        ("title", (!shown.title.is_empty()).then(|| json!(shown.title))),
        ("content_html", html.map(|html| json!(html))),
        ("content_text", text.map(|text| json!(text))),
        ("summary", shown.summary.as_ref().and_then(plain).map(|summary| json!(summary))),
        ("date_published", shown.published.as_ref().map(|date| json!(date))),
        ("date_modified", Some(json!(shown.updated))),
        ("authors", (!authors.is_empty()).then(|| json!(authors))),
        ("tags", (!tags.is_empty()).then(|| json!(tags))),
        ("language", shown.language.as_ref().map(|language| json!(language))),
        ("attachments", (!attachments.is_empty()).then(|| json!(attachments))),
        (
            "_xmpp",
            Some(object([
                ("uri", Some(json!(entry.uri))),
                ("publisher", entry.publisher.as_ref().map(|publisher| json!(publisher))),
            ])),
        ),
    ])
}

/// An item has content; where the entry has none, it is what the entry says besides.
fn content(shown: &Shown) -> (Option<&str>, Option<&str>) {
    let here = |markup: &&Markup| !matches!(markup, Markup::Elsewhere { .. });
    let markup = shown.content.as_ref().filter(here).or(shown.summary.as_ref());
    match markup {
        Some(Markup::Html(html) | Markup::Xhtml(html)) => (Some(html), None),
        Some(Markup::Text(text)) => (None, Some(text)),
        Some(Markup::Elsewhere { .. }) | None => (None, Some(&shown.title)),
    }
}

fn plain(markup: &Markup) -> Option<&str> {
    match markup {
        Markup::Text(text) => Some(text),
        Markup::Html(_) | Markup::Xhtml(_) | Markup::Elsewhere { .. } => None,
    }
}

fn attachments(shown: &Shown) -> Vec<Value> {
    let enclosures = shown.links.iter().filter(|link| link.rel == "enclosure");
    enclosures
        .map(|link| {
            let size = link.length.as_ref().and_then(|length| length.parse::<u64>().ok());
            let kind = link.kind.as_deref().unwrap_or("application/octet-stream");
            object([
                ("url", Some(json!(link.href))),
                ("mime_type", Some(json!(kind))),
                ("title", link.title.as_ref().map(|title| json!(title))),
                ("size_in_bytes", size.map(|size| json!(size))),
            ])
        })
        .collect()
}

fn person(person: &ShownPerson) -> Value {
    object([("name", Some(json!(person.name))), ("url", person.uri.as_ref().map(|uri| json!(uri)))])
}

/// An object of what there is.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<String, Value>>())
}
