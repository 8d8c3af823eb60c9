//! A host of our own that speaks the component protocol (XEP-0114) and nothing else: as many senders and
//! subscribers as one likes, and a connection that breaks at a chosen moment.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use minidom::Element;
use sha1::{Digest as _, Sha1};

use super::SECRET;
use super::client::PATIENCE;
use super::service::{Component, Service};
use super::xml::{Incoming, Reader, attr};

const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
const REFUSAL: &str = "<error type='cancel'>\
    <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
/// What a multicast service says, with a limit as ejabberd says it.
const MULTICAST_INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'>\
    <identity category='service' type='multicast'/><feature var='http://jabber.org/protocol/address'/>\
    <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>\
    <value>http://jabber.org/protocol/address</value></field>\
    <field var='message'><value>3</value></field></x></query>";

/// Waits for a component, and talks to it.
pub(crate) struct FakeHost {
    listener: TcpListener,
    jid: &'static str,
    link: Option<(TcpStream, Reader)>,
    /// Its multicast service, if it has one.
    multicast: Option<&'static str>,
    said_goodbye: bool,
}

impl FakeHost {
    /// Listens on a free port for the component `jid`.
    pub(crate) fn new(jid: &'static str) -> Self {
        // The same port over every broken connection.
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self { listener, jid, link: None, multicast: None, said_goodbye: false }
    }

    /// One to which a service has connected.
    pub(crate) fn linked(jid: &'static str) -> (Self, Service) {
        let mut host = Self::new(jid);
        let service = Service::start(&[host.component()]);
        host.accept(&service);
        (host, service)
    }

    /// Says that it has this multicast service, for stanzas to three recipients.
    pub(crate) fn offer_multicast(&mut self, jid: &'static str) {
        self.multicast = Some(jid);
    }

    /// What a service has to know to connect.
    pub(crate) fn component(&self) -> Component<'static> {
        (self.jid, self.listener.local_addr().unwrap(), SECRET)
    }

    /// Waits for the service to connect and to prove that it knows the secret.
    pub(crate) fn accept(&mut self, service: &Service) {
        self.listener.set_nonblocking(true).unwrap();
        let end = Instant::now() + PATIENCE;
        while self.link.is_none() {
            if let Ok((socket, _)) = self.listener.accept() {
                // One that was killed on its way in leaves a connection behind that just ends.
                self.link = self.log_in(socket, end);
            }
            service.insist();
            assert!(Instant::now() < end, "the component does not connect");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Lets a component in, unless it hangs up.
    fn log_in(&self, mut socket: TcpStream, end: Instant) -> Option<(TcpStream, Reader)> {
        socket.set_nonblocking(false).unwrap();
        socket.set_nodelay(true).unwrap();
        let mut reader = Reader::new(socket.try_clone().unwrap());
        let head = match reader.next(end) {
            Some(Incoming::Open(head)) => head,
            Some(Incoming::Closed) => return None,
            Some(Incoming::Stanza(_)) | None => panic!("no stream head from the component"),
        };
        assert_eq!(attr(&head, "to"), self.jid);
        let id = format!("stream-{}", rand::random::<u64>());
        let head = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
             xmlns:stream='http://etherx.jabber.org/streams' from='{}' id='{id}'>",
            self.jid
        );
        socket.write_all(head.as_bytes()).ok()?;
        let handshake = match reader.next(end) {
            Some(Incoming::Stanza(handshake)) => handshake,
            Some(Incoming::Closed) => return None,
            Some(Incoming::Open(_)) | None => panic!("no handshake"),
        };
        let digest = Sha1::digest(format!("{id}{SECRET}"));
        let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((handshake.name(), handshake.text()), ("handshake", expected));
        socket.write_all(b"<handshake/>").ok()?;
        Some((socket, reader))
    }

    /// Sends a stanza, when there is a connection.
    pub(crate) fn send(&mut self, stanza: &str) {
        if let Some((socket, _)) = &mut self.link {
            let _ = socket.write_all(stanza.as_bytes());
        }
    }

    /// The next stanza for somebody; pings of the component to itself are routed back to it on the way, and what
    /// it asks of others is refused, in the order received. None: nothing came in time, or the connection is gone.
    pub(crate) fn next(&mut self, patience: Duration) -> Option<Element> {
        let end = Instant::now() + patience;
        loop {
            let (_, reader) = self.link.as_mut()?;
            match reader.next(end)? {
                Incoming::Stanza(stanza) if attr(&stanza, "to") == self.jid => {
                    assert_eq!(attr(&stanza, "from"), self.jid);
                    self.send(&String::from(&stanza));
                }
                Incoming::Stanza(stanza)
                    if stanza.name() == "iq" && matches!(attr(&stanza, "type"), "get" | "set") =>
                {
                    let (from, to, id) = (attr(&stanza, "to"), attr(&stanza, "from"), attr(&stanza, "id"));
                    let asked = stanza.children().next().map(Element::ns).unwrap_or_default();
                    let (kind, answer) = match self.multicast {
                        Some(jid) if asked == DISCO_ITEMS && jid.ends_with(&format!(".{from}")) => {
                            ("result", format!("<query xmlns='{DISCO_ITEMS}'><item jid='{jid}'/></query>"))
                        }
                        Some(jid) if asked == DISCO_INFO && jid == from => {
                            ("result", MULTICAST_INFO.to_owned())
                        }
                        _ => ("error", REFUSAL.to_owned()),
                    };
                    self.send(&format!("<iq type='{kind}' from='{from}' to='{to}' id='{id}'>{answer}</iq>"));
                }
                Incoming::Stanza(stanza) => return Some(stanza),
                Incoming::Open(_) => {}
                Incoming::Closed => {
                    self.said_goodbye = reader.has_footer();
                    self.link = None;
                }
            }
        }
    }

    /// The stanza that was read last, byte for byte.
    pub(crate) fn last(&self) -> String {
        self.link.as_ref().map(|(_, reader)| reader.last()).unwrap_or_default()
    }

    /// Whether the component is connected, as far as was read.
    pub(crate) fn is_linked(&self) -> bool {
        self.link.is_some()
    }

    /// Whether the component closed the stream, and not only the connection, when it left.
    pub(crate) fn said_goodbye(&self) -> bool {
        self.said_goodbye
    }

    /// Breaks the connection: what was not read is lost.
    pub(crate) fn hang_up(&mut self) {
        self.link = None;
    }

    /// Asks on behalf of `from`, and insists on success; what else comes meanwhile is dropped.
    pub(crate) fn ok(&mut self, from: &str, kind: &str, payload: &str) -> Element {
        let id = format!("ask-{}", rand::random::<u64>());
        let to = self.jid;
        self.send(&format!("<iq type='{kind}' from='{from}' to='{to}' id='{id}'>{payload}</iq>"));
        let end = Instant::now() + PATIENCE;
        while let Some(stanza) = self.next(end.saturating_duration_since(Instant::now())) {
            if attr(&stanza, "id") == id {
                assert_eq!(attr(&stanza, "type"), "result", "{payload}: {}", String::from(&stanza));
                return stanza;
            }
        }
        panic!("no answer to {payload}")
    }
}
