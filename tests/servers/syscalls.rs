//! Nothing is said before it is durable, as the kernel sees it: between reading a publish and writing its answer the
//! service asks for the disk.

use crate::harness::fake_host::FakeHost;
use crate::harness::process::is_installed;
use crate::harness::service::Service;
use crate::harness::{COMPONENTS, SECRET, skip};
use crate::stage::{publish, pubsub};

const JID: &str = COMPONENTS[0];
const JULIET: &str = "juliet@capulet.example/balcony";
const CALLS: &str =
    "trace=fdatasync,fsync,sync_file_range,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg";

#[test]
fn the_answer_follows_the_sync() {
    if !is_installed("strace") {
        return skip("strace");
    }
    let mut host = FakeHost::new(JID, SECRET);
    let strace = ["strace", "-f", "-s", "100000", "-e", CALLS, "-o", "@DIR@/trace"];
    let service = Service::start_under(&strace, &[(JID, host.address(), SECRET)]);
    host.accept(|| service.insist());
    host.ok(JULIET, "set", &pubsub("<create node='traced'/>"));
    host.ok(JULIET, "set", &pubsub(&format!("<subscribe node='traced' jid='{JULIET}'/>")));
    for round in 0..5 {
        host.ok(JULIET, "set", &publish("traced", &format!("traced-{round}"), "synced"));
    }
    service.sigterm();
    let trace = service.read("trace");
    for round in 0..5 {
        check(&trace, &format!("traced-{round}"));
    }
}

/// The first call that brings this item, then a sync that succeeds, then the first that sends it on.
fn check(trace: &str, item: &str) {
    let lines: Vec<&str> = trace.lines().collect();
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
    let synced = lines[asked..first].iter().any(|line| line.contains("sync") && line.ends_with("= 0"));
    assert!(synced, "no sync between reading and telling:\n{}", lines[asked..=first].join("\n"));
}
