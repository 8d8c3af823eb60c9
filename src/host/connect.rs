//! From an address to a stream that is logged in (XEP-0114 3).

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_xmpp::xmlstream::{StreamHeader, Timeouts, initiate_stream};
use xmpp_parsers::component::Handshake;

use super::{LoginError, Settings, StreamError};
use crate::limits::READ_BYTES;
use crate::xml::{COMPONENT_NS, Writer};
use crate::xmpp::guard::{Arrival, Guard, read};

/// How long a silent peer is trusted by TCP before it asks whether it is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
/// How often it then asks.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// A stream that is logged in.
#[derive(Debug)]
pub struct Connection {
    pub(super) reader: BufReader<OwnedReadHalf>,
    pub(super) writer: OwnedWriteHalf,
    /// It may hold stanzas already that came with the end of the login.
    pub(super) guard: Guard,
}

/// Connects and logs in.
pub async fn connect(settings: &Settings) -> Result<Connection, LoginError> {
    timeout(settings.timeouts.login, log_in(settings)).await.unwrap_or(Err(LoginError::Timeout))
}

async fn log_in(settings: &Settings) -> Result<Connection, LoginError> {
    let (read, write) = dial(settings).await?.into_split();
    // Only our own buffer reads ahead, so the stream can be taken over from tokio-xmpp without a loss.
    let io = tokio::io::join(BufReader::with_capacity(READ_BYTES, read), write);
    let header = StreamHeader { to: Some(settings.jid.as_str().into()), from: None, id: None };
    let patience = settings.timeouts.login;
    let timeouts = Timeouts { read_timeout: patience, response_timeout: patience };
    let mut stream = initiate_stream(io, COMPONENT_NS, header, timeouts).await?;
    let id = stream.take_header().id;
    let (reader, mut writer) = stream.skip_features::<Handshake>().into_inner().into_inner();
    let id = id.ok_or_else(|| LoginError::NotComponent("no stream id".into()))?;
    // A server that has refused the header already may not take this any more; what it said is read all the same.
    let sent = writer.write_all(handshake(&id, settings).as_bytes()).await;
    let connection = Connection { reader, writer, guard: Guard::new(&settings.limits) };
    match answer(connection, settings).await {
        Err(LoginError::Closed) => Err(sent.map_or_else(LoginError::from, |()| LoginError::Closed)),
        other => other,
    }
}

/// Resolves the name each time, as the server may have moved.
async fn dial(settings: &Settings) -> Result<TcpStream, LoginError> {
    let addresses = lookup_host(&settings.server).await.map_err(LoginError::NoAddress)?;
    let mut last = LoginError::NoAddress(std::io::ErrorKind::NotFound.into());
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                tune(&stream, settings)?;
                return Ok(stream);
            }
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

fn tune(stream: &TcpStream, settings: &Settings) -> Result<(), LoginError> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(settings.timeouts.stall))?;
    Ok(())
}

fn handshake(stream_id: &str, settings: &Settings) -> String {
    let handshake = Handshake::from_stream_id_and_password(stream_id.to_owned(), settings.secret.reveal());
    let digest: String = handshake.data.iter().flatten().flat_map(|byte| hex(*byte)).collect();
    let mut xml = Writer::new();
    xml.open("handshake").text(&digest);
    xml.finish()
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'))
}

/// Reads what the server says to the handshake.
async fn answer(mut connection: Connection, settings: &Settings) -> Result<Connection, LoginError> {
    loop {
        let frame =
            connection.guard.next_frame().map_err(|error| LoginError::NotComponent(error.to_string()))?;
        if let Some(frame) = frame {
            return match read(frame, &settings.limits) {
                Arrival::Stanza(stanza) if stanza.root().is("handshake", COMPONENT_NS) => Ok(connection),
                Arrival::Stanza(stanza) => Err(match StreamError::read(&stanza) {
                    Some(error) => error.into(),
                    None => LoginError::NotComponent(format!("<{}/>", stanza.root().name())),
                }),
                Arrival::Refused { why, .. } => Err(LoginError::NotComponent(why.to_string())),
                Arrival::Footer => Err(LoginError::Closed),
            };
        }
        let bytes = connection.reader.fill_buf().await?;
        if bytes.is_empty() {
            return Err(LoginError::Closed);
        }
        connection.guard.feed(bytes);
        let taken = bytes.len();
        connection.reader.consume(taken);
    }
}
