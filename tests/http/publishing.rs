//! AtomPub (RFC 5023): entries posted, read, changed and deleted, and every way in which that is refused.

use crate::client::{Answer, send};
use crate::house::{ENTRY, House, SERVICES, entry};

const ED: &str = "ed@example.com/a";
const INES: &str = "ines@example.com/b";
const HARBOUR: &str = "<title>Harbour reopens</title><content>At last.</content>";
const MEMBER: &str = "/app/n/news/harbour-reopens";

/// A house where Ed has a node and a token.
fn house() -> (House, String) {
    let house = House::new();
    house.node(0, "news", &[]);
    house.listen("news");
    let token = house.token(ED, &[]);
    (house, token)
}

/// Posts the entry of the harbour.
fn harbour(house: &House, token: &str) -> Answer {
    let answer = house.with_token(
        token,
        "POST",
        "/app/n/news",
        &[ENTRY, ("Slug", "Harbour reopens")],
        &entry(HARBOUR),
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer
}

#[test]
fn an_entry_is_posted_changed_and_deleted() {
    let (house, token) = house();
    let created = harbour(&house, &token);
    let url = format!("https://feeds.example.org{MEMBER}");
    for (header, expected) in [
        ("location", url.as_str()),
        ("content-location", &url),
        ("content-type", "application/atom+xml;type=entry"),
        ("cache-control", "private, no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(created.header(header), Some(expected), "{header}");
    }
    let tag = created.header("etag").unwrap();
    let completed = "<id>xmpp:pubsub.example.com?;node=news;item=harbour-reopens</id>\
        <updated>2026-11-20T10:00:00Z</updated>\
        <author><name>ed</name><uri>xmpp:ed@example.com</uri></author>";
    let edit = format!(
        "<app:edited xmlns:app='http://www.w3.org/2007/app'>2026-11-20T10:00:00Z</app:edited>\
         <link rel='edit' href='{url}'/>"
    );
    let expected = entry(&format!("{HARBOUR}{completed}{edit}"));
    assert_eq!(created.text(), expected);
    assert_eq!(house.told("news"), ["harbour-reopens by ed@example.com"]);
    // What is for him alone is not told, and not shown to anybody.
    let public = house.get("/n/news/feed.atom");
    assert!(
        public.text().contains("Harbour reopens") && !public.text().contains("edit"),
        "{}",
        public.text()
    );

    let got = house.with_token(&token, "GET", MEMBER, &[], "");
    assert_eq!((got.status, got.header("etag"), got.text()), (200, Some(tag), expected.as_str()));
    // Proxies that compress on the way make it weak.
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"1-1\", {tag}"), "*".to_owned()] {
        let same = house.with_token(&token, "GET", MEMBER, &[("If-None-Match", &known)], "");
        assert_eq!((same.status, same.header("etag"), same.text()), (304, Some(tag), ""), "{known}");
    }

    house.wait(60);
    let changed = got.text().replace("At last.", "At last!");
    let put = house.with_token(&token, "PUT", MEMBER, &[ENTRY, ("If-Match", tag)], &changed);
    let now = put.header("etag").unwrap();
    assert_eq!((put.status, now == tag), (200, false), "{}", put.text());
    assert_eq!(put.text().matches("rel='edit'").count(), 1);
    assert!(put.text().contains("At last!") && put.text().contains(">2026-11-20T10:01:00Z</app:edited>"));
    assert_eq!(house.with_token(&token, "GET", MEMBER, &[("If-None-Match", tag)], "").status, 200);

    for method in ["PUT", "DELETE"] {
        let stale = house.with_token(&token, method, MEMBER, &[ENTRY, ("If-Match", tag)], &changed);
        assert_eq!(stale.status, 412, "{}", stale.text());
    }
    let deleted = house.with_token(&token, "DELETE", MEMBER, &[("If-Match", now)], "");
    assert_eq!((deleted.status, deleted.text()), (204, ""));
    assert_eq!(house.with_token(&token, "GET", MEMBER, &[], "").status, 410);
    assert_eq!(house.get("/n/news/i/harbour-reopens").status, 410);
    assert!(house.get("/n/news/feed.atom").text().contains("<at:deleted-entry"));
    let by_ed = "harbour-reopens by ed@example.com";
    assert_eq!(house.told("news"), [by_ed, by_ed, "harbour-reopens is gone"]);
}

#[test]
fn what_is_known_has_to_be_said_where_something_is_changed() {
    let (house, token) = house();
    let tag = harbour(&house, &token).header("etag").unwrap().to_owned();
    let two = format!("\"1-1\", {tag}");
    let put = |headers: &[(&str, &str)]| {
        house.with_token(&token, "PUT", MEMBER, &[&[ENTRY], headers].concat(), &entry(HARBOUR)).status
    };
    assert_eq!(put(&[]), 428);
    for unknown in
        ["\"\"", "", &tag.replace('"', ""), &format!("W/{tag}"), "\"ffffffffffffffff-1\"", "\"x-y\""]
    {
        assert_eq!(put(&[("If-Match", unknown)]), 412, "{unknown}");
    }
    assert_eq!(house.told("news").len(), 1);
    assert_eq!(put(&[("If-Match", &two)]), 200);
    assert_eq!(put(&[("If-Match", "*")]), 200);
    // Somebody else changes it over XMPP.
    let tag = house.with_token(&token, "GET", MEMBER, &[], "").header("etag").unwrap().to_owned();
    house.entry("news", "harbour-reopens", HARBOUR);
    assert_eq!(put(&[("If-Match", &tag)]), 412);
    // Or deletes it, and publishes another one of the name.
    let tag = house.with_token(&token, "GET", MEMBER, &[], "").header("etag").unwrap().to_owned();
    house.retract("news", "harbour-reopens");
    house.entry("news", "harbour-reopens", HARBOUR);
    assert_eq!(put(&[("If-Match", &tag)]), 412);
    // Who deletes need not say what he knows.
    assert_eq!(house.with_token(&token, "DELETE", MEMBER, &[("If-Match", "*")], "").status, 204);
    house.entry("news", "again", HARBOUR);
    assert_eq!(house.with_token(&token, "DELETE", "/app/n/news/again", &[], "").status, 204);
    assert_eq!(house.with_token(&token, "DELETE", "/app/n/news/again", &[], "").status, 410);
    assert_eq!(house.with_token(&token, "DELETE", "/app/n/news/never", &[], "").status, 404);
}

#[test]
fn an_entry_gets_the_name_that_it_wishes_for_if_that_is_free() {
    let (house, token) = house();
    let post = |slug: &str, inside: &str| {
        let answer =
            house.with_token(&token, "POST", "/app/n/news", &[ENTRY, ("Slug", slug)], &entry(inside));
        let location = answer.header("content-location").unwrap().to_owned();
        (answer.status, location.strip_prefix("https://feeds.example.org/app/n/news/").unwrap().to_owned())
    };
    let is = |status: u16, id: &str| (status, id.to_owned());
    assert_eq!(post("A", "<title>1</title>"), is(201, "a"));
    let (status, other) = post("a", "<title>2</title>");
    assert!(status == 201 && other.starts_with("id-"), "{other}");
    // Nothing that was there before means something else now.
    house.retract("news", "a");
    assert!(post("a", "<title>3</title>").1.starts_with("id-"));
    assert_eq!(post("B", "<id>tag:example.com,2026:b</id>"), is(201, "b"));
    // Who posts an entry once more, because he has heard no answer, means the same one.
    assert_eq!(post("B", "<id>tag:example.com,2026:b</id>"), is(200, "b"));
    assert_eq!(post("c", "<id>tag:example.com,2026:b</id>"), is(200, "b"));
    assert_eq!(post("c", "<id>tag:example.com,2026:c</id>"), is(201, "c"));
    // By default it is what publishing over XMPP would make of it.
    let id = atomsub::atom::id::generated(SERVICES[0], "news", "tag:example.com,2026:d");
    assert_eq!(post("", "<id>tag:example.com,2026:d</id>"), is(201, &id));
}

/// A request, the status that it gets, and words of the answer.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16, &'a str);

/// Each is refused with this status and these words, and changes nothing.
fn refused(house: &House, token: &str, rows: &[Row<'_>]) {
    for (method, path, headers, body, status, words) in rows {
        let answer = house.with_token(token, method, path, headers, body);
        assert_eq!(
            (answer.status, answer.text().contains(words)),
            (*status, true),
            "{method} {path} {body}: {}",
            answer.text()
        );
        let is_read = body.len() <= 1024 * 1024;
        assert_eq!(answer.header("cache-control"), is_read.then_some("private, no-store"));
    }
    assert_eq!(house.told("news"), Vec::<String>::new());
}

#[test]
fn what_cannot_be_published_is_refused_with_its_reason() {
    let (house, token) = house();
    let (good, news) = (&*entry(HARBOUR), "/app/n/news");
    let (long, huge) = (entry(&"x".repeat(256 * 1024)), "x".repeat(1024 * 1024 + 1));
    let deep = entry(&"<x>".repeat(100));
    let latin = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{good}");
    let draft = entry("<control xmlns='http://www.w3.org/2007/app'><draft>yes</draft></control>");
    let kind = |kind| [("Content-Type", kind)];
    refused(
        &house,
        &token,
        &[
            ("POST", news, &[ENTRY], "", 400, "XML"),
            ("POST", news, &[ENTRY], "<entry", 400, "XML"),
            ("POST", news, &[ENTRY], &good.replace("<title>", "<!DOCTYPE x><title>"), 400, "XML"),
            ("POST", news, &[ENTRY], &deep, 413, "nested too deeply"),
            ("POST", news, &[ENTRY], "<note xmlns='urn:x'/>", 422, "E01: "),
            ("POST", news, &[ENTRY], &entry("<id>a</id><id>b</id>"), 422, "E02: "),
            ("POST", news, &[ENTRY], &entry("<title>a<!-- b --></title>"), 422, "E24: "),
            ("POST", news, &[ENTRY], &draft, 403, "app:draft"),
            ("POST", news, &[ENTRY], &long, 413, "at most 262144"),
            ("POST", news, &[ENTRY], &huge, 413, "at most 1048576 bytes"),
            ("POST", news, &[ENTRY], &latin, 415, "UTF-8"),
            ("POST", news, &[], good, 415, "application/atom+xml"),
            ("POST", news, &kind("text/plain"), good, 415, "application/atom+xml"),
            ("POST", news, &kind("application/x-www-form-urlencoded"), good, 415, "application/atom+xml"),
            ("POST", news, &kind("application/xml"), good, 415, "application/atom+xml"),
            ("POST", news, &kind("application/atom+xml; charset=latin1"), good, 415, "UTF-8"),
            ("POST", news, &[ENTRY, ("Content-Encoding", "gzip")], good, 415, "uncompressed"),
            ("POST", "/app/n/nothing", &[ENTRY], good, 404, "nothing"),
            ("POST", "/app/n/~%2F", &[ENTRY], good, 404, "nothing"),
            ("POST", "/app/n/news@comments.example.com", &[ENTRY], good, 403, "another service"),
            ("POST", "/app/n/news@elsewhere.example", &[ENTRY], good, 404, "nothing"),
            ("PUT", "/app/n/news/1", &[ENTRY, ("If-Match", "*")], good, 404, "nothing"),
            (
                "PUT",
                "/app/n/news/1",
                &[ENTRY, ("If-Match", "*")],
                "<feed xmlns='http://www.w3.org/2005/Atom'/>",
                422,
                "feed",
            ),
            ("PUT", "/app/n/news/1", &[("If-Match", "*")], good, 415, "application/atom+xml"),
            ("GET", "/app/n/news/1", &[], "", 404, "nothing"),
            ("GET", "/app/n/nothing", &[], "", 404, "nothing"),
        ],
    );
    for (method, path, allowed) in [
        ("PUT", news, "GET,HEAD,POST"),
        ("DELETE", news, "GET,HEAD,POST"),
        ("OPTIONS", news, "GET,HEAD,POST"),
        ("POST", "/app/n/news/1", "GET,HEAD,PUT,DELETE"),
        ("POST", "/app/service", "GET,HEAD"),
        ("GET", "/app/hook/x", "POST"),
    ] {
        let answer = house.with_token(&token, method, path, &[ENTRY], good);
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
    }
}

#[test]
fn xml_that_stands_alone_may_say_what_it_is() {
    let (house, token) = house();
    for (slug, frame) in [
        ("a", "<?xml version='1.0' encoding='utf-8'?>\n{}\n"),
        ("b", "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}"),
        ("c", "\u{FEFF}{}"),
        ("d", "<?xml version='1.0'?><!-- from my editor -->{}"),
    ] {
        let body = frame.replace("{}", &entry("<title>Zürich</title>"));
        let kind = ("Content-Type", "Application/Atom+XML; type=\"entry\"; charset=\"UTF-8\"");
        let answer = house.with_token(&token, "POST", "/app/n/news", &[kind, ("Slug", slug)], &body);
        assert_eq!(answer.status, 201, "{frame}: {}", answer.text());
        assert!(
            answer.text().starts_with("<entry xmlns='http://www.w3.org/2005/Atom'><title>Zürich</title>")
        );
    }
}

#[test]
fn nodes_insist_on_their_rules_as_over_xmpp() {
    let (house, token) = house();
    house.node(0, "strict", &[("x-pubsub#validation", "strict")]);
    house.node(0, "full", &[("max_items", "1"), ("publish_node_full", "reject")]);
    house.node(0, "passing", &[("persist_items", "0")]);
    house.listen("passing");
    house.node(0, "own", &[("x-pubsub#author_policy", "reject")]);
    house.node(0, "links", &[("type", "urn:xmpp:bookmarks:1")]);
    let strict = house.post(&token, "strict", HARBOUR);
    assert_eq!((strict.status, strict.text().starts_with("E02: ")), (422, true), "{}", strict.text());
    assert_eq!(house.post(&token, "full", HARBOUR).status, 201);
    let full = house.post(&token, "full", HARBOUR);
    assert_eq!(full.status, 409, "{}", full.text());
    let passed = house.post(&token, "passing", HARBOUR);
    assert_eq!((passed.status, passed.header("location")), (202, None));
    assert_eq!(house.told("passing").len(), 1);
    let nothing = house.with_token(&token, "GET", "/app/n/passing", &[], "");
    assert_eq!((nothing.status, nothing.header("allow")), (405, Some("POST")));
    let spoof = "<author><name>ines</name><uri>xmpp:ines@example.com</uri></author>";
    let spoofed = house.post(&token, "own", spoof);
    assert_eq!((spoofed.status, spoofed.text().starts_with("A-AUTHOR: ")), (422, true), "{}", spoofed.text());
    assert_eq!(house.post(&token, "links", HARBOUR).status, 404);
    // There, an entry keeps its atom:id.
    let valid = |id: &str| {
        let rest = "<title>T</title><updated>2026-11-20T08:00:00Z</updated><author><name>Ed</name></author><content>x</content>";
        entry(&format!("<id>tag:example.com,2026:{id}</id>{rest}"))
    };
    house.publish(ED, "strict", "1", &valid("1"));
    let other = house.with_token(&token, "PUT", "/app/n/strict/1", &[ENTRY, ("If-Match", "*")], &valid("2"));
    assert_eq!((other.status, other.text().starts_with("E20: ")), (409, true), "{}", other.text());
    // What was moved away says where to.
    house.send(
        0,
        atomsub::xmpp::request::Kind::Set,
        ED,
        "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><delete node='full'>\
         <redirect uri='xmpp:pubsub.example.com?;node=news'/></delete></pubsub>",
    );
    let moved = house.post(&token, "full", HARBOUR);
    let words = "the node has moved to xmpp:pubsub.example.com?;node=news\n";
    assert_eq!((moved.status, moved.text()), (410, words));
}

#[test]
fn whoever_has_a_token_may_do_what_its_account_may() {
    let (house, _) = house();
    house.node(0, "secret", &[("access_model", "whitelist")]);
    house.node(0, "open", &[("publish_model", "open")]);
    house.entry("news", "1", HARBOUR);
    house.entry("secret", "1", HARBOUR);
    house.publish(ED, "open", "1", &entry(HARBOUR));
    let ines = house.token(INES, &[]);
    let any = ("If-Match", "*");
    for (method, path, status) in [
        ("GET", "/app/n/news", 200),
        ("POST", "/app/n/news", 403),
        ("PUT", "/app/n/news/1", 403),
        ("DELETE", "/app/n/news/1", 403),
        // As if it were not there.
        ("GET", "/app/n/secret", 404),
        ("GET", "/app/n/secret/1", 404),
        ("POST", "/app/n/secret", 404),
        ("PUT", "/app/n/secret/1", 404),
        ("DELETE", "/app/n/secret/1", 404),
        ("POST", "/app/n/open", 201),
        // It is Ed's.
        ("PUT", "/app/n/open/1", 403),
        ("DELETE", "/app/n/open/1", 403),
    ] {
        let answer = house.with_token(&ines, method, path, &[ENTRY, any], &entry(HARBOUR));
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    // What is open is not open to outcasts.
    let ban = "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><affiliations node='open'>\
        <affiliation jid='ines@example.com' affiliation='outcast'/></affiliations></pubsub>";
    house.send(0, atomsub::xmpp::request::Kind::Set, ED, ban);
    assert_eq!(house.post(&ines, "open", HARBOUR).status, 404);
    let admin = house.token("admin@example.com/x", &[]);
    assert_eq!(house.with_token(&admin, "GET", "/app/n/secret/1", &[], "").status, 200);
    assert_eq!(house.with_token(&admin, "DELETE", "/app/n/secret/1", &[], "").status, 204);
}

#[test]
fn where_rosters_decide_they_are_waited_for() {
    let (house, _) = house();
    house.grant_rosters();
    house.node(0, "friends", &[("access_model", "presence")]);
    house.entry("friends", "1", HARBOUR);
    let [friend, stranger] = [INES, "oz@example.com/c"].map(|from| house.token(from, &[]));
    let get = |token: &str, node: &str| {
        let answer = house.with_token(token, "GET", &format!("/app/n/{node}/1"), &[], "");
        (answer.status, answer.text().to_owned())
    };
    assert_eq!((get(&friend, "friends").0, house.waits()), (200, 1));
    // Nothing tells a stranger that there is such a node, not even that it has to be found out.
    for (seconds, waits) in [(0, 1), (2, 2), (60, 3)] {
        house.wait(seconds);
        let hidden = get(&stranger, "friends");
        assert_eq!((hidden.0, house.waits()), (404, waits));
        assert_eq!(hidden, get(&stranger, "nothing"));
    }
}

#[test]
fn nodes_of_other_services_have_their_names_in_the_path() {
    let house = House::new();
    house.node(1, "a/b", &[]);
    let told = house.command(1, ED, "atomsub#create-http-token", &[]);
    let path = "/app/n/~YS9i@comments.example.com";
    let answer = house.with_token(&told["token"], "POST", path, &[ENTRY, ("Slug", "x")], &entry(HARBOUR));
    assert_eq!(
        answer.header("location"),
        Some(&*format!("https://feeds.example.org{path}/x")),
        "{}",
        answer.text()
    );
    assert!(answer.text().contains(SERVICES[1]));
    assert_eq!(house.with_token(&told["token"], "GET", &format!("{path}/x"), &[], "").status, 200);
    assert_eq!(house.post(&told["token"], "news", HARBOUR).status, 403);
}

#[test]
fn nobody_is_asked_to_send_what_is_refused() {
    let (house, _) = house();
    let answer = send(house.address, "POST", "/app/n/news", &[ENTRY], "x".repeat(900_000));
    assert_eq!(answer.status, 401);
}
