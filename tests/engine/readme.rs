//! The example in README.md does what it says there.

use crate::stage::{SERVICE, Stage};

#[test]
fn what_the_readme_shows_is_what_happens() {
    let readme = include_str!("../../README.md").replace("pubsub.example.org", SERVICE);
    let readme = readme.replace("example.org", "denmark.lit");
    let blocks: Vec<&str> =
        readme.split("```xml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let mut stage = Stage::new();
    let mut heard = String::new();
    for block in &blocks {
        if block.starts_with("<iq ") {
            heard = without_space(&stage.send(block));
        } else {
            assert!(heard.contains(&without_space(block)), "{block}\nis not in\n{heard}");
        }
    }
    let events = blocks.iter().filter(|block| block.starts_with("<message ")).count();
    assert_eq!((blocks.len(), events), (6, 2));
}

/// Without the space between elements, which is there for readers.
fn without_space(xml: &str) -> String {
    let lines: Vec<&str> = xml.lines().map(str::trim).collect();
    lines.concat()
}
