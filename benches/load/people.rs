//! People online at a real server: one who asks, and a crowd that listens.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;

use crate::harness::PASSWORD;
use crate::harness::client::register;
use crate::host::{Host, read_until};
use crate::splitter::Splitter;

/// Bytes that a listener reads at once.
const EARFUL: usize = 16 * 1024;

/// Logs an account in and makes it available.
pub(crate) fn login(server: SocketAddr, account: &str) -> Host {
    Host::of(session(server, account), &format!("{account}/load"))
}

fn session(server: SocketAddr, account: &str) -> TcpStream {
    let (user, domain) = account.split_once('@').unwrap();
    let mut socket = TcpStream::connect(server).unwrap();
    socket.set_nodelay(true).unwrap();
    let head = format!(
        "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    );
    let mut say = |text: &str, until: &str| {
        socket.write_all(text.as_bytes()).unwrap();
        read_until(&mut socket, until, |_| true)
    };
    say(&head, "</stream:features>");
    let auth = base64(format!("\0{user}\0{PASSWORD}").as_bytes());
    let auth = format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{auth}</auth>");
    let answer = say(&auth, ">");
    assert!(answer.starts_with("<success"), "{account} logs in: {answer}");
    say(&head, "</stream:features>");
    let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind>";
    say(&format!("<iq type='set' id='bind'>{bind}</iq>"), "</iq>");
    socket.write_all(b"<presence/>").unwrap();
    socket
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let at = |place: usize| u32::from(part.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place > part.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

/// Many people who only listen.
pub(crate) struct Crowd {
    /// Their bare JIDs.
    pub(crate) jids: Vec<String>,
    told: Arc<AtomicUsize>,
}

impl Crowd {
    /// Registers so many accounts and logs them in; each does what `first` says, and then only listens.
    pub(crate) fn gather(
        server: SocketAddr,
        domain: &str,
        count: usize,
        first: impl Fn(&mut Host, &str),
    ) -> Self {
        let jids: Vec<String> = (0..count).map(|number| format!("listener{number}@{domain}")).collect();
        let sockets: Vec<TcpStream> = jids
            .iter()
            .map(|jid| {
                register(server, jid, PASSWORD);
                let mut person = login(server, jid);
                first(&mut person, jid);
                person.socket()
            })
            .collect();
        let told = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&told);
        thread::spawn(move || listen(sockets, &counter));
        Self { jids, told }
    }

    /// How many messages all of them together got since the last time; waits until there were so many.
    pub(crate) fn hear(&self, count: usize) {
        let end = Instant::now() + Duration::from_secs(120);
        while self.told.load(Ordering::Relaxed) < count {
            assert!(
                Instant::now() < end,
                "only {} of {count} messages came",
                self.told.load(Ordering::Relaxed)
            );
            thread::sleep(Duration::from_micros(200));
        }
        self.told.fetch_sub(count, Ordering::Relaxed);
    }
}

/// Counts the messages that come to any of these.
fn listen(sockets: Vec<TcpStream>, told: &Arc<AtomicUsize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let mut listeners = tokio::task::JoinSet::new();
        for socket in sockets {
            socket.set_nonblocking(true).unwrap();
            let (mut socket, told) = (tokio::net::TcpStream::from_std(socket).unwrap(), Arc::clone(told));
            listeners.spawn(async move {
                let (mut splitter, mut ear) = (Splitter::new(), vec![0; EARFUL]);
                while let Ok(count @ 1..) = socket.read(&mut ear).await {
                    let mut messages = 0;
                    splitter.feed(&ear[..count], |stanza| {
                        messages += usize::from(stanza.starts_with(b"<message"));
                    });
                    told.fetch_add(messages, Ordering::Relaxed);
                }
            });
        }
        while listeners.join_next().await.is_some() {}
    });
}
