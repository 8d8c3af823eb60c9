//! Feeds of all kinds, as they are written and as they should not be, and the entries that become of them.

use std::cell::Cell;
use std::fmt::Write as _;

use atomsub::atom::Entry;
use atomsub::feeds::reading::{Origin, Unreadable, read};
use atomsub::limits::FEED_ELEMENTS_MAX;
use atomsub::pubsub::Timestamp;
use atomsub::pubsub::import::Document;
use atomsub::xml::{Limits, Tree};
use bytes::Bytes;
use expect_test::{Expect, expect};

const FEED: &str = "https://blog.example/feed";

fn document(bytes: &[u8], content_type: Option<&str>) -> Result<Document, Unreadable> {
    let (feed, url) = (FEED.parse().unwrap(), "https://cdn.blog.example/a/feed.xml".parse().unwrap());
    let now = Timestamp::parse("2026-11-26T12:00:00Z").unwrap();
    read(bytes, Origin { feed: &feed, url: &url, content_type, now }, &|| true)
}

/// The entries of a feed; each is as valid as one can be whose dates come later.
fn shown(document: &Document) -> String {
    let mut out = document.title.clone();
    if document.is_complete {
        out += " (complete)";
    }
    out.push('\n');
    for entry in &document.entries {
        let tree = Tree::parse(Bytes::from(entry.xml.clone()), &Limits::default()).expect(&entry.xml);
        let read = Entry::read(tree.root()).unwrap();
        assert_eq!(read.id.as_deref(), Some(entry.id.as_str()));
        let date = entry.date.map(Timestamp::to_rfc3339);
        let flaws: Vec<_> = read.flaws.iter().map(|flaw| atomsub::atom::validation::text(*flaw)).collect();
        let missing_date = usize::from(date.is_none());
        assert_eq!(flaws.len(), missing_date, "{flaws:?} in {}", entry.xml);
        writeln!(out, "{}\n{}", date.as_deref().unwrap_or("undated"), entry.xml).unwrap();
    }
    for gone in &document.deleted {
        writeln!(out, "deleted {} {}", gone.id, gone.when.to_rfc3339()).unwrap();
    }
    out
}

fn check(feed: &str, expected: &Expect) {
    expected.assert_eq(&shown(&document(feed.as_bytes(), None).unwrap()));
}

#[test]
fn rss_2() {
    check(
        "<?xml version='1.0'?>
<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'
  xmlns:atom='http://www.w3.org/2005/Atom' xmlns:wfw='http://wellformedweb.org/CommentAPI/'><channel>
<title>Harbour &amp; Sea</title><link>https://blog.example/</link><description>News of the &lt;b&gt;harbour&lt;/b&gt;</description>
<atom:link rel='self' href='https://blog.example/feed'/><language>en-GB</language><copyright>2026 Ines</copyright>
<image><url>https://blog.example/logo.png</url><title>x</title><link>https://blog.example/</link></image>
<item><title>Second &amp;amp; last</title><link>/2</link><guid isPermaLink='false'>post-2</guid>
  <pubDate>Thu, 26 Nov 2026 10:00 GMT</pubDate><dc:creator>Ines</dc:creator>
  <description>Short &lt;i&gt;words&lt;/i&gt;</description>
  <content:encoded><![CDATA[<p onclick='x()'>Long&nbsp;words<br><img src=\"a.png\" alt=\"&quot;<\"><script>alert(1)</script>]]></content:encoded>
  <category domain='https://blog.example/tags'>sea</category><category domain='tags'>port</category>
  <enclosure url='https://blog.example/2.mp3' length='123' type='audio/mpeg'/>
  <comments>https://blog.example/2#comments</comments><wfw:commentRss>https://blog.example/2/feed</wfw:commentRss></item>
<item><title>First</title><guid>https://blog.example/1</guid><author>ines@blog.example (Ines)</author>
  <description>Only &amp;lt;text&amp;gt;</description><pubDate>Wed, 25 Nov 2026 08:00:00 +0100</pubDate></item>
</channel></rss>",
        &expect![[r#"
            Harbour & Sea
            2026-11-25T07:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='en-gb'><id>https://blog.example/1</id><title>First</title><published>2026-11-25T07:00:00Z</published><updated>2026-11-25T07:00:00Z</updated><author><name>Ines</name><email>ines@blog.example</email></author><link rel='alternate' href='https://blog.example/1'/><link rel='via' href='https://blog.example/feed'/><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Only &lt;text&gt;</div></content><source><id>https://blog.example/feed</id><title>Harbour &amp; Sea</title><updated>2026-11-25T07:00:00Z</updated><author><name>Harbour &amp; Sea</name></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='https://blog.example/'/><subtitle>News of the harbour</subtitle><logo>https://blog.example/logo.png</logo><rights>2026 Ines</rights></source></entry>
            2026-11-26T10:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='en-gb'><id>tag:blog.example,2005:59eefc66006c112fb01d814c427cef0b65fba80f</id><title>Second &amp; last</title><published>2026-11-26T10:00:00Z</published><updated>2026-11-26T10:00:00Z</updated><author><name>Ines</name></author><link rel='alternate' href='https://cdn.blog.example/2'/><link rel='replies' type='text/html' href='https://blog.example/2#comments'/><link rel='replies' href='https://blog.example/2/feed'/><link rel='enclosure' type='audio/mpeg' length='123' href='https://blog.example/2.mp3'/><link rel='via' href='https://blog.example/feed'/><category term='sea' scheme='https://blog.example/tags'/><category term='port'/><summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Short <i>words</i></div></summary><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Long&#160;words<br/><img src="https://cdn.blog.example/a/a.png" alt="&quot;&lt;"/></p></div></content><source><id>https://blog.example/feed</id><title>Harbour &amp; Sea</title><updated>2026-11-26T10:00:00Z</updated><author><name>Harbour &amp; Sea</name></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='https://blog.example/'/><subtitle>News of the harbour</subtitle><logo>https://blog.example/logo.png</logo><rights>2026 Ines</rights></source></entry>
        "#]],
    );
}

#[test]
fn rss_without_dates_titles_or_ids() {
    check(
        "<rss version='0.93'><channel><title>Old</title><link>http://old.example/</link><description/>
<item><title>Two</title><link>http://old.example/2?utm_source=rss&amp;id=2</link></item>
<item><description>Nothing but &amp;eacute;</description></item>
</channel></rss>",
        &expect![[r"
            Old
            undated
            <entry xmlns='http://www.w3.org/2005/Atom'><id>tag:blog.example,2005:ce1c39e3f87a2a49c6ee783f43d6ae977f601053</id><title/><link rel='via' href='https://blog.example/feed'/><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Nothing but é</div></content><source><id>https://blog.example/feed</id><title>Old</title><author><name>Old</name></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='http://old.example/'/></source></entry>
            undated
            <entry xmlns='http://www.w3.org/2005/Atom'><id>http://old.example/2?id=2</id><title>Two</title><link rel='alternate' href='http://old.example/2?utm_source=rss&amp;id=2'/><link rel='via' href='https://blog.example/feed'/><source><id>https://blog.example/feed</id><title>Old</title><author><name>Old</name></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='http://old.example/'/></source></entry>
        "]],
    );
}

#[test]
fn rdf() {
    check(
        "<!DOCTYPE rdf:RDF PUBLIC '-//X//DTD' 'http://x.example/rss.dtd'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>
<channel rdf:about='http://old.example/'><title>RDF</title><link>http://old.example/</link><description>d</description></channel>
<item rdf:about='http://old.example/1'><title>One</title><link>http://old.example/1</link><description>x</description>
<dc:date>2026-11-25T10:00+01:00</dc:date><dc:creator>Bo</dc:creator></item></rdf:RDF>",
        &expect![[r"
            RDF
            2026-11-25T09:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom'><id>http://old.example/1</id><title>One</title><published>2026-11-25T09:00:00Z</published><updated>2026-11-25T09:00:00Z</updated><author><name>Bo</name></author><link rel='alternate' href='http://old.example/1'/><link rel='via' href='https://blog.example/feed'/><content>x</content><source><id>https://blog.example/feed</id><title>RDF</title><updated>2026-11-25T09:00:00Z</updated><author><name>RDF</name></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='http://old.example/'/><subtitle>d</subtitle></source></entry>
        "]],
    );
}

#[test]
fn json_feed() {
    check(
        r#"{"version": "https://jsonfeed.org/version/1.1", "title": "JSON", "home_page_url": "https://blog.example/",
"authors": [{"name": "Ines", "url": "https://ines.example/"}], "language": "de",
"items": [
 {"id": 2, "url": "https://blog.example/2", "external_url": "https://other.example/", "title": "a <b> c",
  "content_html": "<p>Two <a href='x'>x</a></p>", "summary": "Two", "tags": ["sea"],
  "date_published": "2026-11-26T10:00:00+01:00", "date_modified": "2026-11-26T11:00:00+01:00",
  "attachments": [{"url": "https://blog.example/2.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}, {"url": "https://blog.example/3"}]},
 {"id": "https://blog.example/1", "content_text": "One < two"}
]}"#,
        &expect![[r#"
            JSON
            undated
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><id>https://blog.example/1</id><title/><author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='alternate' href='https://blog.example/1'/><link rel='via' href='https://blog.example/feed'/><content>One &lt; two</content><source><id>https://blog.example/feed</id><title>JSON</title><author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='https://blog.example/'/></source></entry>
            2026-11-26T10:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><id>tag:blog.example,2005:7244db8076ce212317b48e172b96ec32d6eb633c</id><title>a &lt;b&gt; c</title><published>2026-11-26T09:00:00Z</published><updated>2026-11-26T10:00:00Z</updated><author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='alternate' href='https://blog.example/2'/><link rel='related' href='https://other.example/'/><link rel='enclosure' type='audio/mpeg' length='5' href='https://blog.example/2.mp3'/><link rel='enclosure' type='application/octet-stream' href='https://blog.example/3'/><link rel='via' href='https://blog.example/feed'/><category term='sea'/><summary>Two</summary><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Two <a href="https://cdn.blog.example/a/x">x</a></p></div></content><source><id>https://blog.example/feed</id><title>JSON</title><updated>2026-11-26T10:00:00Z</updated><author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='self' href='https://blog.example/feed'/><link rel='alternate' href='https://blog.example/'/></source></entry>
        "#]],
    );
}

#[test]
fn atom_keeps_what_is_beside_it() {
    check(
        "<?xml-stylesheet href='x'?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:a='http://www.w3.org/2005/Atom'
  xmlns:geo='http://www.georss.org/georss' xmlns:media='http://search.yahoo.com/mrss/' xml:base='https://blog.example/b/' xml:lang='fr'>
<title type='html'>Atom &amp;amp; &lt;i&gt;more&lt;/i&gt;</title><id>tag:blog.example,2026:feed</id><updated>2026-11-26T10:00:00Z</updated>
<author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='self' href='/feed'/><link href='/'/>
<entry><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>T<b>wo</b></div></title><id>tag:blog.example,2026:2</id>
  <updated>2026-11-26t10:00:00z</updated><link href='2'/><link rel='alternate' href='2b'/><link rel='enclosure' type='audio/mpeg' length='x' href='2.mp3'/>
  <category term='sea' scheme='https://blog.example/tags' label='Sea'/><category scheme='x'/>
  <content type='xhtml' xml:base='c/'><x:div xmlns:x='http://www.w3.org/1999/xhtml'><x:p style='x' onclick='y'>Two<x:br/><x:img src='i.png'/></x:p><svg xmlns='http://www.w3.org/2000/svg'><text>svg</text></svg></x:div></content>
  <geo:point precise='1'>45.2 -71.9</geo:point><media:group><media:title type='plain'>T&amp;T</media:title></media:group></entry>
<a:entry><a:id>not an iri</a:id><a:summary type='html'>&lt;p&gt;One &lt;a href='1'&gt;x&lt;/a&gt;</a:summary>
  <a:published>Wed, 25 Nov 2026 10:00:00 GMT</a:published><a:author><a:email>bo@blog.example</a:email></a:author>
  <a:source><a:id>tag:else.example,2026:feed</a:id><a:title>Else</a:title><a:updated>2026-11-25T10:00:00Z</a:updated></a:source></a:entry>
<entry><id>tag:blog.example,2026:3</id><title>Elsewhere</title><updated>2031-01-01T00:00:00Z</updated><content src='3.pdf' type='application/pdf'/></entry>
</feed>",
        &expect![[r#"
            Atom & more
            undated
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='fr'><id>tag:blog.example,2026:3</id><title>Elsewhere</title><link rel='via' href='https://blog.example/feed'/><summary>Elsewhere</summary><content src='https://blog.example/b/3.pdf' type='application/pdf'/><source><id>tag:blog.example,2026:feed</id><title>Atom &amp; more</title><updated>2026-11-26T10:00:00Z</updated><author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='self' href='https://blog.example/feed'/><link href='https://blog.example/'/></source></entry>
            2026-11-25T10:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='fr'><id>tag:blog.example,2005:bf089792e3de222f0ef853c24ba86e51a899d0d6</id><title/><published>2026-11-25T10:00:00Z</published><updated>2026-11-25T10:00:00Z</updated><author><name>bo@blog.example</name><email>bo@blog.example</email></author><summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>One <a href="https://blog.example/b/1">x</a></p></div></summary><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>One <a href="https://blog.example/b/1">x</a></p></div></content><a:source xmlns='http://www.w3.org/2005/Atom' xmlns:a='http://www.w3.org/2005/Atom' xmlns:geo='http://www.georss.org/georss' xmlns:media='http://search.yahoo.com/mrss/'><a:id>tag:else.example,2026:feed</a:id><a:title>Else</a:title><a:updated>2026-11-25T10:00:00Z</a:updated></a:source></entry>
            2026-11-26T10:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom' xml:lang='fr'><id>tag:blog.example,2026:2</id><title>Two</title><published>2026-11-26T10:00:00Z</published><updated>2026-11-26T10:00:00Z</updated><link href='https://blog.example/b/2'/><link rel='enclosure' type='audio/mpeg' href='https://blog.example/b/2.mp3'/><link rel='via' href='https://blog.example/feed'/><category term='sea' scheme='https://blog.example/tags' label='Sea'/><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Two<br/><img src="https://blog.example/b/c/i.png"/></p></div></content><source><id>tag:blog.example,2026:feed</id><title>Atom &amp; more</title><updated>2026-11-26T10:00:00Z</updated><author><name>Ines</name><uri>https://ines.example/</uri></author><link rel='self' href='https://blog.example/feed'/><link href='https://blog.example/'/></source><geo:point xmlns='http://www.w3.org/2005/Atom' xmlns:a='http://www.w3.org/2005/Atom' xmlns:geo='http://www.georss.org/georss' xmlns:media='http://search.yahoo.com/mrss/' precise='1'>45.2 -71.9</geo:point><media:group xmlns='http://www.w3.org/2005/Atom' xmlns:a='http://www.w3.org/2005/Atom' xmlns:geo='http://www.georss.org/georss' xmlns:media='http://search.yahoo.com/mrss/'><media:title type='plain'>T&amp;T</media:title></media:group></entry>
        "#]],
    );
}

#[test]
fn complete_feeds_and_tombstones() {
    check(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0'
  xmlns:at='http://purl.org/atompub/tombstones/1.0'><fh:complete/><title>List</title><id>tag:blog.example,2026:list</id>
<at:deleted-entry ref='tag:blog.example,2026:9' when='2026-11-26T09:00:00Z'><at:comment>x</at:comment></at:deleted-entry>
<at:deleted-entry ref='tag:blog.example,2026:8'/>
<entry><id>tag:blog.example,2026:1</id><title>Old</title><updated>2026-11-24T10:00:00Z</updated><link href='https://blog.example/1'/></entry>
<entry><id>tag:blog.example,2026:1</id><title>New</title><updated>2026-11-25T10:00:00Z</updated><link href='https://blog.example/1'/></entry>
</feed>",
        &expect![[r"
            List (complete)
            2026-11-25T10:00:00Z
            <entry xmlns='http://www.w3.org/2005/Atom'><id>tag:blog.example,2026:1</id><title>New</title><published>2026-11-25T10:00:00Z</published><updated>2026-11-25T10:00:00Z</updated><link href='https://blog.example/1'/><link rel='via' href='https://blog.example/feed'/><source><id>tag:blog.example,2026:list</id><title>List</title><updated>2026-11-25T10:00:00Z</updated><author><name>List</name></author><link rel='self' href='https://blog.example/feed'/></source></entry>
            deleted tag:blog.example,2026:9 2026-11-26T09:00:00Z
        "]],
    );
}

#[test]
fn charsets_entities_and_blanks() {
    let rss = |title: &str| {
        format!(
            "<rss version='2.0'><channel><title>{title}</title><item><guid>urn:x:1</guid><title>{title}</title></item></channel></rss>"
        )
    };
    let latin1: Vec<u8> = rss("Caf\u{e9}").chars().map(|c| c as u8).collect();
    let utf16 = [vec![0xff, 0xfe], rss("Café").encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let cases = [
        (latin1, Some("application/rss+xml; charset=ISO-8859-1"), "Café"),
        (utf16, Some("text/xml"), "Café"),
        (rss("Caf&eacute;&nbsp;x").into_bytes(), None, "Café x"),
        (
            format!("\n\n  <?xml version='1.0' encoding='utf-8'?>{}", rss("Café")).into_bytes(),
            Some("text/html"),
            "Café",
        ),
        (rss("AT&T").into_bytes(), Some("text/plain"), "AT&T"),
        (rss("a\u{b}b").into_bytes(), None, "ab"),
    ];
    for (bytes, content_type, title) in cases {
        let document = document(&bytes, content_type).unwrap();
        assert_eq!(document.title, title);
        assert_eq!(document.entries.len(), 1);
    }
}

#[test]
fn what_is_no_feed_is_refused() {
    let laughs = "<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><rss version='2.0'><channel><title>&b;</title></channel></rss>";
    let deep = format!("<rss version='2.0'><channel>{}</channel></rss>", "<a>".repeat(100));
    let json = |inside: &str| format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"_x\":[{inside}]}}");
    let many = |value: &str| json(&format!("{value},").repeat(FEED_ELEMENTS_MAX));
    // In a string they are no values.
    let words = json(&format!("\"{}\"", "[{,:\\\"".repeat(FEED_ELEMENTS_MAX)));
    assert!(document(words.as_bytes(), None).is_ok());
    let cases = [
        (laughs, Unreadable::Doctype),
        (&deep, Unreadable::TooMuch),
        (&*many("0"), Unreadable::TooMuch),
        (&*many("{\"\":\"\"}"), Unreadable::TooMuch),
        ("<html><body>Not found</body></html>", Unreadable::NotAFeed),
        ("<!DOCTYPE html><html/>", Unreadable::NotAFeed),
        ("{\"error\": 1}", Unreadable::NotAFeed),
        ("", Unreadable::NotAFeed),
        ("plain text", Unreadable::NotAFeed),
    ];
    for (feed, expected) in cases {
        let shown = &feed[..feed.len().min(80)];
        assert_eq!(document(feed.as_bytes(), None), Err(expected), "{shown}");
    }
    for malformed in ["{\"version\":", "<rss version='2.0'><channel><title>x</channel></rss>"] {
        assert!(matches!(document(malformed.as_bytes(), None), Err(Unreadable::Malformed(_))), "{malformed}");
    }
}

#[test]
fn what_is_said_counts_and_not_how() {
    let print = |inside: &str| {
        let feed = format!(
            "<rss version='2.0'><channel><title>x</title><item><guid>urn:x:1</guid>{inside}</item></channel></rss>"
        );
        document(feed.as_bytes(), None).unwrap().entries[0].print
    };
    let first = print(
        "<title>a b</title><link>https://x.example/?id=1</link><pubDate>Wed, 25 Nov 2026 10:00:00 GMT</pubDate>",
    );
    for same in [
        "<title>a   b</title><link>https://x.example/?id=1</link>",
        "<title>a b</title><link>https://x.example/?id=1&amp;utm_source=rss&amp;utm_medium=feed</link>",
        "<title>a b</title><link>https://x.example/?utm_source=rss&amp;id=1</link><pubDate>Wed, 25 Nov 2026 10:00:01 GMT</pubDate>",
    ] {
        assert_eq!(print(same), first, "{same}");
    }
    for other in [
        "<title>a c</title><link>https://x.example/?id=1</link>",
        "<title>a b</title><link>https://x.example/?id=2</link>",
        "<title>a b</title><link>https://x.example/?id=1</link><description>x</description>",
    ] {
        assert_ne!(print(other), first, "{other}");
    }
}

#[test]
fn the_newest_entries_are_read_oldest_first() {
    let item = |n: u32| format!("<item><guid>urn:x:{n}</guid><title>{n}</title></item>");
    let items: String = (0..400).rev().map(item).collect();
    let feed = format!("<rss version='2.0'><channel><title>x</title>{items}</channel></rss>");
    let entries = document(feed.as_bytes(), None).unwrap().entries;
    let ids: Vec<_> = entries.into_iter().map(|entry| entry.id).collect();
    assert_eq!((ids.len(), ids[0].as_str(), ids[299].as_str()), (300, "urn:x:100", "urn:x:399"));
}

#[test]
fn what_is_very_long_is_cut_down() {
    let long = "word ".repeat(60_000);
    let beside = format!("<x:a xmlns:x='urn:x'>{long}</x:a>");
    let entry = |inside: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><entry><id>urn:x:1</id><title>One</title><summary>Short</summary>{inside}</entry></feed>"
        )
    };
    for inside in [format!("<content>{long}</content>"), beside.clone(), beside.repeat(40)] {
        let document = document(entry(&inside).as_bytes(), None).unwrap();
        let xml = &document.entries[0].xml;
        assert!(xml.len() < 2048 && xml.contains("Short"), "{} bytes", xml.len());
    }
}

/// HTML that is made to be slow is not read to its end, and neither is the feed.
#[test]
fn nobody_waits_for_slow_html() {
    let feed = |description: &str| {
        let item = format!("<item><guid>urn:x:1</guid><description>{description}</description></item>");
        format!("<rss version='2.0'><channel><title>x</title>{item}</channel></rss>")
    };
    let looked_at = |description: &str, looks: u32| {
        let left = Cell::new(looks);
        let go_on = || {
            left.set(left.get().saturating_sub(1));
            left.get() > 0
        };
        let (url, now) = (FEED.parse().unwrap(), Timestamp(0));
        let origin = Origin { feed: &url, url: &url, content_type: None, now };
        read(feed(description).as_bytes(), origin, &go_on)
    };
    let slow = "<table>x".repeat(40_000).replace('<', "&lt;");
    assert_eq!(looked_at(&slow, 50), Err(Unreadable::TooSlow));
    assert!(looked_at("x", 50).is_ok());
    // What is only too deep for an entry has words all the same.
    for unit in ["<div>", "<b><i>", "<ul><li>"] {
        let deep = format!("{}words", unit.repeat(100)).replace('<', "&lt;");
        let entries = looked_at(&deep, 50).unwrap().entries;
        assert!(entries[0].xml.contains("<content>words</content>"), "{unit}: {}", entries[0].xml);
    }
}

#[test]
fn nothing_acts() {
    let payloads = [
        "<script>alert(1)</script>x",
        "<img src=x onerror=alert(1)>x",
        "<svg/onload=alert(1)>x",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe src='https://evil.example/'></iframe>x",
        "<object data='x'></object><embed src='x'>x",
        "<form action='https://evil.example/'><input name='password'></form>x",
        "<style>@import 'https://evil.example/'</style>x",
        "<p style='background:url(https://evil.example/)'>x</p>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>x",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>x",
        "<meta http-equiv='refresh' content='0;url=https://evil.example/'><base href='https://evil.example/'>x",
        "<!--[if IE]><script>alert(1)</script><![endif]-->x",
        "]]&gt;<script>alert(1)</script>x",
        "<div xmlns='http://www.w3.org/2005/Atom'></div></div></content><id>urn:x:2</id>x",
    ];
    for payload in payloads {
        let cdata = payload.replace("]]>", "]]&gt;");
        let escaped = payload.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        let rss = format!(
            "<rss version='2.0'><channel><title>x</title><item><guid>urn:x:1</guid><title>{escaped}</title><description><![CDATA[{cdata}]]></description></item></channel></rss>"
        );
        let atom = format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><entry><id>urn:x:1</id><title type='html'>{escaped}</title><summary type='html'>{escaped}</summary><content type='html'>{escaped}</content></entry></feed>"
        );
        let json = format!(
            "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"x\",\"items\":[{{\"id\":\"urn:x:1\",\"content_html\":{}}}]}}",
            serde_json::Value::from(payload)
        );
        for feed in [rss, atom, json] {
            let document = document(feed.as_bytes(), None).unwrap();
            assert_eq!(document.entries.len(), 1, "{feed}");
            let xml = &document.entries[0].xml;
            let tree = Tree::parse(Bytes::from(xml.clone()), &Limits::default()).expect(xml);
            assert_eq!(Entry::read(tree.root()).unwrap().id.as_deref(), Some("urn:x:1"), "{xml}");
            let mut open = vec![tree.root()];
            while let Some(element) = open.pop() {
                let name = element.name();
                assert!(
                    !["script", "iframe", "object", "embed", "form", "input", "style", "meta", "base", "svg"]
                        .contains(&name),
                    "{xml}"
                );
                for attr in element.attrs() {
                    let value = attr.value.replace(char::is_whitespace, "").to_lowercase();
                    assert!(!attr.name.starts_with("on") && attr.name != "style", "{xml}");
                    assert!(!value.starts_with("javascript:") && !value.starts_with("data:"), "{xml}");
                }
                open.extend(element.children());
            }
        }
    }
}
