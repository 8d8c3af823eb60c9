//! Archives and tombstones: whoever comes by seldom finds what he has missed, and hears of what is gone.

use std::collections::BTreeSet;

use atomsub::atom::NS;
use atomsub::xml::Element;

use crate::feeds::{tree, valid};
use crate::house::{House, PUBLIC};

const HISTORY: &str = "http://purl.org/syndication/history/1.0";
const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";

fn ids(feed: Element<'_>) -> Vec<String> {
    let entries = feed.children().filter(|child| child.is("entry", NS));
    entries.map(|entry| entry.child("id", NS).unwrap().text().into_owned()).collect()
}

/// Where a link of the feed leads, as a path.
fn link(feed: Element<'_>, rel: &str) -> Option<String> {
    let mut links = feed.children().filter(|child| child.is("link", NS) && child.attr("rel") == Some(rel));
    links.next().map(|link| link.attr("href").unwrap().strip_prefix(PUBLIC).unwrap().to_owned())
}

fn publish(house: &House, number: usize) {
    house.entry(
        "news",
        &format!("i{number}"),
        &format!("<id>tag:example.com,2026:{number}</id><title>{number}</title>"),
    );
}

#[test]
fn whoever_follows_the_links_reads_everything() {
    let house = House::new();
    house.node(0, "news", &[]);
    for number in 0..130 {
        publish(&house, number);
    }
    let feed = tree(&house.get("/n/news/feed.atom"));
    valid(&feed);
    assert!(feed.root().child("archive", HISTORY).is_none());
    let mut found: BTreeSet<String> = ids(feed.root()).into_iter().collect();
    let mut next = link(feed.root(), "prev-archive");
    assert_eq!(next.as_deref(), Some("/n/news/archive/2.atom"));
    while let Some(path) = next {
        let answer = house.get(&path);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=86400"));
        let archive = tree(&answer);
        valid(&archive);
        assert!(archive.root().child("archive", HISTORY).is_some());
        assert_eq!(link(archive.root(), "current").as_deref(), Some("/n/news/feed.atom"));
        assert_eq!(link(archive.root(), "self"), Some(path.clone()));
        let newer = (path == "/n/news/archive/1.atom").then(|| "/n/news/archive/2.atom".to_owned());
        assert_eq!(link(archive.root(), "next-archive"), newer);
        assert_eq!(
            archive.root().child("id", NS).unwrap().text(),
            feed.root().child("id", NS).unwrap().text()
        );
        found.extend(ids(archive.root()));
        next = link(archive.root(), "prev-archive");
    }
    assert_eq!(found.len(), 130);
    for path in [
        "archive/0.atom",
        "archive/3.atom",
        "archive/01.atom",
        "archive/+1.atom",
        "archive/1.rss",
        "archive/.",
    ] {
        assert_eq!(house.get(&format!("/n/news/{path}")).status, 404, "{path}");
    }
    // The same for people, and as JSON.
    assert_eq!(house.get("/n/news/archive/1").status, 200);
    assert!(
        house
            .get("/n/news/archive/2.json")
            .text()
            .contains("\"next_url\":\"https://feeds.example.org/n/news/archive/1.json\"")
    );
}

#[test]
fn an_archive_changes_when_what_is_in_it_does_and_then_the_feed_has_it() {
    let house = House::new();
    house.node(0, "news", &[]);
    for number in 0..80 {
        publish(&house, number);
    }
    let before = house.get("/n/news/archive/1.atom");
    publish(&house, 80);
    assert_eq!(house.get("/n/news/archive/1.atom").header("etag"), before.header("etag"));
    house.entry("news", "i3", "<id>tag:example.com,2026:3</id><title>Three</title>");
    assert!(house.get("/n/news/archive/1.atom").text().contains("<title>Three</title>"));
    assert!(house.get("/n/news/feed.atom").text().contains("<title>Three</title>"));
    house.retract("news", "i4");
    assert!(!house.get("/n/news/archive/1.atom").text().contains("2026:4<"));
    let feed = tree(&house.get("/n/news/feed.atom"));
    let gone = feed.root().child("deleted-entry", TOMBSTONES).unwrap();
    assert_eq!(gone.attr("ref"), Some("tag:example.com,2026:4"));
}

#[test]
fn what_is_deleted_leaves_a_tombstone_and_its_page_is_gone() {
    let house = House::new();
    house.node(0, "news", &[]);
    publish(&house, 1);
    house.entry("news", "uuid", "<id>711cd52a-a528-4356-b56b-8ac849f87835</id>");
    house.entry("news", "none", "");
    for id in ["i1", "uuid", "none"] {
        assert_eq!(house.get(&format!("/n/news/i/{id}")).status, 200);
        house.wait(60);
        house.retract("news", id);
    }
    let feed = tree(&house.get("/n/news/feed.atom"));
    let stones = feed.root().children().filter(|child| child.is("deleted-entry", TOMBSTONES));
    let stones: Vec<_> = stones.map(|gone| (gone.attr("ref").unwrap(), gone.attr("when").unwrap())).collect();
    assert_eq!(
        stones,
        [
            ("xmpp:pubsub.example.com?;node=news;item=none", "2026-11-20T10:03:00Z"),
            ("urn:uuid:711cd52a-a528-4356-b56b-8ac849f87835", "2026-11-20T10:02:00Z"),
            ("tag:example.com,2026:1", "2026-11-20T10:01:00Z"),
        ]
    );
    // The feed has changed when the last of them went.
    assert_eq!(feed.root().child("updated", NS).unwrap().text(), "2026-11-20T10:03:00Z");
    for path in ["/n/news/i/i1", "/n/news/i/i1/entry.atom"] {
        let gone = house.get(path);
        assert_eq!(gone.status, 410, "{path}");
        assert!(gone.text().contains("deleted on <time datetime=\"2026-11-20T10:01:00Z\">2026-11-20</time>"));
    }
    // It is back.
    publish(&house, 1);
    assert_eq!(house.get("/n/news/i/i1").status, 200);
    assert!(!house.get("/n/news/feed.atom").text().contains("ref='tag:example.com,2026:1'"));
}

#[test]
fn an_entry_that_is_there_under_the_id_of_one_that_is_gone_has_no_tombstone() {
    let house = House::new();
    house.node(0, "news", &[]);
    for item in ["a", "b"] {
        house.entry("news", item, "<id>tag:example.com,2026:1</id>");
    }
    house.retract("news", "a");
    let feed = tree(&house.get("/n/news/feed.atom"));
    assert_eq!(ids(feed.root()), ["tag:example.com,2026:1"]);
    assert!(feed.root().child("deleted-entry", TOMBSTONES).is_none());
}
