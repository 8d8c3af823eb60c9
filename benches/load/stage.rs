//! A service on a host of ours, its nodes and its subscribers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::flow::{Ask, Flow, fill};
use crate::harness::process::Scratch;
use crate::host::{Door, Heard, Host};
use crate::plan::Plan;
use crate::service::{Service, on_disk};
use crate::stanza::{JULIET, SERVICE, create, iq, newest, publish, subscribe, subscriber};
use crate::table::Row;

/// Both ends of a link.
pub(crate) struct Stage {
    pub(crate) host: Host,
    pub(crate) service: Service,
    door: Door,
    nodes: usize,
}

/// What a load came to.
pub(crate) struct Measured {
    /// So many a second.
    pub(crate) rate: f64,
    /// Seconds of the service's processor time for each.
    pub(crate) cpu: f64,
    /// How long each took.
    pub(crate) waits: Option<Flow>,
}

impl Measured {
    /// Its line of the table.
    pub(crate) fn row(&self, name: &str, unit: &'static str) -> Row {
        Row { cpu: Some(self.cpu * 1e6), ..Row::new(name, self.rate, unit) }
    }

    /// How long that answer took that took longer than this share of all.
    pub(crate) fn wait(&self, share: f64) -> Duration {
        self.waits.as_ref().map(|flow| flow.percentile(share)).unwrap_or_default()
    }
}

/// A name that was not given before.
pub(crate) fn fresh(kind: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{kind}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Stage {
    /// A service over an empty store.
    pub(crate) fn new() -> Self {
        Self::over(on_disk(), 0).0
    }

    /// A service over what is in this directory, and how long it took to serve.
    fn over(dir: Scratch, nodes: usize) -> (Self, Duration) {
        let door = Door::open();
        let start = Instant::now();
        let mut service = Service::start(dir, door.address());
        let host = door.accept(SERVICE, || service.insist());
        let mut stage = Self { host, service, door, nodes };
        stage.ask(JULIET, "get", "<ping xmlns='urn:xmpp:ping'/>");
        (stage, start.elapsed())
    }

    /// Stops the service, and starts it again: how long until it serves.
    pub(crate) fn restart(self) -> (Self, Duration) {
        let Self { host, service, door, nodes } = self;
        drop((host, door));
        Self::over(service.stop(), nodes)
    }

    /// Asks for success, and waits for it.
    pub(crate) fn ask(&mut self, from: &str, kind: &str, payload: &str) -> Vec<u8> {
        self.host.ask(&iq(kind, from, "ask", payload), "ask")
    }

    /// Lets so many users ask for a while.
    pub(crate) fn flow(&mut self, users: usize, plan: &Plan, ask: impl Ask) -> Measured {
        let before = self.service.cpu();
        let flow = Flow::run(&mut self.host, users, plan, ask);
        let cpu = self.service.cpu().saturating_sub(before).as_secs_f64() / flow.answers as f64;
        self.settle();
        Measured { rate: flow.rate, cpu, waits: Some(flow) }
    }

    /// A new node of Juliet's.
    pub(crate) fn node(&mut self, options: &[(&str, &str)]) -> String {
        self.nodes += 1;
        let node = format!("node{}", self.nodes);
        self.ask(JULIET, "set", &create(&node, options));
        node
    }

    /// New nodes of Juliet's.
    pub(crate) fn nodes(&mut self, count: usize, options: &[(&str, &str)]) -> Vec<String> {
        let nodes: Vec<String> =
            (0..count).map(|number| format!("node{}", self.nodes + 1 + number)).collect();
        self.nodes += count;
        fill(&mut self.host, count, |out, at, id| {
            out.extend_from_slice(iq("set", JULIET, id, &create(&nodes[at], options)).as_bytes());
        });
        nodes
    }

    /// A node with that many items.
    pub(crate) fn node_with_items(&mut self, count: usize) -> String {
        let node = self.node(&[]);
        self.publish(std::slice::from_ref(&node), 0..count);
        node
    }

    /// Items of these numbers, shared out among nodes.
    pub(crate) fn publish(&mut self, nodes: &[String], numbers: std::ops::Range<usize>) {
        let first = numbers.start;
        fill(&mut self.host, numbers.len(), |out, at, id| {
            let (item, node) = (format!("item{}", first + at), &nodes[(first + at) % nodes.len()]);
            out.extend_from_slice(iq("set", JULIET, id, &publish(node, &item)).as_bytes());
        });
    }

    /// Subscribers of these numbers, shared out among nodes.
    pub(crate) fn subscribe(&mut self, nodes: &[String], numbers: std::ops::Range<usize>) {
        let first = numbers.start;
        fill(&mut self.host, numbers.len(), |out, at, id| {
            let (jid, node) = (subscriber(first + at), &nodes[(first + at) % nodes.len()]);
            out.extend_from_slice(iq("set", &jid, id, &subscribe("", node, &jid)).as_bytes());
        });
    }

    /// What is inside the answer to somebody who asks for the newest items.
    pub(crate) fn newest(&mut self, node: &str, count: usize) -> Vec<u8> {
        let answer = self.ask(JULIET, "get", &newest(node, count));
        inside(&answer).to_vec()
    }

    /// Publishes once to a node, and gives the first notice of it.
    pub(crate) fn notice(&mut self, node: &str) -> Vec<u8> {
        self.host.send(iq("set", JULIET, "notice", &publish(node, "noticed")).as_bytes());
        let mut notice = None;
        while notice.is_none() {
            self.host.hear(|heard| {
                if let Heard::Notice(whole) = heard {
                    notice.get_or_insert_with(|| whole.to_vec());
                }
            });
        }
        self.settle();
        notice.unwrap_or_default()
    }

    /// Waits until the service has nothing more to say.
    pub(crate) fn settle(&mut self) {
        while self.host.hear_within(Duration::from_millis(300), |_| ()) {}
    }
}

/// What an IQ holds.
pub(crate) fn inside(iq: &[u8]) -> &[u8] {
    let start = crate::splitter::head(iq).len() + 1;
    &iq[start..iq.len() - "</iq>".len()]
}
