//! Pages for people: readable without any script, and no way into anything.

use crate::house::House;

fn house() -> House {
    let house = House::new();
    house.node(0, "news", &[("title", "News & more"), ("language", "en")]);
    house.entry(
        "news",
        "1",
        "<title>One</title><published>2026-11-20T08:00:00Z</published><updated>2026-11-20T09:00:00Z</updated>\
         <content type='html'>&lt;p&gt;Words</content><category term='harbour'/>\
         <link href='https://blog.example/1'/>",
    );
    house
}

#[test]
fn a_node_has_a_page_with_its_entries_and_ways_to_follow_it() {
    let answer = house().get("/n/news");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let text = answer.text();
    for part in [
        "<html lang=\"en\">",
        "<title>News &amp; more</title>",
        "<link rel=\"stylesheet\" href=\"/look/style.css\">",
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"News &amp; more\" href=\"https://feeds.example.org/n/news/feed.atom\">",
        "<link rel=\"alternate\" type=\"application/feed+json\" title=\"News &amp; more\" href=\"https://feeds.example.org/n/news/feed.json\">",
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"XMPP\" href=\"xmpp:pubsub.example.com?;node=news\">",
        "<body data-events=\"/n/news/events\">",
        "<a class=\"button\" href=\"xmpp:pubsub.example.com?pubsub;action=subscribe;node=news\">",
        "<img src=\"/n/news/code.svg\"",
        "<article class=\"h-entry\" dir=\"auto\" id=\"i-1\">",
        "<a class=\"u-url\" href=\"https://feeds.example.org/n/news/i/1\">One</a>",
        "<span class=\"p-author\" title=\"xmpp:ed@example.com\">ed</span>",
        "<time class=\"dt-published\" datetime=\"2026-11-20T08:00:00Z\">2026-11-20 08:00 UTC</time>",
        "<div class=\"e-content\"><p>Words</p></div>",
        "<span class=\"p-category\">harbour</span>",
        "<a class=\"u-syndication\" href=\"https://blog.example/1\" rel=\"nofollow ugc noopener noreferrer\">blog.example</a>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';")
    );
    assert!(!text.contains("<style") && !text.contains("style="));
    assert_eq!(text.matches("<script").count(), 1);
}

#[test]
fn an_entry_has_a_page() {
    let answer = house().get("/n/news/i/1");
    let text = answer.text();
    for part in [
        "<title>One</title>",
        "<a href=\"/n/news\">News &amp; more</a>",
        "<h1 class=\"p-name\">One</h1>",
        "<div class=\"e-content\"><p>Words</p></div>",
        "<a href=\"xmpp:pubsub.example.com?;node=news;item=1\">",
        "href=\"https://feeds.example.org/n/news/i/1/entry.atom\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("<script"));
}

#[test]
fn an_entry_without_a_title_is_found_by_its_date_and_dates_are_of_one_zone() {
    let house = House::new();
    house.node(0, "news", &[]);
    house.entry("news", "1", "<title/><updated>2026-11-20T01:00:00+02:00</updated><content>Words</content>");
    let (node, entry) = (house.get("/n/news"), house.get("/n/news/i/1"));
    let time =
        "<time class=\"dt-published\" datetime=\"2026-11-20T01:00:00+02:00\">2026-11-19 23:00 UTC</time>";
    let link = format!("<a class=\"u-url\" href=\"https://feeds.example.org/n/news/i/1\">{time}</a>");
    assert!(node.text().contains(&link) && !node.text().contains("<h2"), "{}", node.text());
    assert!(entry.text().contains(time) && !entry.text().contains(&link), "{}", entry.text());
}

#[test]
fn a_slash_at_the_end_leads_to_the_page() {
    let house = house();
    let at = |path: &str| {
        let answer = house.get(path);
        (answer.status, answer.header("location").map(str::to_owned))
    };
    assert_eq!(at("/n/news/"), (308, Some("/n/news".to_owned())));
    // Whether there is such a node is not told here.
    assert_eq!(at("/n/nowhere/"), (308, Some("/n/nowhere".to_owned())));
    for path in ["/n/a%0Ab/", "/n/%2F%2Fevil.example/", "/n//"] {
        assert_eq!(at(path), (404, None), "{path}");
    }
}

#[test]
fn pages_lead_to_older_pages_and_back() {
    let house = House::new();
    house.node(0, "news", &[]);
    for number in 0..110 {
        house.entry("news", &format!("i{number}"), "<title>T</title>");
    }
    for (page, newer, older) in [
        ("/n/news", None, Some("/n/news/archive/2")),
        ("/n/news/archive/2", Some("/n/news"), Some("/n/news/archive/1")),
        ("/n/news/archive/1", Some("/n/news/archive/2"), None),
    ] {
        let answer = house.get(page);
        let link = |rel: &str| {
            let (_, after) = answer.text().split_once(&format!("<a rel=\"{rel}\" href=\""))?;
            after.split('"').next()
        };
        assert_eq!((link("prev"), link("next")), (newer, older), "{page}");
    }
}

#[test]
fn the_style_and_the_script_are_files_of_their_own() {
    let house = House::new();
    for (path, kind) in
        [("/look/style.css", "text/css; charset=utf-8"), ("/look/live.js", "text/javascript; charset=utf-8")]
    {
        let answer = house.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
    }
    assert!(house.get("/look/live.js").body.len() < 2048);
}

#[test]
fn the_code_is_a_picture_of_the_link() {
    let answer = house().get("/n/news/code.svg");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/svg+xml")));
    assert!(answer.text().contains("<svg") && answer.text().contains("width=\"2"));
}
