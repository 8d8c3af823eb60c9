//! The full circle the other way round, through real servers: an account makes itself a token, `curl` posts with it, and
//! the entry is with the subscriber, in the feed, on the page and among the live events in the same moment; what is changed
//! and deleted likewise. And a webhook, signed by another program than ours.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::client::Client;
use crate::harness::server::Kind;
use crate::harness::skip;
use crate::harness::xml::{attr, find, named};
use crate::http::{Answer, Events, ask, send};
use crate::stage::{SERVICE, Stage, create, hear, hear_item, on_both_servers, submitted, subscribe};

on_both_servers!(the_full_circle_of_curl, a_webhook_that_openssl_signs);

const JULIET: &str = "juliet@capulet.example";
const ATOM: (&str, &str) = ("Content-Type", "application/atom+xml;type=entry");

fn the_full_circle_of_curl(stage: &Stage) {
    if !is_there("curl") {
        return skip("curl");
    }
    let (web, node) = (stage.service.web(), "curl");
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let token = command(&mut juliet, "atomsub#create-http-token", &[("node", node)], "token");
    let login = format!("{JULIET}:{token}");
    let collection = format!("http://{web}/app/n/{node}");
    let mut events = Events::listen(web, &format!("/n/{node}/events"), &[]);
    assert!(events.next().unwrap().starts_with("retry"));

    let post =
        ["-u", &login, "-H", "Content-Type: application/atom+xml;type=entry", "-H", "Slug: Harbour reopens"];
    let start = Instant::now();
    let posted = curl(&post, &collection, &entry("Harbour reopens"));
    assert_eq!(posted.status, 201, "{}", posted.text());
    let member = posted.header("location").unwrap().to_owned();
    assert_eq!(member, format!("{collection}/harbour-reopens"));
    shown_everywhere(web, node, &mut romeo, &mut events, "Harbour reopens");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());

    let bearer = format!("Authorization: Bearer {token}");
    let known = format!("If-Match: {}", posted.header("etag").unwrap());
    let put = ["-X", "PUT", "-H", &bearer, "-H", "Content-Type: application/atom+xml", "-H", &known];
    assert_eq!(curl(&put, &member, &posted.text().replace("Harbour reopens", "Harbour is open")).status, 200);
    shown_everywhere(web, node, &mut romeo, &mut events, "Harbour is open");
    assert_eq!(curl(&put, &member, &entry("Harbour closes")).status, 412);

    let deleted = curl(&["-X", "DELETE", "-H", &bearer], &member, "");
    assert_eq!(deleted.status, 204);
    let retract = hear(&mut romeo, node);
    assert_eq!(find(&retract, &["retract"]).map(|gone| attr(gone, "id")), Some("harbour-reopens"));
    let event = events.next().unwrap();
    assert!(event.contains("event: deleted"), "{event}");
    assert_eq!(ask(web, "GET", &format!("/n/{node}/i/harbour-reopens"), &[]).status, 410);
    assert!(ask(web, "GET", &format!("/n/{node}/feed.atom"), &[]).text().contains("<at:deleted-entry"));

    let list = "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-http-tokens'/>";
    let listed = juliet.ok("set", SERVICE, list);
    let id = named(find(&listed, &["command", "x"]).unwrap(), "item").into_iter().find_map(|row| {
        let is_ours = value(row, "node") == node;
        is_ours.then(|| value(row, "id"))
    });
    command(&mut juliet, "atomsub#revoke-http-token", &[("token", &id.unwrap())], "");
    assert_eq!(curl(&post, &collection, &entry("Nothing")).status, 401);
    assert!(!stage.service.log().contains(&token));
}

fn a_webhook_that_openssl_signs(stage: &Stage) {
    let (web, node) = (stage.service.web(), "webhook");
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let form = submitted("", &[("node", node)]);
    let request = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#create-webhook'>{form}</command>"
    );
    let made = juliet.ok("set", SERVICE, &request);
    let sheet = find(&made, &["command", "x"]).unwrap();
    let path = value(sheet, "url").strip_prefix(&format!("http://{web}")).unwrap().to_owned();
    let body = r#"{"id": "https://ci.example/7", "title": "Built", "url": "https://ci.example/7"}"#;
    if !is_there("openssl") {
        return skip("openssl");
    }
    let digest = run(&["openssl", "dgst", "-sha256", "-hmac", &value(sheet, "secret")], body);
    let digest = String::from_utf8(digest).unwrap();
    let signature = format!("sha256={}", digest.trim().rsplit(' ').next().unwrap());
    let headers = [("Content-Type", "application/json"), ("X-Hub-Signature-256", &*signature)];
    let posted = send(web, "POST", &path, &headers, body);
    assert_eq!(posted.status, 201, "{}", posted.text());
    assert_eq!(hear_item(&mut romeo, node, JULIET).1, "Built");
    assert_eq!(send(web, "POST", &path, &headers, body.replace('7', "8")).status, 403);
    assert_eq!(send(web, "POST", &path, &[ATOM], body).status, 403);
}

/// It is with the subscriber, among the live events, in the feed and on the page.
fn shown_everywhere(web: SocketAddr, node: &str, romeo: &mut Client, events: &mut Events, title: &str) {
    assert_eq!(hear_item(romeo, node, JULIET), ("harbour-reopens".to_owned(), title.to_owned()));
    let event = events.next().unwrap();
    assert!(event.contains("event: entry") && event.contains(&format!("\"title\":\"{title}\"")), "{event}");
    let feed = ask(web, "GET", &format!("/n/{node}/feed.atom"), &[]);
    assert!(feed.text().contains(&format!("<title>{title}</title>")), "{}", feed.text());
    assert!(ask(web, "GET", &format!("/n/{node}"), &[]).text().contains(&format!(">{title}</a>")));
}

fn entry(title: &str) -> String {
    format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><title>{title}</title><content>So it is.</content></entry>"
    )
}

/// Does a command with these fields, and gives a field of the answer.
pub(crate) fn command(client: &mut Client, node: &str, fields: &[(&str, &str)], wanted: &str) -> String {
    let form = submitted("", fields);
    let command =
        format!("<command xmlns='http://jabber.org/protocol/commands' node='{node}'>{form}</command>");
    let answer = client.ok("set", SERVICE, &command);
    let done = find(&answer, &["command"]).unwrap();
    assert_eq!(attr(done, "status"), "completed");
    find(done, &["x"]).map(|sheet| value(sheet, wanted)).unwrap_or_default()
}

/// The value of a field.
fn value(fields: &minidom::Element, var: &str) -> String {
    let field = named(fields, "field").into_iter().find(|field| attr(field, "var") == var);
    field.and_then(|field| find(field, &["value"])).map(minidom::Element::text).unwrap_or_default()
}

/// What curl is answered that is called with these words; what it sends goes with it.
fn curl(words: &[&str], url: &str, body: &str) -> Answer {
    let mut all = vec!["curl", "-s", "-i"];
    all.extend(words);
    if !body.is_empty() {
        all.extend(["--data-binary", "@-"]);
    }
    all.push(url);
    let output = run(&all, body);
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(output[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: output[end + 4..].to_vec() }
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("version").output().is_ok()
}

fn run(words: &[&str], input: &str) -> Vec<u8> {
    let mut program = Command::new(words[0]);
    program.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{words:?}");
    output.stdout
}
