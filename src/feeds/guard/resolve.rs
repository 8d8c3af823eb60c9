//! From names to addresses that may be connected to. What is given out here is what is connected to, so a name that is
//! said to be elsewhere the next time leads nowhere.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::address::{Network, is_public};

/// Addresses that are being looked for.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// How the addresses of a name are found.
pub trait Lookup: Send + Sync + fmt::Debug {
    /// All addresses of a name.
    fn lookup(&self, name: String) -> Found;
}

/// As the system finds them.
#[derive(Clone, Copy, Debug)]
pub struct SystemNames;

impl Lookup for SystemNames {
    fn lookup(&self, name: String) -> Found {
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Where one may go.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) allow: Vec<Network>,
}

impl Rules {
    /// Whether an address may be connected to.
    pub(super) fn permit(&self, address: IpAddr, only_allowed: bool) -> bool {
        self.allow.iter().any(|network| network.has(address)) || !only_allowed && is_public(address)
    }
}

/// Gives out only what may be connected to.
#[derive(Debug)]
pub(super) struct Resolver {
    pub(super) names: Arc<dyn Lookup>,
    pub(super) rules: Arc<Rules>,
    /// Whether public addresses are not enough.
    pub(super) only_allowed: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, only_allowed) = (Arc::clone(&self.rules), self.only_allowed);
        let host = name.as_str().to_owned();
        let found = self.names.lookup(host.clone());
        Box::pin(async move {
            let found = found.await?;
            let permitted: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| rules.permit(*address, only_allowed))
                // The port comes from the URL.
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if permitted.is_empty() {
                return Err(Forbidden { host, is_usual: !only_allowed }.into());
            }
            let addresses: Addrs = Box::new(permitted.into_iter());
            Ok(addresses)
        })
    }
}

/// Nothing of ours goes there.
#[derive(Debug, thiserror::Error)]
pub(super) struct Forbidden {
    pub(super) host: String,
    pub(super) is_usual: bool,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, is_usual } = self;
        if *is_usual {
            write!(f, "{host} has no public address")
        } else {
            write!(f, "at {host} only the ports 80 and 443 are connected to")
        }
    }
}
