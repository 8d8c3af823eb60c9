//! An XMPP client over plain TCP, down to the bytes.

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use minidom::Element;
use xmpp_parsers::sasl::{Auth, Mechanism};

use super::xml::{Incoming, Reader, attr, find};

/// How long an answer may take, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A session of one account.
pub(crate) struct Client {
    jid: String,
    socket: TcpStream,
    reader: Reader,
    inbox: VecDeque<Element>,
    is_closed: bool,
    iqs: u32,
}

impl Client {
    /// Logs in, without becoming available.
    pub(crate) fn login(server: SocketAddr, account: &str, password: &str, resource: &str) -> Self {
        let (user, host) = account.split_once('@').unwrap();
        let mut client = Self::open(server, host);
        let data = format!("\0{user}\0{password}").into_bytes();
        client.send(&String::from(&Element::from(Auth { mechanism: Mechanism::Plain, data })));
        let answer = client.stanza("the answer to SASL");
        assert_eq!(answer.name(), "success", "{account} logs in: {}", String::from(&answer));
        client.reader.restart();
        client.open_stream(host);
        let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>";
        let bound = client.ask("set", None, &format!("{bind}{resource}</resource></bind>"));
        client.jid = find(&bound, &["bind", "jid"]).expect("a resource is bound").text();
        // A server of the old school wants a session as well; the others answer it all the same.
        client.ask("set", None, "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>");
        client
    }

    fn open(server: SocketAddr, host: &str) -> Self {
        let socket = TcpStream::connect(server).unwrap();
        socket.set_nodelay(true).unwrap();
        let reader = Reader::new(socket.try_clone().unwrap());
        let inbox = VecDeque::new();
        let mut client = Self { jid: String::new(), socket, reader, inbox, is_closed: false, iqs: 0 };
        client.open_stream(host);
        client
    }

    fn open_stream(&mut self, host: &str) {
        self.send(&format!(
            "<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        ));
        assert_eq!(self.stanza("the stream's features").name(), "features");
    }

    /// The full JID.
    pub(crate) fn jid(&self) -> &str {
        &self.jid
    }

    /// The JID without its resource.
    pub(crate) fn bare(&self) -> &str {
        self.jid.split('/').next().unwrap_or_default()
    }

    /// Sends these characters as they are.
    pub(crate) fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    /// Sends these bytes as they are; a connection that is gone shows when reading.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes);
    }

    /// An id that no other IQ of this session has.
    pub(crate) fn next_id(&mut self) -> String {
        self.iqs += 1;
        format!("q{}", self.iqs)
    }

    /// Asks and waits for the answer, whatever else comes meanwhile.
    pub(crate) fn iq(&mut self, kind: &str, to: &str, payload: &str) -> Element {
        self.ask(kind, Some(to), payload)
    }

    /// Asks, and insists on success.
    pub(crate) fn ok(&mut self, kind: &str, to: &str, payload: &str) -> Element {
        let answer = self.iq(kind, to, payload);
        assert_eq!(attr(&answer, "type"), "result", "{payload}\nis answered by\n{}", String::from(&answer));
        answer
    }

    fn ask(&mut self, kind: &str, to: Option<&str>, payload: &str) -> Element {
        let id = self.next_id();
        let to = to.map(|to| format!(" to='{to}'")).unwrap_or_default();
        self.send(&format!("<iq type='{kind}' id='{id}'{to}>{payload}</iq>"));
        self.answer(&id, payload)
    }

    /// Waits for the answer to the IQ with this id.
    pub(crate) fn answer(&mut self, id: &str, question: &str) -> Element {
        self.expect(PATIENCE, &format!("the answer to {question:.500}"), |stanza| {
            stanza.name() == "iq"
                && attr(stanza, "id") == id
                && matches!(attr(stanza, "type"), "result" | "error")
        })
    }

    /// Waits for a stanza like that; the others stay in the inbox.
    pub(crate) fn expect(
        &mut self,
        patience: Duration,
        what: &str,
        is_it: impl Fn(&Element) -> bool,
    ) -> Element {
        let found = self.seek(patience, is_it);
        found.unwrap_or_else(|| {
            let inbox: Vec<String> = self.inbox.iter().map(String::from).collect();
            let state = if self.is_closed { "the stream is closed" } else { "nothing came in time" };
            panic!("{} waits for {what}; {state}. Inbox:\n{}", self.jid, inbox.join("\n"))
        })
    }

    /// Makes sure that no such stanza is there or comes.
    pub(crate) fn never(&mut self, patience: Duration, what: &str, is_it: impl Fn(&Element) -> bool) {
        if let Some(stanza) = self.seek(patience, is_it) {
            panic!("{} must not get {what}: {}", self.jid, String::from(&stanza));
        }
    }

    /// The first stanza like that, when there is one in time.
    pub(crate) fn seek(&mut self, patience: Duration, is_it: impl Fn(&Element) -> bool) -> Option<Element> {
        if let Some(place) = self.inbox.iter().position(&is_it) {
            return self.inbox.remove(place);
        }
        let end = Instant::now() + patience;
        loop {
            match self.read(end)? {
                stanza if is_it(&stanza) => return Some(stanza),
                stanza => self.inbox.push_back(stanza),
            }
        }
    }

    /// The next stanza, in the order received.
    pub(crate) fn next(&mut self, patience: Duration) -> Option<Element> {
        self.inbox.pop_front().or_else(|| self.read(Instant::now() + patience))
    }

    /// Waits for a stanza like that that has not been read yet, and gives it byte for byte.
    pub(crate) fn seek_raw(
        &mut self,
        patience: Duration,
        is_it: impl Fn(&Element) -> bool,
    ) -> Option<String> {
        let end = Instant::now() + patience;
        while let Some(stanza) = self.read(end) {
            if is_it(&stanza) {
                return Some(self.reader.last());
            }
            self.inbox.push_back(stanza);
        }
        None
    }

    /// Whether the server closed the stream.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    fn read(&mut self, end: Instant) -> Option<Element> {
        loop {
            if self.is_closed {
                return None;
            }
            match self.reader.next(end)? {
                Incoming::Open(_) => {}
                Incoming::Stanza(stanza) => return Some(stanza),
                Incoming::Closed => self.is_closed = true,
            }
        }
    }

    fn stanza(&mut self, what: &str) -> Element {
        self.read(Instant::now() + PATIENCE).unwrap_or_else(|| panic!("no {what}"))
    }
}

/// Makes an account, in band.
pub(crate) fn register(server: SocketAddr, account: &str, password: &str) {
    let (user, host) = account.split_once('@').unwrap();
    let mut client = Client::open(server, host);
    let query = format!(
        "<query xmlns='jabber:iq:register'><username>{user}</username><password>{password}</password></query>"
    );
    let answer = client.ask("set", None, &query);
    assert_eq!(attr(&answer, "type"), "result", "{account} is registered: {}", String::from(&answer));
}
