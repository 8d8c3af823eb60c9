//! Addresses, normalised once so that they can be compared as strings.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A JID: bare (`juliet@capulet.lit`, or a domain alone) or full (with a resource).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Jid {
    full: Arc<str>,
    bare_len: usize,
}

impl Jid {
    /// The address as the host stamped it on a stanza. The host has checked it, so what the stringprep
    /// tables of the `jid` crate do not know (an emoji in a resource) is kept as it came.
    pub fn from_host(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self::whole(text.to_owned()))
    }

    /// An address that somebody wrote into a request. The bare part must be valid, the resource is opaque.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(jid) = jid::Jid::new(text) {
            return Some(Self::whole(jid.to_string()));
        }
        let (bare, resource) = text.split_once('/')?;
        let bare = jid::BareJid::new(bare).ok()?;
        let usable =
            !resource.is_empty() && resource.len() <= 1023 && !resource.chars().any(char::is_control);
        usable.then(|| Self::whole(format!("{bare}/{resource}")))
    }

    /// A stored or configured address, known to be normalised.
    fn whole(full: String) -> Self {
        let bare_len = full.find('/').unwrap_or(full.len());
        Self { full: full.into(), bare_len }
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The address without its resource.
    pub fn bare(&self) -> &str {
        self.full.get(..self.bare_len).unwrap_or(&self.full)
    }

    /// What follows the first `/`.
    pub fn resource(&self) -> Option<&str> {
        self.full.get(self.bare_len + 1..)
    }

    /// The domain.
    pub fn domain(&self) -> &str {
        domain(self.bare())
    }

    /// The part before the `@`, which a domain does not have.
    pub fn local(&self) -> Option<&str> {
        self.bare().split_once('@').map(|(local, _)| local)
    }

    /// The same entity without its resource.
    #[must_use]
    pub fn to_bare(&self) -> Self {
        if self.full.len() == self.bare_len { self.clone() } else { Self::whole(self.bare().to_owned()) }
    }

    /// Whether there is no resource.
    pub fn is_bare(&self) -> bool {
        self.full.len() == self.bare_len
    }
}

/// The domain of a bare JID.
pub fn domain(bare: &str) -> &str {
    bare.split_once('@').map_or(bare, |(_, domain)| domain)
}

impl From<String> for Jid {
    fn from(stored: String) -> Self {
        Self::whole(stored)
    }
}

impl From<Jid> for String {
    fn from(jid: Jid) -> Self {
        jid.as_str().to_owned()
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

impl fmt::Debug for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

#[cfg(test)]
mod tests {
    use super::Jid;

    #[test]
    fn the_bare_part_is_normalised_and_the_resource_is_opaque() {
        let cases = [
            ("Juliet@Capulet.LIT/Balcony", Some(("juliet@capulet.lit", Some("Balcony")))),
            ("atompub.example.org", Some(("atompub.example.org", None))),
            ("a@b/c/d@e", Some(("a@b", Some("c/d@e")))),
            ("a@b/😀", Some(("a@b", Some("😀")))),
            ("@b", None),
            ("", None),
            ("a@b/", None),
        ];
        for (text, expected) in cases {
            let jid = Jid::parse(text);
            assert_eq!(jid.as_ref().map(|jid| (jid.bare(), jid.resource())), expected, "{text}");
        }
    }
}
