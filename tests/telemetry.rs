//! What is logged, and what never is.

#![expect(clippy::unwrap_used, reason = "a lock is only poisoned when the test has failed already")]

use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use atomsub::config::LogFormat;
use atomsub::telemetry::{filter, subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// A place for lines.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Page {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The lines of a few events under that `RUST_LOG`.
fn lines(format: LogFormat, wanted: &str) -> String {
    let page = Page::default();
    tracing::subscriber::with_default(subscriber(format, filter(wanted).0, false, page.clone()), || {
        tracing::debug!(node = "blog", "answered");
        tracing::info!(node = "blog", "created");
        tracing::info!(target: "fjall::db", "created too");
    });
    page.text()
}

#[test]
fn requests_are_only_told_when_asked_for() {
    for (wanted, expected) in
        [("", ["created"].as_slice()), ("debug", &["answered", "created", "created"]), ("warn", &[])]
    {
        let text = lines(LogFormat::Text, wanted);
        let told: Vec<&str> =
            text.lines().map(|line| if line.contains("created") { "created" } else { "answered" }).collect();
        assert_eq!(told, expected, "RUST_LOG={wanted}");
    }
}

#[test]
fn json_has_one_object_a_line_with_the_fields_at_the_top() {
    let text = lines(LogFormat::Json, "");
    assert!(text.starts_with('{') && text.ends_with("}\n") && text.lines().count() == 1, "{text}");
    assert!(text.contains(r#""message":"created","node":"blog""#), "{text}");
}

#[test]
fn nonsense_in_rust_log_is_said_and_changes_nothing() {
    let (kept, nonsense) = filter("atomsub=loud");
    assert_eq!(kept.to_string(), filter("").0.to_string());
    assert!(nonsense.is_some());
    assert!(filter("info,atomsub=debug").1.is_none());
}

/// The only test that takes the place of the process's own subscriber, which is where `log` leads to.
#[test]
fn the_bytes_of_the_stream_are_never_logged() {
    let page = Page::default();
    subscriber(LogFormat::Text, filter("trace,tokio_xmpp=trace").0, false, page.clone()).init();
    log::trace!(target: "tokio_xmpp::xmlstream::capture", "SEND <handshake>hunter2</handshake>");
    tracing::trace!(target: "tokio_xmpp::xmlstream::capture", "SEND <handshake>hunter2</handshake>");
    log::debug!(target: "tokio_xmpp::xmlstream", "stream is open");
    log::trace!(target: "elsewhere", "a detail");
    let text = page.text();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("stream is open") && text.contains("a detail"), "{text}");
}
