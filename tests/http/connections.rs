//! Connections: what is too large, too slow or too often is cut off, and nothing that is said about hosts is believed.

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{ask, connect, read};
use crate::house::House;

#[test]
fn what_is_not_there_is_not_found() {
    let house = House::new();
    for path in [
        "/nothing",
        "/n/news",
        "/n/../../etc/passwd",
        "/look/../../Cargo.toml",
        "/look/%2e%2e%2fmain.rs",
        "//",
        "/%00",
    ] {
        let answer = house.get(path);
        assert_eq!(
            (answer.status, answer.header("x-content-type-options")),
            (404, Some("nosniff")),
            "{path}"
        );
        assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    }
    assert_eq!(ask(house.address, "DELETE", "/", &[]).status, 405);
}

#[test]
fn heads_and_bodies_have_a_limit() {
    let house = House::new();
    let long = "x".repeat(60_000);
    assert_eq!(ask(house.address, "GET", "/", &[("X-Long", &long)]).status, 431);
    let many: Vec<_> = (0..100).map(|_| ("X-One", "1")).collect();
    assert_eq!(ask(house.address, "GET", "/", &many).status, 431);
    assert_eq!(ask(house.address, "POST", "/", &[("Content-Length", "99999999999")]).status, 413);
}

#[test]
fn whoever_is_slow_is_cut_off_and_others_are_not() {
    let house = House::new();
    let start = Instant::now();
    let mut slow = connect(house.address);
    slow.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").unwrap();
    let trickle = thread::spawn(move || {
        while slow.write_all(b"X-A: b\r\n").is_ok() && start.elapsed() < Duration::from_secs(25) {
            thread::sleep(Duration::from_millis(500));
        }
        read(&mut slow).map(|answer| answer.status)
    });
    assert_eq!(house.get("/").status, 200);
    assert_ne!(trickle.join().unwrap(), Some(200));
    assert!(start.elapsed() < Duration::from_secs(20), "cut off after {:?}", start.elapsed());
}

#[test]
fn whoever_asks_too_often_has_to_wait() {
    let house = House::new();
    let ask_as = |address: &str| ask(house.address, "GET", "/", &[("X-Forwarded-For", address)]);
    let answers: Vec<_> = (0..400).map(|_| ask_as("192.0.2.1")).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(answers[0].status, 200);
    assert_eq!(ask_as("192.0.2.2").status, 200, "others need not");
    assert_eq!(house.get("/").status, 200, "nor who is on this machine");
}

#[test]
fn links_begin_with_the_public_url_whatever_the_host_is_said_to_be() {
    let house = House::under("https://example.org/feeds");
    house.node(0, "news", &[]);
    house.entry("news", "1", "<title>One</title>");
    for (path, link) in [
        ("/", "<a href=\"/feeds/n/news\">"),
        ("/n/news", "<body data-events=\"/feeds/n/news/events\">"),
        ("/n/news", "href=\"/feeds/look/style.css\""),
        ("/n/news", "href=\"https://example.org/feeds/n/news/i/1\""),
        ("/n/news/feed.atom", "href='https://example.org/feeds/n/news/feed.atom'"),
        ("/opml", "xmlUrl='https://example.org/feeds/n/news/feed.atom'"),
    ] {
        let hosts = [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")];
        let answer = ask(house.address, "GET", path, &hosts);
        assert!(answer.text().contains(link), "{path}: {}", answer.text());
        let headers = format!("{:?}", answer.headers);
        assert!(!answer.text().contains("evil.example") && !headers.contains("evil.example"), "{path}");
    }
}

#[test]
fn it_ends_when_it_is_told_to() {
    let mut house = House::new();
    let mut idle = connect(house.address);
    let start = Instant::now();
    house.stop();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(read(&mut idle).is_none());
    assert!(std::net::TcpStream::connect(house.address).is_err());
}
