//! atomsub at work between two accounts of a real Prosody: `deploy/demo.sh` installs, builds and runs this.
//!
//! Publishes each entry of a feed document, modifies one, deletes one, and shows what the subscriber hears.

// A demonstration that cannot go on says why and stops, as a test does; what it says goes to the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::format_collect)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use atomsub::xml::{self, Limits, Tree};
use harness::client::Client;
use harness::server::{Kind, Server};
use harness::service::Service;
use harness::xml::{ATOM, EVENT, PUBSUB, attr, find};
use harness::{ACCOUNTS, COMPONENTS, PASSWORD};
use minidom::Element;
use sha1::{Digest as _, Sha1};

// What the tests use and this does not is no dead code.
#[allow(dead_code, clippy::indexing_slicing, clippy::format_push_string)]
#[path = "../tests/servers/harness/mod.rs"]
mod harness;

const SERVICE: &str = COMPONENTS[0];
const NODE: &str = "gazette";
/// How long one waits for what was published.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let once = words.iter().any(|word| word == "--once");
    words.retain(|word| word != "--once");
    let feed = words.first().map_or(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/demo.atom"), String::as_str);
    let entries = match std::fs::read_to_string(feed)
        .map_err(|error| error.to_string())
        .and_then(|text| split(&text))
    {
        Ok(entries) if !entries.is_empty() => entries,
        Ok(_) => return refuse(&format!("{feed} holds no Atom entry")),
        Err(error) => return refuse(&format!("{feed}: {error}")),
    };
    println!("Starting Prosody and atomsub on loopback, with throw-away data ...");
    let Some(server) = Server::start(Kind::Prosody) else { return ExitCode::FAILURE };
    let (address, secret) = server.component(SERVICE);
    let service = Service::start(&[(SERVICE, address, secret)]);
    let mut show = Show::open(&server, &service);

    println!("{} publishes {feed}; {} hears:\n\n{HEAD}", ACCOUNTS[0], ACCOUNTS[2]);
    let (first, last) = (entries.first().expect("not empty"), entries.last().expect("not empty"));
    for entry in &entries {
        show.publish("new", entry);
    }
    show.publish("modified", &first.modified());
    show.retract(last);
    let is_complete = show.sum_up();
    if once {
        return if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    invite(&server);
    show.go_on();
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("demo: {why}");
    ExitCode::from(2)
}

/// An entry of the feed, able to stand alone.
struct Entry {
    item: String,
    title: String,
    xml: String,
}

impl Entry {
    /// The entry with another title and a later date.
    fn modified(&self) -> Self {
        let tree = Tree::parse(self.xml.clone().into(), &roomy()).expect("it was parsed before");
        let mut xml = self.xml.clone();
        let title = format!("{} (edited)", self.title);
        let mut text = String::new();
        xml::write::escape_text(&mut text, &title);
        let now = chrono::Utc::now().format("%FT%TZ").to_string();
        for (name, text) in [("title", text), ("updated", now)] {
            if let Some(old) = tree.root().child(name, ATOM) {
                xml = xml.replacen(old.raw(), &format!("<{name} xmlns='{ATOM}'>{text}</{name}>"), 1);
            }
        }
        Self { item: self.item.clone(), title, xml }
    }
}

/// The entries of a feed document, the bytes of each as they are there, made self-contained.
fn split(feed: &str) -> Result<Vec<Entry>, String> {
    let tree = Tree::parse(restrict(feed).into(), &roomy()).map_err(|error| error.to_string())?;
    let root = tree.root();
    let entries = root.children().filter(|child| child.is("entry", ATOM)).map(|entry| {
        let text = |name| entry.child(name, ATOM).map(|child| child.deep_text().trim().to_owned());
        let id = text("id").unwrap_or_else(|| entry.raw().to_owned());
        // The recipe of the Atomsub draft: service, node and atom:id.
        let digest = Sha1::digest(format!("{SERVICE}{NODE}{id}"));
        let item = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let title =
            entry.child("title", ATOM).map(|title| (title.attr("type") == Some("html"), title.deep_text()));
        let title = match title {
            Some((true, html)) => plain(&html),
            Some((false, text)) => text.into_owned(),
            None => String::new(),
        };
        Entry { item, title, xml: entry.self_contained() }
    });
    Ok(entries.collect())
}

/// HTML as text, where it happens to be XML as well.
fn plain(html: &str) -> String {
    let whole = Tree::parse(format!("<html>{html}</html>").into(), &roomy());
    whole.map_or_else(|_| html.to_owned(), |tree| tree.root().deep_text().into_owned())
}

/// A feed document is larger than a stanza.
fn roomy() -> Limits {
    Limits { bytes: 64 << 20, elements: 1 << 20, attribute_bytes: 1 << 20, ..Limits::default() }
}

/// Without what a document may hold and a stream may not: comments, processing instructions, a DTD.
fn restrict(document: &str) -> String {
    let mut rest = document.trim_start_matches('\u{feff}');
    let mut kept = String::with_capacity(rest.len());
    while let Some(at) = rest.find("<!").into_iter().chain(rest.find("<?")).min() {
        let (before, markup) = rest.split_at(at);
        kept.push_str(before);
        let (end, keep) = match markup {
            cdata if cdata.starts_with("<![CDATA[") => ("]]>", true),
            comment if comment.starts_with("<!--") => ("-->", false),
            instruction if instruction.starts_with("<?") => ("?>", false),
            _ => (">", false),
        };
        let length = markup.find(end).map_or(markup.len(), |at| at + end.len());
        let (markup, after) = markup.split_at(length);
        kept.push_str(if keep { markup } else { "" });
        rest = after;
    }
    kept.push_str(rest);
    // White space around the root is no part of an element.
    kept.trim().to_owned()
}

const HEAD: &str = "  no.  what          ms  title";

/// The publisher, the subscriber, and what came of it.
struct Show {
    juliet: Client,
    romeo: Client,
    sent: usize,
    times: Vec<f64>,
}

impl Show {
    fn open(server: &Server, service: &Service) -> Self {
        let mut juliet = server.login(ACCOUNTS[0], "balcony");
        let mut romeo = server.login(ACCOUNTS[2], "orchard");
        service.await_answer(&mut juliet, SERVICE);
        juliet.ok("set", SERVICE, &pubsub(&format!("<create node='{NODE}'/>")));
        let subscribe = format!("<subscribe node='{NODE}' jid='{}'/>", romeo.bare());
        romeo.ok("set", SERVICE, &pubsub(&subscribe));
        Self { juliet, romeo, sent: 0, times: Vec::new() }
    }

    fn publish(&mut self, what: &str, entry: &Entry) {
        let Entry { item, title, xml } = entry;
        let request = format!("<publish node='{NODE}'><item id='{item}'>{xml}</item></publish>");
        self.watch(what, title, item, &request);
    }

    fn retract(&mut self, entry: &Entry) {
        let request = format!("<retract node='{NODE}' notify='true'><item id='{}'/></retract>", entry.item);
        self.watch("deleted", &entry.title, &entry.item, &request);
    }

    /// Sends a request of the publisher, waits until the subscriber hears of it, and shows both.
    fn watch(&mut self, what: &str, title: &str, item: &str, request: &str) {
        self.sent += 1;
        let id = self.juliet.next_id();
        let begin = Instant::now();
        self.juliet.send(&format!("<iq type='set' to='{SERVICE}' id='{id}'>{}</iq>", pubsub(request)));
        let answer = self.juliet.answer(&id, request);
        let patience = if attr(&answer, "type") == "result" { PATIENCE } else { Duration::ZERO };
        let heard = self.romeo.seek(patience, |stanza| news(stanza).is_some_and(|(_, id)| id == item));
        let ms = begin.elapsed().as_secs_f64() * 1000.0;
        if attr(&answer, "type") == "error" {
            row(self.sent, "refused", title, "-");
            println!("       {}", String::from(find(&answer, &["error"]).expect("an error")));
        } else if let Some((kind, _)) = heard.as_ref().and_then(news) {
            assert_eq!(kind == "retract", what == "deleted", "the subscriber hears what happened");
            self.times.push(ms);
            row(self.sent, what, title, &format!("{ms:.1}"));
        } else {
            row(self.sent, "LOST", title, "-");
        }
    }

    /// Whether all was heard.
    fn sum_up(&mut self) -> bool {
        self.times.sort_by(f64::total_cmp);
        let at =
            |share: usize| self.times.get((self.times.len() * share / 100).min(self.times.len().max(1) - 1));
        let (median, longest) = (at(50).copied().unwrap_or_default(), at(100).copied().unwrap_or_default());
        println!(
            "\n{} of {} received. From the publisher's request to the subscriber, by way of the server: median \
             {median:.1} ms, longest {longest:.1} ms{}.",
            self.times.len(),
            self.sent,
            if cfg!(debug_assertions) { " (a debug build)" } else { "" }
        );
        self.times.len() == self.sent
    }

    /// Shows what others publish, as long as the server runs.
    fn go_on(&mut self) {
        while !self.romeo.is_closed() {
            let Some(stanza) = self.romeo.next(Duration::from_secs(60)) else { continue };
            let Some((kind, item)) = news(&stanza) else { continue };
            let title = find(&stanza, &["event", "items", "item", "entry", "title"]).map(Element::text);
            self.sent += 1;
            row(self.sent, if kind == "item" { "heard" } else { "deleted" }, &title.unwrap_or(item), "");
        }
    }
}

fn pubsub(content: &str) -> String {
    format!("<pubsub xmlns='{PUBSUB}'>{content}</pubsub>")
}

/// What a stanza tells: of an item or of its retraction, and the item's id.
fn news(stanza: &Element) -> Option<(String, String)> {
    let items = stanza.get_child("event", EVENT)?.children().find(|child| child.name() == "items")?;
    let item = items.children().next()?;
    Some((item.name().to_owned(), attr(item, "id").to_owned()))
}

fn row(number: usize, what: &str, title: &str, ms: &str) {
    let title: String = title.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
    println!("{number:>5}  {what:<8}  {ms:>6}  {title}");
}

fn invite(server: &Server) {
    let address = server.c2s();
    println!(
        "\nBoth are still running, until you press Ctrl-C. Log in with your own client, without encryption:\n\
         \n    host      {}, port {}\n    account   {} (owner), {} or {}\n    password  {PASSWORD}\
         \n    node      {NODE} at {SERVICE}\n    URI       xmpp:{SERVICE}?;node={NODE}\n\
         \nWhat is published from now on is shown here:",
        address.ip(),
        address.port(),
        ACCOUNTS[0],
        ACCOUNTS[1],
        ACCOUNTS[2]
    );
}
