//! Tokens: how they are shown, what they are for, and how often.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::client::{Answer, ask, connect, send};
use crate::house::{ENTRY, House, entry};

const ED: &str = "ed@example.com/a";

fn house() -> House {
    let house = House::new();
    house.node(0, "news", &[]);
    house.listen("news");
    house
}

fn get(house: &House, authorization: &str) -> Answer {
    ask(house.address, "GET", "/app/n/news", &[("Authorization", authorization)])
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

#[test]
fn a_token_is_shown_as_a_bearer_token_or_as_a_password() {
    let house = house();
    let token = house.token(ED, &[]);
    for good in [
        format!("Bearer {token}"),
        format!("bearer  {token} "),
        basic("ed@example.com", &token),
        basic("Ed@Example.COM", &token).replace("Basic", "BASIC"),
        basic("ed@example.com/phone", &token),
    ] {
        assert_eq!(get(&house, &good).status, 200, "{good}");
    }
    for other in [
        String::new(),
        token.clone(),
        format!("Digest {token}"),
        format!("Bearer {token}x"),
        format!("Bearer {}", token.to_uppercase()),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        basic("ines@example.com", &token),
        basic("", &token),
        basic("ed@example.com", ""),
        format!("Basic {token}"),
    ] {
        let answer = get(&house, &other);
        assert_eq!(answer.status, 401, "{other}");
        let challenges: Vec<&str> = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "www-authenticate")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(challenges, ["Bearer realm=\"atomsub\"", "Basic realm=\"atomsub\", charset=\"UTF-8\""]);
        assert!(answer.text().contains("atomsub#create-http-token"));
    }
}

#[test]
fn a_token_is_good_until_it_ends_or_is_revoked() {
    let house = house();
    let told = house.command(0, ED, "atomsub#create-http-token", &[("days", "1")]);
    let other = house.token(ED, &[("days", "2")]);
    let status = |token: &str| get(&house, &format!("Bearer {token}")).status;
    assert_eq!((status(&told["token"]), status(&other)), (200, 200));
    house.command(0, ED, "atomsub#revoke-http-token", &[("token", &told["id"])]);
    assert_eq!((status(&told["token"]), status(&other)), (401, 200));
    house.wait(2 * 24 * 60 * 60 - 1);
    assert_eq!(status(&other), 200);
    house.wait(1);
    assert_eq!(status(&other), 401);
}

#[test]
fn a_token_is_for_some_nodes_and_some_things() {
    let house = house();
    house.node(0, "other", &[]);
    for (rights, expected) in [
        ("read", [200, 403, 403, 403]),
        ("publish", [403, 201, 403, 403]),
        ("edit", [403, 403, 200, 204]),
        ("read publish edit", [200, 201, 200, 204]),
    ] {
        house.entry("news", "1", "<title>1</title>");
        let token = house.token(ED, &[("node", "news"), ("rights", rights)]);
        let found = [
            ("GET", "/app/n/news/1"),
            ("POST", "/app/n/news"),
            ("PUT", "/app/n/news/1"),
            ("DELETE", "/app/n/news/1"),
        ]
        .map(|(method, path)| {
            let headers = [ENTRY, ("If-Match", "*")];
            let elsewhere = path.replace("news", "other");
            assert_eq!(house.with_token(&token, method, &elsewhere, &headers, &entry("")).status, 403);
            // Whether it is there or not.
            let nowhere = path.replace("news", "nowhere");
            assert_eq!(house.with_token(&token, method, &nowhere, &headers, &entry("")).status, 403);
            house.with_token(&token, method, path, &headers, &entry("")).status
        });
        assert_eq!(found, expected, "{rights}");
    }
    // What is only for publishing changes nothing by publishing it again.
    let token = house.token(ED, &[("rights", "publish")]);
    let id = "<id>tag:example.com,2026:1</id>";
    assert_eq!(house.post(&token, "news", id).status, 201);
    let told = house.told("news").len();
    assert_eq!(house.post(&token, "news", id).status, 403);
    assert_eq!(house.told("news").len(), told);
}

#[test]
fn its_owner_sees_when_a_token_was_last_used() {
    use atomsub::pubsub::Response;
    use atomsub::pubsub::command::{Shown, Stage};
    use atomsub::xmpp::request::Kind;
    let house = house();
    let token = house.token(ED, &[]);
    let used = || {
        let list = "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-http-tokens'/>";
        let Response::Stage { stage, .. } = house.send(0, Kind::Set, ED, list) else { panic!() };
        let Stage::Done { shown: Some(Shown::Table(table)), .. } = *stage else { panic!() };
        let at = table.columns.iter().position(|(var, _)| *var == "used").unwrap();
        table.rows[0][at].clone()
    };
    assert_eq!(used(), "");
    get(&house, &format!("Bearer {token}"));
    assert_eq!(used(), "2026-11-20T10:00:00Z");
    house.wait(59);
    house.post(&token, "news", "");
    assert_eq!(used(), "2026-11-20T10:00:00Z");
    house.wait(1);
    // What is refused leaves no trace.
    house.post(&token, "nowhere", "");
    assert_eq!(used(), "2026-11-20T10:00:00Z");
    house.post(&token, "news", "");
    assert_eq!(used(), "2026-11-20T10:01:00Z");
}

#[test]
fn a_token_is_used_so_often() {
    let house = house();
    let [one, other] = [house.token(ED, &[]), house.token(ED, &[])];
    let answers: Vec<Answer> = (0..130).map(|_| get(&house, &format!("Bearer {one}"))).collect();
    let late: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!((1..=30).contains(&late.len()), "{}", late.len());
    assert!(late.iter().all(|answer| answer.header("retry-after") == Some("1")));
    assert_eq!(get(&house, &format!("Bearer {other}")).status, 200);
}

#[test]
fn whoever_guesses_is_slowed_down_and_nobody_else() {
    let house = house();
    let token = house.token(ED, &[]);
    let from = |address: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("X-Forwarded-For", address), ("Authorization", &*bearer)];
        ask(house.address, "GET", "/app/n/news", &headers)
    };
    let guesses: Vec<u16> = (0..25).map(|guess| from("192.0.2.1", &guess.to_string()).status).collect();
    assert_eq!(guesses[..20], [401; 20]);
    assert_eq!(guesses[21..], [429; 4]);
    let late = from("192.0.2.1", "x");
    assert!(late.header("retry-after").unwrap().parse::<u32>().unwrap() <= 10);
    // Whoever has a good one is not kept out by others behind his address.
    assert_eq!(from("192.0.2.1", &token).status, 200);
    assert_eq!(from("192.0.2.2", "x").status, 401);
}

#[test]
fn a_token_is_not_taken_from_where_others_could_read_it() {
    let house = house();
    let token = house.token(ED, &[]);
    let bearer = format!("Bearer {token}");
    let through = |proto: &str| {
        let headers =
            [("Authorization", &*bearer), ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", proto)];
        ask(house.address, "GET", "/app/n/news", &headers)
    };
    assert_eq!(through("https").status, 200);
    let plain = through("http");
    assert_eq!((plain.status, plain.text().contains("https")), (403, true));
}

#[test]
fn whoever_is_slow_keeps_out_nobody_else() {
    let house = house();
    let [slow, other] = [ED, "admin@example.com/b"].map(|from| house.token(from, &[]));
    let begin = || {
        let mut connection = connect(house.address);
        let head = format!(
            "POST /app/n/news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {slow}\r\nExpect: 100-continue\r\n\
             Content-Type: application/atom+xml\r\nContent-Length: 9\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        // That is said when the body is waited for.
        let mut said = [0; 25];
        connection.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
        connection
    };
    let waiting: Vec<_> = (0..4).map(|_| begin()).collect();
    let late = house.post(&slow, "news", "");
    assert_eq!(late.status, 429);
    assert_eq!((late.header("retry-after"), late.text().contains("at once")), (Some("1"), true));
    assert_eq!(house.post(&other, "news", "").status, 201);
    drop(waiting);
    while house.post(&slow, "news", "").status == 429 {}
}

#[test]
fn without_publishing_there_is_nothing() {
    let house = House::that_only_shows();
    for path in ["/app/service", "/app/n/news", "/app/n/news/1", "/app/hook/x"] {
        assert_eq!(ask(house.address, "GET", path, &[]).status, 404, "{path}");
    }
    assert_eq!(send(house.address, "POST", "/app/n/news", &[ENTRY], entry("")).status, 404);
}
