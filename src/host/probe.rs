//! Whether what is sent to ourselves comes back: the host reads us, and routes to us. For `atomsub check`.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::{Connection, Settings};
use crate::xml::Writer;
use crate::xmpp::guard::{Arrival, read};

impl Connection {
    /// Asks ourselves for disco#info (XEP-0030) through the host, and waits for the question to come back; then closes
    /// the stream. An error says what happened instead.
    pub async fn probe(mut self, settings: &Settings) -> Result<(), String> {
        let id = format!("{:032x}", rand::random::<u128>());
        let came_back = timeout(settings.timeouts.answer, async {
            self.writer
                .write_all(question(&settings.jid, &id).as_bytes())
                .await
                .map_err(|error| error.to_string())?;
            self.awaits(&id, settings).await
        });
        let came_back = came_back.await.unwrap_or_else(|_| Err("nothing came back in time".to_owned()));
        // The host may have closed its end already.
        let _ = timeout(settings.timeouts.drain, self.writer.write_all(b"</stream:stream>")).await;
        came_back
    }

    /// Reads on until the question comes back; what others send meanwhile is not for a probe.
    async fn awaits(&mut self, id: &str, settings: &Settings) -> Result<(), String> {
        loop {
            while let Some(frame) = self.guard.next_frame().map_err(|error| error.to_string())? {
                match read(frame, &settings.limits) {
                    Arrival::Stanza(stanza) if stanza.root().attr("id") == Some(id) => {
                        return match stanza.root().attr("type") {
                            Some("get") => Ok(()),
                            _ => Err("an error came back".to_owned()),
                        };
                    }
                    Arrival::Stanza(stanza) => {
                        if let Some(error) = super::StreamError::read(&stanza) {
                            return Err(error.to_string());
                        }
                    }
                    Arrival::Refused { .. } => {}
                    Arrival::Footer => return Err("the stream was closed".to_owned()),
                }
            }
            let bytes = self.reader.fill_buf().await.map_err(|error| error.to_string())?;
            if bytes.is_empty() {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).to_string());
            }
            self.guard.feed(bytes);
            let taken = bytes.len();
            self.reader.consume(taken);
        }
    }
}

fn question(jid: &str, id: &str) -> String {
    let mut xml = Writer::new();
    xml.open("iq").attr("type", "get").attr("from", jid).attr("to", jid).attr("id", id);
    xml.open("query").attr("xmlns", "http://jabber.org/protocol/disco#info");
    xml.finish()
}
