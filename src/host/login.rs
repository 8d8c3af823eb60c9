//! Why a login failed, and what to change in which file. Pure.

use std::io;

use thiserror::Error;

use super::{Pace, Settings};
use crate::xml::{STREAM_NS, Tree};

const CONDITIONS_NS: &str = "urn:ietf:params:xml:ns:xmpp-streams";

/// A stream error as the server sent it (RFC 6120 4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamError {
    /// The condition, such as `conflict`.
    pub condition: String,
    /// What the server says about it.
    pub text: Option<String>,
}

impl StreamError {
    /// The stream error that this is, if it is one.
    pub fn read(stanza: &Tree) -> Option<Self> {
        let error = stanza.root();
        if !error.is("error", STREAM_NS) {
            return None;
        }
        let condition = error.children().find(|child| child.ns() == CONDITIONS_NS && child.name() != "text");
        Some(Self {
            condition: condition.map_or("undefined-condition", |child| child.name()).to_owned(),
            text: error.child("text", CONDITIONS_NS).map(|text| text.text().into_owned()),
        })
    }
}

impl std::fmt::Display for StreamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{} ({text:?})", self.condition),
            None => f.write_str(&self.condition),
        }
    }
}

/// Why the component could not log in.
#[derive(Debug, Error)]
pub enum LoginError {
    /// The server's name has no address.
    #[error("no address: {0}")]
    NoAddress(io::Error),
    /// Nothing listens there.
    #[error("connection refused")]
    Refused,
    /// Connected or not, it took too long.
    #[error("no answer in time")]
    Timeout,
    /// The connection failed otherwise.
    #[error("connection failed: {0}")]
    Io(io::Error),
    /// The server closed the connection without a word.
    #[error("connection closed")]
    Closed,
    /// Wrong secret; ejabberd says so for an unknown host too.
    #[error("not authorized")]
    NotAuthorized,
    /// The server has no such component.
    #[error("host unknown")]
    HostUnknown,
    /// Another component is connected with this JID.
    #[error("conflict")]
    Conflict,
    /// Another stream error.
    #[error("stream error: {0}")]
    Stream(StreamError),
    /// What answers does not speak XEP-0114.
    #[error("not a component port: {0}")]
    NotComponent(String),
}

impl From<StreamError> for LoginError {
    fn from(error: StreamError) -> Self {
        match error.condition.as_str() {
            "not-authorized" => Self::NotAuthorized,
            "host-unknown" | "host-gone" => Self::HostUnknown,
            "conflict" => Self::Conflict,
            // What a port for clients says.
            "invalid-namespace" => Self::NotComponent(error.to_string()),
            _ => Self::Stream(error),
        }
    }
}

impl From<io::Error> for LoginError {
    fn from(error: io::Error) -> Self {
        // How the XML parser puts it when the stream ends too early.
        let parse_error = error.get_ref().and_then(|inner| inner.downcast_ref::<rxml::Error>());
        if matches!(parse_error, Some(rxml::Error::InvalidEof(_))) {
            return Self::Closed;
        }
        // Not all kinds can be listed: the standard library keeps adding some.
        if error.kind() == io::ErrorKind::ConnectionRefused {
            Self::Refused
        } else if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) {
            Self::Closed
        } else if error.kind() == io::ErrorKind::InvalidData {
            Self::NotComponent(error.to_string())
        } else {
            Self::Io(error)
        }
    }
}

impl LoginError {
    /// How soon another attempt makes sense.
    pub fn pace(&self) -> Pace {
        match self {
            Self::NotAuthorized | Self::HostUnknown | Self::Conflict => Pace::Slow,
            Self::NoAddress(_)
            | Self::Refused
            | Self::Timeout
            | Self::Io(_)
            | Self::Closed
            | Self::Stream(_)
            | Self::NotComponent(_) => Pace::Soon,
        }
    }

    /// One line that says what happened, what to change, and where.
    pub fn advice(&self, settings: &Settings) -> String {
        let (jid, server) = (&settings.jid, &settings.server);
        let port = "`component_ports` in prosody.cfg.lua, or the port of `ejabberd_service` in ejabberd.yml";
        match self {
            Self::NoAddress(error) => format!(
                "{server} has no address ({error}): correct `server` under [[service]] in component.toml"
            ),
            Self::Refused => format!(
                "nothing listens at {server}: start the XMPP server, or make `server` under [[service]] in \
                 component.toml agree with {port}"
            ),
            Self::Timeout => format!(
                "{server} did not answer in time: look for a firewall, or for a wrong `server` under [[service]] \
                 in component.toml; it has to be {port}"
            ),
            Self::Io(error) => format!("the connection to {server} failed: {error}"),
            Self::Closed => format!(
                "{server} closed the connection during login: its log says why; make sure that `server` under \
                 [[service]] in component.toml is {port}"
            ),
            Self::NotAuthorized => format!(
                "{server} refused the secret of {jid}: make `secret` under [[service]] in component.toml equal to \
                 `component_secret` under Component \"{jid}\" in prosody.cfg.lua, or to `password` of \"{jid}\" \
                 under `hosts:` of `ejabberd_service` in ejabberd.yml (which has to list that host)"
            ),
            Self::HostUnknown => format!(
                "{server} does not know {jid}: add Component \"{jid}\" with its `component_secret` to \
                 prosody.cfg.lua, or \"{jid}\" with its `password` to `hosts:` of `ejabberd_service` in \
                 ejabberd.yml, or correct `jid` or `server` under [[service]] in component.toml"
            ),
            Self::Conflict => format!(
                "another component is connected to {server} as {jid}: stop it; after a broken connection the server \
                 may take a while to notice (`component_conflict_resolve = \"kick_old\"` in prosody.cfg.lua helps)"
            ),
            Self::Stream(error) => format!("{server} ended the stream of {jid}: {error}"),
            Self::NotComponent(what) => format!(
                "{server} does not speak the component protocol ({what}): `server` under [[service]] in \
                 component.toml has to be {port}"
            ),
        }
    }
}
