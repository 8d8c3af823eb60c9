//! The parts that entries are made of, one by one: what of the text, the dates, the people and the content is right.

use chrono::DateTime;

use crate::xml::{Element, Node};

use super::entry::Person;
use super::{NS, XHTML_NS, uri};

/// How the text of an element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Html,
    Xhtml,
    /// A media type whose content is text or XML.
    Written,
    /// Another media type: the content is in base64, if it is here.
    Binary,
    /// No type at all, or one that may not be in an entry.
    Unknown,
}

impl Kind {
    pub(super) fn of(element: Element<'_>) -> Self {
        match element.attr("type").unwrap_or("text") {
            "text" => Self::Text,
            "html" => Self::Html,
            "xhtml" => Self::Xhtml,
            media => Self::of_media(media),
        }
    }

    fn of_media(media: &str) -> Self {
        let essence = media.split(';').next().unwrap_or_default().trim_end().to_ascii_lowercase();
        let Some((top, sub)) = essence.split_once('/') else { return Self::Unknown };
        let is_token = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c))
        };
        match top {
            _ if !is_token(top) || !is_token(sub) => Self::Unknown,
            "multipart" | "message" => Self::Unknown,
            "text" => Self::Written,
            _ if sub == "xml" || sub.ends_with("+xml") => Self::Written,
            _ => Self::Binary,
        }
    }

    /// Whether it is one of the three that are no media types.
    pub(super) const fn is_markup(self) -> bool {
        match self {
            Self::Text | Self::Html | Self::Xhtml => true,
            Self::Written | Self::Binary | Self::Unknown => false,
        }
    }
}

/// Whether what is inside an element is what its type says.
pub(super) fn is_markup_right(element: Element<'_>, kind: Kind) -> bool {
    match kind {
        Kind::Text | Kind::Html => element.children().next().is_none(),
        Kind::Xhtml => {
            let mut nodes = element.nodes().filter(|node| match node {
                Node::Text(text) => !text.trim().is_empty(),
                Node::Element(_) => true,
            });
            let div = |node| matches!(node, Some(Node::Element(div)) if div.is("div", XHTML_NS));
            div(nodes.next()) && nodes.next().is_none()
        }
        Kind::Written | Kind::Binary | Kind::Unknown => true,
    }
}

/// Whether the type of an entry's content may be one, and the element is empty where the content is elsewhere.
pub(super) fn is_content_right(content: Element<'_>, kind: Kind) -> bool {
    let is_elsewhere = content.attr("src").is_some();
    let is_typed = content.attr("type").is_some();
    kind != Kind::Unknown
        && !(is_elsewhere && (is_typed && kind.is_markup() || content.nodes().next().is_some()))
}

/// Reads somebody, and whether they are described as they should be.
pub(crate) fn person(element: Element<'_>) -> (Person, bool) {
    let (mut person, mut names) = (Person::default(), 0_u32);
    let mut is_right = true;
    for child in element.children().filter(|child| child.ns() == NS) {
        let text = child.text();
        let text = text.trim();
        match child.name() {
            "name" => {
                names += 1;
                text.clone_into(&mut person.name);
                is_right &= !text.is_empty();
            }
            "uri" => {
                is_right &= person.uri.is_none() && !text.contains(char::is_whitespace);
                person.uri.get_or_insert_with(|| text.to_owned());
            }
            "email" => {
                is_right &= person.email.is_none() && text.contains('@');
                person.email.get_or_insert_with(|| text.to_owned());
            }
            _ => {}
        }
    }
    (person, is_right && names == 1)
}

/// Whether a text is a date as RFC 4287 (3.3) has it.
pub(super) fn is_date(text: &str) -> bool {
    !text.contains(['t', 'z', ' ']) && DateTime::parse_from_rfc3339(text).is_ok()
}

/// Whether a text is an absolute IRI, as far as that matters: it has a scheme, and nothing that no IRI has.
pub(crate) fn is_iri(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c);
    uri::scheme(text).is_some_and(|scheme| scheme.len() + 1 < text.len()) && !text.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_iri};

    #[test]
    fn dates_are_those_of_atom() {
        for date in ["2003-12-13T18:30:02Z", "2003-12-13T18:30:02.25+01:00", "2003-12-13T18:30:02-00:00"] {
            assert!(is_date(date), "{date}");
        }
        for other in [
            "2003-12-13t18:30:02z",
            "2003-12-13 18:30:02Z",
            "2003-12-13T18:30Z",
            "2003-12-13T18:30:02",
            "2003-12-13",
            " 2003-12-13T18:30:02Z",
            "Sat, 13 Dec 2003 18:30:02 GMT",
            "",
        ] {
            assert!(!is_date(other), "{other}");
        }
    }

    #[test]
    fn iris_are_absolute() {
        for iri in ["tag:example.org,2003:1", "urn:uuid:1", "http://müller.example/ä?b#c", "xmpp:a@b?;node=c"]
        {
            assert!(is_iri(iri), "{iri}");
        }
        for other in ["711cd52a-a528-4356", "/a", "1a:b", "tag:", " tag:a", "tag:a b", "tag:<a>", ""] {
            assert!(!is_iri(other), "{other}");
        }
    }
}
