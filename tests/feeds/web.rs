//! A web server on loopback that says what it is told to say, byte by byte, and notes what it was asked.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The server.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pages: BTreeMap<String, Page>,
    asked: Vec<Asked>,
}

/// What is at a path.
#[derive(Clone, Default)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether nothing is ever said.
    pub(crate) is_silent: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// The head, as it came.
    pub(crate) head: String,
}

impl Asked {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Page {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn to(status: u16, location: impl Into<String>) -> Self {
        Self::status(status).with("Location", location)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Whether whoever asks has this already.
    fn is_known(&self, asked: &Asked) -> bool {
        let tag = self.headers.iter().find(|(name, _)| name == "ETag").map(|(_, tag)| tag.as_str());
        tag.is_some() && asked.header("if-none-match") == tag
    }

    fn write(&self, asked: &Asked, to: &mut TcpStream) {
        if self.is_silent {
            thread::park();
        }
        let (status, body) =
            if self.is_known(asked) { (304, &[][..]) } else { (self.status, &self.body[..]) };
        let mut head =
            format!("HTTP/1.1 {status} So\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        // Whoever had enough has gone.
        let _ = to
            .write_all(head.as_bytes())
            .and_then(|()| to.write_all(b"\r\n"))
            .and_then(|()| to.write_all(body));
    }
}

impl Web {
    pub(crate) fn start() -> Self {
        Self::on("127.0.0.1:0")
    }

    pub(crate) fn on(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&serving);
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn put(&self, path: &str, page: Page) {
        self.state.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let asked = Asked { path, head };
    let page = {
        let mut state = state.lock().unwrap();
        state.asked.push(asked.clone());
        state.pages.get(&asked.path).cloned().unwrap_or_else(|| Page::status(404))
    };
    page.write(&asked, &mut stream);
}
