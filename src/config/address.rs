//! The names that a configuration gives to components and servers.

use std::net::Ipv6Addr;

use jid::BareJid;

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
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    };
    let is_rest =
        |rest: &str| !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control());
    text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && is_rest(rest))
}
