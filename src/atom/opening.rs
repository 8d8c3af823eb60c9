//! The first line of a text: what an entry without a title is called.

use crate::limits::TITLE_CHARS_MAX;
use crate::xml::Element;

use super::text::{on_one_line, plain};

/// The first line of a content or summary that is not empty, or its beginning.
pub(super) fn first_line(construct: Element<'_>) -> Option<String> {
    let text = plain(construct);
    let mut lines = text.lines().map(on_one_line);
    lines.find(|line| !line.is_empty()).map(shortened)
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
            ("type='application/xml'", "<a xmlns=''><b>c</b><d>e</d></a>", Some("c")),
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
