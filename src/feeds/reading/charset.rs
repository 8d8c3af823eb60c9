//! From bytes to text. What says most about itself counts most: a byte order mark, then the server (RFC 7303), then the
//! XML declaration; what says nothing, or lies, is UTF-8 or looks like something else.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How far an XML declaration is looked for.
const DECLARATION_BYTES: usize = 256;

/// Decodes a document that was sent with this content type.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        let body = bytes.get(bom..).unwrap_or_default();
        return encoding.decode_without_bom_handling(body).0.into_owned();
    }
    let said = [content_type.and_then(charset_of), by_first_bytes(bytes), declared(bytes), Some(UTF_8)];
    for encoding in said.into_iter().flatten() {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return text.into_owned();
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(None, Utf8Detection::Allow);
    guessed.decode_without_bom_handling(bytes).0.into_owned()
}

/// What the server says.
fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut charset = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let (_, value) = charset.next()?;
    Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
}

/// UTF-16 without a mark begins with `<` all the same.
fn by_first_bytes(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// What the document says. That it can be read here proves that it is not in UTF-16.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.get(..DECLARATION_BYTES.min(bytes.len()))?;
    let start: String = start.iter().map(|byte| char::from(*byte)).collect();
    let (_, declaration) = start.split_once("<?xml")?;
    let (declaration, _) = declaration.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| "'\"".contains(*quote))?;
    let label = value.get(1..)?.split(quote).next()?;
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_most_certain_of_what_is_said_counts() {
        let utf16 = |text: &str, bom: &[u8], order: fn(u16) -> [u8; 2]| {
            [bom.to_vec(), text.encode_utf16().flat_map(order).collect()].concat()
        };
        let xml = "<?xml version='1.0' encoding='utf-16'?><a>é</a>";
        let russian = "<a>\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442}, \u{43c}\u{438}\u{440}</a>";
        let koi8 = encoding_rs::KOI8_R.encode(russian).0.into_owned();
        let cases: [(&str, Vec<u8>, Option<&str>, &str); 12] = [
            ("plain", b"<a>x</a>".to_vec(), None, "<a>x</a>"),
            ("utf-8", "<a>é</a>".into(), Some("text/xml"), "<a>é</a>"),
            ("by header", b"<a>\xe9</a>".to_vec(), Some("text/xml; charset=ISO-8859-1"), "<a>é</a>"),
            ("quoted", b"<a>\xe9</a>".to_vec(), Some("text/xml;Charset = \"latin1\""), "<a>é</a>"),
            (
                "by declaration",
                b"<?xml version='1.0' encoding=\"windows-1252\"?><a>\x80</a>".to_vec(),
                Some("application/xml"),
                "<?xml version='1.0' encoding=\"windows-1252\"?><a>€</a>",
            ),
            ("the mark wins", "\u{feff}<a>é</a>".into(), Some("text/xml; charset=latin1"), "<a>é</a>"),
            (
                "little endian",
                utf16(xml, &[0xff, 0xfe], u16::to_le_bytes),
                Some("text/xml;charset=utf-8"),
                xml,
            ),
            ("big endian", utf16(xml, &[0xfe, 0xff], u16::to_be_bytes), None, xml),
            ("without a mark", utf16(xml, &[], u16::to_le_bytes), None, xml),
            ("a label that lies", b"<a>\xe9</a>".to_vec(), Some("text/xml; charset=utf8"), "<a>é</a>"),
            ("no charset at all", b"<a>\xe9</a>".to_vec(), Some("text/xml; charset=klingon"), "<a>é</a>"),
            ("nothing said", koi8, None, russian),
        ];
        for (name, bytes, content_type, expected) in cases {
            assert_eq!(decode(&bytes, content_type), expected, "{name}");
        }
    }
}
