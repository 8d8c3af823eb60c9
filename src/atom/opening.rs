//! The first line of a text: what an entry without a title is called.

use crate::limits::{TITLE_CHARS_MAX, TITLE_SOURCE_CHARS_MAX};
use crate::xml::{Element, Node, Nodes};

use super::construct::Kind;
use super::summary::references_read;

/// Elements of HTML within a line; all others begin a new one.
const WITHIN_LINES: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
];

/// The first line of a content or summary that is not empty, or its beginning.
pub(super) fn first_line(element: Element<'_>) -> Option<String> {
    let kind = match (Kind::of(element), element.attr("type")) {
        (Kind::Written, Some(media)) if media.starts_with("text/html") => Kind::Html,
        (Kind::Written, Some(media)) if media.starts_with("text/") => Kind::Text,
        (kind, _) => kind,
    };
    let lines = match kind {
        Kind::Text => beginning(&element.deep_text()).to_owned(),
        Kind::Html => of_html(beginning(&element.deep_text())),
        Kind::Xhtml => of_xhtml(element),
        Kind::Written | Kind::Binary | Kind::Unknown => return None,
    };
    lines.lines().map(words).find(|line| !line.is_empty()).map(shortened)
}

/// What is looked at of a long text.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(TITLE_SOURCE_CHARS_MAX).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}

/// HTML as lines of text.
fn of_html(html: &str) -> String {
    let mut lines = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        // A line break in the source of HTML is a space.
        lines.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if !WITHIN_LINES.contains(&name.as_str()) {
            lines.push('\n');
        }
        rest = after;
    }
    lines.extend(rest.chars().map(|c| if c == '\n' { ' ' } else { c }));
    references_read(&lines)
}

/// XHTML as lines of text, as far as the end of the first.
fn of_xhtml(element: Element<'_>) -> String {
    let mut lines = String::new();
    let mut levels: Vec<(Nodes<'_>, bool)> = vec![(element.nodes(), false)];
    while let Some((nodes, is_line)) = levels.last_mut() {
        match nodes.next() {
            Some(Node::Text(text)) => {
                lines.extend(beginning(text).chars().map(|c| if c == '\n' { ' ' } else { c }));
            }
            Some(Node::Element(inside)) => {
                let is_line = !WITHIN_LINES.contains(&inside.name());
                if is_line && ends(&mut lines) {
                    break;
                }
                levels.push((inside.nodes(), is_line));
            }
            None => {
                let is_over = *is_line && ends(&mut lines);
                levels.pop();
                if is_over {
                    break;
                }
            }
        }
    }
    lines
}

/// Ends a line; whether there is anything on it.
fn ends(lines: &mut String) -> bool {
    if lines.trim().is_empty() {
        lines.clear();
        return false;
    }
    true
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As many words as a title has, or the beginning of a very long one.
fn shortened(line: String) -> String {
    if line.chars().nth(TITLE_CHARS_MAX).is_none() {
        return line;
    }
    let end = line.char_indices().nth(TITLE_CHARS_MAX - 1).map_or(line.len(), |(end, _)| end);
    let beginning = line.get(..end).unwrap_or(&line);
    let whole = beginning.rsplit_once(' ').map_or(beginning, |(whole, _)| whole);
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::first_line;
    use crate::xml::{Limits, Tree};

    #[test]
    fn the_first_line_is_what_people_would_read_as_one() {
        let long = "word ".repeat(40);
        let endless = "x".repeat(200);
        let cases = [
            ("", "\n\n  One   line \nAnother", Some("One line")),
            ("type='text'", "a &lt;b&gt; c", Some("a <b> c")),
            (
                "type='html'",
                "&lt;h1&gt;A &lt;b&gt;b&lt;/b&gt;old\n&amp;amp; c&lt;/h1&gt;&lt;p&gt;d",
                Some("A bold & c"),
            ),
            ("type='text/html'", "&lt;p&gt;&lt;img src='x'/&gt;&lt;/p&gt;&lt;p&gt;d&lt;/p&gt;", Some("d")),
            ("type='text/markdown'", "# A\n\nb", Some("# A")),
            (
                "type='xhtml'",
                "\n <div xmlns='http://www.w3.org/1999/xhtml'><hr/><p>Hi <b>a<i>l</i></b>l,\nyou</p><p>not</p></div>",
                Some("Hi all, you"),
            ),
            ("type='xhtml'", "<div xmlns='http://www.w3.org/1999/xhtml'>a<br/>b</div>", Some("a")),
            ("type='image/png'", "iVBORw0KGgo=", None),
            ("type='application/xml'", "<a xmlns=''>b</a>", None),
            ("src='http://a.example' type='text/plain'", "", None),
            ("", &long, Some(&*format!("{}…", "word ".repeat(23).trim_end()))),
            ("", &endless, Some(&*format!("{}…", "x".repeat(119)))),
            ("", &"😀".repeat(120), Some(&*"😀".repeat(120))),
        ];
        for (attrs, inner, expected) in cases {
            let xml = format!("<content xmlns='http://www.w3.org/2005/Atom' {attrs}>{inner}</content>");
            let tree = Tree::parse(Bytes::from(xml.clone()), &Limits::default()).unwrap();
            assert_eq!(first_line(tree.root()).as_deref(), expected, "{xml}");
        }
    }
}
