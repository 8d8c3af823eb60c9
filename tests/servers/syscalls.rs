//! Nothing is said before it is durable, as the kernel sees it: between reading a publish and writing its answer the
//! service asks for the disk, once.

use crate::harness::client::PATIENCE;
use crate::harness::fake_host::FakeHost;
use crate::harness::process::is_installed;
use crate::harness::service::Service;
use crate::harness::xml::attr;
use crate::harness::{COMPONENTS, skip};
use crate::stage::{news, publish, pubsub};

const JID: &str = COMPONENTS[0];
const JULIET: &str = "juliet@capulet.example/balcony";
const ROUNDS: usize = 40;
/// Those that are sent when the one before is answered.
const ALONE: usize = ROUNDS / 4;
const CALLS: &str =
    "trace=fdatasync,fsync,sync_file_range,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg";

#[test]
fn the_answer_follows_the_sync() {
    check_on("sled");
}

#[test]
fn the_answer_follows_the_sync_of_fjall() {
    check_on("fjall");
}

fn check_on(engine: &str) {
    if !is_installed("strace") {
        return skip("strace");
    }
    let mut host = FakeHost::new(JID);
    let strace = ["strace", "-f", "-s", "100000", "-e", CALLS, "-o", "@DIR@/trace"];
    let service = Service::start_with(engine, &strace, &[host.component()]);
    host.accept(&service);
    host.ok(JULIET, "set", &pubsub("<create node='traced'/>"));
    host.ok(JULIET, "set", &pubsub(&format!("<subscribe node='traced' jid='{JULIET}'/>")));
    // One at a time, then many at once, whose answers and notices share commits.
    let mut told = Told::default();
    for round in 0..ROUNDS {
        host.send(&request(round));
        if round < ALONE {
            told.await_all(&mut host, round + 1);
        }
    }
    told.await_all(&mut host, ROUNDS);
    service.sigterm();
    let trace = service.read("trace");
    let lines: Vec<&str> =
        trace.lines().filter(|line| line.contains("traced-") || line.contains("sync")).collect();
    let syncs: Vec<usize> = (0..ROUNDS).map(|round| check(&lines, &format!("traced-{round}-"))).collect();
    // Once in a while the head file is synced too.
    let alone: usize = syncs.iter().take(ALONE).sum();
    assert!(alone <= ALONE + ALONE / 2, "{engine}: a commit waits for more than one sync: {syncs:?}");
}

fn request(round: usize) -> String {
    let publish = publish("traced", &format!("traced-{round}-"), "synced");
    format!("<iq type='set' from='{JULIET}' to='{JID}' id='publish-{round}'>{publish}</iq>")
}

/// What the host has got so far.
#[derive(Default)]
struct Told {
    answers: usize,
    notices: usize,
}

impl Told {
    /// Waits for that many answers and as many notices.
    fn await_all(&mut self, host: &mut FakeHost, count: usize) {
        while self.answers < count || self.notices < count {
            let stanza = host.next(PATIENCE).expect("an answer or a notice");
            self.answers += usize::from(stanza.name() == "iq" && attr(&stanza, "type") == "result");
            self.notices += usize::from(news(&stanza, "traced").is_some());
        }
    }
}

/// The first call that brings this item, then syncs that succeed, then the first that sends it on. Counts the syncs.
fn check(lines: &[&str], item: &str) -> usize {
    let is_input = |line: &str| ["read", "recv"].iter().any(|call| line.contains(call));
    let is_output = |line: &str| [" write", " send"].iter().any(|call| line.contains(call));
    let find = |from: usize, is_it: &dyn Fn(&str) -> bool| {
        lines.iter().enumerate().skip(from).find(|(_, line)| is_it(line)).map(|(at, _)| at)
    };
    let asked = find(0, &|line| is_input(line) && line.contains(item)).expect("the request is read");
    // The log of the store goes to a file, by other calls (pwrite): what is written here and looks like a stanza is one.
    let said = find(asked, &|line| is_output(line) && line.contains(item) && line.contains("<iq"));
    let heard = find(asked, &|line| is_output(line) && line.contains(item) && line.contains("<message"));
    let first = said.expect("an answer is written").min(heard.expect("a notice is written"));
    // Not `sync_file_range`, which promises nothing.
    let is_sync = |line: &&str| ["fdatasync", "fsync"].iter().any(|call| line.contains(call));
    let synced = lines[asked..first].iter().filter(|line| is_sync(line) && line.ends_with("= 0")).count();
    assert!(synced > 0, "no sync between reading and telling:\n{}", lines[asked..=first].join("\n"));
    synced
}
