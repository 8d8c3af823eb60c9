//! An entry in a few words, for clients that show nothing but text.

use bytes::Bytes;

use crate::limits::{BODY_CHARS_MAX, BODY_LINK_BYTES_MAX};
use crate::xml::{Element, Limits, Tree};

use super::entry::relation;
use super::{NS, text, uri};

/// The title, the summary (else the beginning of the content) and the link of an entry; nothing for what is no entry.
pub fn body(payload: &str) -> Option<String> {
    let tree = Tree::parse(Bytes::copy_from_slice(payload.as_bytes()), &Limits::default()).ok()?;
    let entry = tree.root();
    if !entry.is("entry", NS) {
        return None;
    }
    let line = |name| line(entry, name, BODY_CHARS_MAX);
    let title = line("title");
    let summary = line("summary").or_else(|| line("content")).filter(|s| Some(s) != title.as_ref());
    let lines: Vec<String> = [title, summary, link(entry)].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The text of the first text construct or content of this name, on one line, if it says anything.
pub(super) fn line(entry: Element<'_>, name: &str, chars_max: usize) -> Option<String> {
    let words = text::on_one_line(&text::plain(entry.child(name, NS)?));
    (!words.is_empty()).then(|| shortened(&words, chars_max))
}

/// Where the entry can be read without pubsub: the link that says so, on the web if there is one. Whoever gets a text
/// cannot open an `xmpp:` URI, and a relative reference leads nowhere from there.
fn link(entry: Element<'_>) -> Option<String> {
    let links = entry.children().filter(|child| child.is("link", NS));
    let alternate = links.filter(|link| relation(*link) == "alternate");
    let hrefs: Vec<&str> = alternate.filter_map(|link| link.attr("href")).map(str::trim).collect();
    let usable = |href: &&&str| {
        uri::scheme(href).is_some()
            && !uri::is_xmpp(href)
            && href.len() <= BODY_LINK_BYTES_MAX
            && !href.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    let usable: Vec<&&str> = hrefs.iter().filter(usable).collect();
    let web = usable.iter().find(|href| href.starts_with("http://") || href.starts_with("https://"));
    web.or(usable.first()).map(ToString::to_string)
}

/// The beginning of a text, where it has more than so many characters.
pub fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text).trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn an_entry_in_a_few_words() {
        let entry = |inner: &str| format!("<entry xmlns='http://www.w3.org/2005/Atom'>{inner}</entry>");
        let cases = [
            (
                "<title>Soliloquy</title><summary>To be</summary><link href='http://denmark.lit/1'/>",
                Some("Soliloquy\nTo be\nhttp://denmark.lit/1"),
            ),
            ("<title type='html'>a &lt;b&gt;b&lt;/b&gt; &amp;amp; c</title>", Some("a b & c")),
            (
                "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x <i>y</i></p></div></content>",
                Some("x y"),
            ),
            ("<title>x</title><content type='image/png'>iVBORw0KGgo=</content>", Some("x")),
            // What is added to an entry without a link leads nowhere without pubsub.
            (
                "<title>Soliloquy</title><link href='xmpp:pubsub.denmark.lit?;node=n;item=1'/>",
                Some("Soliloquy"),
            ),
            ("<title>Soliloquy</title><link href='1.html'/><link href=' '/>", Some("Soliloquy")),
            (
                "<link rel='self' href='http://denmark.lit/0'/><link href='gopher://denmark.lit'/>\
                 <link rel='alternate' href='https://denmark.lit/1'/>",
                Some("https://denmark.lit/1"),
            ),
            ("<link href='gemini://denmark.lit/1'/>", Some("gemini://denmark.lit/1")),
            (
                "<link rel='http://www.iana.org/assignments/relation/alternate' href='https://denmark.lit/1'/>",
                Some("https://denmark.lit/1"),
            ),
            ("<id>1</id>", None),
        ];
        for (inner, expected) in cases {
            assert_eq!(body(&entry(inner)).as_deref(), expected, "{inner}");
        }
        assert_eq!(body("<other xmlns='urn:x'/>"), None);
    }
}
