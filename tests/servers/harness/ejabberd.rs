//! ejabberd in the foreground, without TLS, with the component snippet that admins are shown.

use std::process::Command;

use super::process::Scratch;
use super::server::{Ports, fill_in};
use super::{CAPULET, COMPONENTS, MONTAGUE};

const SNIPPET: &str = include_str!("../../../deploy/ejabberd/component.yml");

/// Writes its configuration, and a start script.
pub(super) fn configure(dir: &Scratch, ports: &Ports, more: &str) {
    let c2s = ports.c2s;
    let components = COMPONENTS.map(|jid| format!("\"{jid}\"")).join(", ");
    let mut text = format!(
        r#"
hosts: ["{CAPULET}", "{MONTAGUE}"]
auth_method: internal
loglevel: info
s2s_access: none
acl: {{components: {{server: [{components}]}}}}
access_rules: {{privileged: {{allow: components}}}}
modules: {{mod_privilege: {{roster: {{get: privileged}}}}, mod_disco: {{}}, mod_roster: {{}}, mod_ping: {{}}, mod_offline: {{}},
  mod_register: {{allow_modules: all}}}}
registration_timeout: infinity
listen:
  - {{port: {c2s}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false, max_stanza_size: 262144, shaper: none,
     access: all}}
"#
    );
    for (jid, port) in COMPONENTS.iter().zip(ports.components) {
        text += &fill_in(SNIPPET, jid, port);
    }
    dir.write("conf/ejabberd.yml", &(text + more));
    let port = ports.control;
    let control =
        format!("ERLANG_NODE=e{port}@localhost\nERL_DIST_PORT={port}\nINET_DIST_INTERFACE=127.0.0.1\n");
    dir.write("conf/ejabberdctl.cfg", &control);
    dir.write("conf/inetrc", "");
    dir.write("spool/.keep", "");
    dir.write("logs/.keep", "");
    // The distribution's script insists on its own user, and starts the server in another session, where it would
    // outlive us: the same script for whoever runs the tests, and in its place instead of below it.
    let theirs = std::fs::read_to_string("/usr/sbin/ejabberdctl").expect("Debian's place for it");
    let ours = theirs
        .replace("\nINSTALLUSER=ejabberd\n", "\nINSTALLUSER=\n")
        .replace(r#"as_current_user) "$@" ;;"#, r#"as_current_user) exec "$@" ;;"#);
    dir.write("ejabberdctl", &ours);
}

/// How to start it.
pub(super) fn command(dir: &Scratch) -> Command {
    let root = dir.path();
    let mut command = Command::new("bash");
    command.arg(root.join("ejabberdctl")).arg("-d").arg(root.join("conf")).arg("-s").arg(root.join("spool"));
    command.arg("-l").arg(root.join("logs")).arg("foreground");
    // Its cookie goes there.
    command.env("HOME", root);
    command
}
