//! How deep the elements of HTML are nested, at most: looked at before it is really read, because reading takes time
//! that grows with the number of elements times their depth; and where there are tables, whose stray contents are moved
//! out one by one, with the square of their number.
//!
//! Whatever a real reader makes of broken HTML, its elements are not nested deeper than here: every start tag counts, and
//! an end tag only takes back the innermost element, together with those inside that it ends by itself.

use super::html::VOID;
use crate::limits::{HTML_DEPTH_MAX, HTML_TAGS_BESIDE_TABLES_MAX};

/// Elements that end where another one of the same group begins, or the one around them ends.
const ENDED: &[&[&str]] = &[
    &["p"],
    &["li"],
    &["dt", "dd"],
    &["td", "th"],
    &["tr"],
    &["tbody", "thead", "tfoot"],
    &["option"],
    &["rt", "rp"],
];

/// Whether elements are not nested too deeply.
pub(super) fn is_shallow(html: &str) -> bool {
    // In pictures and formulas, it would be something else than everywhere else.
    if html.contains("<![CDATA[") {
        return false;
    }
    let mut open: Vec<String> = Vec::new();
    let (mut tags, mut has_tables) = (0, false);
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let is_end = tag.starts_with('/');
        let named = tag.strip_prefix('/').unwrap_or(tag);
        if !named.starts_with(|c: char| c.is_ascii_alphabetic()) {
            rest = after_no_tag(tag);
            continue;
        }
        let end = named.find(|c: char| c.is_ascii_whitespace() || "/>".contains(c)).unwrap_or(named.len());
        let (name, attributes) = named.split_at_checked(end).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        rest = after_attributes(attributes);
        tags += 1;
        has_tables |= name == "table";
        if is_end {
            close(&mut open, &name);
        } else if !VOID.contains(&name.as_str()) {
            if open.last().is_some_and(|last| is_ended_by(last, &name)) {
                open.pop();
            }
            open.push(name);
        }
        if open.len() > HTML_DEPTH_MAX || has_tables && tags > HTML_TAGS_BESIDE_TABLES_MAX {
            return false;
        }
    }
    true
}

/// Ends an element, and those inside it that end with it; nothing where there is another one between.
fn close(open: &mut Vec<String>, name: &str) {
    let inner = open.iter().rev().take_while(|inner| *inner != name && group(inner).is_some()).count();
    let at = open.len().checked_sub(inner + 1);
    if let Some(at) = at.filter(|at| open.get(*at).is_some_and(|found| found == name)) {
        open.truncate(at);
    }
}

fn group(name: &str) -> Option<&'static [&'static str]> {
    ENDED.iter().copied().find(|group| group.contains(&name))
}

fn is_ended_by(last: &str, next: &str) -> bool {
    group(last).is_some_and(|group| group.contains(&next))
}

/// What follows a `<` that begins no tag: text, or a comment.
fn after_no_tag(tag: &str) -> &str {
    let Some(comment) = tag.strip_prefix("!--") else {
        let is_comment = tag.starts_with(['!', '?', '/']);
        return if is_comment { tag.split_once('>').map_or("", |(_, after)| after) } else { tag };
    };
    if let Some(after) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
        return after;
    }
    let after = |(at, _): (usize, &str)| {
        let after = comment.get(at + 2..)?;
        after.strip_prefix('>').or_else(|| after.strip_prefix("!>"))
    };
    // Three dashes are two pairs.
    let pairs = comment.char_indices().map(|(at, _)| (at, comment.get(at..).unwrap_or_default()));
    pairs.filter(|(_, rest)| rest.starts_with("--")).find_map(after).unwrap_or_default()
}

/// What follows a tag, of which this is what stands after the name.
fn after_attributes(mut rest: &str) -> &str {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return after;
        }
        // A name may begin with an equals sign.
        let from = rest.chars().next().map_or(0, char::len_utf8);
        let name_end =
            rest.get(from..).unwrap_or_default().find(|c: char| c.is_ascii_whitespace() || "/>=".contains(c));
        let Some(name_end) = name_end else { return "" };
        rest = rest.get(from + name_end..).unwrap_or_default();
        let value = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(value) = value.strip_prefix('=') else { continue };
        let value = value.trim_start_matches(|c: char| c.is_ascii_whitespace());
        rest = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let value = value.get(1..).unwrap_or_default();
                value.split_once(quote).map_or("", |(_, after)| after)
            }
            Some(_) => {
                let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len());
                value.get(end..).unwrap_or_default()
            }
            None => "",
        };
    }
}

#[cfg(test)]
mod tests {
    use super::is_shallow;

    /// Many of it, one after the other.
    fn repeated(html: &str) -> bool {
        is_shallow(&html.repeat(500))
    }

    #[test]
    fn what_people_write_is_shallow_however_long_it_is() {
        for html in [
            "",
            "plain &amp; text 1 < 2 <3 < ",
            "<p>one <b>two</b> <a href='https://a.example/?a=1&b=\">'>three</a></p>\n",
            "<p>unclosed\n",
            "<br><img src=a><hr/>",
            "<P>case</p>",
            "<ul><li>one<li>two <b>x</b><ul><li>three</ul></ul>",
            "<table><thead><tr><th>a<th>b<tbody><tr><td>1<td>2<tr><td>3</table>",
            "<table><tr><td>1</td><td>2</td></tr></table>",
            "<dl><dt>a<dd>b<dt>c</dl>",
            "<div><p>a</div>",
            "<!-- <div> --><!--><!---><!doctype html><?php <div> ?>",
            "<a title='</a><div>'>x</a>",
            "<a b'c>x</a>",
            "<a =b=\"<div>\">x</a>",
            "<img alt=\"<div>\"><img alt=<div>",
        ] {
            assert!(repeated(html), "{html}");
        }
        assert!(is_shallow(&"<b>a</b>".repeat(20_000)));
        assert!(is_shallow(&("<div>".repeat(100) + &"</div>".repeat(100))));
    }

    #[test]
    fn what_is_deep_to_a_reader_is_deep() {
        assert!(!is_shallow(&("<table>".to_owned() + &"<b>a</b>".repeat(20_000))));
        for html in [
            "<div>",
            "<b>",
            "<b></p>",
            "<table>x",
            "<div><table></div>",
            "<div><!-- </div> -->",
            "<div><!--></div>--><div>",
            "<div><br title=\"></div>\">",
            "<div><br title='></div>'>",
            "<div><textarea></div></textarea>",
            "<div><svg><![CDATA[></svg></div>]]>",
            "<b><i></b></i>",
            "<div></div x=\"><div>\"><div>",
        ] {
            assert!(!repeated(html), "{html}");
        }
    }
}
