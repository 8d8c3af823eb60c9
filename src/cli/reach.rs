//! Whether a service finds its way to its server.

use std::io;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Exit;
use super::check::Lines;
use crate::config::Service;
use crate::limits;

/// Goes the way step by step, up to the first that fails.
pub(super) async fn reach(service: &Service, lines: &mut Lines<'_>) {
    let port = port(&service.server).await;
    lines.say("port", Exit::Unreachable, port);
}

/// Whether somebody listens there.
async fn port(server: &str) -> Result<String, String> {
    let listening = timeout(limits::CHECK_PATIENCE, TcpStream::connect(server)).await;
    match listening.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(_) => Ok(format!("{server} answers")),
        Err(error) => Err(format!(
            "{server}, {error}; is the server running, and does it listen for components there? \
             Prosody: component_ports, component_interfaces; ejabberd: a listener with ejabberd_service"
        )),
    }
}
