//! `atomsub setup`: a configuration with a new secret, and what the server has to be told.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use jid::BareJid;

use super::Exit;
use crate::config::address;

/// What tells Prosody of a component; tests start a real one with it.
const PROSODY: &str = include_str!("../../deploy/prosody/component.cfg.lua");
/// What tells ejabberd.
const EJABBERD: &str = include_str!("../../deploy/ejabberd/component.yml");

/// What a new component is to be.
#[derive(Debug, Args)]
pub struct Setup {
    /// The component's domain, like pubsub.example.org.
    #[arg(value_parser = address::component)]
    jid: BareJid,
    /// Where the server listens for components.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:5347", value_parser = address::server)]
    server: String,
    /// The file to write; it must not be there.
    #[arg(long, value_name = "FILE", default_value = "component.toml")]
    output: PathBuf,
}

impl Setup {
    /// Writes the configuration and prints the rest to `out`; what went wrong goes to `err`.
    pub fn execute(&self, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
        let secret = new_secret();
        let parent =
            address::parent(&self.jid).map_err(|why| format!("{why}; name it like pubsub.example.org"));
        let written = parent.and_then(|parent| {
            let text = self.configuration(&parent, &secret);
            write_new(&self.output, &text).map_err(|error| self.cannot_write(&error))
        });
        // The exit code tells even when nobody reads.
        match written {
            Ok(()) => {
                let _ = out.write_all(self.next_steps(&secret).as_bytes());
                Exit::Ok
            }
            Err(why) => {
                let _ = writeln!(err, "{why}");
                Exit::Configuration
            }
        }
    }

    fn cannot_write(&self, error: &io::Error) -> String {
        let file = self.output.display();
        if error.kind() == io::ErrorKind::AlreadyExists {
            return format!("{file} is there already and stays as it is; name another --output");
        }
        format!("{file} cannot be written, {error}; name another --output")
    }

    fn configuration(&self, parent: &BareJid, secret: &str) -> String {
        let Self { jid, server, output } = self;
        // Under /etc it is for a service of the system, whose state is there; elsewhere it is for trying out.
        let store = if output.starts_with("/etc") { "/var/lib/atomsub" } else { "atomsub-store" };
        format!(
            r#"# Written by `atomsub setup {jid}`. component.toml.example explains every key.

#admins = ["you@{parent}"]

[[service]]
jid = "{jid}"
server = "{server}"
secret = "{secret}"

[store]
path = "{store}"

[access]
create_nodes = ["{parent}"]
"#
        )
    }

    fn next_steps(&self, secret: &str) -> String {
        let named = |snippet: &str| {
            snippet.replace("pubsub.example.org", self.jid.as_str()).replace("CHANGE-ME", secret)
        };
        let port = self.server.rsplit_once(':').map_or("5347", |(_, port)| port);
        let (prosody, ejabberd) =
            (named(PROSODY), named(EJABBERD).replace("port: 5347", &format!("port: {port}")));
        let file = self.output.display();
        let config = if self.output == Path::new("component.toml") {
            String::new()
        } else {
            format!(" --config {file}")
        };
        let Self { server, .. } = self;
        format!(
            "Wrote {file}, readable by you alone. Now tell your server, Prosody:\n\n{prosody}\n\
             or ejabberd:\n\n{ejabberd}\n\
             The server has to listen for components at {server}. Then:\n\n    \
             atomsub check{config}\n    atomsub run{config}\n"
        )
    }
}

/// 256 random bits, in letters that need no quoting anywhere.
fn new_secret() -> String {
    format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>())
}

/// Writes a file that was not there, for its owner alone from the first moment.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
