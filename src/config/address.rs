//! The names that a configuration gives to components and servers.

use std::net::Ipv6Addr;

use jid::BareJid;

use crate::atom::uri;

/// A component's domain.
pub fn component(text: &str) -> Result<BareJid, String> {
    let advice = "write the component's domain, like pubsub.example.org";
    match BareJid::new(text) {
        Ok(jid) if jid.node().is_none() => Ok(jid),
        Ok(_) => Err(format!("`{text}` is an account, not a domain; {advice}")),
        Err(error) => Err(format!("`{text}` is not a domain, {error}; {advice}")),
    }
}

/// The domain above a component's, whose users it serves.
pub fn parent(component: &BareJid) -> Result<BareJid, String> {
    let above = component.domain().as_str().split_once('.').and_then(|(_, above)| BareJid::new(above).ok());
    above.ok_or_else(|| format!("`{component}` has no parent domain whose users could create nodes"))
}

/// A server's `host:port`, an IPv6 host in brackets.
pub fn server(text: &str) -> Result<String, String> {
    let is_host = |host: &str| match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains([':', '/', '@']) && !host.contains(char::is_whitespace),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    match text.rsplit_once(':') {
        Some((host, port)) if is_host(host) && is_port(port) => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is not the address of a server; write host:port, like 127.0.0.1:5347")),
    }
}

/// Whether it is a URI, as far as one can tell of any scheme.
pub fn is_uri(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    uri::scheme(text).is_some_and(|scheme| scheme.len() + 1 < text.len()) && !text.contains(is_odd)
}
