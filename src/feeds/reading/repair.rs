//! The XML of feeds as it should be: what is often wrong with it is put right, what could do harm is refused.
//!
//! Nothing stands before the root; there are no comments, no processing instructions and no document type; a name of
//! HTML's stands for its character, a lonely `&` for itself, and characters that XML cannot hold are gone. Tags are
//! bounded in length and number, and how deep they nest.

use super::Unreadable;
use crate::limits::{
    FEED_ELEMENTS_MAX, FEED_REPAIRED_BYTES_MAX, FEED_TAG_ATTRIBUTES_MAX, FEED_TAG_BYTES_MAX, XML_DEPTH_MAX,
};

/// The characters that XML has names for.
const OWN: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];
/// Bytes of the longest name of a character in HTML, and of a number.
const NAME_BYTES: usize = 33;

/// Puts the text of a document right.
pub(super) fn repair(text: &str) -> Result<String, Unreadable> {
    let start = text.find('<').ok_or(Unreadable::NotAFeed)?;
    let mut repair = Repair { out: String::with_capacity(text.len()), depth: 0, elements: 0 };
    repair.document(text.get(start..).unwrap_or_default())?;
    Ok(repair.out)
}

struct Repair {
    out: String,
    depth: usize,
    elements: usize,
}

impl Repair {
    fn document(&mut self, text: &str) -> Result<(), Unreadable> {
        let mut rest = text;
        while let Some((before, markup)) = rest.split_once('<') {
            self.text(before);
            rest = if let Some(section) = markup.strip_prefix("![CDATA[") {
                let (inside, after) = section.split_once("]]>").ok_or(Unreadable::EndsTooEarly)?;
                self.out.push_str("<![CDATA[");
                self.out.extend(inside.chars().filter(|c| is_xml(*c)));
                self.out.push_str("]]>");
                after
            } else if let Some(comment) = markup.strip_prefix("!--") {
                comment.split_once("-->").ok_or(Unreadable::EndsTooEarly)?.1
            } else if let Some(instruction) = markup.strip_prefix('?') {
                instruction.split_once("?>").ok_or(Unreadable::EndsTooEarly)?.1
            } else if let Some(doctype) = markup.strip_prefix('!') {
                without_subset(doctype)?
            } else {
                self.tag(markup)?
            };
            if self.out.len() > FEED_REPAIRED_BYTES_MAX {
                return Err(Unreadable::TooMuch);
            }
        }
        self.text(rest);
        Ok(())
    }

    /// A tag without its `<`; what follows it.
    fn tag<'a>(&mut self, markup: &'a str) -> Result<&'a str, Unreadable> {
        let (mut quote, mut values) = (None, 0);
        let end = markup.bytes().take(FEED_TAG_BYTES_MAX).position(|byte| {
            match quote {
                Some(open) if byte == open => quote = None,
                Some(_) => {}
                None if byte == b'"' || byte == b'\'' => (quote, values) = (Some(byte), values + 1),
                None => return byte == b'>',
            }
            false
        });
        let (tag, after) = end.and_then(|end| markup.split_at_checked(end)).ok_or(Unreadable::TooMuch)?;
        if values > FEED_TAG_ATTRIBUTES_MAX {
            return Err(Unreadable::TooMuch);
        }
        if tag.starts_with('/') {
            self.depth = self.depth.saturating_sub(1);
        } else {
            self.elements += 1;
            self.depth += usize::from(!tag.ends_with('/'));
        }
        if self.elements > FEED_ELEMENTS_MAX || self.depth > XML_DEPTH_MAX {
            return Err(Unreadable::TooMuch);
        }
        self.out.push('<');
        self.text(tag);
        self.out.push('>');
        Ok(after.get(1..).unwrap_or_default())
    }

    /// Text, or the inside of a tag, which has references in the same form.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            self.out.extend(before.chars().filter(|c| is_xml(*c)));
            let end = after.bytes().take(NAME_BYTES).position(|byte| byte == b';');
            let name = end.and_then(|end| after.get(..end));
            let written = name.and_then(character);
            let read = name.filter(|_| written.is_some()).map_or(0, |name| name.len() + 1);
            self.out.push_str(written.as_deref().unwrap_or("&amp;"));
            rest = after.get(read..).unwrap_or_default();
        }
        self.out.extend(rest.chars().filter(|c| is_xml(*c)));
    }
}

/// What a reference becomes; nothing where it is none.
fn character(name: &str) -> Option<String> {
    if OWN.contains(&name) {
        return Some(format!("&{name};"));
    }
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16)).ok()?;
        // What XML cannot hold is gone, whatever it was to be.
        let known = char::from_u32(code).filter(|c| is_xml(*c));
        return Some(known.map(numbered).unwrap_or_default());
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let reference = format!("&{name};");
    let decoded = html_escape::decode_html_entities(&reference);
    (decoded != reference).then(|| decoded.chars().fold(String::new(), |known, c| known + &numbered(c)))
}

fn numbered(c: char) -> String {
    format!("&#{};", u32::from(c))
}

/// What follows a document type that defines nothing. One that does could make little much, or bring in files.
fn without_subset(doctype: &str) -> Result<&str, Unreadable> {
    let end = doctype.find(['>', '[']).ok_or(Unreadable::EndsTooEarly)?;
    let (_, after) = doctype.split_at_checked(end).unwrap_or_default();
    after.strip_prefix('>').ok_or(Unreadable::Doctype)
}

/// Whether XML 1.0 can hold a character.
const fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, repair};
    use crate::limits::{FEED_ELEMENTS_MAX, FEED_REPAIRED_BYTES_MAX, FEED_TAG_BYTES_MAX, XML_DEPTH_MAX};

    #[test]
    fn what_is_often_wrong_is_put_right() {
        for (text, expected) in [
            ("\u{feff}\n\n <?xml version='1.0'?>\n<a/>", "\n<a/>"),
            ("Warning: mysql\n<a>x</a>", "<a>x</a>"),
            ("<?xml-stylesheet href='a'?><!-- <b> --><a>x<!-- y -->z</a>", "<a>xz</a>"),
            (
                "<a>&nbsp;&eacute;&hellip;&amp;&lt;&#233;&#xE9;</a>",
                "<a>&#160;&#233;&#8230;&amp;&lt;&#233;&#233;</a>",
            ),
            (
                "<a b='x?y&z=1&amp;&copy;'>AT&T & &unknown; &;</a>",
                "<a b='x?y&amp;z=1&amp;&#169;'>AT&amp;T &amp; &amp;unknown; &amp;;</a>",
            ),
            ("<a><![CDATA[&nbsp; <b> ]] & \u{b}]]></a>", "<a><![CDATA[&nbsp; <b> ]] & ]]></a>"),
            ("<a>x\u{0}y\u{1b}z&#0;&#x1F;&#xFFFF;</a>", "<a>xyz</a>"),
            ("<!DOCTYPE rss PUBLIC \"-//N//DTD\" 'http://x/rss.dtd'><a/>", "<a/>"),
            ("<a b='>' c=\"'>\"/>", "<a b='>' c=\"'>\"/>"),
        ] {
            assert_eq!(repair(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><l>&b;</l>";
        let external = "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><l>&x;</l>";
        let long = format!("<a b='{}'/>", "x".repeat(FEED_TAG_BYTES_MAX));
        let attributes = (0..2000).fold(String::new(), |all, n| all + &format!(" a{n}=''"));
        for (text, expected) in [
            (laughs.to_owned(), Unreadable::Doctype),
            (external.to_owned(), Unreadable::Doctype),
            ("<a><!DOCTYPE b [ ]></a>".to_owned(), Unreadable::Doctype),
            ("nothing".to_owned(), Unreadable::NotAFeed),
            ("<a><![CDATA[x".to_owned(), Unreadable::EndsTooEarly),
            ("<a><!-- x".to_owned(), Unreadable::EndsTooEarly),
            ("<a><?x".to_owned(), Unreadable::EndsTooEarly),
            ("<!DOCTYPE x".to_owned(), Unreadable::EndsTooEarly),
            (long, Unreadable::TooMuch),
            (format!("<a{attributes}/>"), Unreadable::TooMuch),
            ("<a>".repeat(XML_DEPTH_MAX + 1), Unreadable::TooMuch),
            ("<a/>".repeat(FEED_ELEMENTS_MAX + 1), Unreadable::TooMuch),
            (format!("<a>{}</a>", "&".repeat(FEED_REPAIRED_BYTES_MAX / 5 + 1)), Unreadable::TooMuch),
        ] {
            assert_eq!(repair(&text), Err(expected), "{}", &text[..text.len().min(60)]);
        }
    }
}
