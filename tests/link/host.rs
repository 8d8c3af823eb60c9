//! A host of a few lines that speaks XEP-0114, and the component at the other end.

use std::io::ErrorKind;
use std::time::Duration;

use atomsub::host::{Inbound, Link, Secret, Settings, Ticket, Timeouts, start};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub const JID: &str = "pubsub.localhost";
pub const SECRET: &str = "s3cret";
pub const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
                      xmlns:stream='http://etherx.jabber.org/streams' from='pubsub.localhost' id='3BF96D32'>";

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Patience for a test, not for the world.
fn timeouts() -> Timeouts {
    Timeouts {
        login: ms(500),
        quiet: ms(5_000),
        answer: ms(200),
        barrier: ms(5_000),
        stall: ms(5_000),
        drain: ms(300),
        retry_min: ms(5),
        retry_max: ms(20),
        retry_refused: ms(20),
        repeat: ms(60_000),
    }
}

/// A listener where the component looks for its host.
pub struct Host {
    listener: TcpListener,
    pub settings: Settings,
}

impl Host {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap().to_string();
        let settings = Settings { timeouts: timeouts(), ..Settings::new(JID, server, Secret::new(SECRET)) };
        Self { listener, settings }
    }

    /// Accepts a connection and reads its stream header.
    pub async fn accept(&self) -> Peer {
        let (stream, _) = timeout(ms(3_000), self.listener.accept()).await.expect("no connection").unwrap();
        let mut peer = Peer { stream, seen: String::new() };
        let header = peer.read_until("version='1.0'>").await;
        assert!(
            header.contains("to='pubsub.localhost'") && header.contains("jabber:component:accept"),
            "{header}"
        );
        peer
    }

    /// Accepts a component and lets it in.
    pub async fn log_in(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.send(HEADER).await;
        let handshake = peer.read_until("</handshake>").await;
        let digest = format!("{:x}", Sha1::digest(format!("3BF96D32{SECRET}")));
        assert_eq!(handshake, format!("<handshake>{digest}</handshake>"));
        peer.send("<handshake/>").await;
        peer
    }

    /// Starts a link, and the host's side of it.
    pub async fn link(&self) -> (Component, Peer) {
        let component = Component::start(&self.settings);
        let peer = self.log_in().await;
        let mut component = component;
        component.expect_up().await;
        (component, peer)
    }
}

/// The host's side of a connection.
pub struct Peer {
    pub stream: TcpStream,
    pub seen: String,
}

impl Peer {
    pub async fn send(&mut self, xml: &str) {
        self.stream.write_all(xml.as_bytes()).await.unwrap();
    }

    /// What came up to and including `end`; what follows is kept.
    pub async fn read_until(&mut self, end: &str) -> String {
        let read = async {
            let mut searched = 0;
            loop {
                if let Some(at) = self.seen.get(searched..).and_then(|new| new.find(end)) {
                    let at = searched + at;
                    let rest = self.seen.split_off(at + end.len());
                    return std::mem::replace(&mut self.seen, rest);
                }
                searched = self.seen.len().saturating_sub(end.len());
                let mut buffer = vec![0; 65_536];
                let count = self.stream.read(&mut buffer).await.unwrap();
                assert!(count > 0, "closed before {end}, after {}", self.seen);
                self.seen += std::str::from_utf8(buffer.get(..count).unwrap()).unwrap();
            }
        };
        timeout(ms(3_000), read).await.unwrap_or_else(|_| panic!("no {end}"))
    }

    /// Reads a ping of the component to itself and everything before it.
    pub async fn read_ping(&mut self) -> (String, String) {
        let before =
            self.read_until("<iq type='get' from='pubsub.localhost' to='pubsub.localhost' id='").await;
        let rest = self.read_until("<ping xmlns='urn:xmpp:ping'/></iq>").await;
        (before, rest.split_once('\'').unwrap().0.to_owned())
    }

    pub async fn send_ping_back(&mut self, id: &str) {
        let ping = format!(
            "<iq type='get' from='{JID}' to='{JID}' id='{id}' xml:lang='en'><ping xmlns='urn:xmpp:ping'/></iq>"
        );
        self.send(&ping).await;
    }

    /// Whether the component has closed the connection; anything it wrote before is kept.
    pub async fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        let read = timeout(ms(3_000), self.stream.read_to_end(&mut rest)).await;
        self.seen += std::str::from_utf8(&rest).unwrap();
        match read {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => error.kind() == ErrorKind::ConnectionReset,
            Err(_) => false,
        }
    }
}

/// The component's side.
pub struct Component {
    pub link: Link,
    pub inbound: mpsc::Receiver<Inbound>,
    pub task: JoinHandle<()>,
}

impl Component {
    pub fn start(settings: &Settings) -> Self {
        let (sender, inbound) = mpsc::channel(8);
        let (link, task) = start(settings.clone(), sender);
        Self { link, inbound, task }
    }

    pub async fn next(&mut self) -> Inbound {
        timeout(ms(3_000), self.inbound.recv()).await.expect("nothing comes").expect("link ended")
    }

    pub async fn expect_up(&mut self) {
        assert!(matches!(self.next().await, Inbound::Up));
        assert!(self.link.is_up());
    }

    pub async fn expect_down(&mut self) {
        assert!(matches!(self.next().await, Inbound::Down));
    }

    /// The id of the next stanza, and its ticket.
    pub async fn stanza(&mut self) -> (String, Ticket) {
        match self.next().await {
            Inbound::Stanza(stanza, ticket) => {
                (stanza.root().attr("id").unwrap_or_default().to_owned(), ticket)
            }
            other @ (Inbound::Up | Inbound::Refused { .. } | Inbound::Down) => panic!("{other:?}"),
        }
    }
}

pub fn stream_error(condition: &str) -> String {
    format!(
        "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>it's so</text></stream:error></stream:stream>"
    )
}
