//! Markup that does nothing to whoever reads it: HTML and XHTML as entries hold it, made harmless.

use std::io::{self, Read};
use std::sync::LazyLock;

use ammonia::{Builder, Url, UrlRelative};

use crate::atom::{XHTML_NS, XML_NS};
use crate::limits::HTML_PIECE_BYTES;
use crate::xml::write::{escape_attr, escape_text};
use crate::xml::{Element, Limits, Node, Tree};

/// Elements of HTML that have no content and no end tag.
pub(super) const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// HTML without what runs, loads or looks like something else. Where relative links lead is only known with a base.
/// Nothing where reading it took longer than the caller has patience for, and where it is too deep for an entry.
pub(super) fn harmless(html: &str, base: Option<&Url>, go_on: &dyn Fn() -> bool) -> Option<String> {
    static WITHOUT_BASE: LazyLock<Builder<'static>> = LazyLock::new(|| builder(UrlRelative::Deny));
    let html = match base {
        None => clean(&WITHOUT_BASE, html, go_on),
        Some(base) => clean(&builder(UrlRelative::RewriteWithBase(base.clone())), html, go_on),
    }?;
    to_xhtml(&html).is_some().then_some(html)
}

/// The same for an entry that is yet to be published, as a `div` of XHTML. What its links are worth, those say who show them.
pub(crate) fn harmless_xhtml(html: &str, base: &Url, go_on: &dyn Fn() -> bool) -> Option<String> {
    let mut builder = builder(UrlRelative::RewriteWithBase(base.clone()));
    to_xhtml(&clean(builder.link_rel(None), html, go_on)?)
}

fn clean(builder: &Builder<'_>, html: &str, go_on: &dyn Fn() -> bool) -> Option<String> {
    let pieces = Pieces { rest: html.as_bytes(), go_on };
    Some(builder.clean_from_reader(pieces).ok()?.to_string())
}

/// HTML, handed out in pieces as long as there is patience. Reading some of it takes time that grows with the square of its
/// length, in more ways than one can list: what is nested, what is in the wrong place in a table, what has many attributes.
struct Pieces<'a> {
    rest: &'a [u8],
    go_on: &'a dyn Fn() -> bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !(self.go_on)() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let room = buffer.len().min(HTML_PIECE_BYTES);
        self.rest.read(buffer.get_mut(..room).unwrap_or_default())
    }
}

fn builder(relative: UrlRelative<'static>) -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .link_rel(Some("nofollow ugc noopener noreferrer"))
        .add_tags(["audio", "video", "source"])
        .add_tag_attributes("audio", ["src", "controls"])
        .add_tag_attributes("video", ["src", "controls", "poster", "width", "height"])
        .add_tag_attributes("source", ["src", "type"])
        .set_tag_attribute_value("audio", "controls", "")
        .set_tag_attribute_value("video", "controls", "")
        .url_relative(relative);
    builder
}

/// What is inside an element of XHTML, as HTML that is yet to be made harmless.
pub(crate) fn of_xhtml(outer: Element<'_>) -> String {
    let mut html = String::with_capacity(outer.raw().len());
    let mut open = vec![(outer.nodes(), None)];
    while let Some((nodes, name)) = open.last_mut() {
        match nodes.next() {
            Some(Node::Text(text)) => escape_text(&mut html, text),
            Some(Node::Element(child)) if child.ns() == XHTML_NS => {
                let name = start(&mut html, child);
                open.push((child.nodes(), name));
            }
            // Pictures, formulas and the like are something else to a parser of HTML.
            Some(Node::Element(_)) => {}
            None => {
                if let Some(name) = name {
                    html.push_str("</");
                    html.push_str(name);
                    html.push('>');
                }
                open.pop();
            }
        }
    }
    html
}

/// Writes a start tag, and gives the name for the end tag, if there is to be one.
fn start<'a>(html: &mut String, element: Element<'a>) -> Option<&'a str> {
    let name = element.name();
    if !is_plain(name) {
        return None;
    }
    html.push('<');
    html.push_str(name);
    for attr in element.attrs().filter(|attr| is_plain(attr.name)) {
        let is_language = attr.ns == XML_NS && attr.name == "lang";
        if attr.ns.is_empty() || is_language {
            html.push(' ');
            html.push_str(attr.name);
            html.push_str("=\"");
            escape_attr(html, attr.value);
            html.push('"');
        }
    }
    html.push('>');
    (!VOID.contains(&name)).then_some(name)
}

fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Harmless HTML as a `div` of XHTML; nothing where it is no XML whatever one does.
pub(super) fn to_xhtml(html: &str) -> Option<String> {
    let mut xml = format!("<div xmlns='{XHTML_NS}'>");
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        xml.push_str(&text.replace("&nbsp;", "&#160;"));
        let end = end_of_tag(tag)?;
        let (inside, after) = tag.split_at_checked(end)?;
        xml.push('<');
        xml.push_str(&inside.replace("&nbsp;", "&#160;").replace('<', "&lt;"));
        let name = inside.split(' ').next().unwrap_or_default();
        xml.push_str(if VOID.contains(&name) { "/>" } else { ">" });
        rest = after.strip_prefix('>')?;
    }
    xml.push_str(&rest.replace("&nbsp;", "&#160;"));
    xml.push_str("</div>");
    let limits = Limits::default();
    Tree::parse(xml.clone().into(), &limits).is_ok().then_some(xml)
}

/// Where the `>` is that ends a tag: not one in the value of an attribute.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut in_value = false;
    tag.char_indices().find_map(|(at, c)| {
        in_value ^= c == '"';
        (c == '>' && !in_value).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use ammonia::Url;

    use super::{harmless, of_xhtml, to_xhtml};
    use crate::xml::{Limits, Tree};

    #[test]
    fn nothing_that_runs_or_loads_is_left() {
        let cases = [
            ("<p onclick='x()'>Hi <b>all</b></p>", "<p>Hi <b>all</b></p>"),
            ("a<script>alert(1)</script>b", "ab"),
            ("<style>p{}</style><p style='x'>a</p>", "<p>a</p>"),
            ("<iframe src='https://a.example'></iframe>b", "b"),
            ("<object data='a'>b</object><embed src='c'>", "b"),
            ("<form action='/x'><input name='a'><button>b</button></form>", "b"),
            ("<a href='javascript:alert(1)'>a</a>", "<a rel=\"nofollow ugc noopener noreferrer\">a</a>"),
            ("<a href='data:text/html,x'>a</a>", "<a rel=\"nofollow ugc noopener noreferrer\">a</a>"),
            ("<a href='relative'>a</a>", "<a rel=\"nofollow ugc noopener noreferrer\">a</a>"),
            (
                "<a href='https://a.example/' target='_top'>a</a>",
                "<a href=\"https://a.example/\" rel=\"nofollow ugc noopener noreferrer\">a</a>",
            ),
            ("<img src=x onerror=alert(1)>", "<img>"),
            (
                "<img src='https://a.example/1.png' alt='one'>",
                "<img src=\"https://a.example/1.png\" alt=\"one\">",
            ),
            ("<svg><script>alert(1)</script></svg>", ""),
            ("<math><mi xlink:href='javascript:x'>a</mi></math>", ""),
            ("<base href='https://evil.example/'><meta http-equiv='refresh' content='0'>x", "x"),
            ("<p>unclosed <b>and <i>nested", "<p>unclosed <b>and <i>nested</i></b></p>"),
            ("<!-- a -->b<!doctype html>", "b"),
            (
                "<video src='https://a.example/1.webm' autoplay>",
                "<video src=\"https://a.example/1.webm\" controls=\"\"></video>",
            ),
        ];
        for (html, expected) in cases {
            assert_eq!(harmless(html, None, &|| true).as_deref(), Some(expected), "{html}");
        }
        let base = Url::parse("https://a.example/b/").ok();
        let picture = harmless("<img src='c.png'>", base.as_ref(), &|| true);
        assert_eq!(picture.as_deref(), Some("<img src=\"https://a.example/b/c.png\">"));
    }

    #[test]
    fn xhtml_becomes_html_and_back() {
        let xhtml = "<d xmlns='http://www.w3.org/1999/xhtml' xmlns:h='http://www.w3.org/1999/xhtml'><p/><h:p \
            class='a&quot;b'>1 &lt; 2<br/>&#160;x</h:p><svg xmlns='http://www.w3.org/2000/svg'><p>y</p></svg></d>";
        let tree = Tree::parse(xhtml.into(), &Limits::default()).unwrap();
        let html = of_xhtml(tree.root());
        assert_eq!(html, "<p></p><p class=\"a&quot;b\">1 &lt; 2<br>\u{a0}x</p>");
        let harmless = harmless(&html, None, &|| true).unwrap();
        assert_eq!(harmless, "<p></p><p>1 &lt; 2<br>&nbsp;x</p>");
        let expected = "<div xmlns='http://www.w3.org/1999/xhtml'><p></p><p>1 &lt; 2<br/>&#160;x</p></div>";
        assert_eq!(to_xhtml(&harmless).as_deref(), Some(expected));
        assert_eq!(to_xhtml("a\u{1}b"), None);
    }

    #[test]
    fn what_takes_too_long_is_not_read_further() {
        let pieces = |html: &str| {
            let looks = Cell::new(0);
            let go_on = || {
                looks.set(looks.get() + 1);
                looks.get() <= 100
            };
            harmless(html, None, &go_on).map(|_| looks.get())
        };
        assert!(pieces(&"<b>a</b>".repeat(5_000)).is_some_and(|looks| looks > 5));
        assert_eq!(pieces(&"<table>x".repeat(50_000)), None);
    }
}
