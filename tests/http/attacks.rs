//! Entries that want to do something to whoever reads them: in every text, in every form that is served.

use std::time::{Duration, Instant};

use crate::house::{House, escaped};

const PAYLOADS: [&str; 14] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form action='https://evil.example'><input name=a autofocus onfocus=alert(1)>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example'>",
    "</title></article><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
];

#[test]
fn nothing_in_an_entry_runs() {
    for payload in PAYLOADS {
        let house = House::new();
        house.node(
            0,
            "news",
            &[("title", payload), ("description", payload), ("x-pubsub#validation", "off")],
        );
        let payload = escaped(payload);
        let mut numbered = 0;
        for kind in ["text", "html", "text/html"] {
            for name in ["title", "summary", "content", "rights"] {
                numbered += 1;
                house.entry(
                    "news",
                    &numbered.to_string(),
                    &format!("<{name} type='{kind}'>{payload}</{name}>"),
                );
            }
        }
        for inside in [
            format!("<author><name>{payload}</name><uri>{payload}</uri></author>"),
            format!("<category term='{payload}' label='{payload}'/>"),
            format!("<link rel='{payload}' href='{payload}' title='{payload}'/>"),
            format!("<link rel='enclosure' href='https://a.example/{payload}' title='{payload}'/>"),
            format!("<id>{payload}</id><updated>{payload}</updated><published>{payload}</published>"),
        ] {
            numbered += 1;
            house.entry("news", &numbered.to_string(), &inside);
        }
        for path in ["/", "/n/news", "/n/news/feed.atom", "/n/news/feed.json", "/opml"] {
            look(&house, path);
        }
        for item in 1..=numbered {
            look(&house, &format!("/n/news/i/{item}"));
            look(&house, &format!("/n/news/i/{item}/entry.atom"));
        }
    }
}

/// Looks for markup that runs. Text that only shows it is escaped, once in HTML, twice where Atom holds HTML.
fn look(house: &House, path: &str) {
    let answer = house.get(path);
    assert_eq!(answer.status, 200, "{path}");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
    let mut text = answer.text().to_ascii_lowercase();
    if path.ends_with("json") {
        let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
        let items = feed["items"].as_array().unwrap();
        text = items.iter().filter_map(|item| item["content_html"].as_str()).collect();
    }
    if path.ends_with("atom") {
        // What a reader of feeds takes for HTML.
        let contents = text.split("type='html'>").skip(1);
        let html: String = contents.filter_map(|content| content.split("</").next()).collect();
        let html =
            html.replace("&lt;", "<").replace("&gt;", ">").replace("&apos;", "'").replace("&quot;", "\"");
        none_of(path, &html.replace("&amp;", "&"));
        assert!(
            !text.contains("xhtml'><script") && !text.contains("<script") && !text.contains("<svg"),
            "{path}"
        );
        return;
    }
    let ours = "<script src=\"/look/live.js\" defer></script>";
    if path == "/opml" {
        // Read as HTML, what is in its attributes is text.
        text = text.replace("='", "=\"").replace('\'', "\"");
    }
    none_of(path, &text.replace(ours, ""));
}

fn none_of(path: &str, html: &str) {
    for running in [
        "<script",
        "<svg",
        "<iframe",
        "<object",
        "<form",
        "<input",
        "<base",
        "<meta http",
        "<math",
        "<style",
        "<noscript",
    ] {
        assert!(!html.contains(running), "{path}: {running} in {html}");
    }
    // Attributes are only in tags.
    for tag in html.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
        let unquoted: String = tag.split('"').step_by(2).collect();
        assert!(!unquoted.contains(" on"), "{path}: {tag}");
        assert!(!tag.contains("=\"javascript:") && !tag.contains("=\" java"), "{path}: {tag}");
    }
}

#[test]
fn what_is_made_to_be_slow_is_not() {
    let house = House::new();
    house.node(0, "news", &[]);
    let nested = [
        "<div>",
        "<b></p>",
        "<table>x",
        "<b><p>",
        "<table><p>",
        "<!-- -->",
        "<i><b><u><p>",
        "<svg><input></x>",
    ];
    let mut slow: Vec<String> =
        nested.iter().map(|unit| unit.repeat(200_000 / escaped(unit).len())).collect();
    let attributes: String = (0..30_000).map(|name| format!(" {name:x}")).collect();
    slow.push(format!("<b{attributes}>"));
    slow.push((0..8_000).map(|name| format!("<html {name:x}></html>")).collect());
    for (number, html) in slow.iter().enumerate() {
        let html = escaped(html);
        house.entry(
            "news",
            &number.to_string(),
            &format!("<title>{number}</title><content type='html'>{html}</content>"),
        );
    }
    let start = Instant::now();
    for path in ["/n/news", "/n/news/feed.atom", "/n/news/feed.json"] {
        assert_eq!(house.get(path).status, 200);
    }
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn a_document_is_not_waited_for_whatever_is_in_it() {
    let house = House::new();
    house.node(0, "news", &[]);
    let entry = |id: &str, html: &str| {
        let content = format!("<content type='html'>{}</content>", escaped(html));
        house.entry("news", id, &format!("<title>{id}</title>{content}"));
    };
    entry("quick", "<p>At last.</p>");
    // The newest are read first. Each takes about a second in a test build, so those of a feed take five times as long as
    // anybody waits.
    let slow = "<div>".repeat(16_000);
    (0..5).for_each(|number| entry(&number.to_string(), &slow));
    let html = escaped("<p>At last.</p>");
    assert!(house.get("/n/news/i/quick/entry.atom").text().contains(&format!("<content type='html'>{html}")));
    assert!(house.get("/n/news/feed.atom").text().contains("<content type='text'>At last.<"));
}
