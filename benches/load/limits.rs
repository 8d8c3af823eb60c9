//! What this machine can do at most: write to the disk and wait for it, answer over a socket without thinking, send
//! over a socket what is ready.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::flow::{Flow, median};
use crate::harness::process::Scratch;
use crate::host::{Door, Heard, Host, component};
use crate::plan::Plan;
use crate::service::on_disk;
use crate::splitter::{Splitter, attr, head};
use crate::stanza::SERVICE;

/// Bytes of a publish.
const RECORD: usize = 1300;
/// Bytes of a file that is laid out, more than are written in one turn.
const LAID_OUT: usize = 32 << 20;

/// A file on the disk on which stores are.
pub(crate) struct Disk {
    file: File,
    _dir: Scratch,
}

impl Disk {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let dir = on_disk();
        Self { file: File::create(dir.path().join("appended")).unwrap(), _dir: dir }
    }

    /// One whose bytes are all there already: what is written in it changes nothing else on the disk.
    pub(crate) fn laid_out() -> Self {
        let mut disk = Self::new();
        for _ in 0..LAID_OUT / (64 * RECORD) {
            disk.file.write_all(&vec![b'o'; 64 * RECORD]).unwrap();
        }
        disk.file.sync_all().unwrap();
        disk.file.rewind().unwrap();
        disk
    }

    /// How often so many records of a publish's size can be appended, and then waited for until they are on the disk, a
    /// second.
    pub(crate) fn appends(&mut self, records: usize, span: Duration) -> f64 {
        let bytes = vec![b'x'; RECORD * records];
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < span {
            if self.file.stream_position().unwrap() as usize > LAID_OUT - bytes.len() {
                self.file.rewind().unwrap();
            }
            self.file.write_all(&bytes).unwrap();
            self.file.sync_data().unwrap();
            count += 1;
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    }
}

/// A component in memory that answers each `get` with `page` and each `set` with nothing more than success.
pub(crate) fn echo(page: &[u8]) -> Host {
    let door = Door::open();
    let (address, page) = (door.address(), page.to_vec());
    thread::spawn(move || answer(component(address, SERVICE), &page));
    door.accept(SERVICE, || ())
}

/// What the echo component answers to that many users who ask the same as the service is asked.
pub(crate) fn echo_rate(
    page: &[u8],
    users: usize,
    plan: &Plan,
    ask: impl FnMut(&mut Vec<u8>, usize, &str),
) -> f64 {
    Flow::run(&mut echo(page), users, plan, ask).rate
}

/// Answers until the host hangs up.
pub(crate) fn answer(mut socket: TcpStream, page: &[u8]) {
    let (mut splitter, mut out) = (Splitter::new(), Vec::new());
    loop {
        let Ok(count) = socket.read(splitter.room()) else { return };
        splitter.took(count, |stanza| {
            let head = head(stanza);
            let (from, to) = (attr(head, "from").unwrap_or_default(), attr(head, "to").unwrap_or_default());
            let id = attr(head, "id").unwrap_or_default();
            let body = match attr(head, "type") {
                Some("get") => page,
                Some("set") => &[],
                _ => return,
            };
            // Writing to memory cannot fail.
            let _ = write!(out, "<iq type='result' from='{to}' to='{from}' id='{id}'>");
            out.extend_from_slice(body);
            out.extend_from_slice(b"</iq>");
        });
        if count == 0 || splitter.is_closed() || socket.write_all(&out).is_err() {
            return;
        }
        out.clear();
    }
}

/// Notifications like `notice` to each of these, ready in memory, a second: the blast.
pub(crate) fn blast(notice: &[u8], recipients: &[String], plan: &Plan) -> f64 {
    let all = rendered(notice, recipients);
    let door = Door::open();
    let address = door.address();
    thread::spawn(move || {
        let mut socket = component(address, SERVICE);
        while all.chunks(64 * 1024).all(|chunk| socket.write_all(chunk).is_ok()) {}
    });
    let mut host = door.accept(SERVICE, || ());
    let rates = [0, 1, 2, 3].map(|_| {
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < plan.stretch() {
            host.hear(|heard| count += u32::from(matches!(heard, Heard::Notice(_))));
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    });
    // The first one was to warm up.
    median(rates[1..].to_vec())
}

/// A notice, once for each of these.
pub(crate) fn rendered(notice: &[u8], recipients: &[String]) -> Vec<u8> {
    let text = std::str::from_utf8(notice).unwrap();
    let to = attr(head(notice), "to").expect("a notice is for somebody");
    let (before, after) = text.split_once(&format!(" to='{to}'")).expect("written that way");
    recipients.iter().flat_map(|to| format!("{before} to='{to}'{after}").into_bytes()).collect()
}
