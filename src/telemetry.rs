//! Where logs go: standard error, as text or JSON, as much of it as `RUST_LOG` asks for.
//!
//! Levels mean something: error, the operator must act; warn, will have to; info, the life of the program; debug,
//! requests. Payloads and secrets are never logged.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterFn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Sends what is logged from now on to standard error. Says why `RUST_LOG` is not followed where it makes no sense.
pub fn init(format: LogFormat) {
    let wanted = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let colours = format == LogFormat::Auto
        && std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none();
    let (filter, nonsense) = filter(&wanted);
    // A subscriber that is there already is a test's, and stays.
    let _ = subscriber(format, filter, colours, std::io::stderr).try_init();
    if let Some(nonsense) = nonsense {
        tracing::warn!("RUST_LOG is not followed, {nonsense}; write it like RUST_LOG=info,atomsub=debug");
    }
}

/// What is logged when nobody says more: of the store's engine only what is wrong.
const USUAL: &str = "info,fjall=warn,lsm_tree=warn";

/// What `RUST_LOG` asks for, or the usual and what is wrong with it.
pub fn filter(wanted: &str) -> (EnvFilter, Option<String>) {
    if wanted.is_empty() {
        return (EnvFilter::new(USUAL), None);
    }
    let parser = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    match parser.parse(wanted) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(USUAL), Some(error.to_string())),
    }
}

/// A subscriber that writes lines of that format.
pub fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    colours: bool,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).with_ansi(colours);
    let lines = match format {
        LogFormat::Auto | LogFormat::Text => lines.compact().boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(FilterFn::new(keeps_stream_private))).with(filter)
}

/// At its most verbose, tokio-xmpp logs the bytes of the stream: handshake, messages, everything.
fn keeps_stream_private(of: &Metadata<'_>) -> bool {
    !of.target().starts_with("tokio_xmpp") || *of.level() <= Level::DEBUG
}
