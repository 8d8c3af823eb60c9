//! ItemIDs for entries that were published without one: the recipe of draft-saintandre-atompub-notify.

use std::fmt::Write as _;

use sha1::{Digest, Sha1};

/// The SHA-1 of the service's JID, the NodeID and the atom:id, put together without separators, in lower-case hex: who
/// publishes the same entry again gets the same id.
pub fn generated(service: &str, node: &str, atom_id: &str) -> String {
    let mut sum = Sha1::new();
    for part in [service, node, atom_id] {
        sum.update(part.as_bytes());
    }
    hex(&sum.finalize())
}

/// A digest in lower-case hex.
pub(crate) fn hex(digest: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing into a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::generated;

    #[test]
    fn the_recipe_of_the_draft() {
        let draft = ("pubsub.example.org", "http://example.org/feeds/atom-example.xml");
        let cases = [
            (
                "pubsub.example.com",
                "news",
                "tag:example.org,2026:post-1",
                "3ce1fbc28fc5154f0b588314496dff8dde0716d7",
            ),
            // The draft's own example was made with a line feed at the end.
            (
                draft.0,
                draft.1,
                "tag:example.org,2003-12-13:robots\n",
                "70b2a83be71dfca04df91133d953fb22b41b4267",
            ),
        ];
        for (service, node, atom_id, expected) in cases {
            assert_eq!(generated(service, node, atom_id), expected);
        }
        assert_ne!(
            generated(draft.0, draft.1, "é"),
            generated(draft.0, draft.1, "e\u{301}"),
            "bytes, not letters"
        );
    }
}
