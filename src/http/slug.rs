//! Names of nodes and items as segments of paths.
//!
//! A name that is safe in a path stands for itself; another is `~` and its base64url, so that no proxy on the way changes
//! it. The nodes of the first service stand alone, those of another one have `@` and its name behind them. Each name
//! has one form, so that nothing is found at two addresses.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A name as a segment.
pub fn of(name: &str) -> String {
    if is_safe(name) { name.to_owned() } else { format!("~{}", BASE64_URL_SAFE_NO_PAD.encode(name)) }
}

/// The name of a segment, if it is the one form of a name.
pub fn name(segment: &str) -> Option<String> {
    let Some(encoded) = segment.strip_prefix('~') else {
        return is_safe(segment).then(|| segment.to_owned());
    };
    let name = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    (!is_safe(&name)).then_some(name)
}

/// The node of one of the services as a segment.
pub fn of_node(services: &[String], service: usize, node: &str) -> String {
    let slug = of(node);
    match services.get(service) {
        Some(jid) if service > 0 => format!("{slug}@{jid}"),
        Some(_) | None => slug,
    }
}

/// Which node of which service it is.
pub fn node(services: &[String], segment: &str) -> Option<(usize, String)> {
    let (slug, service) = match segment.split_once('@') {
        None => (segment, 0),
        Some((slug, jid)) => (slug, services.iter().skip(1).position(|service| service == jid)? + 1),
    };
    Some((service, name(slug)?))
}

/// Letters, digits and `-._` are what no path changes, unless they name a directory.
fn is_safe(name: &str) -> bool {
    let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(is_unreserved)
}

#[cfg(test)]
mod tests {
    use super::{name, node, of, of_node};

    #[test]
    fn each_name_has_one_form() {
        let cases = [
            ("news", "news"),
            ("2f1c-4a.b_C", "2f1c-4a.b_C"),
            ("..", "~Li4"),
            (".well-known", "~LndlbGwta25vd24"),
            ("", "~"),
            ("~news", "~fm5ld3M"),
            ("a/b", "~YS9i"),
            ("urn:xmpp:microblog:0", "~dXJuOnhtcHA6bWljcm9ibG9nOjA"),
            ("ä", "~w6Q"),
            ("a@b", "~YUBi"),
        ];
        for (of_it, segment) in cases {
            assert_eq!(of(of_it), segment);
            assert_eq!(name(segment).as_deref(), Some(of_it));
        }
        for other in ["~bmV3cw", "a b", "a%2Fb", "..", "a/b", "~", "~!", "~YS9i=", "~_w"] {
            assert!(other == "~" || name(other).is_none(), "{other}");
        }
    }

    #[test]
    fn the_first_service_needs_no_name() {
        let services = ["pubsub.example.org", "comments.example.org"].map(str::to_owned);
        for (service, name, segment) in [
            (0, "news", "news"),
            (1, "news", "news@comments.example.org"),
            (1, "a/b", "~YS9i@comments.example.org"),
        ] {
            assert_eq!(of_node(&services, service, name), segment);
            assert_eq!(node(&services, segment), Some((service, name.to_owned())));
        }
        for other in ["news@pubsub.example.org", "news@example.org", "news@", "@comments.example.org"] {
            assert_eq!(node(&services, other), None, "{other}");
        }
    }
}
