//! How a link is made: what a failed login says, how often it is tried again, and what the log tells of it.

use std::time::Instant;

use atomsub::host::{Backoff, LoginError, Pace, Repeat, Secret, Settings, Timeouts, connect};

use crate::host::{Component, HEADER, Host, JID, SECRET, ms, stream_error};

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
