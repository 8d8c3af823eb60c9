//! HTML of strangers, as XHTML that can be shown: nothing in it acts, and it stands in an entry as markup.

use ammonia::{Builder, UrlRelative};
use bytes::Bytes;
use url::Url;

use crate::atom::text::html;
use crate::limits::{FEED_HTML_BYTES_MAX, FEED_HTML_OPEN_MAX};
use crate::xml::write::{escape_attr, escape_text};
use crate::xml::{Element, Limits, Node, Tree};

/// The namespace of XHTML.
pub(super) const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// The elements that have no end tag in HTML.
const VOID: [&str; 12] =
    ["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// The inside of a `div`, of which nothing acts any more; none where nothing is left to see, or it is too much.
pub(super) fn xhtml(source: &str, base: &Url) -> Option<String> {
    if source.len() > FEED_HTML_BYTES_MAX || left_open(source) > FEED_HTML_OPEN_MAX {
        return None;
    }
    let mut builder = Builder::default();
    builder.url_relative(UrlRelative::RewriteWithBase(base.clone())).link_rel(None);
    let clean = well_formed(&builder.clean(source).to_string());
    let div = format!("<div xmlns='{XHTML}'>{clean}</div>");
    let tree = Tree::parse(Bytes::from(div), &Limits::default()).ok()?;
    let shows = |element: Element<'_>| {
        !element.deep_text().trim().is_empty() || clean.contains("<img ") || clean.contains("<hr")
    };
    shows(tree.root()).then_some(clean)
}

/// How many elements are open at most, where each ends by its own end tag alone. Making sense of HTML takes the longer
/// the more it is.
fn left_open(source: &str) -> usize {
    let (mut open, mut most) = (Vec::new(), 0);
    for tag in source.split('<').skip(1) {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let is_open = |known: &&str| known.eq_ignore_ascii_case(name);
        if is_end {
            open.pop_if(|known: &mut &str| is_open(known));
        } else if !VOID.iter().any(is_open) {
            open.push(name);
            most = most.max(open.len());
        }
    }
    most
}

/// What HTML says, in one line of text.
pub(super) fn words(source: &str) -> String {
    let end = (0..=FEED_HTML_BYTES_MAX.min(source.len())).rev().find(|end| source.is_char_boundary(*end));
    let text = html(end.and_then(|end| source.get(..end)).unwrap_or_default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Markup as HTML: what XHTML has, by its local names. All else is only text. The `div` around it is left out.
pub(super) fn of_markup(construct: Element<'_>) -> String {
    let mut out = String::new();
    let div = construct.children().next().filter(|child| child.is("div", XHTML));
    let mut open = vec![(div.unwrap_or(construct).nodes(), None)];
    while let Some((nodes, end)) = open.last_mut() {
        match nodes.next() {
            Some(Node::Text(text)) => escape_text(&mut out, text),
            Some(Node::Element(child)) if child.ns() == XHTML => {
                start_tag(&mut out, child);
                let end = (!VOID.contains(&child.name())).then(|| child.name());
                open.push((child.nodes(), end));
            }
            Some(Node::Element(child)) => open.push((child.nodes(), None)),
            None => {
                if let Some(name) = end {
                    out.extend(["</", name, ">"]);
                }
                open.pop();
            }
        }
    }
    out
}

fn start_tag(out: &mut String, element: Element<'_>) {
    out.extend(["<", element.name()]);
    for attr in element.attrs().filter(|attr| attr.ns.is_empty()) {
        out.extend([" ", attr.name, "=\""]);
        escape_attr(out, attr.value);
        out.push('"');
    }
    out.push('>');
}

/// What the sanitiser writes, as XML: its tags are in order, and its attributes have values in double quotes.
fn well_formed(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        characters(&mut out, text);
        let (tag, after) = tag.split_at_checked(end_of_tag(tag)).unwrap_or((tag, ""));
        rest = after.get(1..).unwrap_or_default();
        out.push('<');
        for (at, part) in tag.split('"').enumerate() {
            if at > 0 {
                out.push('"');
            }
            if at % 2 == 1 { out.push_str(&value(part)) } else { out.push_str(part) }
        }
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        out.push_str(if VOID.contains(&name) { "/>" } else { ">" });
    }
    characters(&mut out, rest);
    out
}

fn end_of_tag(tag: &str) -> usize {
    let mut in_value = false;
    let end = tag.bytes().position(|byte| {
        in_value ^= byte == b'"';
        byte == b'>' && !in_value
    });
    end.unwrap_or(tag.len())
}

fn characters(out: &mut String, text: &str) {
    // The only name that XML does not have among those that the sanitiser writes.
    out.extend(
        text.split("&nbsp;").enumerate().flat_map(|(at, part)| [if at > 0 { "\u{a0}" } else { "" }, part]),
    );
}

fn value(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}").replace('<', "&lt;").replace('>', "&gt;")
}
