//! The link, against a host of a few lines that speaks XEP-0114 (or fails to).

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use atomsub::host::{
    Backoff, Down, Inbound, Link, LoginError, Pace, Repeat, Secret, Settings, Ticket, Timeouts, connect,
    start,
};
use atomsub::limits::{NOTICE_BATCHES_MAX, REPLY_BYTES_MAX, REQUESTS_IN_FLIGHT_MAX};
use atomsub::xml::{Limit, XmlError};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const JID: &str = "pubsub.localhost";
const SECRET: &str = "s3cret";
const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
                      xmlns:stream='http://etherx.jabber.org/streams' from='pubsub.localhost' id='3BF96D32'>";

fn ms(ms: u64) -> Duration {
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
struct Host {
    listener: TcpListener,
    settings: Settings,
}

impl Host {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap().to_string();
        let settings = Settings { timeouts: timeouts(), ..Settings::new(JID, server, Secret::new(SECRET)) };
        Self { listener, settings }
    }

    /// Accepts a connection and reads its stream header.
    async fn accept(&self) -> Peer {
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
    async fn log_in(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.send(HEADER).await;
        let handshake = peer.read_until("</handshake>").await;
        let digest = format!("{:x}", Sha1::digest(format!("3BF96D32{SECRET}")));
        assert_eq!(handshake, format!("<handshake>{digest}</handshake>"));
        peer.send("<handshake/>").await;
        peer
    }

    /// Starts a link, and the host's side of it.
    async fn link(&self) -> (Component, Peer) {
        let component = Component::start(&self.settings);
        let peer = self.log_in().await;
        let mut component = component;
        component.expect_up().await;
        (component, peer)
    }
}

/// The host's side of a connection.
struct Peer {
    stream: TcpStream,
    seen: String,
}

impl Peer {
    async fn send(&mut self, xml: &str) {
        self.stream.write_all(xml.as_bytes()).await.unwrap();
    }

    /// What came up to and including `end`; what follows is kept.
    async fn read_until(&mut self, end: &str) -> String {
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
    async fn read_ping(&mut self) -> (String, String) {
        let before =
            self.read_until("<iq type='get' from='pubsub.localhost' to='pubsub.localhost' id='").await;
        let rest = self.read_until("<ping xmlns='urn:xmpp:ping'/></iq>").await;
        (before, rest.split_once('\'').unwrap().0.to_owned())
    }

    async fn send_ping_back(&mut self, id: &str) {
        let ping = format!(
            "<iq type='get' from='{JID}' to='{JID}' id='{id}' xml:lang='en'><ping xmlns='urn:xmpp:ping'/></iq>"
        );
        self.send(&ping).await;
    }

    /// Whether the component has closed the connection; anything it wrote before is kept.
    async fn is_closed(&mut self) -> bool {
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
struct Component {
    link: Link,
    inbound: mpsc::Receiver<Inbound>,
    task: JoinHandle<()>,
}

impl Component {
    fn start(settings: &Settings) -> Self {
        let (sender, inbound) = mpsc::channel(8);
        let (link, task) = start(settings.clone(), sender);
        Self { link, inbound, task }
    }

    async fn next(&mut self) -> Inbound {
        timeout(ms(3_000), self.inbound.recv()).await.expect("nothing comes").expect("link ended")
    }

    async fn expect_up(&mut self) {
        assert!(matches!(self.next().await, Inbound::Up));
        assert!(self.link.is_up());
    }

    async fn expect_down(&mut self) {
        assert!(matches!(self.next().await, Inbound::Down));
    }

    /// The id of the next stanza, and its ticket.
    async fn stanza(&mut self) -> (String, Ticket) {
        match self.next().await {
            Inbound::Stanza(stanza, ticket) => {
                (stanza.root().attr("id").unwrap_or_default().to_owned(), ticket)
            }
            other @ (Inbound::Up | Inbound::Refused { .. } | Inbound::Down) => panic!("{other:?}"),
        }
    }
}

/// How a login ends when the host answers the stream header with `header` and the handshake with `answer`.
async fn login(header: &str, answer: &str) -> (LoginError, Settings) {
    let host = Host::new().await;
    let server = async {
        let mut peer = host.accept().await;
        peer.send(header).await;
        if !answer.is_empty() {
            peer.read_until("</handshake>").await;
            peer.send(answer).await;
        }
        peer
    };
    let (result, _peer) = tokio::join!(connect(&host.settings), server);
    (result.expect_err("logged in"), host.settings)
}

fn stream_error(condition: &str) -> String {
    format!(
        "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>it's so</text></stream:error></stream:stream>"
    )
}

#[tokio::test]
async fn a_refused_login_says_what_to_change_and_where() {
    let check = async |header: &str, answer: &str, pace: Pace, words: &[&str]| {
        let (error, settings) = login(header, answer).await;
        let advice = error.advice(&settings);
        for word in words.iter().chain(&[settings.server.as_str()]) {
            assert!(advice.contains(word), "no {word} in {advice}");
        }
        assert!(!advice.contains('\n') && !advice.contains(SECRET), "{advice}");
        assert_eq!(error.pace(), pace, "{advice}");
    };
    let secret = [
        "secret of pubsub.localhost",
        "`component_secret` under Component \"pubsub.localhost\" in prosody.cfg.lua",
        "`password`",
        "`ejabberd_service` in ejabberd.yml",
        "`secret` under [[service]] in component.toml",
    ];
    check(HEADER, &stream_error("not-authorized"), Pace::Slow, &secret).await;
    let unknown = ["does not know pubsub.localhost", "Component \"pubsub.localhost\"", "`hosts:`", "`jid`"];
    check(HEADER, &stream_error("host-unknown"), Pace::Slow, &unknown).await;
    // Prosody says so before it sees the handshake.
    check(&format!("{HEADER}{}", stream_error("host-unknown")), "", Pace::Slow, &unknown).await;
    check(HEADER, &stream_error("conflict"), Pace::Slow, &["another component", "kick_old"]).await;
    check(HEADER, &stream_error("policy-violation"), Pace::Soon, &["policy-violation (\"it's so\")"]).await;
    check(HEADER, "</stream:stream>", Pace::Soon, &["closed the connection during login"]).await;
    let port = ["does not speak the component protocol", "`component_ports` in prosody.cfg.lua"];
    check(HEADER, &stream_error("invalid-namespace"), Pace::Soon, &port).await;
    check(HEADER, "<features/>", Pace::Soon, &port).await;
    check(HEADER, "220 mail.example.org ESMTP", Pace::Soon, &port).await;
    check("<html>", "", Pace::Soon, &port).await;
    check(&HEADER.replace(" id='3BF96D32'", ""), "", Pace::Soon, &port).await;
    check(HEADER, "<handshake", Pace::Soon, &["did not answer in time"]).await;
    check("SSH-2.0-OpenSSH_9.2\r\n", "", Pace::Soon, &["did not answer in time"]).await;
}

#[tokio::test]
async fn an_unreachable_server_is_told_apart() {
    let host = Host::new().await;
    let settings = host.settings.clone();
    drop(host);
    let refused = connect(&settings).await.unwrap_err();
    assert!(matches!(refused, LoginError::Refused), "{refused}");
    assert!(refused.advice(&settings).contains("nothing listens at 127.0.0.1"));
    let nowhere = Settings { server: "no-such-host.invalid:5347".into(), ..settings.clone() };
    let error = connect(&nowhere).await.unwrap_err();
    assert!(matches!(error, LoginError::NoAddress(_)), "{error}");
    assert!(error.advice(&nowhere).contains("no-such-host.invalid:5347 has no address"));
    let closed = Host::new().await;
    let (error, ()) = tokio::join!(connect(&closed.settings), async { drop(closed.accept().await) });
    assert!(matches!(error, Err(LoginError::Closed)), "{error:?}");
}

#[test]
fn a_secret_is_never_shown() {
    let settings = Settings::new(JID, "localhost:5347", Secret::new(SECRET));
    let shown = format!("{settings:?} {:#?}", settings.secret);
    assert!(shown.contains("[hidden]") && !shown.contains(SECRET), "{shown}");
}

#[test]
fn pauses_grow_and_are_capped() {
    let mut backoff = Backoff::new(&Timeouts::default());
    let pauses: Vec<_> = (0..11).map(|_| backoff.pause(Pace::Soon, 1.0).as_millis()).collect();
    assert_eq!(pauses, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000]);
    assert_eq!(backoff.pause(Pace::Soon, 0.0), ms(0));
    assert_eq!(backoff.pause(Pace::Soon, 0.5), ms(30_000));
    // A short connection is no success.
    backoff.held(ms(14_999));
    assert_eq!(backoff.pause(Pace::Soon, 1.0), ms(60_000));
    backoff.held(ms(15_000));
    assert_eq!(backoff.pause(Pace::Soon, 1.0), ms(200));
    backoff.held(ms(15_000));
    assert_eq!(backoff.pause(Pace::Slow, 0.0), ms(15_000));
    let slow: Vec<_> = (0..20).map(|_| backoff.pause(Pace::Slow, 1.0).as_millis()).collect();
    assert!(
        slow.iter().all(|pause| (15_000..=60_000).contains(pause)) && slow.ends_with(&[60_000]),
        "{slow:?}"
    );
}

#[test]
fn the_same_complaint_is_not_repeated_at_once() {
    let (mut repeat, start) = (Repeat::new(ms(600_000)), Instant::now());
    assert!(repeat.is_due("one", start));
    assert!(!repeat.is_due("one", start + ms(599_999)));
    assert!(repeat.is_due("one", start + ms(600_000)));
    assert!(repeat.is_due("two", start + ms(600_001)));
    repeat.clear();
    assert!(repeat.is_due("two", start + ms(600_002)));
}

/// Where the log goes while a test looks at it.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_wrong_secret_is_retried_and_logged_once() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let host = Host::new().await;
    let component = Component::start(&host.settings);
    for _ in 0..4 {
        let mut peer = host.accept().await;
        peer.send(HEADER).await;
        peer.read_until("</handshake>").await;
        peer.send(&stream_error("not-authorized")).await;
        assert!(peer.is_closed().await);
    }
    assert!(!component.link.is_up());
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("component_secret").count(), 1, "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("ERROR") && !log.contains(SECRET), "{log}");
}

#[tokio::test]
async fn stanzas_come_up_and_answers_go_down() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send(" <iq type='get' id='1'/><message id='2'/>\n<presence").await;
    peer.send(" id='3'/>").await;
    for expected in ["1", "2", "3"] {
        let (id, ticket) = component.stanza().await;
        assert_eq!(id, expected);
        component.link.reply(format!("<iq type='result' id='{id}'/>").into(), ticket);
        assert_eq!(peer.read_until("/>").await, format!("<iq type='result' id='{id}'/>"));
    }
}

#[tokio::test]
async fn what_comes_with_the_end_of_the_login_is_not_lost() {
    let host = Host::new().await;
    let component = Component::start(&host.settings);
    let mut peer = host.accept().await;
    peer.send(HEADER).await;
    peer.read_until("</handshake>").await;
    peer.send("<handshake/><message id='at once'/>").await;
    let mut component = component;
    component.expect_up().await;
    assert_eq!(component.stanza().await.0, "at once");
}

#[tokio::test]
async fn a_refused_stanza_is_told_and_the_next_one_passes() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    let deep =
        format!("<iq type='set' id='deep' from='a@b/c'>{}{}</iq>", "<a>".repeat(5_000), "</a>".repeat(5_000));
    let odd = "<iq type='get' id='odd' from='a@b/c'>&nbsp;</iq><presence><show>zzz</show></presence>";
    let nonza = "<stream:features/><sasl xmlns='urn:other'/>";
    let stream = format!("{deep}{odd}{nonza}<message id='next'/>");
    peer.send(&stream).await;
    for (expected, is_deep) in [("deep", true), ("odd", false)] {
        match component.next().await {
            Inbound::Refused { head, why, ticket } => {
                assert_eq!((head.id.as_deref(), head.from.as_deref()), (Some(expected), Some("a@b/c")));
                assert!(head.wants_answer());
                assert_eq!(why == XmlError::Over(Limit::Depth), is_deep, "{why}");
                component.link.reply("<iq type='error'/>".into(), ticket);
            }
            other @ (Inbound::Up | Inbound::Stanza(..) | Inbound::Down) => panic!("{other:?}"),
        }
        peer.read_until("<iq type='error'/>").await;
    }
    assert_eq!(component.stanza().await.0, "");
    assert_eq!(component.stanza().await.0, "next");
}

#[tokio::test]
async fn a_lost_link_comes_back() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    for farewell in ["", "</stream:stream>", &stream_error("system-shutdown"), "garbage", "<!DOCTYPE x>"] {
        peer.send(farewell).await;
        drop(peer);
        component.expect_down().await;
        assert!(component.link.session().is_err());
        peer = host.log_in().await;
        component.expect_up().await;
    }
    peer.send("<message id='1'/>").await;
    assert_eq!(component.stanza().await.0, "1");
}

#[tokio::test]
async fn an_answer_waits_for_the_next_connection_but_notices_do_not() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    let old = component.link.session().unwrap();
    drop(peer);
    component.expect_down().await;
    assert_eq!(old.notices("<message/>".into()).await, Err(Down));
    assert_eq!(old.barrier().await, Err(Down));
    component.link.reply("<iq type='result' id='1'/>".into(), ticket);
    let mut peer = host.log_in().await;
    assert_eq!(peer.read_until("/>").await, "<iq type='result' id='1'/>");
    component.expect_up().await;
    // The old connection's handle stays down: its barrier would vouch for notices that are lost.
    assert!(!old.is_up());
    assert_eq!(old.barrier().await, Err(Down));
    assert!(component.link.next_session().await.unwrap().is_up());
}

#[tokio::test]
async fn a_quiet_host_is_asked_and_a_dead_one_is_left() {
    let mut host = Host::new().await;
    host.settings.timeouts.quiet = ms(50);
    let (mut component, mut peer) = host.link().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (before, id) = peer.read_ping().await;
        assert!(before.starts_with("<iq "), "{before}");
        peer.send_ping_back(&id).await;
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3, "each ping has an id of its own");
    // Any byte is a sign of life.
    peer.read_ping().await;
    for _ in 0..4 {
        sleep(ms(100)).await;
        peer.send(" ").await;
    }
    assert!(component.inbound.try_recv().is_err(), "still up, and pings are not handed up");
    let began = Instant::now();
    component.expect_down().await;
    assert!((ms(150)..ms(1_000)).contains(&began.elapsed()), "after {:?}", began.elapsed());
    let _peer = host.log_in().await;
    component.expect_up().await;
}

#[tokio::test]
async fn a_barrier_stands_behind_the_notices_and_vouches_for_them() {
    let host = Host::new().await;
    let (component, mut peer) = host.link().await;
    let session = component.link.session().unwrap();
    session.notices("<message id='1'/>".into()).await.unwrap();
    session.notices("<message id='2'/>".into()).await.unwrap();
    let (first, second) = (session.clone(), session.clone());
    let first = tokio::spawn(async move { first.barrier().await });
    let (before, first_id) = peer.read_ping().await;
    assert!(before.starts_with("<message id='1'/><message id='2'/><iq "), "{before}");
    assert!(!first.is_finished());
    session.notices("<message id='3'/>".into()).await.unwrap();
    let second = tokio::spawn(async move { second.barrier().await });
    let (before, second_id) = peer.read_ping().await;
    assert!(before.starts_with("<message id='3'/><iq "), "{before}");
    // What looks like a ping but is none of ours changes nothing.
    peer.send_ping_back("0-0").await;
    peer.send_ping_back(&first_id).await;
    assert_eq!(timeout(ms(1_000), first).await.unwrap().unwrap(), Ok(()));
    assert!(!second.is_finished());
    // An error is an answer too.
    peer.send(&format!("<iq type='error' id='{second_id}'/>")).await;
    assert_eq!(timeout(ms(1_000), second).await.unwrap().unwrap(), Ok(()));
    let lost = tokio::spawn(async move { session.barrier().await });
    peer.read_ping().await;
    drop(peer);
    assert_eq!(timeout(ms(1_000), lost).await.unwrap().unwrap(), Err(Down));
}

#[tokio::test]
async fn a_host_that_swallows_our_pings_is_left() {
    let mut host = Host::new().await;
    host.settings.timeouts.barrier = ms(100);
    let (mut component, mut peer) = host.link().await;
    let session = component.link.session().unwrap();
    let barrier = tokio::spawn(async move { session.barrier().await });
    for id in 0..12 {
        // It may be closed by then.
        let _ = peer.stream.write_all(format!("<message id='{id}'/>").as_bytes()).await;
        sleep(ms(20)).await;
    }
    assert_eq!(timeout(ms(1_000), barrier).await.unwrap().unwrap(), Err(Down));
    for _ in 0..12 {
        match component.next().await {
            Inbound::Stanza(..) => {}
            Inbound::Down => return,
            other @ (Inbound::Up | Inbound::Refused { .. }) => panic!("{other:?}"),
        }
    }
    panic!("still up");
}

#[tokio::test]
async fn answers_overtake_notices_and_a_slow_host_fills_no_memory() {
    let mut host = Host::new().await;
    host.settings.timeouts.barrier = ms(10_000);
    let (mut component, mut peer) = host.link().await;
    let session = component.link.session().unwrap();
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    // Nobody reads, so the socket fills, then the queue, then the sender waits.
    let batch = format!("<message>{}</message>", "n".repeat(1024 * 1024));
    let mut queued = 0;
    while timeout(ms(200), session.notices(batch.clone().into())).await.is_ok() {
        queued += 1;
        assert!(queued < 100, "the queue has no end");
    }
    assert!(queued >= NOTICE_BATCHES_MAX);
    component.link.reply("<iq type='result' id='1'/>".into(), ticket);
    // The answer passes all that is not in the socket yet.
    let before = peer.read_until("<iq type='result' id='1'/>").await;
    assert!(before.matches("</message>").count() <= queued - NOTICE_BATCHES_MAX, "answers wait");
}

#[tokio::test]
async fn no_more_is_read_than_can_be_answered() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    let many: String = "<iq type='get'/>".repeat(2 * REQUESTS_IN_FLIGHT_MAX);
    peer.send(&many).await;
    let mut tickets = Vec::new();
    while let Ok(Some(Inbound::Stanza(_, ticket))) = timeout(ms(200), component.inbound.recv()).await {
        tickets.push(ticket);
    }
    assert_eq!(tickets.len(), REQUESTS_IN_FLIGHT_MAX);
    // A dropped ticket makes room, and so does a written answer.
    tickets.pop();
    tickets.push(component.stanza().await.1);
    component.link.reply("<iq/>".into(), tickets.pop().unwrap());
    peer.read_until("<iq/>").await;
    tickets.push(component.stanza().await.1);
    // Above the bound on queued bytes, tickets do not help.
    let large = format!("<iq>{}</iq>", "x".repeat(REPLY_BYTES_MAX));
    for _ in 0..2 {
        component.link.reply(large.clone().into(), tickets.pop().unwrap());
    }
    drop(tickets);
    while let Ok(Some(_)) = timeout(ms(100), component.inbound.recv()).await {}
    peer.send("<iq type='get' id='late'/>").await;
    assert!(timeout(ms(200), component.inbound.recv()).await.is_err(), "more was read");
    for _ in 0..2 {
        peer.read_until("</iq>").await;
    }
    component.stanza().await;
}

#[tokio::test]
async fn a_host_that_takes_nothing_is_left_and_answers_are_kept() {
    let mut host = Host::new().await;
    host.settings.timeouts.stall = ms(200);
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    let answer = format!("<iq id='1'>{}</iq>", "x".repeat(REPLY_BYTES_MAX));
    component.link.reply(answer.clone().into(), ticket);
    component.expect_down().await;
    let mut peer = host.log_in().await;
    assert_eq!(peer.read_until("</iq>").await, answer);
    component.expect_up().await;
}

#[tokio::test]
async fn a_shut_down_link_says_goodbye_after_its_answers() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    component.link.session().unwrap().notices("<message/>".into()).await.unwrap();
    component.link.shut_down();
    let link = component.link.clone();
    tokio::spawn(async move {
        sleep(ms(50)).await;
        link.reply("<iq type='result' id='1'/>".into(), ticket);
    });
    assert!(peer.is_closed().await);
    assert_eq!(peer.seen, "<message/><iq type='result' id='1'/></stream:stream>");
    component.expect_down().await;
    timeout(ms(1_000), component.task).await.unwrap().unwrap();
    assert!(component.link.next_session().await.is_err());
}

#[tokio::test]
async fn a_shut_down_does_not_wait_for_an_answer_that_never_comes() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let _kept = component.stanza().await;
    component.link.shut_down();
    timeout(ms(1_000), component.task).await.unwrap().unwrap();
    // Nor is it started again while there is no server.
    let alone = Component::start(&host.settings);
    alone.link.shut_down();
    timeout(ms(1_000), alone.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_link_without_handles_ends() {
    let host = Host::new().await;
    let (component, mut peer) = host.link().await;
    drop(component.link);
    assert!(peer.is_closed().await);
    timeout(ms(1_000), component.task).await.unwrap().unwrap();
}

/// A host with Nagle's algorithm sends the second half of a stanza once the first is acknowledged, for which systems
/// take their time where they expect to send something anyway.
#[tokio::test]
async fn a_stanza_in_pieces_is_not_held_up() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.stream.set_nodelay(false).unwrap();
    let begin = Instant::now();
    for round in 0..20 {
        peer.send(&format!("<iq type='get' from='juliet@localhost' to='{JID}' id='{round}'>")).await;
        peer.send("<half/>").await;
        peer.send("</iq>").await;
        let (id, ticket) = component.stanza().await;
        assert_eq!(id, round.to_string());
        component.link.reply(format!("<iq type='result' id='{round}'/>").into(), ticket);
        peer.read_until("/>").await;
    }
    // Some 40 ms each would be 800.
    assert!(begin.elapsed() < ms(400), "it took {:?}", begin.elapsed());
}
