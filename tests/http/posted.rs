//! Feeds that are posted as a whole: each entry is published or not, and the answer says which.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::house::House;

const ED: &str = "ed@example.com/a";
const FEED: (&str, &str) = ("Content-Type", "application/atom+xml;type=feed");

fn house() -> (House, String) {
    let house = House::new();
    house.node(0, "news", &[]);
    house.listen("news");
    let token = house.token(ED, &[]);
    (house, token)
}

fn post(house: &House, token: &str, inside: &str) -> Answer {
    let feed = format!("<feed xmlns='http://www.w3.org/2005/Atom'>{inside}</feed>");
    house.with_token(token, "POST", "/app/n/news", &[FEED], &feed)
}

fn entry(id: &str, day: u32, inside: &str) -> String {
    format!(
        "<entry><id>tag:example.com,2026:{id}</id><updated>2026-11-{day}T08:00:00Z</updated>{inside}</entry>"
    )
}

fn outcomes(answer: &Answer) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&answer.body).unwrap();
    document["entries"].as_array().unwrap().clone()
}

#[test]
fn all_entries_of_a_feed_are_published_the_oldest_first() {
    let (house, token) = house();
    let entries = [entry("c", 12, ""), entry("a", 10, ""), entry("b", 11, "")].concat();
    let answer =
        post(&house, &token, &format!("<title>F</title><author><name>Ines</name></author>{entries}"));
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json")),
        "{}",
        answer.text()
    );
    let outcomes = outcomes(&answer);
    let ids: Vec<&Value> = outcomes.iter().map(|outcome| &outcome["id"]).collect();
    assert_eq!(ids, ["tag:example.com,2026:c", "tag:example.com,2026:a", "tag:example.com,2026:b"]);
    let told = house.told("news");
    let places = [1, 2, 0].map(|place| {
        let location = outcomes[place]["location"].as_str().unwrap();
        assert_eq!(outcomes[place]["status"], 201);
        format!("{} by ed@example.com", location.rsplit('/').next().unwrap())
    });
    assert_eq!(told, places);
    let feed = house.get("/n/news/feed.atom");
    assert_eq!(feed.text().matches("<author><name>Ines</name></author>").count(), 3, "{}", feed.text());
    // Once more, and nothing is there twice.
    let again = post(&house, &token, &entries);
    let outcomes = self::outcomes(&again);
    assert!(outcomes.iter().all(|outcome| outcome["status"] == 200), "{}", again.text());
}

#[test]
fn what_cannot_be_published_keeps_nothing_else_out() {
    let (house, token) = house();
    let draft = "<control xmlns='http://www.w3.org/2007/app'><draft>yes</draft></control>";
    let entries = [entry("a", 10, ""), entry("b", 11, "<id>2</id>"), entry("c", 12, draft)].concat();
    let answer = post(&house, &token, &entries);
    assert_eq!(answer.status, 207, "{}", answer.text());
    let outcomes = outcomes(&answer);
    let statuses: Vec<&Value> = outcomes.iter().map(|outcome| &outcome["status"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(422), &json!(403)]);
    assert!(outcomes[1]["error"].as_str().unwrap().starts_with("E02: "));
    assert_eq!(house.told("news").len(), 1);
    // Where nothing is published for one and the same reason, that is the answer.
    let ines = house.token("ines@example.com/a", &[]);
    let answer = post(&house, &ines, &[entry("a", 10, ""), entry("b", 11, "")].concat());
    assert_eq!((answer.status, answer.text()), (403, "only publishers may publish to this node\n"));
    let many: String = (0..51).map(|number| entry(&number.to_string(), 10, "")).collect();
    assert_eq!(post(&house, &token, &many).status, 413);
    assert_eq!(outcomes_of_nothing(&post(&house, &token, "")), 0);
}

fn outcomes_of_nothing(answer: &Answer) -> usize {
    assert_eq!(answer.status, 200);
    outcomes(answer).len()
}

#[test]
fn each_entry_counts() {
    let (house, token) = house();
    let entries: String = (0..50).map(|number| entry(&number.to_string(), 10, "")).collect();
    let statuses: Vec<u16> = (0..3).map(|_| post(&house, &token, &entries).status).collect();
    assert_eq!(statuses[..2], [200, 200]);
    let late = post(&house, &token, &entries);
    assert!([207, 429].contains(&late.status), "{}", late.status);
}

#[test]
fn a_json_feed_is_a_feed_too() {
    let (house, token) = house();
    let feed = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [
        {"id": "https://a/2", "title": "Two", "date_published": "2026-11-12T08:00:00Z"},
        {"id": "https://a/1", "title": "One", "content_html": "<p>1<script>x</script></p>", "date_published": "2026-11-11T08:00:00Z"}]}"#;
    let kind = ("Content-Type", "application/feed+json");
    let answer = house.with_token(&token, "POST", "/app/n/news", &[kind], feed);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let shown = house.get("/n/news/feed.json");
    let shown: Value = serde_json::from_slice(&shown.body).unwrap();
    let items: Vec<(&Value, &Value)> =
        shown["items"].as_array().unwrap().iter().map(|item| (&item["id"], &item["title"])).collect();
    assert_eq!(items, [(&json!("https://a/2"), &json!("Two")), (&json!("https://a/1"), &json!("One"))]);
    assert_eq!(shown["items"][1]["content_html"], "<p>1</p>");
    for (body, status) in [("{", 400), ("[]", 422), ("{\"items\": [{}]}", 422)] {
        assert_eq!(house.with_token(&token, "POST", "/app/n/news", &[kind], body).status, status, "{body}");
    }
}
