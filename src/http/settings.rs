//! What the web side has to know: where to listen, what its own address is for the world, and who stands in front of it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::client::Network;

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What everything is found under.
    pub public: PublicUrl,
    /// Whose word counts about the address that a request comes from: reverse proxies.
    pub proxies: Vec<IpAddr>,
    /// The networks that the hub also talks to although they are not public; nothing where there is no hub.
    pub hub: Option<Vec<Network>>,
    /// Whether those who have a token may publish.
    pub publish: bool,
}

/// The URL that links and ids of the web side begin with. Nothing that a request says about its host changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    /// Where in it the path begins, which is empty for most.
    path_at: usize,
}

impl PublicUrl {
    /// Reads it; an error says what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let advice = "write it like \"https://feeds.example.org\"";
        let url = text.trim_end_matches('/');
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let rest =
            rest.ok_or_else(|| format!("`{text}` begins with neither https:// nor http://; {advice}"))?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let is_sound = |c: char| c.is_ascii_alphanumeric() || "-._~:[]/".contains(c);
        if host.is_empty() || !rest.chars().all(is_sound) || path.contains("//") {
            return Err(format!("`{text}` has no host, or something that does not belong there; {advice}"));
        }
        Ok(Self { url: url.to_owned(), path_at: url.len() - path.len() })
    }

    /// The whole URL of a path that begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The host that it names, and the port.
    pub fn host(&self) -> &str {
        let authority = self.url.get(..self.path_at).unwrap_or_default();
        authority.split_once("//").map_or(authority, |(_, host)| host)
    }

    /// Whether what is sent there leaves this machine without being encrypted.
    pub fn is_readable_on_the_way(&self) -> bool {
        let host = self.host();
        let is_here = host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost");
        self.url.starts_with("http://") && !is_here
    }

    /// Its own path, without a slash at the end: what the paths of links on its pages begin with.
    pub fn path(&self) -> &str {
        self.url.get(self.path_at..).unwrap_or_default()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn the_public_url_has_a_host_and_may_have_a_path() {
        for (text, url, path) in [
            ("https://feeds.example.org", "https://feeds.example.org/n", ""),
            ("https://feeds.example.org/", "https://feeds.example.org/n", ""),
            ("http://127.0.0.1:5280/a/b/", "http://127.0.0.1:5280/a/b/n", "/a/b"),
            ("http://[::1]:80", "http://[::1]:80/n", ""),
        ] {
            let public = PublicUrl::parse(text).unwrap();
            assert_eq!((public.at("/n").as_str(), public.path()), (url, path), "{text}");
        }
        for other in [
            "feeds.example.org",
            "ftp://feeds.example.org",
            "https://",
            "https:///a",
            "https://a?b",
            "https://a/#b",
            "https://me@a",
            "https://a b",
            "https://a//b",
        ] {
            assert!(PublicUrl::parse(other).is_err(), "{other}");
        }
    }
}
