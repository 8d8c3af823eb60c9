//! An item of a JSON Feed, or a whole feed, as Atom: for programs that write JSON more easily. What is not known here is
//! ignored.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::atom::NS;
use crate::xml::Writer;

use super::trouble::Trouble;

type Item = Map<String, Value>;

/// The entry or the feed as it would have been sent as Atom.
pub(super) fn as_atom(json: &[u8]) -> Result<String, Trouble> {
    let unreadable = |error: serde_json::Error| {
        Trouble::new(StatusCode::BAD_REQUEST, format!("it cannot be read as JSON: {error}"))
    };
    let document: Value = serde_json::from_slice(json).map_err(unreadable)?;
    let Value::Object(document) = document else { return Err(no_item()) };
    let mut out = Writer::new();
    match document.get("items") {
        Some(Value::Array(items)) => {
            out.open("feed").attr("xmlns", NS);
            out.attr_opt("xml:lang", text(&document, "language").as_deref());
            people(&mut out, &document);
            for item in items {
                entry(&mut out, item.as_object().ok_or_else(no_item)?, false)?;
            }
            out.close();
        }
        _ => entry(&mut out, &document, true)?,
    }
    Ok(out.finish())
}

fn no_item() -> Trouble {
    let words =
        "E01: send an item of a JSON Feed: an object with content_html or content_text, a title or a url";
    Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, words)
}

fn entry(out: &mut Writer, item: &Item, is_alone: bool) -> Result<(), Trouble> {
    let says_something = ["content_html", "content_text", "title", "summary", "url"];
    if !says_something.iter().any(|name| text(item, name).is_some()) {
        return Err(no_item());
    }
    out.open("entry").attr_opt("xmlns", is_alone.then_some(NS));
    out.attr_opt("xml:lang", text(item, "language").as_deref());
    let dates = ["date_modified", "date_published"].map(|name| text(item, name));
    let [modified, published] = &dates;
    leaf(out, "id", text(item, "id").as_deref());
    leaf(out, "title", text(item, "title").as_deref());
    leaf(out, "published", published.as_deref());
    leaf(out, "updated", modified.as_deref().or(published.as_deref()));
    people(out, item);
    link(out, "alternate", text(item, "url").as_deref(), Some("text/html"));
    link(out, "related", text(item, "external_url").as_deref(), None);
    for attachment in objects(item, "attachments") {
        let (url, kind) = (text(attachment, "url"), text(attachment, "mime_type"));
        link(out, "enclosure", url.as_deref(), kind.as_deref());
    }
    for tag in list(item, "tags").iter().filter_map(Value::as_str) {
        out.open("category").attr("term", &legal(tag)).close();
    }
    leaf(out, "summary", text(item, "summary").as_deref());
    match (text(item, "content_html"), text(item, "content_text")) {
        (Some(html), _) => {
            out.open("content").attr("type", "html").text(&html).close();
        }
        (None, words) => leaf(out, "content", words.as_deref()),
    }
    out.close();
    Ok(())
}

fn people(out: &mut Writer, of: &Item) {
    for person in objects(of, "authors") {
        let (name, url) = (text(person, "name"), text(person, "url"));
        if let Some(name) = name.as_ref().or(url.as_ref()) {
            out.open("author");
            leaf(out, "name", Some(name));
            leaf(out, "uri", url.as_deref());
            out.close();
        }
    }
}

fn link(out: &mut Writer, rel: &str, href: Option<&str>, kind: Option<&str>) {
    if let Some(href) = href {
        out.open("link").attr("rel", rel).attr_opt("type", kind).attr("href", href).close();
    }
}

fn leaf(out: &mut Writer, name: &'static str, text: Option<&str>) {
    if let Some(text) = text {
        out.open(name).text(text).close();
    }
}

fn list<'a>(of: &'a Item, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn objects<'a>(of: &'a Item, name: &str) -> impl Iterator<Item = &'a Item> {
    list(of, name).iter().filter_map(Value::as_object)
}

/// A text, or a number, which many take for an id.
fn text(of: &Item, name: &str) -> Option<String> {
    match of.get(name)? {
        Value::String(text) => Some(legal(text)).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text without what no XML has.
fn legal(text: &str) -> String {
    let is_legal =
        |c: char| matches!(c, '\t' | '\n' | '\r') || c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars().filter(|c| is_legal(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::as_atom;

    #[test]
    fn an_item_becomes_an_entry() {
        let item = r#"{"id": 7, "url": "https://a/7", "title": "A & B", "content_html": "<p>x\u0000</p>",
            "content_text": "x", "date_published": "2026-11-20T08:00:00Z", "authors": [{"name": "Ed"}, {}],
            "tags": ["t", 1], "attachments": [{"url": "https://a/7.ogg", "mime_type": "audio/ogg"}], "_x": {}}"#;
        let expected = "<entry xmlns='http://www.w3.org/2005/Atom'><id>7</id><title>A &amp; B</title>\
            <published>2026-11-20T08:00:00Z</published><updated>2026-11-20T08:00:00Z</updated>\
            <author><name>Ed</name></author><link rel='alternate' type='text/html' href='https://a/7'/>\
            <link rel='enclosure' type='audio/ogg' href='https://a/7.ogg'/><category term='t'/>\
            <content type='html'>&lt;p&gt;x&lt;/p&gt;</content></entry>";
        assert_eq!(as_atom(item.as_bytes()).unwrap(), expected);
        let feed =
            r#"{"language": "de", "authors": [{"url": "https://a"}], "items": [{"content_text": "x"}]}"#;
        let expected = "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><author><name>https://a</name>\
            <uri>https://a</uri></author><entry><content>x</content></entry></feed>";
        assert_eq!(as_atom(feed.as_bytes()).unwrap(), expected);
        for other in ["", "[]", "{}", "{\"title\": \" \"}", "{\"items\": [1]}", "{\"title\": \"a\""] {
            assert!(as_atom(other.as_bytes()).is_err(), "{other}");
        }
    }
}
