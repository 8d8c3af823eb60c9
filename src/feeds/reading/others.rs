//! RSS, RDF and JSON Feed, and Atom before it was a standard: read by a library, mapped to what Atom has for it.

use feed_rs::model::{self, LinkTarget};
use feed_rs::parser::{Builder, ParseFeedError};
use serde_json::Value;
use url::Url;

use crate::atom::construct::is_iri;
use crate::atom::entry::Person;
use crate::atom::text::on_one_line;
use crate::limits::{FEED_ELEMENTS_MAX, FEED_PARTS_MAX};

use super::dates::date;
use super::draft::{Category, Content, Draft, Head, Link, Text};
use super::{Feed, Unreadable, html};

/// Reads XML.
pub(super) fn xml(text: &str, url: &Url) -> Result<Feed, Unreadable> {
    let versioned = with_known_version(text);
    parse(versioned.as_deref().unwrap_or(text), url, html::words)
}

/// Reads JSON. Ids may be numbers, and a title may be missing, which is stricter than it need be.
pub(super) fn json(text: &str, url: &Url) -> Result<Feed, Unreadable> {
    if values(text) > FEED_ELEMENTS_MAX {
        return Err(Unreadable::TooMuch);
    }
    let mut feed: Value =
        serde_json::from_str(text).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    let top = feed.as_object_mut().ok_or(Unreadable::NotAFeed)?;
    if !top.get("version").and_then(Value::as_str).is_some_and(|version| version.contains("jsonfeed.org/")) {
        return Err(Unreadable::NotAFeed);
    }
    top.entry("title").or_insert_with(|| Value::from(""));
    let items = top.entry("items").or_insert_with(|| Value::from(Vec::<Value>::new()));
    for item in items.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(id) = item.get_mut("id").filter(|id| id.is_number()) {
            *id = Value::from(id.to_string());
        }
        if let Some(attachments) = item.get_mut("attachments").and_then(Value::as_array_mut) {
            attachments.retain(|one| one.get("url").is_some_and(Value::is_string));
            for one in attachments.iter_mut().filter_map(Value::as_object_mut) {
                one.entry("mime_type").or_insert_with(|| Value::from("application/octet-stream"));
            }
        }
    }
    let string = |value: &Value| value.as_str().filter(|url| is_iri(url)).map(str::to_owned);
    let hubs = feed.get("hubs").and_then(Value::as_array).into_iter().flatten();
    let mut hubs = hubs.filter(|hub| hub.get("type").and_then(Value::as_str) == Some("WebSub"));
    let hub = hubs.find_map(|hub| hub.get("url").and_then(string));
    let own = feed.get("feed_url").and_then(string);
    let mut read = parse(&feed.to_string(), url, on_one_line)?;
    let links = [("hub", hub), ("self", own)];
    read.head.links.extend(links.into_iter().filter_map(|(rel, url)| Some(Link::new(rel, url?))));
    Ok(read)
}

/// How many values and names a text in JSON has, about: each takes many times its length when it is read.
fn values(text: &str) -> usize {
    let (mut values, mut in_string, mut is_escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            b',' | b':' | b'[' | b'{' => values += usize::from(!in_string),
            _ => {}
        }
    }
    values
}

/// A text with the version of RSS that it is read as, where it says another one or none. All are read alike.
fn with_known_version(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("<rss")?;
    let (attributes, after) = rest.split_once('>')?;
    let version = attributes.split_once("version=").map(|(_, version)| version);
    let known = version.and_then(|version| version.get(1..)?.split(['"', '\'']).next());
    if known.is_some_and(|known| ["2.0", "0.91", "0.92"].contains(&known)) {
        return None;
    }
    let kept: Vec<&str> = attributes.split_whitespace().filter(|one| !one.starts_with("version=")).collect();
    Some(format!("{before}<rss version='2.0' {}>{after}", kept.join(" ")))
}

fn parse(text: &str, url: &Url, title: fn(&str) -> String) -> Result<Feed, Unreadable> {
    let parser = Builder::new()
        .base_uri(Some(url.as_str()))
        // An id that is missing is made from what the entry has, not from chance.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(date)
        .sanitize_content(false)
        .build();
    let feed = parser.parse(text.as_bytes()).map_err(|error| match error {
        ParseFeedError::ParseError(_) | ParseFeedError::JsonUnsupportedVersion(_) => Unreadable::NotAFeed,
        ParseFeedError::IoError(_) | ParseFeedError::JsonSerde(_) | ParseFeedError::XmlReader(_) => {
            Unreadable::Malformed(error.to_string())
        }
    })?;
    Ok(Feed {
        rest: u64::from(feed.ttl.unwrap_or_default()) * 60,
        entries: feed.entries.iter().map(|entry| draft(entry, url, title)).collect(),
        head: head(&feed, title),
        ..Feed::default()
    })
}

fn head(feed: &model::Feed, title: fn(&str) -> String) -> Head {
    let words = |text: &Option<model::Text>| {
        let text = text.as_ref().map(|text| html::words(&text.content));
        text.filter(|text| !text.is_empty())
    };
    let editors = feed.contributors.iter().filter(|person| person.role.as_deref() == Some("managingEditor"));
    Head {
        id: feed.id.clone(),
        title: feed.title.as_ref().map(|text| title(&text.content)).unwrap_or_default(),
        subtitle: words(&feed.description),
        updated: feed.updated.or(feed.published),
        authors: feed.authors.iter().chain(editors).filter_map(person).collect(),
        links: links(&feed.links),
        logo: feed.logo.as_ref().map(|image| image.uri.clone()).filter(|uri| is_iri(uri)),
        rights: words(&feed.rights),
        lang: feed.language.clone().filter(|lang| !lang.is_empty()),
        url: String::new(),
    }
}

fn draft(entry: &model::Entry, url: &Url, title: fn(&str) -> String) -> Draft {
    let summary =
        entry.summary.as_ref().and_then(|summary| text(summary.content_type.as_str(), &summary.content, url));
    let content = entry.content.as_ref().and_then(|content| self::content(content, url));
    // The only text is the content, whatever it is called.
    let (content, summary) = match (content, summary) {
        (None, summary) => (summary.map(Content::Text), None),
        (content, summary) => (content, summary),
    };
    let summary = summary.filter(|summary| content.as_ref() != Some(&Content::Text(summary.clone())));
    let mut links = links(&entry.links);
    let guid = entry.id.trim();
    if !links.iter().any(|link| link.is("alternate"))
        && (guid.starts_with("http:") || guid.starts_with("https:"))
    {
        links.insert(0, Link::new("alternate", guid));
    }
    enclosures(&entry.media, &mut links);
    Draft {
        id: guid.to_owned(),
        title: entry.title.as_ref().map(|text| title(&text.content)).unwrap_or_default(),
        summary,
        content,
        rights: entry.rights.as_ref().map(|rights| Text::Plain(html::words(&rights.content))),
        authors: entry.authors.iter().take(FEED_PARTS_MAX).filter_map(person).collect(),
        contributors: entry.contributors.iter().take(FEED_PARTS_MAX).filter_map(person).collect(),
        categories: entry.categories.iter().take(FEED_PARTS_MAX).filter_map(category).collect(),
        links,
        published: entry.published,
        updated: entry.updated,
        lang: entry.language.clone(),
        ..Draft::default()
    }
}

fn content(content: &model::Content, url: &Url) -> Option<Content> {
    let body = content.body.as_deref().unwrap_or_default();
    text(content.content_type.as_str(), body, url).map(Content::Text)
}

fn text(kind: &str, body: &str, url: &Url) -> Option<Text> {
    let (is_plain, text) = (kind.starts_with("text/plain"), body.trim().to_owned());
    let text = if is_plain { Text::Plain(text) } else { Text::Html(text, url.clone()) };
    (!text.source().is_empty()).then_some(text)
}

fn person(person: &model::Person) -> Option<Person> {
    let of = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (name, uri, email) = (of(&person.name), of(&person.uri), of(&person.email));
    // In RSS a name is written behind an address, as a comment.
    let name = name.map(|name| name.trim_start_matches('(').trim_end_matches(')').to_owned());
    let uri = uri.filter(|uri| !uri.contains(char::is_whitespace));
    let email = email.filter(|email| email.contains('@'));
    (name.is_some() || uri.is_some() || email.is_some()).then(|| Person {
        name: name.unwrap_or_default(),
        uri,
        email,
    })
}

fn category(category: &model::Category) -> Option<Category> {
    let term = category.term.trim();
    (!term.is_empty()).then(|| Category {
        term: term.to_owned(),
        scheme: category.scheme.clone().filter(|scheme| is_iri(scheme)),
        label: category.label.clone(),
    })
}

/// The first link is where the entry can be read; where a link says what it is, that counts.
fn links(all: &[model::Link]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for link in all.iter().filter(|link| is_iri(&link.href)).take(FEED_PARTS_MAX) {
        let rel = match (&link.rel, &link.target, &link.media_type) {
            (Some(rel), _, _) => rel.as_str(),
            (None, Some(LinkTarget::Comments | LinkTarget::CommentsFeed), _) => "replies",
            (None, None, Some(_)) => "enclosure",
            (None, None, None) if links.iter().any(|known| known.is("alternate")) => "related",
            (None, None, None) => "alternate",
        };
        let kind = match link.target {
            Some(LinkTarget::Comments) => Some("text/html".to_owned()),
            Some(LinkTarget::CommentsFeed) | None => link.media_type.clone(),
        };
        let is_second =
            rel == "alternate" && links.iter().any(|known| known.is("alternate") && known.kind == kind);
        if !is_second {
            let (title, hreflang) = (link.title.clone(), link.href_lang.clone());
            let length = link.length.map(|length| length.to_string());
            links.push(Link { kind, hreflang, title, length, ..Link::new(rel, link.href.as_str()) });
        }
    }
    links
}

fn enclosures(media: &[model::MediaObject], links: &mut Vec<Link>) {
    for content in media.iter().flat_map(|object| &object.content) {
        let Some(href) = content.url.as_ref().map(Url::as_str) else { continue };
        if links.len() < FEED_PARTS_MAX && !links.iter().any(|link| link.is("enclosure") && link.href == href)
        {
            let kind = content.content_type.as_ref().map(ToString::to_string);
            let length = content.size.map(|size| size.to_string());
            links.push(Link { kind, length, ..Link::new("enclosure", href) });
        }
    }
}
