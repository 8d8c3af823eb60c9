//! The command line.

pub mod archive;
pub mod check;
mod disk;
mod exit;
mod reach;
pub mod setup;
pub mod verify;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::config::{Override, Sources};
pub use archive::Transfer;
pub use exit::Exit;
pub use setup::Setup;

/// A publish-subscribe service for Atom entries, as a component of an XMPP server.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service until SIGTERM or SIGINT.
    Run(Configured),
    /// Check the configuration, the disk and the way through the server, a line each.
    ///
    /// Do it while the service is stopped: a server may end one link of a component when another one comes.
    ///
    /// Exit codes: 0 all is well, 2 the configuration or the disk has to be mended, 4 the server cannot be reached.
    Check(Configured),
    /// Walk the whole store and say what it holds, and what is wrong with it. Do it while the service is stopped.
    ///
    /// Exit codes: 0 the store is whole, 2 the configuration has to be mended, 3 the store is damaged.
    Verify(Configured),
    /// Write the whole store to an archive, for a backup or to move it. Do it while the service is stopped.
    ///
    /// The archive must not be there. Exit codes: 0 it is complete, 2 the configuration or the disk has to be mended,
    /// 3 the store is damaged.
    Export(Transfer),
    /// Make a store of an archive, with the engine and in the place that are configured, where no store may be.
    ///
    /// All of it is compared with the archive before it can be opened. Exit codes: 0 it is complete, 2 the
    /// configuration or the disk has to be mended, 3 the archive is damaged.
    Import(Transfer),
    /// Write a configuration for a new component, and print what to add to the server's own.
    Setup(Setup),
}

/// Where the configuration comes from.
#[derive(Debug, Args)]
pub struct Configured {
    /// The configuration file [default: component.toml, else /etc/atomsub/component.toml].
    #[arg(long, value_name = "FILE", env = "ATOMSUB_CONFIG")]
    config: Option<PathBuf>,
    /// Set a key over what the file and the environment say, as often as needed, like store.path=/srv/atomsub.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
    /// Where the only service's server listens for components, like --set server=ADDRESS.
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// Where items are kept, like --set store.path=DIRECTORY.
    #[arg(long, value_name = "DIRECTORY")]
    store: Option<String>,
}

const FILES: [&str; 2] = ["component.toml", "/etc/atomsub/component.toml"];

impl Configured {
    /// The layers of the configuration, with the environment of this process.
    pub fn sources(&self) -> Sources {
        let option = |origin: &str, key: &str, value: &str| Override {
            origin: origin.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let set = self.set.iter().map(|(key, value)| option("--set", key, value));
        let server = self.server.iter().map(|server| option("--server", "server", server));
        let store = self.store.iter().map(|store| option("--store", "store.path", store));
        Sources {
            file: self.config.clone().unwrap_or_else(default_file),
            // A name or value that is not text is none of ours.
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            options: set.chain(server).chain(store).collect(),
        }
    }
}

fn default_file() -> PathBuf {
    let [here, system] = FILES.map(Path::new);
    if !here.exists() && system.exists() { system.to_owned() } else { here.to_owned() }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, like store.path=/srv/atomsub")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
