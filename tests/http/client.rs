//! A client of HTTP that says exactly what it is told to, and hides nothing of what comes back.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }
}

/// Asks once, on a connection of its own.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    request(address, method, path, headers, None)
}

/// The same, with something that is sent along.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Answer {
    request(address, method, path, headers, Some(body.as_ref()))
}

fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(body) = body {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut connection = connect(address);
    connection.write_all((head + "\r\n").as_bytes()).unwrap();
    // Whoever refuses it need not read all of it.
    let _ = connection.write_all(body.unwrap_or_default());
    read(&mut connection).unwrap_or_else(|| panic!("no answer to {method} {path}"))
}

/// Hands over a body.
pub(crate) fn post(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n");
    head += &format!("Content-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut connection = connect(address);
    // Where it is refused before it is read, that may fail.
    let _ = connection.write_all(&[(head + "\r\n").as_bytes(), body].concat());
    read(&mut connection).unwrap_or_else(|| panic!("no answer to POST {path}"))
}

/// A stream of events, as it comes.
pub(crate) struct Events {
    reader: BufReader<TcpStream>,
    pub(crate) head: String,
    /// What came and was not read.
    text: String,
}

impl Events {
    /// Begins to listen.
    pub(crate) fn listen(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection = connect(address);
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: a\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        connection.write_all((head + "\r\n").as_bytes()).unwrap();
        let mut reader = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "ended in its head: {head}");
        }
        Self { reader, head: head.to_ascii_lowercase(), text: String::new() }
    }

    /// The next event, or whatever ends with an empty line; none at the end.
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(event);
            }
            let mut size = String::new();
            self.reader.read_line(&mut size).ok().filter(|read| *read > 0)?;
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            if size == 0 {
                return None;
            }
            let mut chunk = vec![0; size + 2];
            self.reader.read_exact(&mut chunk).unwrap();
            self.text += str::from_utf8(&chunk[..size]).unwrap();
        }
    }
}

/// A connection on which nobody waits for ever.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    connection
}

/// All that comes until the connection ends, as an answer; none where nothing came.
pub(crate) fn read(connection: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    match connection.read_to_end(&mut bytes) {
        Ok(_) => {}
        // It was ended while we were still writing.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection does not end: {error}"),
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let body = bytes[end + 4..].to_vec();
    assert!(headers.iter().all(|(name, _)| name != "transfer-encoding"), "read it with Events");
    Some(Answer { status, headers, body })
}
