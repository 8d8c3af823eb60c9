//! The scene of the tests: a store, the outbox of its service, and what is in the portions that it hands out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use atomsub::outbox::{Outbox, Portion, Reachable};
use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::notice::{Event, Notice};
use atomsub::pubsub::reach::Reach;
use atomsub::pubsub::roster::Rosters;
use atomsub::pubsub::{Timestamp, Tx};
use atomsub::store::memory::Memory;
use atomsub::store::{Store, transact};
use atomsub::xml::{Limits, Tree};
use atomsub::xmpp::ns::{ADDRESS, EVENT};

use crate::nouns::{SERVICE, create, done, notice, subscription};

/// To whom, and what: the id of the retracted item, or the name of another event.
pub type Message = (String, String);

/// Nobody is known to be out of reach.
pub fn everybody() -> Reachable<'static> {
    static REACH: LazyLock<Reach> = LazyLock::new(Reach::default);
    static ROSTERS: LazyLock<Rosters> = LazyLock::new(Rosters::default);
    Reachable { reach: &REACH, rosters: &ROSTERS, now: Timestamp(0) }
}

/// A store and the outbox of its service.
pub struct Scene {
    pub store: Box<dyn Store>,
    pub outbox: Outbox,
}

impl Scene {
    pub fn new() -> Self {
        Self { store: Box::new(Memory::default()), outbox: Outbox::new(SERVICE) }
    }

    pub fn run<R>(&mut self, work: impl FnMut(&mut dyn Tx) -> Result<R, Fault>) -> R {
        done(self.store.as_mut(), work)
    }

    /// A node with subscribers `s000`, `s001` and so on.
    pub fn node(&mut self, name: &str, subscribers: usize) -> NodeKey {
        self.run(|tx| {
            let key = create(tx, name)?;
            for number in 0..subscribers {
                tx.put_subscription(key, &mut subscription(&subscriber(number), "1"))?;
            }
            Ok(key)
        })
    }

    pub fn tell(&mut self, key: NodeKey, what: &str) {
        self.run(|tx| tx.queue(&notice(key, what)));
    }

    pub fn portion(&mut self) -> Option<Portion> {
        let outbox = &mut self.outbox;
        transact(self.store.as_mut(), |tx| Ok(outbox.next(tx, everybody())?)).unwrap()
    }

    pub fn next(&mut self) -> Option<Vec<Message>> {
        self.portion().map(|portion| read(&portion))
    }

    /// All that can be handed out now.
    pub fn rest(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.next()).flatten().collect()
    }

    /// The host has read up to this portion.
    pub fn prove(&mut self, portion: u64) {
        self.outbox.proven(portion);
        let outbox = &self.outbox;
        transact(self.store.as_mut(), |tx| Ok(outbox.settle(tx)?)).unwrap();
        self.store.commit().unwrap();
        self.outbox.settled();
    }

    pub fn sweep(&mut self) {
        let outbox = &self.outbox;
        let swept = transact(self.store.as_mut(), |tx| Ok(outbox.sweep(tx)?)).unwrap();
        self.store.commit().unwrap();
        if let Some(key) = swept {
            self.outbox.swept(key);
        }
    }

    pub fn queued(&mut self, key: NodeKey) -> Vec<u64> {
        self.run(|tx| {
            let (mut places, mut after) = (Vec::new(), 0);
            while let Some(queued) = tx.next_queued(key, after)? {
                after = queued.seq;
                places.push(after);
            }
            Ok(places)
        })
    }

    pub fn is_done(&mut self) -> bool {
        let outbox = &self.outbox;
        transact(self.store.as_mut(), |tx| Ok(outbox.is_done(tx, everybody())?)).unwrap()
    }
}

pub fn subscriber(number: usize) -> String {
    format!("s{number:05}@capulet.lit")
}

pub fn read(portion: &Portion) -> Vec<Message> {
    let whole = [b"<all>".as_slice(), &portion.stanzas, b"</all>"].concat();
    let limits = Limits { bytes: usize::MAX, elements: usize::MAX, ..Limits::default() };
    let tree = Tree::parse(whole.into(), &limits).unwrap();
    let messages = tree.root().children().flat_map(|message| {
        let children: Vec<_> = message.children().collect();
        let (to, rest) = match children.split_first() {
            Some((addresses, rest)) if addresses.is("addresses", ADDRESS) => {
                assert_eq!(message.attr("to"), Some("multicast.capulet.lit"));
                (addresses.children().map(|one| one.attr("jid").unwrap()).collect(), rest)
            }
            _ => (vec![message.attr("to").unwrap()], children.as_slice()),
        };
        let event = rest.iter().find_map(|child| child.is("event", EVENT).then(|| child.children().next()));
        let event = event.flatten().unwrap();
        let inner = event.children().next().and_then(|inner| inner.attr("id")).unwrap_or(event.name());
        to.into_iter().map(|to| (to.to_owned(), inner.to_owned())).collect::<Vec<_>>()
    });
    messages.collect()
}

/// What each was told, in order.
pub fn by_recipient(messages: Vec<Message>) -> BTreeMap<String, Vec<String>> {
    let mut told = BTreeMap::<_, Vec<_>>::new();
    for (to, what) in messages {
        told.entry(to).or_default().push(what);
    }
    told
}

pub fn recipients(messages: &[Message]) -> BTreeSet<String> {
    messages.iter().map(|(to, _)| to.clone()).collect()
}

pub fn published(key: NodeKey, id: &str, payload: &str) -> Notice {
    let (id, payload) = (Some(id.to_owned()), Some(payload.to_owned()));
    Notice {
        event: Event::Published { id, publisher: None, payload, delayed: None, uid: None },
        ..notice(key, "")
    }
}
