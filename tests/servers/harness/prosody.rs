//! Prosody in the foreground, without TLS, with the component snippet that admins are shown.

use std::process::Command;

use super::process::Scratch;
use super::server::{Ports, fill_in};
use super::{CAPULET, COMPONENTS, MONTAGUE};

const SNIPPET: &str = include_str!("../../../deploy/prosody/component.cfg.lua");

/// Writes its configuration.
pub(super) fn configure(dir: &Scratch, ports: &Ports, more: &str) {
    let root = dir.path().display();
    let Ports { c2s, components: [component, ..], control: _ } = ports;
    let mut text = format!(
        r#"
run_as_root = true; daemonize = false; pidfile = "{root}/prosody.pid"
data_path = "{root}/data"; certificates = "{root}/certs"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}; c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{}}; s2s_ports = {{}}; http_ports = {{}}; https_ports = {{}}
component_ports = {{ {component} }}; component_interfaces = {{ "127.0.0.1" }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "posix", "presence", "message", "iq", "offline",
    "register_ibr" }}
modules_disabled = {{ "s2s", "http", "tls" }}
c2s_require_encryption = false; allow_unencrypted_plain_auth = true; allow_registration = true
authentication = "internal_plain"; storage = "internal"
VirtualHost "{CAPULET}"
VirtualHost "{MONTAGUE}"
"#
    );
    for jid in COMPONENTS {
        text += &fill_in(SNIPPET, jid, *component);
    }
    dir.write("prosody.cfg.lua", &(text + more));
}

/// How to start it.
pub(super) fn command(dir: &Scratch) -> Command {
    let mut command = Command::new("prosody");
    command.arg("-F").arg("--config").arg(dir.path().join("prosody.cfg.lua"));
    command
}
