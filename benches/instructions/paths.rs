//! The hot paths: everything between the bytes that come and the bytes that leave, without sockets and disks.

use atomsub::outbox::{Outbox, Reachable};
use atomsub::pubsub::reach::Reach;
use atomsub::pubsub::roster::Rosters;
use atomsub::pubsub::{Context, Jid, Service, Timestamp, handle};
use atomsub::store::kv::KvStore;
use atomsub::store::memory::Memory;
use atomsub::store::{Store, transact};
use atomsub::xml::Limits;
use atomsub::xmpp::answer;
use atomsub::xmpp::guard::{Arrival, Guard, read};
use atomsub::xmpp::head::Head;
use atomsub::xmpp::request::{self, Kind};
use bytes::Bytes;

use crate::map::Map;
use counter::Counter;
use stanza::{JULIET, SERVICE, create, iq, newest, publish, subscribe, subscriber};

// What the load sends and this does not is no dead code.
#[allow(dead_code)]
#[path = "../load/stanza.rs"]
mod stanza;

#[path = "../../tests/engine/counter.rs"]
mod counter;

/// Whoever is told in one go.
const AUDIENCE: usize = 512;
const NODE: &str = "gazette";
const NOW: Timestamp = Timestamp(1_782_928_800_000);

/// Something that is done often.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    /// How many parts one run has.
    pub(crate) parts: u64,
    /// Does it so many times.
    pub(crate) run: fn(u64),
}

pub(crate) const PATHS: [Path; 5] = [
    Path {
        name: "publish, store in memory",
        parts: 1,
        run: |times| publish_to(Box::<Memory>::default(), 1, times),
    },
    Path { name: "publish, key-value store", parts: 1, run: |times| publish_to(kv(), 1, times) },
    Path {
        name: "notification, key-value store",
        parts: AUDIENCE as u64,
        run: |times| publish_to(kv(), AUDIENCE, times),
    },
    Path { name: "page of 20 items", parts: 1, run: read_pages },
    Path { name: "subscribe and unsubscribe", parts: 1, run: come_and_go },
];

fn kv() -> Box<dyn Store> {
    Box::new(KvStore::open(Map::default(), None).unwrap())
}

/// A stanza of somebody who publishes, to the answer and to the notices for all of the audience.
fn publish_to(store: Box<dyn Store>, audience: usize, times: u64) {
    let mut engine = Engine::over(store);
    for number in 0..audience {
        let jid = subscriber(number);
        engine.ask("set", &jid, &subscribe("", NODE, &jid));
    }
    engine.tell();
    for time in 0..times {
        engine.ask("set", JULIET, &publish(NODE, &format!("item{time}")));
        let told = engine.tell();
        assert!(told > audience * stanza::ENTRY_BYTES, "all are told");
    }
}

fn read_pages(times: u64) {
    let mut engine = Engine::over(kv());
    for number in 0..100 {
        engine.ask("set", JULIET, &publish(NODE, &format!("item{number}")));
    }
    for _ in 0..times {
        let answer = engine.ask("get", &subscriber(0), &newest(NODE, 20));
        assert!(answer.len() > 20 * stanza::ENTRY_BYTES, "a whole page");
    }
}

fn come_and_go(times: u64) {
    let (mut engine, jid) = (Engine::over(kv()), subscriber(0));
    for _ in 0..times {
        engine.ask("set", &jid, &subscribe("", NODE, &jid));
        engine.ask("set", &jid, &subscribe("un", NODE, &jid));
    }
}

/// The service without its sockets, its disk and its threads.
struct Engine {
    store: Box<dyn Store>,
    guard: Guard,
    outbox: Outbox,
    service: Service,
    reach: Reach,
    rosters: Rosters,
    ids: Counter,
}

impl Engine {
    /// With one node.
    fn over(store: Box<dyn Store>) -> Self {
        let service = Service {
            jid: SERVICE.to_owned(),
            admins: Vec::new(),
            creators: vec!["capulet.example".to_owned()],
            feeds_per_account: 0,
            payload_bytes_max: Limits::default().bytes,
            contact: Vec::new(),
            on_web: false,
            public_url: None,
            atompub: None,
            started: NOW,
            anyone_comments: false,
            is_durable: true,
        };
        let mut engine = Self {
            store,
            guard: Guard::new(&Limits::default()),
            outbox: Outbox::new(SERVICE),
            service,
            reach: Reach::default(),
            rosters: Rosters::default(),
            ids: Counter::default(),
        };
        engine.ask("set", JULIET, &create(NODE, &[("notify_sub", "0")]));
        engine
    }

    /// The bytes of a request to those of its answer, which has to be a result.
    fn ask(&mut self, kind: &str, from: &str, payload: &str) -> Bytes {
        let limits = Limits::default();
        self.guard.feed(iq(kind, from, "1", payload).as_bytes());
        let frame = self.guard.next_frame().unwrap().unwrap();
        let Arrival::Stanza(tree) = read(frame, &limits) else { panic!("refused: {payload}") };
        let head = Head::of(&tree);
        let kind = if kind == "get" { Kind::Get } else { Kind::Set };
        let request = request::read(kind, tree.root()).unwrap();
        let from = Jid::from_host(head.from.as_deref().unwrap());
        let Self { store, service, rosters, ids, .. } = self;
        let response = transact(store.as_mut(), |tx| {
            handle(&mut Context { service, from: &from, now: NOW, rosters, ids }, tx, &request)
        });
        let answer = answer::result(&head, &response.unwrap());
        store.commit().unwrap();
        answer
    }

    /// All notices that are due, handed out, proven and forgotten: how many bytes that were.
    fn tell(&mut self) -> usize {
        let mut bytes = 0;
        let (store, outbox) = (self.store.as_mut(), &mut self.outbox);
        let reach = Reachable { reach: &self.reach, rosters: &self.rosters, now: NOW };
        while let Some(portion) = transact(store, |tx| Ok(outbox.next(tx, reach)?)).unwrap() {
            bytes += portion.stanzas.len();
            outbox.proven(portion.number);
        }
        transact(store, |tx| Ok(outbox.settle(tx)?)).unwrap();
        outbox.settled();
        store.commit().unwrap();
        bytes
    }
}
