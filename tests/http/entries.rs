//! Entries on the web: every kind of what is published, and what is shown of it. All of it is valid.

use crate::feeds::{tree, valid};
use crate::house::{House, entry};

const PAGE: &str = "<link rel='alternate' type='text/html' href='https://feeds.example.org/n/news/i/1'/>";
const ITEM: &str =
    "<link rel='alternate' type='application/atom+xml' href='xmpp:pubsub.example.com?;node=news;item=1'/>";

/// Publishes a payload, and gives the entry document without its frame.
fn shown(from: &str, payload: &str) -> String {
    shown_at(&[("x-pubsub#validation", "off")], from, payload)
}

fn shown_at(options: &[(&str, &str)], from: &str, payload: &str) -> String {
    let house = House::new();
    house.node(0, "news", &[&[("publish_model", "open")], options].concat());
    house.publish(from, "news", "1", payload);
    let answer = house.get("/n/news/i/1/entry.atom");
    assert_eq!(answer.status, 200, "{payload}");
    valid(&tree(&answer));
    valid(&tree(&house.get("/n/news/feed.atom")));
    let text = answer.text().replace(PAGE, "[page]").replace(ITEM, "[item]");
    let (_, inside) = text.split_once("<entry xmlns='http://www.w3.org/2005/Atom'").unwrap();
    inside.strip_suffix("</entry>").unwrap().to_owned()
}

/// What becomes of what is inside an entry of Ed, besides what every entry has.
fn check(inside: &str, expected: &str) {
    let shown = shown("ed@example.com/a", &entry(inside));
    assert!(shown.contains(expected), "{inside}\n became {shown}\n and not {expected}");
}

#[test]
fn what_is_missing_is_added() {
    assert_eq!(
        shown("ed@example.com/a", &entry("")),
        "><id>xmpp:pubsub.example.com?;node=news;item=1</id><title/>\
         <author><name>ed</name><uri>xmpp:ed@example.com</uri></author>\
         <updated>2026-11-20T10:00:00Z</updated>[page][item]"
    );
    check("<content>First line.\n\nSecond</content>", "<title>First line.</title>");
    check(
        "<author><uri>xmpp:ed@example.com</uri></author>",
        "<author><name>ed</name><uri>xmpp:ed@example.com</uri></author>",
    );
    check("<author><name> </name></author>", "<author><name>unknown</name></author>");
    check(
        "<content src='https://a.example/1.png' type='image/png'/><title>T</title>",
        "<summary type='text'>T</summary><content type='image/png' src='https://a.example/1.png'/>",
    );
}

#[test]
fn ids_and_dates_are_what_they_have_to_be() {
    for (id, expected) in [
        ("tag:example.com,2026:1", "<id>tag:example.com,2026:1</id>"),
        (" tag:example.com,2026:1\n", "<id>tag:example.com,2026:1</id>"),
        ("711CD52A-a528-4356-b56b-8ac849f87835", "<id>urn:uuid:711cd52a-a528-4356-b56b-8ac849f87835</id>"),
        ("not an id", "<id>xmpp:pubsub.example.com?;node=news;item=1</id>"),
    ] {
        check(&format!("<id>{id}</id>"), expected);
    }
    check("<id>tag:a,2026:1</id><id>tag:a,2026:2</id>", "><id>tag:a,2026:1</id><title");
    for (date, expected) in [
        ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
        ("2026-11-20T08:00:00.5+01:00", "2026-11-20T08:00:00.5+01:00"),
        ("2026-11-20t08:00:00z", "2026-11-20T08:00:00+00:00"),
        ("Fri, 20 Nov 2026 08:00:00 +0100", "2026-11-20T08:00:00+01:00"),
        ("yesterday", "2026-11-20T10:00:00Z"),
    ] {
        check(&format!("<updated>{date}</updated>"), &format!("<updated>{expected}</updated>"));
    }
    check("<published>yesterday</published>", "</author><updated>");
    check(
        "<published>2026-11-20T08:00:00Z</published><published>2025-11-20T08:00:00Z</published>",
        "<published>2026-11-20T08:00:00Z</published><updated>",
    );
}

#[test]
fn texts_are_read_by_their_type() {
    check("<title type='html'>a &lt;b&gt;b&lt;/b&gt; &amp;amp; c</title>", "<title>a b &amp; c</title>");
    check("<title>one</title><title>two</title>", "<title>one</title><author>");
    check("<title>\n a\n  b </title>", "<title>a b</title>");
    check(
        "<summary type='html'>&lt;p&gt;a&lt;script&gt;b&lt;/script&gt;</summary>",
        "<summary type='html'>&lt;p&gt;a&lt;/p&gt;</summary>",
    );
    check(
        "<content type='text/html'>&lt;p onclick='x'&gt;a</content>",
        "<content type='html'>&lt;p&gt;a&lt;/p&gt;</content>",
    );
    check("<content>a &lt; b\n c</content>", "<content type='text'>a &lt; b\n c</content>");
    check("<content type='text/markdown'># a</content>", "<content type='text'># a</content>");
    check(
        "<content type='text'>a</content><content type='html'>&lt;i&gt;b</content>",
        "<content type='html'>&lt;i&gt;b&lt;/i&gt;</content>",
    );
    check(
        "<content type='image/png'>aGk=</content><summary>s</summary>",
        "[page][item]<summary type='text'>s</summary>",
    );
    check("<content type='application/xml'><a xmlns='urn:x'/></content>", "[page][item]");
    check("<content src='javascript:x' type='text/html'/>", "[page][item]");
    check("<rights type='html'>&amp;copy; me</rights>", "<rights>© me</rights>");
    let deep = "<div>".repeat(5_000).replace('<', "&lt;");
    check(&format!("<content type='html'>{deep}words</content>"), "<content type='text'>words</content>");
    let images = "<content type='html' xml:base='https://a.example/b/'>&lt;img src='c.png'&gt;</content>";
    check(images, "&lt;img src=\"https://a.example/b/c.png\"&gt;");
    check(&images.replace(" xml:base='https://a.example/b/'", ""), "&lt;img&gt;");
}

#[test]
fn links_lead_somewhere_and_each_alternate_is_another_one() {
    let own = "<link rel='alternate' type='text/html' href='https://blog.example/1'/>";
    check("<link href='https://blog.example/1' type='text/html'/>", &format!("{own}[item]"));
    check(&format!("{own}{}", own.replace("/1", "/2")), &format!("{own}[item]"));
    check(
        "<link href='https://blog.example/1'/>",
        "<link rel='alternate' href='https://blog.example/1'/>[page][item]",
    );
    check("<link rel='alternate' href='xmpp:pubsub.example.com?;node=news;item=1'/>", "[page][item]");
    check(
        "<link rel='related' href='xmpp:a.example?;node=y z'/>",
        "<link rel='related' type='application/atom+xml' href='xmpp:a.example?;node=y%20z'/>",
    );
    check(
        "<link rel='http://www.iana.org/assignments/relation/via' href='https://a.example/x y'/>",
        "<link rel='via' href='https://a.example/x%20y'/>",
    );
    check(
        "<link rel='enclosure' href='https://a.example/1.ogg' type='audio/ogg' length='12' hreflang='de'/>",
        "<link rel='enclosure' type='audio/ogg' hreflang='de' length='12' href='https://a.example/1.ogg'/>",
    );
    for dropped in [
        "<link/>",
        "<link href='relative'/>",
        "<link rel='self' href='https://a.example/'/>",
        "<link rel='edit' href='https://a.example/'/>",
        "<link rel='related' href='javascript:alert(1)'/>",
        "<link rel='related' href='data:text/html,x'/>",
        "<link rel='a b' href='https://a.example/'/>",
    ] {
        check(&format!("{dropped}<rights>r</rights>"), "[page][item]<rights>");
    }
}

#[test]
fn categories_and_foreign_elements_are_passed_on_where_they_are_sound() {
    check(
        "<category term='a' scheme='https://a.example/s' label='A'/><category/><category term='b' scheme='x y'/>",
        "[item]<category term='a' scheme='https://a.example/s' label='A'/><category term='b'/>",
    );
    check(
        "<g:geoloc xmlns:g='http://jabber.org/protocol/geoloc' xml:lang='de'><g:lat>1</g:lat></g:geoloc>",
        "<g:geoloc xmlns='http://www.w3.org/2005/Atom' xmlns:g='http://jabber.org/protocol/geoloc' xml:lang='de'>\
         <g:lat>1</g:lat></g:geoloc>",
    );
    check(
        "<in-reply-to xmlns='http://purl.org/syndication/thread/1.0' ref='tag:a,2026:1'/>",
        "<in-reply-to xmlns='http://purl.org/syndication/thread/1.0' ref='tag:a,2026:1'/>",
    );
    for dropped in [
        "<in-reply-to xmlns='http://purl.org/syndication/thread/1.0'/>",
        "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>",
        "<x xmlns=''/>",
        "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
        "<a xmlns='urn:a'><b><h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script></b></a>",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    ] {
        check(&format!("<rights>r</rights>{dropped}"), "[item]<rights>r</rights>");
        let shown = shown("ed@example.com/a", &entry(dropped));
        assert!(shown.ends_with("[item]"), "{shown}");
    }
}

#[test]
fn people_are_who_they_are_known_to_be() {
    let author = |inside: &str| format!("<author>{inside}</author>");
    let cases = [
        (
            author("<name>Ed</name><uri>xmpp:ed@example.com</uri><email>ed@example.com</email>"),
            "<author><name>Ed</name><uri>xmpp:ed@example.com</uri></author><updated>",
        ),
        // Somebody else under his address: whoever published it is the author.
        (
            author("<name>Juliet</name><uri>xmpp:juliet@example.com</uri>"),
            "<author><name>ed</name><uri>xmpp:ed@example.com</uri></author><updated>",
        ),
        (
            author("<name>Juliet</name><uri>https://juliet.example/</uri>"),
            "<author><name>Juliet</name><uri>https://juliet.example/</uri></author><updated>",
        ),
        (
            author("<name>Juliet</name><uri>javascript:alert(1)</uri>"),
            "<author><name>Juliet</name></author><updated>",
        ),
        // Taken from her on purpose.
        (
            author("<name>Juliet</name><uri>xmpp:juliet@example.com</uri>")
                + "<link rel='via' href='https://juliet.example/1'/>",
            "<author><name>Juliet</name></author><contributor><name>ed</name><uri>xmpp:ed@example.com</uri></contributor><updated>",
        ),
        (
            "<source><author><name>Ines</name></author></source>".to_owned(),
            "<author><name>Ines</name></author><updated>",
        ),
        (
            author("<name>Ed</name><uri>xmpp:ed@example.com</uri>")
                + &author("<uri>xmpp:juliet@example.com</uri>"),
            "<author><name>Ed</name><uri>xmpp:ed@example.com</uri></author><author><name>juliet</name></author><updated>",
        ),
    ];
    for (inside, expected) in cases {
        check(&inside, expected);
    }
    // Where the node does not tell who publishes, the web side does not either.
    let hidden = [("itemreply", "none"), ("x-pubsub#validation", "off")];
    let shown = shown_at(
        &hidden,
        "ed@example.com/a",
        &entry(&author("<name>X</name><uri>xmpp:juliet@example.com</uri>")),
    );
    assert!(shown.contains("<author><name>X</name></author><updated>"), "{shown}");
    let house = House::new();
    house.node(0, "news", &[("publish_model", "open"), ("itemreply", "none")]);
    house.publish("secret@example.com/a", "news", "1", &entry("<title>T</title>"));
    for path in ["/n/news/feed.atom", "/n/news/feed.json", "/n/news", "/n/news/i/1"] {
        assert!(!house.get(path).text().contains("secret"), "{path}");
    }
}

#[test]
fn languages_are_passed_on() {
    let payload = "<entry xmlns='http://www.w3.org/2005/Atom' xml:lang='de-AT'><title>T</title></entry>";
    assert!(shown("ed@example.com/a", payload).starts_with(" xml:lang='de-AT'><id>"));
    let payload = payload.replace("de-AT", "&quot;x");
    assert!(shown("ed@example.com/a", &payload).starts_with("><id>"));
}

#[test]
fn what_is_no_entry_is_not_shown() {
    let house = House::new();
    house.node(0, "news", &[("type", "")]);
    house.publish("ed@example.com/a", "news", "1", "<note xmlns='urn:example'/>");
    house.entry("news", "2", "<title>Two</title>");
    let text = house.get("/n/news/feed.atom").text().to_owned();
    assert_eq!(text.matches("<entry").count(), 1);
    assert_eq!(house.get("/n/news/i/1").status, 404);
}

#[test]
fn of_many_large_entries_some_are_only_named() {
    let house = House::new();
    house.node(0, "news", &[]);
    for number in 0..20 {
        let content = "words ".repeat(30_000);
        house.entry(
            "news",
            &number.to_string(),
            &format!("<title>{number}</title><content>{content}</content>"),
        );
    }
    let answer = house.get("/n/news/feed.atom");
    let text = answer.text();
    assert_eq!(text.matches("<entry>").count(), 20);
    assert_eq!(text.matches("<content").count(), 5);
    assert!(text.len() < 2_000_000, "{}", text.len());
    assert!(house.get("/n/news/i/0").text().contains("words words"));
}
