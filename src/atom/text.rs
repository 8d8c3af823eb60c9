//! The text of a text construct or a content (RFC 4287, 3.1 and 4.1.3), without its markup.

use std::borrow::Cow;

use crate::xml::{Element, Node};

/// Elements that are inside a word or a line; all others end it.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];
/// Elements whose content is no text.
const HIDDEN: &[&str] = &["script", "style"];

/// What is there to be read, by the lines that a reader would see; nothing where the content is binary.
pub(super) fn plain(construct: Element<'_>) -> String {
    let media = construct.attr("type").unwrap_or("text").split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    match media.as_str() {
        "html" | "text/html" => html(&joined(&construct.deep_text())),
        "text" => markup(construct, |text| Cow::Borrowed(text)),
        _ if media.starts_with("text/") => markup(construct, |text| Cow::Borrowed(text)),
        "xhtml" => markup(construct, joined),
        _ if media.ends_with("/xml") || media.ends_with("+xml") => markup(construct, joined),
        _ => String::new(),
    }
}

/// Source in which a line break is as good as a space.
fn joined(source: &str) -> Cow<'_, str> {
    if source.contains('\n') { Cow::Owned(source.replace('\n', " ")) } else { Cow::Borrowed(source) }
}

/// The text inside an element, with a line break where an element begins or ends that ends a line.
fn markup(construct: Element<'_>, read: fn(&str) -> Cow<'_, str>) -> String {
    let mut text = String::new();
    let mut open = vec![(construct.nodes(), "")];
    while let Some((nodes, end)) = open.last_mut() {
        match nodes.next() {
            Some(Node::Text(piece)) => text.push_str(&read(piece)),
            Some(Node::Element(child)) if !HIDDEN.contains(&child.name()) => {
                let around = if INLINE.contains(&child.name()) { "" } else { "\n" };
                text.push_str(around);
                open.push((child.nodes(), around));
            }
            Some(Node::Element(_)) => {}
            None => {
                text.push_str(end);
                open.pop();
            }
        }
    }
    text
}

/// The text of HTML, which need not be well-formed.
pub fn html(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once('<') {
        html_escape::decode_html_entities_to_string(before, &mut text);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            text.push('<');
            rest = tag;
            continue;
        }
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = inside.trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if !INLINE.contains(&name.as_str()) {
            text.push('\n');
        }
        let is_hidden = HIDDEN.contains(&name.as_str()) && !inside.starts_with('/') && !inside.ends_with('/');
        rest = if is_hidden { behind(after, &name) } else { after };
    }
    html_escape::decode_html_entities_to_string(rest, &mut text);
    text
}

/// What follows from the end tag on.
fn behind<'a>(source: &'a str, name: &str) -> &'a str {
    let is_end = |at: usize| {
        let end = source.get(at + 2..at + 2 + name.len());
        end.is_some_and(|end| end.eq_ignore_ascii_case(name))
    };
    let end = source.match_indices("</").map(|(at, _)| at).find(|at| is_end(*at));
    end.and_then(|at| source.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::xml::{Limits, Tree};

    #[test]
    fn markup_goes_and_words_stay_apart() {
        let cases = [
            ("<t>a &lt;b&gt; c</t>", "a <b> c"),
            (
                "<t type='html'>&lt;p&gt;one&lt;/p&gt;&lt;P class='x'&gt;two&lt;br/&gt;three</t>",
                "one two three",
            ),
            ("<t type='html'>&lt;b&gt;W&lt;/b&gt;ord &lt;EM&gt;x&lt;/EM&gt;</t>", "Word x"),
            (
                "<t type='html'>M&amp;auml;rz &amp;#8211; Apr&amp;#xED;l &amp;amp;lt; &amp;nbsp;x</t>",
                "März – Apríl &lt; x",
            ),
            (
                "<t type='html'>a &lt; b, 1&lt;2 &amp;amp; c &lt;!-- p > q --&gt;d &lt;i</t>",
                "a < b, 1<2 & c d",
            ),
            (
                "<t type='html'>a&lt;script&gt;if (x &lt; y) &lt;/p&gt;&lt;/SCRIPT&gt;b&lt;style&gt;c</t>",
                "a b",
            ),
            ("<t type='text/html;charset=utf-8'>&lt;p&gt;x</t>", "x"),
            (
                "<t type='xhtml'><div><p>one</p><p>t<i>w</i>o</p><style>p</style><hr/>three</div></t>",
                "one two three",
            ),
            ("<t type='application/x+xml'><a><c>one</c><c>two</c></a></t>", "one two"),
            ("<t type='text/plain'>x &lt;p&gt;</t>", "x <p>"),
            ("<t type='image/png'>iVBORw0KGgo=</t>", ""),
            ("<t src='http://a/b' type='image/png'/>", ""),
        ];
        for (source, expected) in cases {
            let tree = Tree::parse(source.to_owned().into(), &Limits::default()).unwrap();
            let text = plain(tree.root());
            assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{source}");
        }
    }
}
