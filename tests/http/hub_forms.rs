//! What can be asked of the hub, and how it refuses what cannot.

use crate::client::{Answer, ask, post};
use crate::house::{House, entry};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const TOPIC: &str = "https://feeds.example.org/n/news/feed.atom";

fn house() -> House {
    let house = House::with_hub(&["192.0.2.0/24"]);
    house.node(0, "news", &[]);
    house.node(0, "closed", &[("access_model", "whitelist")]);
    house.node(1, "news", &[]);
    house
}

fn send(house: &House, fields: &[(&str, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    post(house.address, "/hub", &[FORM], form.extend_pairs(fields).finish().as_bytes())
}

/// The answer to a request that has these fields in place of those that are well, or none of a name.
fn with(house: &House, changes: &[(&str, Option<&str>)]) -> (u16, String) {
    let callback = "http://192.0.2.1:8080/a?b=c";
    let mut fields = vec![("hub.mode", "subscribe"), ("hub.topic", TOPIC), ("hub.callback", callback)];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.extend(value.map(|value| (*name, value)));
    }
    let answer = send(house, &fields);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    (answer.status, answer.text().trim_end().to_owned())
}

#[test]
fn what_is_well_is_taken() {
    let house = house();
    let long = "x".repeat(199);
    for changes in [
        &[][..],
        &[("hub.topic", Some("https://feeds.example.org/n/news/feed.json"))],
        &[("hub.topic", Some("https://feeds.example.org/n/news@comments.example.com/feed.atom"))],
        &[("hub.secret", Some(&long))],
        &[("hub.secret", Some("")), ("hub.lease_seconds", Some(""))],
        &[("hub.lease_seconds", Some("99999999999999999999999999"))],
        &[("hub.lease_seconds", Some("0"))],
        &[("hub.verify", Some("async")), ("hub.verify_token", Some("t")), ("else", Some("1"))],
    ] {
        let (status, words) = with(&house, changes);
        assert_eq!(
            (status, words.as_str()),
            (202, "The callback is being asked whether it wants this."),
            "{changes:?}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a line for each refusal")]
fn what_is_not_is_refused_with_words_that_help() {
    let house = house();
    let (long, far) = ("ä".repeat(100), format!("https://a.example/{}", "x".repeat(2048)));
    let topics = "hub.topic is no feed of this service; they are at \
                  https://feeds.example.org/n/NODE/feed.atom or feed.json";
    for (field, value, status, words) in [
        ("hub.mode", None, 400, "hub.mode is missing"),
        ("hub.mode", Some("Subscribe"), 400, "hub.mode is `Subscribe`, and can be subscribe or unsubscribe"),
        ("hub.mode", Some("publish"), 400, "nobody need publish here: the hub knows of each change itself"),
        ("hub.topic", None, 400, "hub.topic is missing"),
        ("hub.topic", Some(""), 400, "hub.topic is missing"),
        ("hub.topic", Some("https://feeds.example.org/n/news"), 404, topics),
        ("hub.topic", Some("https://feeds.example.org/n/closed/feed.atom"), 404, topics),
        ("hub.topic", Some("https://feeds.example.org/n/nowhere/feed.atom"), 404, topics),
        ("hub.topic", Some("https://feeds.example.org/n/news/feed.atom?a"), 404, topics),
        ("hub.topic", Some("https://feeds.example.org/n/news/archive/1.atom"), 404, topics),
        ("hub.topic", Some("https://feeds.example.org/n/~bmV3cw/feed.atom"), 404, topics),
        ("hub.topic", Some("http://feeds.example.org/n/news/feed.atom"), 404, topics),
        ("hub.topic", Some("https://feeds.example.org.evil.example/n/news/feed.atom"), 404, topics),
        ("hub.topic", Some("xmpp:pubsub.example.com?;node=news"), 404, topics),
        ("hub.callback", None, 400, "hub.callback is missing"),
        ("hub.callback", Some("/a"), 400, "hub.callback is no URL"),
        ("hub.callback", Some(&far), 400, "hub.callback is longer than 2048 bytes"),
        (
            "hub.callback",
            Some("https://a.example/#b"),
            400,
            "hub.callback has a fragment, which nothing can be sent to",
        ),
        ("hub.callback", Some("ftp://a.example/"), 403, "hub.callback: only http: and https: are fetched"),
        (
            "hub.callback",
            Some("https://me:pw@a.example/"),
            403,
            "hub.callback: a URL with a user name or a password is not fetched",
        ),
        ("hub.callback", Some("http://127.0.0.1/"), 403, "hub.callback: 127.0.0.1 has no public address"),
        ("hub.callback", Some("http://2130706433/"), 403, "hub.callback: 127.0.0.1 has no public address"),
        (
            "hub.callback",
            Some("http://[::ffff:10.0.0.1]/"),
            403,
            "hub.callback: ::ffff:10.0.0.1 has no public address",
        ),
        (
            "hub.callback",
            Some("http://169.254.169.254/"),
            403,
            "hub.callback: 169.254.169.254 has no public address",
        ),
        (
            "hub.callback",
            Some("https://1.1.1.1:25/"),
            403,
            "hub.callback: at 1.1.1.1 only the ports 80 and 443 are connected to",
        ),
        ("hub.callback", Some("https://feeds.example.org/hub"), 403, "hub.callback leads to this hub itself"),
        ("hub.secret", Some(&long), 400, "hub.secret has to be shorter than 200 bytes"),
        (
            "hub.lease_seconds",
            Some("-1"),
            400,
            "hub.lease_seconds is `-1`, and has to be a number of seconds",
        ),
        (
            "hub.lease_seconds",
            Some("1h"),
            400,
            "hub.lease_seconds is `1h`, and has to be a number of seconds",
        ),
    ] {
        assert_eq!(with(&house, &[(field, value)]), (status, words.to_owned()), "{field} {value:?}");
    }
    let words = "hub.callback is not subscribed to hub.topic".to_owned();
    assert_eq!(with(&house, &[("hub.mode", Some("unsubscribe"))]), (404, words));
    let twice = [("hub.mode", "subscribe"), ("hub.topic", TOPIC), ("hub.topic", TOPIC)];
    assert_eq!(
        send(&house, &[&twice[..], &[("hub.callback", "https://a.example/")]].concat()).text(),
        "hub.topic is there more than once\n"
    );
}

#[test]
fn what_is_no_form_is_refused() {
    let house = house();
    let form = "hub.mode=subscribe";
    for (headers, body, status) in [
        (&[FORM][..], form.to_owned(), 400),
        (&[("Content-Type", "Application/X-WWW-Form-URLencoded; charset=UTF-8")], form.to_owned(), 400),
        (&[], form.to_owned(), 415),
        (&[("Content-Type", "application/json")], "{}".to_owned(), 415),
        (&[FORM], "a".repeat(16 * 1024 + 1), 413),
        (&[FORM], "a".repeat(2 * 1024 * 1024), 413),
        (&[FORM], "%00%ff&=&&%".to_owned(), 400),
        (&[FORM], String::new(), 400),
    ] {
        assert_eq!(
            post(house.address, "/hub", headers, body.as_bytes()).status,
            status,
            "{headers:?} {}",
            body.len()
        );
    }
    let long = post(house.address, "/hub", &[FORM], "a".repeat(16 * 1024 + 1).as_bytes());
    assert_eq!(long.text(), "the form is longer than 16384 bytes\n");
    let put = ask(house.address, "PUT", "/hub", &[]);
    assert_eq!((put.status, put.header("allow")), (405, Some("GET,HEAD,POST")));
    assert_eq!(put.text(), "not with this method: the header Allow says which there are\n");
    let about = house.get("/hub");
    assert_eq!(about.status, 200);
    assert!(about.text().contains("https://feeds.example.org/n/NODE/feed.atom"), "{}", about.text());
}

#[test]
fn without_a_hub_there_is_none() {
    let house = House::new();
    house.node(0, "news", &[]);
    assert_eq!(post(house.address, "/hub", &[FORM], b"hub.mode=subscribe").status, 404);
    assert_eq!(house.get("/hub").status, 404);
}

#[test]
fn each_document_that_can_be_subscribed_to_says_so() {
    let house = house();
    for number in 0..60 {
        house.publish("ed@example.com/a", "news", &number.to_string(), &entry("<title>x</title>"));
    }
    let link = |path: &str| house.get(path).header("link").unwrap().to_owned();
    let hub = "<https://feeds.example.org/hub>; rel=\"hub\"";
    for (path, own) in [("", "feed.atom"), ("/feed.atom", "feed.atom"), ("/feed.json", "feed.json")] {
        let link = link(&format!("/n/news{path}"));
        let own = format!("<https://feeds.example.org/n/news/{own}>; rel=\"self\"");
        assert!(link.contains(&own) && link.contains(hub), "{path}: {link}");
    }
    for path in ["/n/news/archive/1.atom", "/n/news/archive/1.json"] {
        let archive = house.get(path);
        assert!(
            !archive.header("link").unwrap().contains("hub") && !archive.text().contains("/hub"),
            "{path}"
        );
    }
}

#[test]
fn one_host_and_one_caller_have_so_many_wishes_at_once() {
    // Nothing answers there.
    let house = house();
    let wish = |number: usize, caller: &str, host: &str| {
        let callback = format!("http://{host}:8080/{number}");
        let body = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.callback={callback}");
        post(house.address, "/hub", &[FORM, ("X-Forwarded-For", caller)], body.as_bytes())
    };
    for number in 0..128 {
        assert_eq!(wish(number, &format!("198.51.100.{number}"), "192.0.2.1").status, 202);
    }
    let refused = wish(128, "203.0.113.1", "192.0.2.1");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("30")));
    for number in 0..128 {
        assert_eq!(wish(number, "203.0.113.2", &format!("192.0.2.{}", number + 2)).status, 202);
    }
    assert_eq!(wish(128, "203.0.113.2", "192.0.2.200").status, 503);
    assert_eq!(wish(128, "203.0.113.3", "192.0.2.200").status, 202);
}

#[test]
fn nobody_has_others_asked_without_end() {
    // One caller who names many hosts, many who name one, and many who name many.
    for (callers, hosts, most) in [(1, 256, 256), (9999, 1, 256), (9999, 256, 1024)] {
        let house = house();
        let wish = |number: usize| {
            let (caller, host) = (number % callers, number % hosts);
            let callback = format!("http://192.0.2.{host}/{number}");
            let body = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.callback={callback}");
            let caller = format!("198.51.{}.{}", caller / 256, caller % 256);
            post(house.address, "/hub", &[FORM, ("X-Forwarded-For", &caller)], body.as_bytes())
        };
        // Some more, as time passes meanwhile.
        let taken = (0..2 * most).map(wish).position(|answer| answer.status == 429).unwrap();
        assert!((most..most + most / 4).contains(&taken), "{taken} of {most}");
        assert_eq!(wish(0).header("retry-after"), Some("1"));
        let body = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.callback=http://192.0.2.99/");
        let other = post(house.address, "/hub", &[FORM, ("X-Forwarded-For", "203.0.113.9")], body.as_bytes());
        assert_eq!(other.status, if most == 256 { 202 } else { 429 }, "whether others can");
    }
}
