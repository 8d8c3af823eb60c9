//! Collections: where somebody may publish, and what is there to be edited.

use crate::feeds::{tree, valid};
use crate::house::{House, entry};

const ED: &str = "ed@example.com/a";
const INES: &str = "ines@example.com/b";

fn service(house: &House, token: &str) -> String {
    let answer = house.with_token(token, "GET", "/app/service", &[], "");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/atomsvc+xml")));
    tree(&answer);
    answer.text().to_owned()
}

/// The nodes in a service document.
fn nodes(document: &str) -> Vec<&str> {
    let found = document.split("<collection href='https://feeds.example.org/app/n/").skip(1);
    found.map(|rest| rest.split('\'').next().unwrap()).collect()
}

#[test]
fn the_service_document_says_where_one_may_publish() {
    let house = House::new();
    house.node(0, "news", &[("title", "Q & A")]);
    house.node(0, "a/b", &[]);
    house.node(0, "open", &[("publish_model", "open")]);
    house.node(0, "links", &[("type", "urn:xmpp:bookmarks:1")]);
    house.node(1, "comments", &[]);
    let news = house.token(ED, &[("node", "news")]);
    let accepted = "<accept>application/atom+xml;type=entry</accept>\
        <accept>application/atom+xml;type=feed</accept><accept>application/json</accept>";
    assert_eq!(
        service(&house, &news),
        format!(
            "<service xmlns='http://www.w3.org/2007/app' xmlns:atom='http://www.w3.org/2005/Atom'><workspace>\
             <atom:title>pubsub.example.com</atom:title>\
             <collection href='https://feeds.example.org/app/n/news'><atom:title>Q &amp; A</atom:title>{accepted}\
             </collection></workspace></service>"
        )
    );
    assert_eq!(nodes(&service(&house, &house.token(ED, &[]))), ["~YS9i", "news", "open"]);
    let elsewhere = house.command(1, ED, "atomsub#create-http-token", &[]);
    assert_eq!(nodes(&service(&house, &elsewhere["token"])), ["comments@comments.example.com"]);
    // To read there is not to publish there.
    let reads = house.token(ED, &[("node", "news"), ("rights", "read")]);
    assert!(service(&house, &reads).contains("</atom:title><accept/></collection>"));
    let ines = house.token(INES, &[]);
    assert_eq!(nodes(&service(&house, &ines)), Vec::<&str>::new());
    let subscribe = |node: &str| {
        let subscribe = format!("<subscribe node='{node}' jid='ines@example.com'/>");
        house.send(0, atomsub::xmpp::request::Kind::Set, INES, &crate::house::pubsub(&subscribe));
    };
    subscribe("news");
    subscribe("open");
    assert_eq!(nodes(&service(&house, &ines)), ["open"]);
    let admin = house.token("admin@example.com/x", &[]);
    assert_eq!(nodes(&service(&house, &admin)), ["~YS9i", "news", "open"]);
}

#[test]
fn a_collection_is_read_page_by_page_the_last_change_first() {
    let house = House::new();
    house.node(0, "news", &[("access_model", "whitelist"), ("title", "News")]);
    let token = house.token(ED, &[("rights", "read")]);
    assert!(!house.with_token(&token, "GET", "/app/n/news", &[], "").text().contains("<entry"));
    for number in 1..=120 {
        house.entry("news", &number.to_string(), &format!("<title>{number}</title>"));
    }
    house.entry("news", "7", "<title>7</title>");
    let (mut path, mut found, mut pages) = ("/app/n/news".to_owned(), Vec::new(), 0);
    loop {
        let answer = house.with_token(&token, "GET", &path, &[], "");
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/atom+xml;type=feed"))
        );
        valid(&tree(&answer));
        let text = answer.text();
        pages += 1;
        let edits = text.split("<link rel='edit' href='https://feeds.example.org/app/n/news/").skip(1);
        found.extend(edits.map(|rest| rest.split('\'').next().unwrap().parse::<u32>().unwrap()));
        assert_eq!(text.matches("<app:edited ").count(), text.matches("<entry").count());
        assert!(text.contains("<link rel='first' href='https://feeds.example.org/app/n/news'/>"));
        let Some((_, next)) = text.split_once("<link rel='next' href='https://feeds.example.org") else {
            break;
        };
        next.split('\'').next().unwrap().clone_into(&mut path);
    }
    let mut expected: Vec<u32> = (1..=120).filter(|number| *number != 7).chain([7]).collect();
    expected.reverse();
    assert_eq!((found, pages), (expected, 3));
    assert_eq!(house.get("/n/news/feed.atom").status, 404);
    assert_eq!(house.with_token(&token, "GET", "/app/n/news?after=nonsense", &[], "").status, 404);
}

#[test]
fn what_is_got_to_be_edited_is_what_was_published() {
    let house = House::new();
    house.node(0, "news", &[]);
    let token = house.token(ED, &[]);
    let payload = entry(
        "<title>T</title><content type='html'>&lt;p onclick='x'&gt;</content><x:note xmlns:x='urn:x' a='1'/>\
         <id>tag:example.com,2026:1</id><updated>2026-11-20T08:00:00Z</updated><author><name>Ed</name></author>",
    );
    house.publish(ED, "news", "1", &payload);
    let got = house.with_token(&token, "GET", "/app/n/news/1", &[], "");
    let published = payload.strip_suffix("</entry>").unwrap();
    assert!(got.text().starts_with(published), "{}", got.text());
    // Nobody's browser makes anything of it.
    assert!(got.header("content-security-policy").unwrap().contains("sandbox"));
    // What is no entry is no member.
    let picture = "<metadata xmlns='urn:xmpp:avatar:metadata'/>";
    house.publish(ED, "news", "urn:xmpp:avatar:metadata", picture);
    let path = "/app/n/news/~dXJuOnhtcHA6YXZhdGFyOm1ldGFkYXRh";
    assert_eq!(house.with_token(&token, "GET", path, &[], "").status, 404);
    assert_eq!(house.with_token(&token, "DELETE", path, &[], "").status, 404);
    let feed = house.with_token(&token, "GET", "/app/n/news", &[], "");
    assert_eq!(feed.text().matches("rel='edit'").count(), 1);
}
