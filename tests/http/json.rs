//! The same feed as JSON Feed 1.1.

use serde_json::{Value, json};

use crate::house::House;

fn feed(house: &House) -> Value {
    let answer = house.get("/n/news/feed.json");
    assert_eq!(answer.header("content-type"), Some("application/feed+json; charset=utf-8"));
    serde_json::from_str(answer.text()).unwrap()
}

#[test]
fn it_says_what_the_feed_says() {
    let house = House::with_hub(&[]);
    house.node(0, "news", &[("title", "News"), ("description", "All"), ("language", "en")]);
    house.entry(
        "news",
        "1",
        "<id>tag:example.com,2026:1</id><title>One</title><updated>2026-11-20T09:00:00Z</updated>\
         <published>2026-11-20T08:00:00Z</published><author><name>Ed</name><uri>https://ed.example/</uri></author>\
         <category term='a'/><category term='b'/><link rel='related' href='https://a.example/'/>\
         <link rel='enclosure' href='https://a.example/1.ogg' type='audio/ogg' length='12' title='Talk'/>\
         <summary>Short</summary><content type='html'>&lt;p&gt;Long</content>",
    );
    assert_eq!(
        feed(&house),
        json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": "News",
            "description": "All",
            "home_page_url": "https://feeds.example.org/n/news",
            "feed_url": "https://feeds.example.org/n/news/feed.json",
            "language": "en",
            "authors": [{ "name": "ed", "url": "xmpp:ed@example.com" }],
            "hubs": [{ "type": "WebSub", "url": "https://feeds.example.org/hub" }],
            "_xmpp": { "uri": "xmpp:pubsub.example.com?;node=news" },
            "items": [{
                "id": "tag:example.com,2026:1",
                "url": "https://feeds.example.org/n/news/i/1",
                "external_url": "https://a.example/",
                "title": "One",
                "content_html": "<p>Long</p>",
                "summary": "Short",
                "date_published": "2026-11-20T08:00:00Z",
                "date_modified": "2026-11-20T09:00:00Z",
                "authors": [{ "name": "Ed", "url": "https://ed.example/" }],
                "tags": ["a", "b"],
                "attachments": [{
                    "url": "https://a.example/1.ogg",
                    "mime_type": "audio/ogg",
                    "title": "Talk",
                    "size_in_bytes": 12,
                }],
                "_xmpp": {
                    "uri": "xmpp:pubsub.example.com?;node=news;item=1",
                    "publisher": "ed@example.com",
                },
            }],
        })
    );
}

#[test]
fn each_item_has_content() {
    let house = House::new();
    house.node(0, "news", &[]);
    for (id, inside) in [
        ("title", "<title>Only</title>"),
        ("summary", "<title>T</title><summary>Short</summary>"),
        ("text", "<title>T</title><content>Long</content>"),
        ("away", "<title>T</title><content src='https://a.example/1' type='text/plain'/>"),
    ] {
        house.entry("news", id, inside);
    }
    let feed = feed(&house);
    let texts: Vec<_> =
        feed["items"].as_array().unwrap().iter().map(|item| item["content_text"].as_str()).collect();
    assert_eq!(texts, [Some("T"), Some("Long"), Some("Short"), Some("Only")]);
}
