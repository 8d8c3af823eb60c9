//! Feeds: what is published over XMPP, as documents that are valid whatever was published.

use std::io::Read as _;

use atomsub::atom::{Entry, NS};
use atomsub::xml::{Element, Limits, Tree};
use flate2::read::GzDecoder;

use crate::client::{Answer, ask};
use crate::house::House;

/// A post as Movim sends it.
const MOVIM: &str = "<entry xmlns='http://www.w3.org/2005/Atom'>\
    <id>711cd52a-a528-4356-b56b-8ac849f87835</id><title>ploup</title>\
    <author><uri>xmpp:miho@example.com</uri></author>\
    <link rel='alternate' href='xmpp:pubsub.example.com?;node=news;item=711cd52a-a528-4356-b56b-8ac849f87835'/>\
    <link rel='related' href='https://a.example/' type='text/html' title='t' description='d'/>\
    <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p onclick='x()'>Hi <b>all</b></p></div></content>\
    <content type='text'>Hi **all**</content>\
    <published>2026-11-20T09:00:00+00:00</published><updated>2026-11-20T09:00:00+00:00</updated></entry>";
const FEED: &str = "/n/news/feed.atom";

/// A feed document, read.
pub(crate) fn tree(answer: &Answer) -> Tree {
    Tree::parse(answer.body.clone().into(), &Limits::default()).unwrap()
}

/// Ed's node, with what Movim posts to it.
fn with_movim(has_hub: bool) -> House {
    let house = if has_hub { House::with_hub(&[]) } else { House::new() };
    house.node(0, "news", &[("title", "News"), ("language", "en"), ("publish_model", "open")]);
    house.publish("miho@example.com/movim", "news", "711cd52a-a528-4356-b56b-8ac849f87835", MOVIM);
    house
}

/// Entries and feed are valid by the rules of RFC 4287 that the service knows.
pub(crate) fn valid(document: &Tree) {
    let root = document.root();
    let flaws = |element: Element<'_>| Entry::read(element).unwrap().flaws;
    if root.is("entry", NS) {
        assert_eq!(flaws(root), [], "{document:?}");
        return;
    }
    for entry in root.children().filter(|child| child.is("entry", NS)) {
        let alone = Tree::parse(entry.self_contained().into(), &Limits::default()).unwrap();
        assert_eq!(flaws(alone.root()), [], "{entry:?}");
    }
    for name in ["id", "title", "updated"] {
        assert_eq!(root.children().filter(|child| child.is(name, NS)).count(), 1, "{name}");
    }
    assert!(root.child("author", NS).unwrap().child("name", NS).is_some());
    let links: Vec<_> = root.children().filter(|child| child.is("link", NS)).collect();
    let mut alternates: Vec<_> = links
        .iter()
        .filter(|link| link.attr("rel") == Some("alternate"))
        .map(|link| link.attr("type"))
        .collect();
    let count = alternates.len();
    alternates.sort_unstable();
    alternates.dedup();
    assert_eq!(alternates.len(), count, "alternates of one type");
    assert_eq!(links.iter().filter(|link| link.attr("rel") == Some("self")).count(), 1);
}

#[test]
fn what_movim_posts_is_a_valid_feed() {
    let house = with_movim(true);
    let answer = house.get(FEED);
    let expected = format!(
        "<?xml version='1.0' encoding='utf-8'?>\n\
         <feed xmlns='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0' \
         xmlns:at='http://purl.org/atompub/tombstones/1.0' xml:lang='en'>\
         <id>xmpp:pubsub.example.com?;node=news</id><title>News</title><updated>2026-11-20T09:00:00+00:00</updated>\
         <author><name>ed</name><uri>xmpp:ed@example.com</uri></author>\
         <generator version='{}'>atomsub</generator>\
         <link rel='self' type='application/atom+xml' href='https://feeds.example.org/n/news/feed.atom'/>\
         <link rel='alternate' type='text/html' href='https://feeds.example.org/n/news'/>\
         <link rel='alternate' type='application/atom+xml' href='xmpp:pubsub.example.com?;node=news'/>\
         <link rel='alternate' type='application/feed+json' href='https://feeds.example.org/n/news/feed.json'/>\
         <link rel='hub' href='https://feeds.example.org/hub'/>\
         <entry><id>urn:uuid:711cd52a-a528-4356-b56b-8ac849f87835</id><title>ploup</title>\
         <author><name>miho</name><uri>xmpp:miho@example.com</uri></author>\
         <published>2026-11-20T09:00:00+00:00</published><updated>2026-11-20T09:00:00+00:00</updated>\
         <link rel='alternate' type='text/html' \
         href='https://feeds.example.org/n/news/i/711cd52a-a528-4356-b56b-8ac849f87835'/>\
         <link rel='alternate' type='application/atom+xml' \
         href='xmpp:pubsub.example.com?;node=news;item=711cd52a-a528-4356-b56b-8ac849f87835'/>\
         <link rel='related' type='text/html' title='t' href='https://a.example/'/>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Hi <b>all</b></p></div></content>\
         </entry></feed>",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(answer.text(), expected);
    valid(&tree(&answer));
    for (name, value) in [
        ("content-type", "application/atom+xml; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("vary", "Accept-Encoding"),
        ("cache-control", "public, max-age=60, stale-while-revalidate=600"),
        ("access-control-allow-origin", "*"),
        (
            "link",
            "<https://feeds.example.org/n/news/feed.atom>; rel=\"self\", <https://feeds.example.org/hub>; rel=\"hub\"",
        ),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    let without_hub = with_movim(false).get(FEED);
    assert!(
        !without_hub.text().contains("hub") && without_hub.header("link").unwrap().ends_with("rel=\"self\"")
    );
}

#[test]
fn who_has_the_feed_is_told_so_until_something_changes() {
    let house = with_movim(false);
    let first = house.get(FEED);
    let tag = first.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "strong: {tag}");
    let modified = first.header("last-modified").unwrap().to_owned();
    assert_eq!(modified, "Fri, 20 Nov 2026 10:00:00 GMT");
    let again = |name: &str, value: &str| ask(house.address, "GET", FEED, &[(name, value)]);
    for (name, value, status) in [
        ("If-None-Match", tag.as_str(), 304),
        ("If-None-Match", &format!("\"other\", W/{tag}"), 304),
        ("If-None-Match", "*", 304),
        ("If-None-Match", "\"other\"", 200),
        ("If-Modified-Since", &modified, 304),
        ("If-Modified-Since", "Fri, 20 Nov 2026 09:59:59 GMT", 200),
        ("If-Modified-Since", "yesterday", 200),
    ] {
        let answer = again(name, value);
        assert_eq!(answer.status, status, "{name}: {value}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
        assert_eq!(answer.body.is_empty(), status == 304);
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert!(answer.header("cache-control").is_some());
    }
    // What is said of what one has counts more than when.
    let both = [("If-None-Match", "\"other\""), ("If-Modified-Since", &modified)];
    assert_eq!(ask(house.address, "GET", FEED, &both).status, 200);
    // The same once more, at another time, is the same.
    house.wait(60);
    house.publish("miho@example.com/movim", "news", "711cd52a-a528-4356-b56b-8ac849f87835", MOVIM);
    assert_eq!(again("If-None-Match", &tag).status, 304);
    house.entry("news", "2", "<title>Two</title>");
    let fresh = again("If-None-Match", &tag);
    assert_eq!(fresh.status, 200);
    assert!(fresh.text().contains("<title>Two</title>") && fresh.header("etag") != Some(&tag));
}

#[test]
fn it_is_rendered_once_for_all_who_ask() {
    let house = with_movim(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(house.get(FEED).status, 200);
                }
            });
        }
    });
    // Those who come first may all look before one of them has rendered it.
    assert!(house.looks() <= 2, "{} looks", house.looks());
    let before = house.looks();
    house.node(0, "other", &[]);
    house.get(FEED);
    assert_eq!(house.looks(), before, "another node has changed");
}

#[test]
fn whoever_asks_for_the_head_gets_the_head() {
    let house = with_movim(false);
    let (get, head) = (house.get(FEED), ask(house.address, "HEAD", FEED, &[]));
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    assert_eq!(head.header("etag"), get.header("etag"));
}

#[test]
fn it_is_compressed_for_those_who_can_read_that() {
    let house = with_movim(false);
    let plain = house.get(FEED);
    assert_eq!(plain.header("content-encoding"), None);
    for (accepted, is_compressed) in [
        ("gzip", true),
        ("br, gzip;q=0.5", true),
        ("*", true),
        ("gzip;q=0", false),
        ("br", false),
        ("identity", false),
    ] {
        let answer = ask(house.address, "GET", FEED, &[("Accept-Encoding", accepted)]);
        assert_eq!(answer.header("content-encoding").is_some(), is_compressed, "{accepted}");
        let mut text = String::new();
        if is_compressed {
            GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).unwrap();
            assert_ne!(answer.header("etag"), plain.header("etag"), "each form has its own");
            assert!(answer.body.len() < plain.body.len());
        } else {
            answer.text().clone_into(&mut text);
        }
        assert_eq!(text, plain.text());
    }
}

#[test]
fn nodes_that_not_everybody_may_read_are_not_found() {
    let house = House::new();
    for (index, options) in [
        ("access_model", "authorize"),
        ("access_model", "whitelist"),
        ("persist_items", "0"),
        ("type", "urn:example:other"),
    ]
    .iter()
    .enumerate()
    {
        house.node(0, &format!("n{index}"), &[*options]);
        for document in
            ["", "/feed.atom", "/feed.json", "/code.svg", "/i/1", "/i/1/entry.atom", "/archive/1.atom"]
        {
            let there = house.get(&format!("/n/n{index}{document}"));
            let nowhere = house.get(&format!("/n/nowhere{document}"));
            assert_eq!((there.status, there.body), (nowhere.status, nowhere.body), "{options:?}{document}");
            assert_eq!(there.status, 404);
        }
    }
}

#[test]
fn what_is_closed_is_gone_at_once() {
    let house = with_movim(false);
    let item = "/n/news/i/711cd52a-a528-4356-b56b-8ac849f87835";
    for path in [FEED, "/n/news/feed.json", "/n/news", item] {
        assert_eq!(house.get(path).status, 200, "{path}");
    }
    house.configure("news", &[("access_model", "whitelist")]);
    for path in [FEED, "/n/news/feed.json", "/n/news", item] {
        assert_eq!(house.get(path).status, 404, "{path}");
    }
    house.configure("news", &[("access_model", "open"), ("title", "News again")]);
    assert!(house.get(FEED).text().contains("<title>News again</title>"));
}

#[test]
fn a_name_that_is_not_safe_in_a_path_is_encoded() {
    let house = House::new();
    house.node(0, "a/b ä", &[]);
    house.entry("a/b ä", "x:1/2", "<title>One</title>");
    let answer = house.get("/n/~YS9iIMOk/feed.atom");
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(text.contains("href='https://feeds.example.org/n/~YS9iIMOk/i/~eDoxLzI'"), "{text}");
    assert!(text.contains("<id>xmpp:pubsub.example.com?;node=a%2Fb%20%C3%A4</id>"), "{text}");
    assert_eq!(house.get("/n/~YS9iIMOk/i/~eDoxLzI").status, 200);
    assert_eq!(house.get("/n/a%2Fb%20%C3%A4/feed.atom").status, 404);
}

#[test]
fn the_other_service_has_its_name_in_its_paths() {
    let house = House::new();
    house.node(1, "news", &[("title", "Other")]);
    assert_eq!(house.get("/n/news/feed.atom").status, 404);
    let answer = house.get("/n/news@comments.example.com/feed.atom");
    assert!(answer.text().contains("<id>xmpp:comments.example.com?;node=news</id>"));
    assert!(answer.text().contains("href='https://feeds.example.org/n/news@comments.example.com'"));
}

#[test]
fn a_feed_says_what_its_owner_says() {
    let house = House::new();
    house.node(0, "news", &[]);
    let about = "<feed xmlns='http://www.w3.org/2005/Atom'><title>From the owner</title><subtitle>More</subtitle>\
                 <logo>https://a.example/logo.png</logo></feed>";
    house.publish("ed@example.com/a", "news", "0", about);
    let text = house.get(FEED).text().to_owned();
    assert!(text.contains("<title>From the owner</title><subtitle>More</subtitle>"), "{text}");
    assert!(text.contains("<logo>https://a.example/logo.png</logo>") && !text.contains("<entry>"), "{text}");
    house.configure("news", &[("title", "Configured"), ("description", "Said")]);
    assert!(house.get(FEED).text().contains("<title>Configured</title><subtitle>Said</subtitle>"));
}

#[test]
fn an_empty_feed_is_a_feed() {
    let house = House::new();
    house.node(0, "news", &[]);
    let answer = house.get(FEED);
    valid(&tree(&answer));
    assert!(answer.text().contains("<title>news</title><updated>2026-11-20T10:00:00Z</updated>"));
}
