//! The host's side of the component protocol (XEP-0114): one connection, bytes in, stanzas out, and the barrier pings
//! of the component routed back to it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use sha1::{Digest as _, Sha1};

use crate::harness::SECRET;
use crate::splitter::{Splitter, attr, head};

const STREAM: &str = "load";
/// After how long silence is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port on which a component is awaited.
pub(crate) struct Door(TcpListener);

/// A component's connection.
pub(crate) struct Host {
    socket: TcpStream,
    splitter: Splitter,
    jid: String,
    /// Pings on their way back.
    back: Vec<u8>,
}

/// What a component says.
pub(crate) enum Heard<'a> {
    /// The answer to a request: its id, and all of it.
    Answer(&'a str, &'a [u8]),
    /// A notice.
    Notice(&'a [u8]),
}

impl Door {
    /// Opens one.
    pub(crate) fn open() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Lets the component in; `insist` may fail while none is there.
    pub(crate) fn accept(&self, jid: &str, mut insist: impl FnMut()) -> Host {
        self.0.set_nonblocking(true).unwrap();
        let socket = loop {
            match self.0.accept() {
                Ok((socket, _)) => break socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    insist();
                    std::thread::sleep(Duration::from_micros(500));
                }
                Err(error) => panic!("no connection: {error}"),
            }
        };
        socket.set_nonblocking(false).unwrap();
        socket.set_nodelay(true).unwrap();
        let mut socket = socket;
        read_until(&mut socket, ">", |head| head.contains("<stream:stream"));
        let head = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
             xmlns:stream='http://etherx.jabber.org/streams' from='{jid}' id='{STREAM}'>"
        );
        socket.write_all(head.as_bytes()).unwrap();
        let handshake = read_until(&mut socket, "</handshake>", |_| true);
        assert!(handshake.contains(&digest(STREAM)), "the component knows the secret: {handshake}");
        socket.write_all(b"<handshake/>").unwrap();
        Host::of(socket, jid)
    }
}

impl Host {
    /// Whoever is at the other end of a stream that is open; `jid` is the component, or the person whose stream it is.
    pub(crate) fn of(socket: TcpStream, jid: &str) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, splitter: Splitter::new(), jid: jid.to_owned(), back: Vec::new() }
    }

    /// Sends stanzas as they are.
    pub(crate) fn send(&mut self, stanzas: &[u8]) {
        self.socket.write_all(stanzas).unwrap();
    }

    /// Another hand on the socket, for a thread that only sends.
    pub(crate) fn socket(&self) -> TcpStream {
        self.socket.try_clone().unwrap()
    }

    /// Reads once, waiting for it; false: nothing came in that time.
    pub(crate) fn hear_within(&mut self, patience: Duration, each: impl FnMut(Heard<'_>)) -> bool {
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let came = self.try_hear(each);
        self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
        came
    }

    /// Reads once, waiting for it.
    pub(crate) fn hear(&mut self, each: impl FnMut(Heard<'_>)) {
        assert!(self.try_hear(each), "the component says nothing for {PATIENCE:?}");
    }

    fn try_hear(&mut self, mut each: impl FnMut(Heard<'_>)) -> bool {
        let count = match self.socket.read(self.splitter.room()) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return false;
            }
            Err(error) => panic!("the link broke: {error}"),
        };
        let Self { splitter, jid, back, .. } = self;
        splitter.took(count, |stanza| match stanza.get(1) {
            Some(b'm') => each(Heard::Notice(stanza)),
            Some(b'i') => answered(stanza, jid, back, &mut each),
            // Presence: nobody here has any.
            _ => {}
        });
        assert!(count > 0 && !self.splitter.is_closed(), "the component hung up");
        if !self.back.is_empty() {
            self.socket.write_all(&self.back).unwrap();
            self.back.clear();
        }
        true
    }

    /// Asks, and waits for the result: all of it. Notices meanwhile are dropped.
    pub(crate) fn ask(&mut self, stanza: &str, id: &str) -> Vec<u8> {
        self.send(stanza.as_bytes());
        let mut answer = None;
        while answer.is_none() {
            self.hear(|heard| match heard {
                Heard::Answer(which, whole) if which == id => answer = Some(whole.to_vec()),
                Heard::Answer(..) | Heard::Notice(_) => {}
            });
        }
        answer.unwrap_or_default()
    }
}

/// An IQ of the component: an answer; a ping to itself, which goes back; or a question to others, who are not here.
fn answered(stanza: &[u8], jid: &str, back: &mut Vec<u8>, each: &mut impl FnMut(Heard<'_>)) {
    let head = head(stanza);
    let id = attr(head, "id").unwrap_or_default();
    match attr(head, "type") {
        Some("result") => each(Heard::Answer(id, stanza)),
        Some("error") => panic!("refused: {}", String::from_utf8_lossy(stanza)),
        _ if attr(head, "to") == Some(jid) => back.extend_from_slice(stanza),
        _ => {
            let to = attr(head, "to").unwrap_or_default();
            back.extend_from_slice(
                format!(
                    "<iq type='error' from='{to}' to='{jid}' id='{id}'><error type='cancel'>\
                     <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
                )
                .as_bytes(),
            );
        }
    }
}

/// Connects as a component and logs in.
pub(crate) fn component(server: SocketAddr, jid: &str) -> TcpStream {
    let mut socket = TcpStream::connect(server).unwrap();
    socket.set_nodelay(true).unwrap();
    let head = format!(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
         xmlns:stream='http://etherx.jabber.org/streams' to='{jid}'>"
    );
    socket.write_all(head.as_bytes()).unwrap();
    let head = read_until(&mut socket, ">", |head| head.contains("<stream:stream"));
    let id = attr(head.as_bytes(), "id").expect("a stream has an id").to_owned();
    socket.write_all(format!("<handshake>{}</handshake>", digest(&id)).as_bytes()).unwrap();
    let answer = read_until(&mut socket, ">", |_| true);
    assert!(answer.contains("<handshake"), "{jid} is let in: {answer}");
    socket
}

fn digest(stream: &str) -> String {
    let digest = Sha1::digest(format!("{stream}{SECRET}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Reads byte by byte, so that nothing behind is lost, up to an end of which `is_it` says that it is the one.
pub(crate) fn read_until(socket: &mut TcpStream, end: &str, is_it: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let mut byte = [0];
    loop {
        socket.read_exact(&mut byte).expect("a login goes on");
        text.push(char::from(byte[0]));
        if text.ends_with(end) && is_it(&text) {
            return text;
        }
    }
}
