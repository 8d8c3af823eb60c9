//! Feeds of the web, from a web server to the accounts of subscribers: what is there, what is new, what is edited and
//! deleted; feeds that move and feeds that end; and a service that is killed in the middle of it.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use minidom::Element;

use crate::harness::COMPONENTS;
use crate::harness::client::{Client, PATIENCE};
use crate::harness::fake_host::FakeHost;
use crate::harness::server::Kind;
use crate::harness::service::Service;
use crate::harness::xml::{ATOM, attr, find, named};
use crate::stage::{
    SERVICE, Stage, create, hear, hear_item, hear_nothing, news, on_both_servers, pubsub, subscribe,
};
use crate::web_server::{Page, Web};

const JID: &str = COMPONENTS[2];
const JULIET: &str = "juliet@capulet.example/balcony";
const ROMEO: &str = "romeo@montague.example";

on_both_servers!(the_circle);

/// An item of RSS, dated so that the feed seems to be a busy one.
fn item(number: usize, title: &str) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    format!(
        "<item><guid isPermaLink='false'>post-{number}</guid><title>{title}</title><link>https://blog.example/{number}</link>\
         <pubDate>Fri, 20 Nov 2026 08:{minute:02}:{second:02} GMT</pubDate></item>"
    )
}

fn rss(tag: &str, items: &[String]) -> Page {
    let feed = format!("<rss version='2.0'><channel><title>Blog</title>{}</channel></rss>", items.concat());
    Page::ok(feed).with("Content-Type", "application/rss+xml").with("ETag", format!("\"{tag}\""))
}

fn add(url: &str, node: &str) -> String {
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#add-feed'>\
         <x xmlns='jabber:x:data' type='submit'>{}{}</x></command>",
        field("url", url),
        field("node", node)
    )
}

/// The titles of what is in a node, the oldest first.
fn titles(answer: &Element) -> Vec<String> {
    let items = find(answer, &["pubsub", "items"]).expect("items");
    let entries = items.children().filter_map(|item| item.get_child("entry", ATOM));
    entries.map(|entry| entry.get_child("title", ATOM).expect("a title").text()).collect()
}

/// Asks until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        sleep(Duration::from_millis(100));
    }
}

fn node_has(client: &mut Client, node: &str, expected: &[&str]) {
    let request = pubsub(&format!("<items node='{node}'/>"));
    until(&format!("{expected:?} in {node}"), || titles(&client.ok("get", SERVICE, &request)) == expected);
}

fn the_circle(stage: &Stage) {
    let (web, node) = (Web::start(), "feeds/circle");
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let latin = |items: &[String]| {
        let feed =
            format!("<rss version='2.0'><channel><title>Caf\u{e9}</title>{}</channel></rss>", items.concat());
        let bytes: Vec<u8> = feed.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        Page::ok(bytes).with("Content-Type", "application/rss+xml; charset=ISO-8859-1")
    };
    web.put("/feed", latin(&[item(3, "three"), item(2, "tw\u{f6}"), item(1, "one")]));
    juliet.ok("set", SERVICE, &add(&web.url("/feed"), node));
    node_has(&mut juliet, node, &["one", "tw\u{f6}", "three"]);
    hear_nothing(&mut romeo, node);

    web.put("/feed", latin(&[item(4, "four &amp;eacute;"), item(3, "three")]));
    let (id, title) = hear_item(&mut romeo, node, SERVICE);
    assert_eq!(title, "four \u{e9}");
    web.put("/feed", latin(&[item(4, "four!"), item(3, "three")]));
    assert_eq!(hear_item(&mut romeo, node, SERVICE), (id, "four!".to_owned()));
    hear_nothing(&mut romeo, node);
    node_has(&mut juliet, node, &["one", "tw\u{f6}", "three", "four!"]);

    // The same feed as Atom says that an entry is gone.
    let ids = format!("tag:{},2005:", web.address.ip());
    let answer = juliet.ok("get", SERVICE, &pubsub(&format!("<items node='{node}' max_items='1'/>")));
    let newest = String::from(&answer);
    let at = newest.find(&ids).expect("an id made for the guid");
    let atom_id = newest[at..].split('<').next().unwrap();
    web.put("/feed", Page::ok(format!(
        "<feed xmlns='{ATOM}' xmlns:at='http://purl.org/atompub/tombstones/1.0'><title>x</title><id>urn:x:feed</id>\
         <at:deleted-entry ref='{atom_id}' when='2026-11-21T00:00:00Z'/></feed>"
    )));
    let retracted = hear(&mut romeo, node);
    assert_eq!(named(&retracted, "retract").len(), 1, "{}", String::from(&retracted));
}

#[test]
fn a_feed_that_does_not_change_moves_and_ends() {
    let web = Web::start();
    let (mut host, service) = FakeHost::linked(JID);
    host.ok(JULIET, "set", &pubsub("<create node='news'/>"));
    host.ok(ROMEO, "set", &pubsub(&format!("<subscribe node='news' jid='{ROMEO}'/>")));
    web.put("/feed", rss("1", &[item(2, "two"), item(1, "one")]));
    host.ok(JULIET, "set", &add(&web.url("/feed"), "news"));
    let items = pubsub("<items node='news'/>");
    until("two items", || titles(&host.ok(JULIET, "get", &items)) == ["one", "two"]);

    // What has not changed is neither sent nor told again.
    until("a conditional request", || {
        web.asked().last().is_some_and(|asked| asked.header("if-none-match") == Some("\"1\""))
    });
    let asked = web.asked();
    assert_eq!(asked[0].header("if-none-match"), None);
    let agent = asked[0].header("user-agent").unwrap();
    assert!(agent.starts_with("atomsub/") && agent.contains(JID), "{agent}");

    // Moved, it is fetched from there; and it is still known by where it was.
    web.put("/feed", Page::to(301, "/moved"));
    web.put("/moved", rss("2", &[item(3, "three"), item(2, "two"), item(1, "one")]));
    let told = next(&mut host, &service, "the third item", |stanza| news(stanza, "news").is_some());
    assert!(String::from(&told).contains("three"));
    let list = "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-feeds'/>";
    let listed = String::from(&host.ok(JULIET, "set", list));
    assert!(
        listed.contains(&web.url("/feed")) && !listed.contains("/moved") && listed.contains("fine"),
        "{listed}"
    );

    // Gone for good, it is not asked for any more, and its owner hears of it.
    web.put("/feed", Page::status(410));
    let message =
        next(&mut host, &service, "a message to the owner", |stanza| find(stanza, &["body"]).is_some());
    assert_eq!(attr(&message, "to"), "juliet@capulet.example");
    assert!(String::from(&message).contains("gone for good"));
    let count = web.asked().len();
    sleep(Duration::from_secs(4));
    assert_eq!(web.asked().len(), count);
}

#[test]
fn what_the_configuration_names_goes_to_its_node_until_it_names_it_no_more() {
    let web = Web::start();
    let (mut host, service) = FakeHost::linked(JID);
    web.put("/feed", rss("1", &[item(2, "two"), item(1, "one")]));
    let restart = |host: &mut FakeHost, more: &str| {
        service.configure_at_next_launch(more);
        service.kill9();
        host.hang_up();
        service.launch();
        host.accept(&service);
    };
    restart(&mut host, &format!("[[feeds]]\nurl = \"{}\"\nnode = \"news\"\n", web.url("/feed")));
    let nurse = "nurse@capulet.example/kitchen";
    let items = pubsub("<items node='news'/>");
    // The node is created before anybody can ask for it.
    until("two items", || titles(&host.ok(nurse, "get", &items)) == ["one", "two"]);
    let own = String::from(&host.ok(nurse, "get", &pubsub("<affiliations/>")));
    assert!(own.contains("affiliation='owner'") || own.contains("affiliation=\"owner\""), "{own}");
    let list = "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-feeds'/>";
    assert!(String::from(&host.ok(nurse, "set", list)).contains(&web.url("/feed")));

    restart(&mut host, "");
    assert!(!String::from(&host.ok(nurse, "set", list)).contains(&web.url("/feed")));
    assert_eq!(titles(&host.ok(nurse, "get", &items)), ["one", "two"], "what came stays");
}

#[test]
fn what_could_do_harm_is_said_in_the_list_and_nowhere_else() {
    let web = Web::start();
    let (mut host, _service) = FakeHost::linked(JID);
    let port = web.address.port();
    let laughs =
        "<!DOCTYPE rss [<!ENTITY a 'ha'>]><rss version='2.0'><channel><title>&a;</title></channel></rss>";
    web.put("/laughs", Page::ok(laughs));
    web.put("/html", Page::ok("<html/>"));
    web.put("/away", Page::to(302, format!("http://127.0.0.2:{port}/")));
    let cases = [
        (web.url("/laughs"), "document type"),
        (web.url("/html"), "this is no feed"),
        (web.url("/missing"), "404"),
        (web.url("/away"), "127.0.0.2"),
        (format!("http://[::ffff:7f00:1]:{port}/"), "only the ports"),
    ];
    for (number, (url, _)) in cases.iter().enumerate() {
        host.ok(JULIET, "set", &add(url, &format!("harm/{number}")));
    }
    let list = "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-feeds'/>";
    until("all troubles", || {
        let listed = host.ok(JULIET, "set", list);
        let rows = find(&listed, &["command", "x"]).map(|form| named(form, "item")).unwrap_or_default();
        let row =
            |url: &str| rows.iter().map(|row| String::from(*row)).find(|row| row.contains(url)).unwrap();
        cases.iter().all(|(url, why)| row(url).contains("failing") && row(url).contains(why))
    });
    for number in 0..cases.len() {
        let items = host.ok(JULIET, "get", &pubsub(&format!("<items node='harm/{number}'/>")));
        assert!(titles(&items).is_empty());
    }
}

/// Killed again and again while a feed comes in, it has each entry once, and each is told.
#[test]
fn a_feed_survives_that_the_service_is_killed() {
    const ENTRIES: usize = 200;
    let web = Web::start();
    let (mut host, service) = FakeHost::linked(JID);
    host.ok(JULIET, "set", &pubsub("<create node='news'/>"));
    host.ok(ROMEO, "set", &pubsub(&format!("<subscribe node='news' jid='{ROMEO}'/>")));
    // Two, so that the feed has a pace.
    web.put("/feed", rss("0", &[item(1, "1"), item(0, "0")]));
    host.ok(JULIET, "set", &add(&web.url("/feed"), "news"));
    let all = pubsub("<items node='news'/>");
    until("the first items", || titles(&host.ok(JULIET, "get", &all)) == ["0", "1"]);

    let many: Vec<String> = (0..ENTRIES + 2).rev().map(|number| item(number, &number.to_string())).collect();
    web.put("/feed", rss("1", &many));
    let (mut heard, mut kills) = (BTreeSet::new(), vec![150, 80, 30, 1]);
    let end = Instant::now() + 3 * PATIENCE;
    while heard.len() < ENTRIES {
        assert!(Instant::now() < end, "only {} were heard", heard.len());
        if let Some(stanza) = host.next(Duration::from_millis(100)) {
            let entry = news(&stanza, "news").and_then(|items| find(items, &["item", "entry"]));
            heard.extend(entry.and_then(|entry| entry.get_child("title", ATOM)).map(Element::text));
        }
        if kills.last().is_some_and(|after| heard.len() >= *after) {
            kills.pop();
            service.kill9();
            host.hang_up();
            service.launch();
        }
        if !host.is_linked() {
            host.accept(&service);
        }
    }
    let expected: Vec<String> = (0..ENTRIES + 2).map(|number| number.to_string()).collect();
    until("all items, in their order", || titles(&host.ok(JULIET, "get", &all)) == expected);
}

fn next(host: &mut FakeHost, service: &Service, what: &str, is_it: impl Fn(&Element) -> bool) -> Element {
    let end = Instant::now() + PATIENCE;
    loop {
        service.insist();
        assert!(Instant::now() < end, "not in time: {what}");
        if let Some(stanza) = host.next(Duration::from_millis(100)).filter(|stanza| is_it(stanza)) {
            return stanza;
        }
    }
}
