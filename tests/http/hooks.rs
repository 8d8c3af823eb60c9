//! Webhooks: what is posted to them is published if it is signed.

use std::fmt::Write as _;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::client::{Answer, ask, send};
use crate::house::{ENTRY, House, entry};

const ED: &str = "ed@example.com/a";

/// A webhook of Ed's.
struct Hook {
    house: House,
    path: String,
    secret: String,
    id: String,
}

impl Hook {
    fn new() -> Self {
        let house = House::new();
        house.node(0, "news", &[]);
        house.listen("news");
        let told = house.command(0, ED, "atomsub#create-webhook", &[("node", "news")]);
        let path = told["url"].strip_prefix("https://feeds.example.org").unwrap().to_owned();
        Self { house, path, secret: told["secret"].clone(), id: told["id"].clone() }
    }

    fn signed(&self, header: &str, body: &str) -> Answer {
        let signature = format!("sha256={}", signature(&self.secret, body));
        self.post(&[ENTRY, (header, &signature)], body)
    }

    fn post(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        send(self.house.address, "POST", &self.path, headers, body)
    }
}

/// The signature of a body, computed as others would.
fn signature(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let mut digits = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(digits, "{byte:02x}").unwrap();
    }
    digits
}

#[test]
fn what_is_signed_is_published() {
    let hook = Hook::new();
    let body = entry("<id>tag:example.com,2026:1</id><title>Built</title>");
    let posted = hook.signed("X-Hub-Signature-256", &body);
    assert_eq!(posted.status, 201, "{}", posted.text());
    assert!(posted.header("location").unwrap().starts_with("https://feeds.example.org/app/n/news/"));
    assert_eq!(hook.signed("X-Hub-Signature", &body).status, 200);
    assert_eq!(hook.house.told("news").len(), 2);
    assert!(hook.house.told("news")[0].ends_with(" by ed@example.com"));
    assert!(hook.house.get("/n/news/feed.atom").text().contains("Built"));
    let json = r#"{"title": "Deployed", "url": "https://ci.example/7", "id": "https://ci.example/7"}"#;
    let signed = format!("sha256={}", signature(&hook.secret, json));
    let headers =
        [("Content-Type", "application/json"), ("X-Hub-Signature-256", &*signed), ("Slug", "Build 7")];
    let posted = hook.post(&headers, json);
    assert_eq!(
        (posted.status, posted.header("location")),
        (201, Some("https://feeds.example.org/app/n/news/build-7"))
    );
}

#[test]
fn what_is_not_signed_is_not() {
    let hook = Hook::new();
    let body = entry("<title>Built</title>");
    let right = signature(&hook.secret, &body);
    let name = "X-Hub-Signature-256";
    for wrong in [
        String::new(),
        "sha256=".to_owned(),
        right.clone(),
        format!("sha1={right}"),
        format!("sha256={}", &right[..62]),
        format!("sha256={right}00"),
        format!("sha256={}", right.replace(|c: char| c.is_ascii_digit(), "0")),
        format!("sha256={}", signature("", &body)),
        format!("sha256={}", signature(&hook.id, &body)),
        format!("sha256={}", signature(&hook.secret, "")),
        format!("sha256={}", "é".repeat(32)),
    ] {
        assert_eq!(hook.post(&[ENTRY, (name, &wrong)], &body).status, 403, "{wrong}");
    }
    assert_eq!(hook.post(&[ENTRY], &body).status, 403);
    let signed = format!("sha256={right}");
    assert_eq!(hook.post(&[(name, &signed)], &body).status, 415);
    assert_eq!(hook.post(&[("Content-Type", "text/plain"), (name, &signed)], &body).status, 415);
    assert_eq!(hook.house.told("news"), Vec::<String>::new());
    assert_eq!(hook.post(&[ENTRY, (name, &signed)], &body).status, 201);
    let (bad, invalid) = ("<entry", entry("<id>1</id><id>2</id>"));
    assert_eq!(hook.signed(name, bad).status, 400);
    assert_eq!(hook.signed(name, &invalid).status, 422);
}

#[test]
fn a_webhook_is_no_token_and_a_token_no_webhook() {
    let hook = Hook::new();
    let body = entry("");
    let token = hook.house.token(ED, &[]);
    for shown in [&hook.id, &hook.secret] {
        assert_eq!(hook.house.post(shown, "news", "").status, 401);
    }
    let signed = format!("sha256={}", signature(&token, &body));
    let path = format!("/app/hook/{token}");
    let headers = [ENTRY, ("X-Hub-Signature-256", &*signed)];
    assert_eq!(send(hook.house.address, "POST", &path, &headers, &body).status, 404);
}

#[test]
fn a_webhook_ends_as_tokens_do() {
    let hook = Hook::new();
    assert_eq!(hook.signed("X-Hub-Signature-256", &entry("")).status, 201);
    // Another one goes on.
    let other = hook.house.command(0, ED, "atomsub#create-webhook", &[("node", "news")]);
    assert_ne!((&other["url"], &other["secret"]), (&hook.path, &hook.secret));
    hook.house.command(0, ED, "atomsub#revoke-http-token", &[("token", &hook.id)]);
    assert_eq!(hook.signed("X-Hub-Signature-256", &entry("")).status, 404);
    let path = other["url"].strip_prefix("https://feeds.example.org").unwrap().to_owned();
    let other = Hook { path, secret: other["secret"].clone(), ..hook };
    assert_eq!(other.signed("X-Hub-Signature-256", &entry("")).status, 201);
    other.house.wait(90 * 24 * 60 * 60);
    assert_eq!(other.signed("X-Hub-Signature-256", &entry("")).status, 404);
}

#[test]
fn whoever_knows_only_the_address_cannot_use_it_up() {
    let hook = Hook::new();
    for _ in 0..110 {
        assert_eq!(hook.post(&[ENTRY, ("X-Hub-Signature-256", "sha256=00")], &entry("")).status, 403);
    }
    let answers: Vec<u16> =
        (0..130).map(|_| hook.signed("X-Hub-Signature-256", &entry("<id>1</id>")).status).collect();
    assert_eq!((answers[0], answers.contains(&429)), (201, true));
}

#[test]
fn what_others_could_send_once_more_is_not_taken() {
    let hook = Hook::new();
    let body = entry("");
    let signed = format!("sha256={}", signature(&hook.secret, &body));
    for (ways, status) in
        [("http", 403), ("HTTP", 403), ("http, https", 403), ("https,http", 403), ("https", 201)]
    {
        let headers = [ENTRY, ("X-Hub-Signature-256", &*signed), ("X-Forwarded-Proto", ways)];
        assert_eq!(hook.post(&headers, &body).status, status, "{ways}");
    }
    assert_eq!(hook.house.told("news").len(), 1);
}

#[test]
fn whoever_looks_for_webhooks_is_slowed_down() {
    let hook = Hook::new();
    let headers = [ENTRY, ("X-Forwarded-For", "192.0.2.1")];
    let found: Vec<u16> = (0..25)
        .map(|_| send(hook.house.address, "POST", "/app/hook/x", &headers, entry("")).status)
        .collect();
    assert_eq!((found[0], found[24]), (404, 429));
    assert_eq!(ask(hook.house.address, "POST", "/app/hook/x", &[ENTRY]).status, 404);
}
