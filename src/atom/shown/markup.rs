//! Texts and contents as they are shown.

use ammonia::Url;

use crate::atom::text::plain;
use crate::atom::{NS, XHTML_NS};
use crate::xml::Element;

use super::html::{harmless, of_xhtml, to_xhtml};
use super::links::{base, href};

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Markup {
    /// Text.
    Text(String),
    /// Harmless HTML.
    Html(String),
    /// Harmless HTML that was published as XHTML.
    Xhtml(String),
    /// What is somewhere else.
    Elsewhere {
        /// Where.
        src: String,
        /// Its media type.
        kind: Option<String>,
    },
}

impl Markup {
    /// As HTML, if it is here.
    pub fn html(&self) -> Option<&str> {
        match self {
            Self::Html(html) | Self::Xhtml(html) => Some(html),
            Self::Text(_) | Self::Elsewhere { .. } => None,
        }
    }

    /// As a `div` of XHTML, where it was one and can be one.
    pub fn xhtml(&self) -> Option<String> {
        match self {
            Self::Xhtml(html) => to_xhtml(html),
            Self::Text(_) | Self::Html(_) | Self::Elsewhere { .. } => None,
        }
    }
}

/// The first text construct of this name.
pub(super) fn construct(entry: Element<'_>, name: &str, go_on: &dyn Fn() -> bool) -> Option<Markup> {
    markup(entry.child(name, NS)?, base(entry, None).as_ref(), go_on)
}

/// The one content that is shown of those that there are.
pub(super) fn content(entry: Element<'_>, go_on: &dyn Fn() -> bool) -> Option<Markup> {
    let base = base(entry, None);
    let contents = entry.children().filter(|child| child.is("content", NS));
    let shown = contents.filter_map(|content| markup(content, base.as_ref(), go_on));
    shown.max_by_key(|content| match content {
        Markup::Xhtml(_) => 3,
        Markup::Html(_) => 2,
        Markup::Text(_) => 1,
        Markup::Elsewhere { .. } => 0,
    })
}

fn markup(element: Element<'_>, outer: Option<&Url>, go_on: &dyn Fn() -> bool) -> Option<Markup> {
    let base = base(element, outer);
    let kind = element.attr("type").unwrap_or("text").trim();
    let media = kind.split(';').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    if let Some(src) = element.attr("src") {
        let src = href(src, base.as_ref()).filter(|src| src.starts_with("http"))?;
        let kind = (media.contains('/') && !media.contains(char::is_whitespace)).then_some(media);
        return Some(Markup::Elsewhere { src, kind });
    }
    let shown = match media.as_str() {
        "xhtml" => {
            let outer = element.child("div", XHTML_NS).unwrap_or(element);
            harmless(&of_xhtml(outer), base.as_ref(), go_on).map(Markup::Xhtml)
        }
        "html" | "text/html" => harmless(&element.text(), base.as_ref(), go_on).map(Markup::Html),
        _ if media == "text" || media.starts_with("text/") => {
            Some(Markup::Text(element.deep_text().into_owned()))
        }
        _ => return None,
    };
    // What cannot be made harmless has words at least.
    Some(shown.unwrap_or_else(|| Markup::Text(plain(element).trim().to_owned())))
}
