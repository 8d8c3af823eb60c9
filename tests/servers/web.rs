//! The full circle through real servers: what is published over XMPP is on the web in the same moment, as a feed, a page
//! and a live event, read by a reader of feeds that many programs use, feedparser, and what is deleted is gone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::harness::server::Kind;
use crate::harness::skip;
use crate::http::{Events, ask};
use crate::library::{obtain, pip, python, script};
use crate::stage::{SERVICE, Stage, create, on_both_servers, publish, pubsub};

const PYTHON: &str = "python3";
const VERSION: &str = "6.0.12";

on_both_servers!(the_full_circle, what_is_closed_is_not_there);

fn the_full_circle(stage: &Stage) {
    let web = stage.service.web();
    let mut juliet = stage.juliet();
    let node = "balcony";
    create(&mut juliet, node, &[("title", "From the balcony")]);
    assert!(ask(web, "GET", "/opml", &[]).text().contains("text='From the balcony'"));
    let mut reader = Reader::of(&format!("http://{web}/n/{node}/feed.atom"));
    let mut events = Events::listen(web, &format!("/n/{node}/events"), &[]);
    assert!(events.head.contains("content-type: text/event-stream"), "{}", events.head);
    assert!(events.next().unwrap().starts_with("retry"));

    for (id, title) in [("one", "One"), ("two", "Two"), ("one", "One")] {
        let start = Instant::now();
        juliet.ok("set", SERVICE, &publish(node, id, title));
        let event = events.next().unwrap();
        assert!(
            event.contains("event: entry") && event.contains(&format!("\"title\":\"{title}\"")),
            "{event}"
        );
        assert!(start.elapsed() < Duration::from_secs(1));
        // Whoever has published finds his entry.
        assert!(ask(web, "GET", &format!("/n/{node}"), &[]).text().contains(&format!(">{title}</a>")));
    }
    if let Some(reader) = &mut reader {
        reader.expect("titles Two One");
        // So that what changes now has another date.
        std::thread::sleep(Duration::from_millis(2_100));
        reader.expect("unchanged");
    }
    juliet.ok("set", SERVICE, &publish(node, "three", "Three"));
    events.next();
    if let Some(reader) = &mut reader {
        reader.expect("titles Three Two One");
    }
    juliet.ok("set", SERVICE, &pubsub(&format!("<retract node='{node}'><item id='two'/></retract>")));
    let event = events.next().unwrap();
    assert!(event.contains("event: deleted") && event.contains("tag:capulet.example,2024:two"), "{event}");
    let feed = ask(web, "GET", &format!("/n/{node}/feed.atom"), &[]);
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert!(feed.text().contains("<at:deleted-entry ref='tag:capulet.example,2024:two'"), "{}", feed.text());
    if let Some(reader) = &mut reader {
        reader.expect("titles Three One");
        reader.expect(&format!("gone http://{web}/n/{node}/i/two"));
    }
}

fn what_is_closed_is_not_there(stage: &Stage) {
    let web = stage.service.web();
    let mut juliet = stage.juliet();
    for (node, model) in [("w-whitelist", "whitelist"), ("w-authorize", "authorize")] {
        create(&mut juliet, node, &[("access_model", model)]);
        juliet.ok("set", SERVICE, &publish(node, "1", "Secret"));
        for path in ["", "/feed.atom", "/feed.json", "/i/1", "/events", "/archive/1.atom"] {
            assert_eq!(ask(web, "GET", &format!("/n/{node}{path}"), &[]).status, 404, "{node}{path}");
        }
    }
    assert!(!ask(web, "GET", "/", &[]).text().contains("w-"));
}

/// A reader of feeds that goes on reading one.
struct Reader {
    child: std::process::Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    /// One of this feed; none, which is said, where there is no feedparser.
    fn of(url: &str) -> Option<Self> {
        let Some(library) = library() else {
            skip("feedparser");
            return None;
        };
        let mut python = python(PYTHON, library);
        python.arg(script("feed_reader.py")).arg(url).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().unwrap();
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, asks, answers })
    }

    /// It finds what it is told to find.
    fn expect(&mut self, what: &str) {
        writeln!(self.asks, "{what}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "ok\n", "{what}");
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It ends with its input.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where feedparser is, installed if need be; none where that cannot be.
fn library() -> Option<&'static Path> {
    static LIBRARY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let probe = |library: &Path| {
            let mut python = python(PYTHON, library);
            python.args(["-c", "import feedparser"]);
            python
        };
        let install = |library: &Path| pip(PYTHON, library, &[&format!("feedparser=={VERSION}")]);
        obtain(&format!("feedparser-{VERSION}"), probe, install)
    });
    LIBRARY.as_deref()
}
