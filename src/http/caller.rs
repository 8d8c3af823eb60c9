//! Who asks.
//!
//! Behind a reverse proxy the address is what the proxy says it is. Whoever asks from this machine itself, and for nobody
//! else, is not counted: tools of the operator, and proxies that do not say for whom they ask.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Who asks, as far as can be told. All addresses of one IPv6 network are one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Caller(IpAddr);

impl Caller {
    /// The one at an address.
    #[cfg(test)]
    pub(super) fn at(address: &str) -> Option<Self> {
        address.parse().ok().map(Self)
    }

    /// All that are too many to tell apart.
    pub(super) const OTHERS: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

    /// The one whom a request comes from; none where it comes from this machine.
    pub(super) fn of(peer: Peer, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<Self> {
        let peer = peer.0.to_canonical();
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        let forwarded = forwarded.and_then(|last| last.trim().parse::<IpAddr>().ok());
        match forwarded.filter(|_| proxies.contains(&peer)) {
            Some(address) => Some(Self(network(address.to_canonical()))),
            None if peer.is_loopback() => None,
            None => Some(Self(network(peer))),
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An IPv6 address without the half that its owner chooses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderMap;

    use super::{Caller, Peer};

    #[test]
    fn only_a_proxy_says_for_whom_it_asks() {
        let proxies: Vec<IpAddr> = ["127.0.0.1", "::1", "10.0.0.1"].map(|ip| ip.parse().unwrap()).to_vec();
        let cases: [(&str, &[&str], Option<&str>); 9] = [
            ("192.0.2.7", &[], Some("192.0.2.7")),
            ("192.0.2.7", &["198.51.100.1"], Some("192.0.2.7")),
            ("127.0.0.1", &[], None),
            ("::ffff:127.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            // What stands before the last one was said by whoever asked the proxy.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["unknown"], Some("10.0.0.1")),
            ("::1", &["2001:db8:0:1:2:3:4:5"], Some("2001:db8:0:1::")),
            ("2001:db8::1", &[], Some("2001:db8::")),
        ];
        for (peer, forwarded, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            let caller = Caller::of(Peer(peer.parse().unwrap()), &headers, &proxies);
            assert_eq!(caller, expected.map(|ip| Caller(ip.parse().unwrap())), "{peer} {forwarded:?}");
        }
    }
}
