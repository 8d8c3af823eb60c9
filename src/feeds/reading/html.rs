//! HTML of strangers, as it can be a text of an entry.

use url::Url;

use crate::atom::shown::html::harmless_xhtml;
use crate::atom::text;
use crate::limits::FEED_HTML_BYTES_MAX;

use super::draft::Text;

/// What begins elements that are seen although there is no text in them.
const SEEN: [&str; 4] = ["<img ", "<hr", "<audio", "<video"];

/// Markup of which nothing acts, where it makes sense, or else the words; nothing where there is nothing to see.
pub(super) fn harmless(source: &str, base: &Url, go_on: &dyn Fn() -> bool) -> Option<Text> {
    let markup = if source.len() > FEED_HTML_BYTES_MAX { None } else { harmless_xhtml(source, base, go_on) };
    let is_seen = |markup: &String| SEEN.iter().any(|tag| markup.contains(tag)) || !words(markup).is_empty();
    if let Some(markup) = markup.filter(is_seen) {
        return Some(Text::Xhtml(markup));
    }
    let words = words(source);
    (!words.is_empty()).then_some(Text::Plain(words))
}

/// What HTML says, in one line of text.
pub(super) fn words(source: &str) -> String {
    let end = (0..=FEED_HTML_BYTES_MAX.min(source.len())).rev().find(|end| source.is_char_boundary(*end));
    text::on_one_line(&text::html(end.and_then(|end| source.get(..end)).unwrap_or_default()))
}
