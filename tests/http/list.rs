//! The list of nodes: those that anyone may read, and no other.

use crate::house::House;

#[test]
fn only_what_anyone_may_read_is_listed() {
    let house = House::new();
    house.node(0, "news", &[("title", "Harbour &lt;news&gt;")]);
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
