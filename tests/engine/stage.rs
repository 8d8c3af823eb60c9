//! The stage: everything between a stanza that was read and the stanzas that leave, in memory, at a fixed time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use atomsub::outbox::{Outbox, Reachable};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::hub;
use atomsub::pubsub::import::{self, Fetched, Outcome, Rest};
use atomsub::pubsub::node::{NodeId, NodeKey};
use atomsub::pubsub::presence::receive::{Facts, Presence, receive};
use atomsub::pubsub::reach::Reach;
use atomsub::pubsub::reader::{self, ANYONE, Look, Sight};
use atomsub::pubsub::roster::{Roster, Rosters};
use atomsub::pubsub::upkeep::upkeep;
use atomsub::pubsub::{
    Contact, Context, Failure, Fault, Jid, Refusal, Response, Service, Timestamp, Tx, handle,
};
use atomsub::store::memory::Memory;
use atomsub::store::{Store, transact};
use atomsub::xml::{Limits, Tree};
use atomsub::xmpp::head::Head;
use atomsub::xmpp::request::{self, Kind};
use atomsub::xmpp::{answer, presence};
use expect_test::Expect;

use crate::counter::Counter;

pub const SERVICE: &str = "pubsub.shakespeare.lit";
pub const ENTRY: &str = "<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>";

/// 2003-12-13T18:30:02Z, when the specification's first entry was published.
pub const NOW: Timestamp = Timestamp(1_071_340_202_000);
const SECONDS_UP: i64 = 86_400;

/// A service at `pubsub.shakespeare.lit`: everybody at `denmark.lit` may create nodes, `bard@shakespeare.lit` is admin.
pub struct Stage {
    store: Box<dyn Store>,
    service: Service,
    outbox: Outbox,
    pub reach: Reach,
    pub rosters: Rosters,
    /// What the host would answer.
    pub host: BTreeMap<String, Roster>,
    /// Whose rosters it was asked for.
    pub asked: Vec<String>,
    ids: Counter,
    now: Timestamp,
}

impl Stage {
    pub fn new() -> Self {
        Self::over(Box::new(Memory::default()))
    }

    /// A stage over another store.
    pub fn over(store: Box<dyn Store>) -> Self {
        Self {
            store,
            service: Service {
                jid: SERVICE.to_owned(),
                admins: vec!["bard@shakespeare.lit".to_owned()],
                creators: vec!["denmark.lit".to_owned()],
                anyone_comments: true,
                feeds_per_account: 2,
                payload_bytes_max: 1024,
                contact: Vec::new(),
                is_durable: true,
                on_web: true,
                public_url: Some("https://feeds.shakespeare.lit".to_owned()),
                atompub: Some("https://feeds.shakespeare.lit".to_owned()),
                started: Timestamp(NOW.0 - SECONDS_UP * 1000),
            },
            outbox: Outbox::new(SERVICE),
            reach: Reach::default(),
            rosters: Rosters::default(),
            host: BTreeMap::new(),
            asked: Vec::new(),
            ids: Counter::default(),
            now: NOW,
        }
    }

    /// A service at another JID, where everybody at a domain may create nodes.
    pub fn at(service: &str, creators: &str) -> Self {
        let mut stage = Self::new();
        service.clone_into(&mut stage.service.jid);
        stage.service.creators = vec![creators.to_owned()];
        stage.outbox = Outbox::new(service);
        stage
    }

    /// A stage on which Hamlet owns `princely_musings`.
    pub fn with_musings() -> Self {
        let mut stage = Self::new();
        stage.node("princely_musings", &[]);
        stage
    }

    /// Has everybody add so many feeds.
    pub fn feeds_per_account(&mut self, feeds: usize) {
        self.service.feeds_per_account = feeds;
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Takes payloads of so many bytes.
    pub fn payload_bytes_max(&mut self, bytes: usize) {
        self.service.payload_bytes_max = bytes;
    }

    /// Says whom to turn to.
    pub fn contact(&mut self, field: &'static str, addresses: &[&str]) {
        let addresses = addresses.iter().map(ToString::to_string).collect();
        self.service.contact.push(Contact { field, addresses });
    }

    /// Only those who may create any node may create nodes for comments.
    pub fn only_creators_comment(&mut self) {
        self.service.anyone_comments = false;
    }

    /// Hamlet creates a node that differs from the default in these options, written without `pubsub#`.
    pub fn node(&mut self, name: &str, options: &[(&str, &str)]) {
        self.send(&set("hamlet@denmark.lit/elsinore", &create(name, options)));
    }

    /// Plays at another service of the same process, over the same store.
    pub fn elsewhere(&mut self, jid: &str, play: impl FnOnce(&mut Self)) {
        let there = Service { jid: jid.to_owned(), ..self.service.clone() };
        let here = std::mem::replace(&mut self.service, there);
        let outbox = std::mem::replace(&mut self.outbox, Outbox::new(jid));
        play(self);
        (self.service, self.outbox) = (here, outbox);
    }

    /// Puts somebody on a node's list.
    pub fn affiliate(&mut self, node: &str, jid: &str, affiliation: Affiliation) {
        let id = NodeId { service: SERVICE.to_owned(), name: node.to_owned() };
        let work = transact(self.store.as_mut(), |tx| {
            let node = tx.node(&id)?.unwrap();
            Ok(tx.set_affiliation(node.key, jid, affiliation)?)
        });
        work.unwrap();
    }

    /// Subscribes somebody; it has to succeed.
    pub fn subscribe(&mut self, node: &str, jid: &str) {
        self.send(&set(jid, &format!("<subscribe node='{node}' jid='{jid}'/>")));
    }

    /// Hamlet publishes an entry; it has to succeed.
    pub fn publish(&mut self, node: &str, id: &str) {
        let publish = format!("<publish node='{node}'><item id='{id}'>{ENTRY}</item></publish>");
        self.send(&set("hamlet@denmark.lit/blogbot", &publish));
    }

    /// A stanza in, the answer and the notices out. The request has to succeed.
    pub fn send(&mut self, stanza: &str) -> String {
        let (head, decision) = self.decide(stanza);
        let response = decision.unwrap_or_else(|refusal| panic!("{refusal:?} for {stanza}"));
        let reply = answer::result(&head, &response);
        format!("{}{}", str::from_utf8(&reply).unwrap(), self.notices())
    }

    /// Like `send`, and compares what comes out.
    pub fn check(&mut self, stanza: &str, expected: &Expect) {
        expected.assert_eq(&indented(&self.send(stanza)));
    }

    /// Compares the whole of an error, for those that carry what stays as it is.
    pub fn check_error(&mut self, stanza: &str, expected: &Expect) {
        let (head, decision) = self.decide(stanza);
        let error = answer::error(&head, &decision.unwrap_err());
        expected.assert_eq(&indented(str::from_utf8(&error).unwrap()));
    }

    /// Each stanza is refused with `type/condition/condition of XEP-0060`, in words too, and changes nothing.
    pub fn refuses(&mut self, table: &[(String, &str)]) {
        for (stanza, expected) in table {
            let before = self.store.verify().unwrap();
            let (head, decision) = self.decide(stanza);
            let refusal = decision.err().unwrap_or_else(|| panic!("not refused with {expected}: {stanza}"));
            let error = answer::error(&head, &refusal);
            assert_eq!(&summary(&error), expected, "{stanza}");
            assert!(!refusal.text.is_empty(), "{expected} without a word: {stanza}");
            assert_eq!((self.store.verify().unwrap(), self.notices()), (before, String::new()), "{stanza}");
        }
    }

    /// A stanza in, whatever comes out, refusal or not.
    pub fn any(&mut self, stanza: &str) -> String {
        let (head, decision) = self.decide(stanza);
        let answer = match decision {
            Ok(response) => answer::result(&head, &response),
            Err(refusal) => answer::error(&head, &refusal),
        };
        format!("{}{}", str::from_utf8(&answer).unwrap(), self.notices())
    }

    /// Somebody's presence in, what is said back and the notices out.
    pub fn presence(&mut self, from: &str, kind: Presence) -> String {
        let from = Jid::from_host(from);
        let (service, presences, rosters) = (&self.service, &self.reach.presences, &self.rosters);
        let facts = Facts { service, presences, rosters, now: self.now };
        let reaction = transact(self.store.as_mut(), |tx| Ok(receive(&facts, tx, &from, kind)?));
        let reaction = reaction.unwrap();
        if let Some(note) = reaction.note {
            assert!(note.apply(&from, &mut self.reach.presences));
        }
        let said: String =
            reaction.say.iter().map(|said| presence::write(SERVICE, from.bare(), *said)).collect();
        said + &self.notices()
    }

    /// The node whose notice went out with this id.
    pub fn node_of_message(&self, id: &str) -> Option<NodeKey> {
        self.outbox.node_of_message(id)
    }

    /// The owners whose rosters notices wait for.
    pub fn missing(&mut self) -> Vec<String> {
        self.outbox.take_missing().into_iter().collect()
    }

    /// The host answers with a roster, or does not.
    pub fn keep_roster(&mut self, owner: &str, roster: Option<Roster>) {
        self.rosters.keep(owner, roster, self.now);
    }

    /// Does something to the store.
    pub fn transact<R>(&mut self, mut work: impl FnMut(&Service, &mut dyn Tx) -> Result<R, Fault>) -> R {
        let service = &self.service;
        transact(self.store.as_mut(), |tx| Ok(work(service, tx)?)).unwrap()
    }

    fn decide(&mut self, stanza: &str) -> (Head, Result<Response, Refusal>) {
        let tree = parse(stanza);
        let head = Head::of(&tree);
        let (now, service) = (self.now, &self.service);
        let kind = if head.kind.as_deref() == Some("get") { Kind::Get } else { Kind::Set };
        let from = Jid::from_host(head.from.as_deref().unwrap());
        let read = match head.name.as_str() {
            "message" => Ok(request::read_message(tree.root(), SERVICE).unwrap()),
            _ => request::read(kind, tree.root()),
        };
        let decision = read.and_then(|request| {
            loop {
                let (ids, rosters) = (&mut self.ids, &self.rosters);
                let decision = transact(self.store.as_mut(), |tx| {
                    handle(&mut Context { service, from: &from, now, rosters, ids }, tx, &request)
                });
                match decision {
                    Ok(response) => break Ok(response),
                    Err(Failure::Refused(refusal)) => break Err(refusal),
                    Err(Failure::Faulted(fault)) => panic!("{fault} for {stanza}"),
                    Err(Failure::Missing(owners)) => {
                        for owner in owners {
                            self.rosters.keep(&owner, self.host.get(&owner).cloned(), now);
                            self.asked.push(owner);
                        }
                    }
                }
            }
        });
        (head, decision)
    }

    /// A feed was fetched: what is told of it.
    pub fn fetched(&mut self, fetched: &Fetched) -> String {
        let (service, rosters, now) = (&self.service, &self.rosters, self.now);
        let from = Jid::from(service.jid.clone());
        let mut rest = Some(Rest { after: None });
        while let (Some(from_here), Outcome::Read { document, .. }) = (rest, &fetched.outcome) {
            let is_there = |name: &str| name == service.jid;
            let store = self.store.as_mut();
            let plan = transact(store, |tx| {
                Ok(import::plan(tx, &fetched.url, document, now, from_here, &is_there)?)
            });
            let plan = plan.unwrap();
            for step in &plan.steps {
                let ids = &mut self.ids;
                let taken = transact(store, |tx| {
                    let mut ctx = Context { service, from: &from, now, rosters, ids };
                    import::take(&mut ctx, tx, document, step)
                });
                if let Err(Failure::Refused(refusal)) = taken {
                    transact(store, |tx| Ok(import::refused(tx, document, step, &refusal, now)?)).unwrap();
                }
            }
            rest = plan.rest;
        }
        transact(self.store.as_mut(), |tx| Ok(import::settle(tx, fetched, now)?)).unwrap();
        self.notices()
    }

    /// The service has a web side from now on, or has none.
    pub fn put_on_web(&mut self, on_web: bool) {
        self.service.on_web = on_web;
    }

    /// Nobody publishes over HTTP from now on.
    pub fn take_off_atompub(&mut self) {
        self.service.atompub = None;
    }

    /// What anyone sees on the web.
    pub fn look(&mut self, look: &Look) -> Sight {
        let (from, now, rosters, ids) = (&Jid::from_host(ANYONE), self.now, &self.rosters, &mut self.ids);
        let service = &self.service;
        transact(self.store.as_mut(), |tx| {
            reader::look(&Context { service, from, now, rosters, ids }, tx, look)
        })
        .unwrap()
    }

    /// The hub asks.
    pub fn hub(&mut self, ask: &hub::Ask) -> Result<hub::Told, Refusal> {
        let (from, now, rosters, ids) = (&Jid::from_host(ANYONE), self.now, &self.rosters, &mut self.ids);
        let service = &self.service;
        let told = transact(self.store.as_mut(), |tx| {
            hub::hub(&Context { service, from, now, rosters, ids }, tx, ask)
        });
        told.map_err(|failure| match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Faulted(_) | Failure::Missing(_) => panic!("{failure:?}"),
        })
    }

    /// Time passes, and nobody does anything.
    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus_seconds(seconds);
    }

    /// The service stops and starts again.
    pub fn reopened(mut self, open: impl FnOnce() -> Box<dyn Store>) -> Self {
        self.store.commit().unwrap();
        drop(self.store);
        Self { store: open(), outbox: Outbox::new(SERVICE), ..self }
    }

    /// Time passes, and what is due by then is done: the notices of it.
    pub fn pass(&mut self, seconds: u64) -> String {
        self.wait(seconds);
        transact(self.store.as_mut(), |tx| Ok(upkeep(tx, &self.rosters, self.now, true, &mut |_, _| {})?))
            .unwrap();
        self.notices()
    }

    /// All notices that are due, delivered and proven.
    pub fn notices(&mut self) -> String {
        let mut sent = String::new();
        let (store, outbox) = (self.store.as_mut(), &mut self.outbox);
        let reach = Reachable { reach: &self.reach, rosters: &self.rosters, now: self.now };
        while let Some(portion) = transact(store, |tx| Ok(outbox.next(tx, reach)?)).unwrap() {
            sent.push_str(str::from_utf8(&portion.stanzas).unwrap());
            outbox.proven(portion.number);
            transact(store, |tx| Ok(outbox.settle(tx)?)).unwrap();
            outbox.settled();
        }
        while outbox.is_sweeping() {
            if let Some(key) = transact(store, |tx| Ok(outbox.sweep(tx)?)).unwrap() {
                outbox.swept(key);
            }
        }
        sent
    }
}

/// A request in the namespace of subscribers and publishers.
pub fn get(from: &str, inner: &str) -> String {
    ask("get", from, &format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inner}</pubsub>"))
}

/// A request in the namespace of subscribers and publishers.
pub fn set(from: &str, inner: &str) -> String {
    ask("set", from, &format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inner}</pubsub>"))
}

/// A request in the namespace of owners.
pub fn owner_get(from: &str, inner: &str) -> String {
    ask("get", from, &format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{inner}</pubsub>"))
}

/// A request in the namespace of owners.
pub fn owner_set(from: &str, inner: &str) -> String {
    ask("set", from, &format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{inner}</pubsub>"))
}

/// A request.
pub fn ask(kind: &str, from: &str, payload: &str) -> String {
    format!("<iq type='{kind}' from='{from}' to='{SERVICE}' id='1'>{payload}</iq>")
}

/// A `<create/>` with the options that differ from the default, written as in a [`form`].
pub fn create(name: &str, options: &[(&str, &str)]) -> String {
    let configure = match options {
        [] => String::new(),
        options => format!("<configure>{}</configure>", form(options)),
    };
    format!("<create node='{name}'/>{configure}")
}

/// An owner's request to configure a node, with options written as in a [`form`].
pub fn configure(from: &str, node: &str, options: &[(&str, &str)]) -> String {
    owner_set(from, &format!("<configure node='{node}'>{}</configure>", form(options)))
}

/// A submitted form; the options of XEP-0060 are written without `pubsub#`.
pub fn form(options: &[(&str, &str)]) -> String {
    let mut form = "<x xmlns='jabber:x:data' type='submit'>".to_owned();
    for (option, value) in options {
        write!(form, "<field var='{}'><value>{value}</value></field>", var(option)).unwrap();
    }
    form + "</x>"
}

/// The value of an option in a form that came as an answer, its name written as in a [`form`].
pub fn value(answer: &str, option: &str) -> String {
    let start = format!("<field var='{}' ", var(option));
    let (_, rest) = answer.split_once(&start).unwrap_or_else(|| panic!("no {option} in {answer}"));
    let (_, value) = rest.split("</field>").next().unwrap().split_once("<value").unwrap();
    value.strip_prefix('>').map_or("", |value| value.split("</value>").next().unwrap()).to_owned()
}

fn var(option: &str) -> String {
    let prefix = if option.contains(['#', '}']) { "" } else { "pubsub#" };
    format!("{prefix}{option}")
}

/// A stanza, read.
pub fn parse(stanza: &str) -> Tree {
    Tree::parse_stanza(stanza.to_owned().into(), &Limits::default()).unwrap()
}

/// `type/condition/condition of XEP-0060` of an error stanza.
fn summary(error: &[u8]) -> String {
    let tree = parse(str::from_utf8(error).unwrap());
    let error = tree.root().children().find(|child| child.name() == "error").unwrap();
    let mut conditions = error.children();
    // Clients look at the first child only, or take the second for the text and the third for the application's.
    let condition = conditions.next().unwrap();
    assert_eq!(condition.ns(), "urn:ietf:params:xml:ns:xmpp-stanzas");
    let application = conditions
        .find(|next| !next.is("text", "urn:ietf:params:xml:ns:xmpp-stanzas"))
        .filter(|next| next.ns() == "http://jabber.org/protocol/pubsub#errors");
    assert!(
        conditions.all(|later| later.name() != "text"),
        "the text comes before the application's condition"
    );
    let application = application.map_or("-".to_owned(), |condition| match condition.attr("feature") {
        Some(feature) => format!("{}({feature})", condition.name()),
        None => condition.name().to_owned(),
    });
    format!("{}/{}/{application}", error.attr("type").unwrap(), condition.name())
}

/// One element a line, for people; what has white space of its own keeps it.
pub fn indented(xml: &str) -> String {
    let mut lines = String::new();
    let mut depth = 0_usize;
    for piece in xml.replace("><", ">\0<").split('\0') {
        depth -= usize::from(piece.starts_with("</"));
        writeln!(lines, "{:1$}{piece}", "", 2 * depth).unwrap();
        depth += usize::from(!piece.contains("</") && !piece.ends_with("/>"));
    }
    lines
}
