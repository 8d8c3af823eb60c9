//! Writes XML into one string. Text and values are always escaped, and what XML 1.0 forbids never gets out.

/// Appends `text` as element content.
pub fn escape_text(out: &mut String, text: &str) {
    escape(out, text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        // A reader would take it for a line feed.
        '\r' => Some("&#13;"),
        c if is_forbidden(c) => Some("\u{fffd}"),
        _ => None,
    });
}

/// Appends `value` as an attribute value, for either kind of quote.
pub fn escape_attr(out: &mut String, value: &str) {
    escape(out, value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\'' => Some("&apos;"),
        '"' => Some("&quot;"),
        // A reader would take each of these for a space.
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        c if is_forbidden(c) => Some("\u{fffd}"),
        _ => None,
    });
}

/// Whether XML 1.0 has no way to hold this character.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text is the same wherever it is written.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| !matches!(byte, ..b' ' | b'&' | b'<' | b'>' | b'\'' | b'"' | 0xEF))
}

fn escape(out: &mut String, text: &str, replacement: impl Fn(char) -> Option<&'static str>) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.reserve(text.len());
    let mut rest = text;
    while let Some((at, c, instead)) = rest.char_indices().find_map(|(at, c)| Some((at, c, replacement(c)?)))
    {
        let (plain, after) = rest.split_at_checked(at).unwrap_or_default();
        out.push_str(plain);
        out.push_str(instead);
        rest = after.get(c.len_utf8()..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Writes elements one after the other: `open`, `attr`, content, `close`.
///
/// Names are the program's own words, so they are not escaped; that they are `'static` keeps it so.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    open: Vec<&'static str>,
    /// Whether the last start tag still takes attributes.
    in_tag: bool,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts an element; declare its namespace with `attr("xmlns", …)`.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        self.end_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.in_tag = true;
        self
    }

    /// Adds an attribute to the element just opened; once it has content, there is nothing to add to.
    pub fn attr(&mut self, name: &'static str, value: &str) -> &mut Self {
        debug_assert!(self.in_tag, "attribute {name} after content");
        if self.in_tag {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("='");
            escape_attr(&mut self.out, value);
            self.out.push('\'');
        }
        self
    }

    /// Adds an attribute where there is a value.
    pub fn attr_opt(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Adds text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if !text.is_empty() {
            self.end_tag();
            escape_text(&mut self.out, text);
        }
        self
    }

    /// Adds XML that is well-formed already, such as a published payload.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        if !xml.is_empty() {
            self.end_tag();
            self.out.push_str(xml);
        }
        self
    }

    /// Ends the innermost open element.
    pub fn close(&mut self) -> &mut Self {
        let name = self.open.pop();
        debug_assert!(name.is_some(), "nothing is open");
        if let Some(name) = name {
            if self.in_tag {
                self.out.push_str("/>");
                self.in_tag = false;
            } else {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
        self
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// All that was written, with what is still open ended.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn end_tag(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }
}
