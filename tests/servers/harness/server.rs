//! A real XMPP server on loopback, with throw-away data: start, stop, restart in place.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Mutex;

use super::client::{Client, register};
use super::process::{Group, Scratch, await_port, free_port, is_installed, local};
use super::{ACCOUNTS, COMPONENTS, PASSWORD, SECRET, ejabberd, prosody, skip};

/// The servers that atomsub is tested with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `prosody`
    Prosody,
    /// `ejabberd`
    Ejabberd,
}

/// Where a server listens.
pub(crate) struct Ports {
    /// For clients.
    pub(crate) c2s: u16,
    /// For components, one for each of [`COMPONENTS`]; equal where one serves all.
    pub(crate) components: [u16; COMPONENTS.len()],
    /// For the server's own control.
    pub(crate) control: u16,
}

/// A running server; its data goes when it is dropped.
pub(crate) struct Server {
    kind: Kind,
    ports: Ports,
    group: Mutex<Option<Group>>,
    dir: Scratch,
}

impl Server {
    /// Starts a new one with [`ACCOUNTS`], or says loudly that it is not installed.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        Self::start_with(kind, "")
    }

    /// The same, with more at the end of its configuration.
    pub(crate) fn start_with(kind: Kind, more: &str) -> Option<Self> {
        let program = match kind {
            Kind::Prosody => "prosody",
            Kind::Ejabberd => "ejabberdctl",
        };
        if !is_installed(program) {
            skip(program.trim_end_matches("ctl"));
            return None;
        }
        let one = free_port();
        let components = COMPONENTS.map(|_| if kind == Kind::Prosody { one } else { free_port() });
        let ports = Ports { c2s: free_port(), components, control: free_port() };
        let dir = Scratch::new();
        match kind {
            Kind::Prosody => prosody::configure(&dir, &ports, more),
            Kind::Ejabberd => ejabberd::configure(&dir, &ports, more),
        }
        let server = Self { kind, ports, group: Mutex::new(None), dir };
        server.launch();
        for account in ACCOUNTS {
            register(server.c2s(), account, PASSWORD);
        }
        Some(server)
    }

    /// Which one this is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Where clients connect.
    pub(crate) fn c2s(&self) -> SocketAddr {
        local(self.ports.c2s)
    }

    /// Where the component of that name connects, and with which secret.
    pub(crate) fn component(&self, jid: &str) -> (SocketAddr, &'static str) {
        let place = COMPONENTS.iter().position(|known| *known == jid).expect("a component of the server");
        (local(self.ports.components[place]), SECRET)
    }

    /// Logs an account in, as a resource of that name, and makes it available.
    pub(crate) fn login(&self, account: &str, resource: &str) -> Client {
        let mut client = Client::login(self.c2s(), account, PASSWORD, resource);
        client.send("<presence/>");
        client
    }

    /// Starts it again after [`stop`](Self::stop), with the same data and ports.
    pub(crate) fn launch(&self) {
        let mut command: Command = match self.kind {
            Kind::Prosody => prosody::command(&self.dir),
            Kind::Ejabberd => ejabberd::command(&self.dir),
        };
        let mut group = Group::start(&mut command, &self.dir.path().join("server.log"));
        await_port(self.ports.c2s, &mut group);
        for port in self.ports.components {
            await_port(port, &mut group);
        }
        *self.group.lock().unwrap() = Some(group);
    }

    /// Stops it as an admin would.
    pub(crate) fn stop(&self) {
        if let Some(mut group) = self.group.lock().unwrap().take() {
            group.stop();
        }
    }

    /// What the server said.
    pub(crate) fn log(&self) -> String {
        self.group.lock().unwrap().as_ref().map(Group::log).unwrap_or_default()
    }
}

/// The snippet shown to admins, with this name, secret and port in place of its examples.
pub(crate) fn fill_in(snippet: &str, jid: &str, port: u16) -> String {
    assert!(snippet.contains("pubsub.example.org") && snippet.contains("CHANGE-ME"), "an admin's snippet");
    snippet
        .replace("pubsub.example.org", jid)
        .replace("CHANGE-ME", SECRET)
        .replace("port: 5347", &format!("port: {port}"))
}
