//! The list of nodes: those that anyone may read, and no other.

use crate::house::House;

#[test]
fn only_what_anyone_may_read_is_listed() {
    let house = House::new();
    house.node(0, "news", &[("title", "Harbour <news>")]);
    house.node(0, "plain", &[("type", "")]);
    house.node(1, "replies/1", &[]);
    for (name, options) in [
        ("s-authorize", ("access_model", "authorize")),
        ("s-whitelist", ("access_model", "whitelist")),
        ("s-transient", ("persist_items", "false")),
        ("s-other", ("type", "urn:example:other")),
    ] {
        house.node(0, name, &[options]);
    }
    let answer = house.get("/");
    let text = answer.text();
    assert_eq!(answer.status, 200);
    assert!(text.contains("<a href=\"/n/news\">Harbour &lt;news&gt;</a>"), "{text}");
    assert!(text.contains("<a href=\"/n/plain\">plain</a>"), "{text}");
    assert!(text.contains("<a href=\"/n/~cmVwbGllcy8x@comments.example.com\">replies/1</a>"), "{text}");
    assert!(!text.contains("s-") && !text.contains("evil.example"), "{text}");
}

#[test]
fn a_long_list_goes_on_and_opml_has_it_all() {
    let house = House::new();
    for number in 0..130 {
        house.node(0, &format!("n{number:03}"), &[]);
    }
    house.node(1, "z/z", &[("title", "Last & least")]);
    let first = house.get("/");
    assert_eq!(first.text().matches("<li ").count(), 100);
    assert!(first.text().contains("<a rel=\"next\" href=\"/?after=n099\">"), "{}", first.text());
    let second = house.get("/?after=n099");
    assert_eq!(second.text().matches("<li ").count(), 31);
    assert!(!second.text().contains("rel=\"next\""));
    assert_eq!(house.get("/?after=a/b").status, 404);
    let opml = house.get("/opml");
    assert_eq!(opml.header("content-type"), Some("text/x-opml; charset=utf-8"));
    assert_eq!(opml.text().matches("<outline").count(), 131);
    let last = "<outline type='rss' text='Last &amp; least' \
                xmlUrl='https://feeds.example.org/n/~ei96@comments.example.com/feed.atom' \
                htmlUrl='https://feeds.example.org/n/~ei96@comments.example.com'/>";
    assert!(opml.text().contains(last), "{}", opml.text());
}
