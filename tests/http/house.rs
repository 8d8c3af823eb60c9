//! The house: a service with a web side on a free port of loopback. Its line is a thread that decides as the real one
//! does, over a store in memory, at a time that the test sets.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use atomsub::http::{Asked, Engine, Hub, PublicUrl, Question, Seen, Server, Settings, Web, router, run_hub};
use atomsub::pubsub::command::{Shown, Stage};
use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::import::{Feed, News};
use atomsub::pubsub::node::{NodeId, NodeKey};
use atomsub::pubsub::notice::Event;
use atomsub::pubsub::roster::{Roster, RosterContact, Rosters};
use atomsub::pubsub::{
    Context, Failure, Jid, Refusal, Response, Service, Timestamp, Tx, handle, hub, import, reader,
};
use atomsub::store::memory::Memory;
use atomsub::store::{Store, transact};
use atomsub::xml::write::escape_attr;
use atomsub::xml::{Limits, Tree};
use atomsub::xmpp::head::Head;
use atomsub::xmpp::request::{self, Kind};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::client::{Answer, ask, send};
use crate::counter::Counter;

/// The services of a house.
pub(crate) const SERVICES: [&str; 2] = ["pubsub.example.com", "comments.example.com"];
/// What the houses are found under.
pub(crate) const PUBLIC: &str = "https://feeds.example.org";
/// Pushed documents that wait until the house has no room for more.
pub(crate) const NEWS_WAITING: usize = 2;
/// What says that a body is an entry.
pub(crate) const ENTRY: (&str, &str) = ("Content-Type", "application/atom+xml;type=entry");
/// 2026-11-20T10:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_168_800_000);

/// A service and its web side.
pub(crate) struct House {
    runtime: Runtime,
    server: Option<Server>,
    engine: Arc<Mutex<Decider>>,
    pub(crate) address: SocketAddr,
    news: mpsc::Sender<News>,
    /// What hubs have pushed.
    pub(crate) pushed: mpsc::Receiver<News>,
}

/// What decides.
struct Decider {
    store: Memory,
    services: Vec<Service>,
    now: Timestamp,
    commits: u64,
    ids: Counter,
    web: Option<Arc<Web>>,
    looks: u32,
    rosters: Rosters,
    /// How often it has been waited for one.
    waits: u32,
    /// Whether it has no time to note what came of what the hub has sent.
    is_forgetful: bool,
}

impl Decider {
    fn with<R>(
        &mut self,
        service: usize,
        from: &Jid,
        ask: impl FnMut(&mut Context<'_>, &mut dyn Tx) -> Result<R, Failure>,
    ) -> Result<R, Refusal> {
        self.decided(service, from, ask).map_err(|failure| match failure {
            Failure::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        })
    }

    fn decided<R>(
        &mut self,
        service: usize,
        from: &Jid,
        mut ask: impl FnMut(&mut Context<'_>, &mut dyn Tx) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let (service, now, ids, rosters) = (&self.services[service], self.now, &mut self.ids, &self.rosters);
        let done = transact(&mut self.store, |tx| ask(&mut Context { service, from, now, rosters, ids }, tx));
        self.store.commit().unwrap();
        self.commits += 1;
        let changed = self.store.changed();
        if let Some(web) = &self.web {
            web.changed(self.commits, &changed);
        }
        done
    }

    fn answer(&mut self, question: Question) {
        let service = question.service;
        match question.asked {
            Asked::Look(look, answer) => {
                self.looks += 1;
                let anyone = Jid::from_host(reader::ANYONE);
                let sight = self.with(service, &anyone, |ctx, tx| reader::look(ctx, tx, &look));
                let _ = answer.send(sight.map(|sight| Seen { sight, as_of: self.commits }));
            }
            Asked::Request(asked, answer) => {
                let decided = self.decided(service, &asked.0, |ctx, tx| handle(ctx, tx, &asked.1));
                let _ = answer.send(match decided {
                    Ok(response) => Ok(Some(response)),
                    Err(Failure::Refused(refusal)) => Err(refusal),
                    Err(Failure::Missing(owners)) => {
                        self.waits += 1;
                        let contact = RosterContact { sees_owner: true, ..RosterContact::default() };
                        let roster = Roster([("ines@example.com".to_owned(), contact)].into());
                        for owner in &owners {
                            self.rosters.keep(owner, Some(roster.clone()), self.now);
                        }
                        Ok(None)
                    }
                    Err(Failure::Faulted(fault)) => panic!("{fault:?}"),
                });
            }
            Asked::Hub(ask, _) if self.is_forgetful && matches!(*ask, hub::Ask::Settle(..)) => {}
            Asked::Hub(ask, answer) => {
                let anyone = Jid::from_host(reader::ANYONE);
                let _ = answer.send(self.with(service, &anyone, |ctx, tx| hub::hub(ctx, tx, &ask)));
            }
            Asked::Intent(said, answer) => {
                let (now, (token, intent)) = (self.now, *said);
                let anyone = Jid::from_host(reader::ANYONE);
                let intended =
                    self.with(service, &anyone, |_, tx| Ok(import::intended(tx, &token, &intent, now)?));
                let _ = answer.send(intended);
            }
            Asked::Awaited(token, answer) => {
                let anyone = Jid::from_host(reader::ANYONE);
                let _ = answer.send(self.with(service, &anyone, |_, tx| Ok(import::awaited(tx, &token)?)));
            }
        }
    }
}

impl House {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self::build(PUBLIC, None, true)
    }

    /// An empty one that is found under another URL.
    pub(crate) fn under(public: &str) -> Self {
        Self::build(public, None, true)
    }

    /// An empty one with a hub, which also talks to these networks.
    pub(crate) fn with_hub(allow: &[&str]) -> Self {
        Self::build(PUBLIC, Some(allow), true)
    }

    /// An empty one where nobody publishes over HTTP.
    pub(crate) fn that_only_shows() -> Self {
        Self::build(PUBLIC, None, false)
    }

    fn build(public: &str, allow: Option<&[&str]>, publish: bool) -> Self {
        let service = |jid: &str| Service {
            jid: jid.to_owned(),
            admins: vec!["admin@example.com".to_owned()],
            creators: vec!["example.com".to_owned()],
            payload_bytes_max: 256 * 1024,
            contact: Vec::new(),
            on_web: true,
            public_url: Some(public.to_owned()),
            atompub: publish.then(|| public.to_owned()),
            started: NOW,
            anyone_comments: false,
            feeds_per_account: 0,
            is_durable: false,
        };
        let engine = Arc::new(Mutex::new(Decider {
            store: Memory::default(),
            services: SERVICES.map(service).to_vec(),
            now: NOW,
            commits: 0,
            ids: Counter::default(),
            web: None,
            looks: 0,
            rosters: Rosters::default(),
            waits: 0,
            is_forgetful: false,
        }));
        let runtime = Runtime::new().unwrap();
        let (news, pushed) = mpsc::channel(NEWS_WAITING);
        let (server, address) = open(&runtime, &engine, &news, public, allow);
        Self { runtime, server: Some(server), engine, address, news, pushed }
    }

    /// Opens its web side again, over the store as it is.
    pub(crate) fn open_again(&mut self, allow: &[&str]) {
        self.open_again_under(PUBLIC, allow);
    }

    /// The same under another URL.
    pub(crate) fn open_again_under(&mut self, public: &str, allow: &[&str]) {
        let (server, address) = open(&self.runtime, &self.engine, &self.news, public, Some(allow));
        (self.server, self.address) = (Some(server), address);
    }

    /// A request over XMPP; it has to succeed.
    pub(crate) fn send(&self, service: usize, kind: Kind, from: &str, payload: &str) -> Response {
        let xml = format!("<iq type='set' from='{from}' to='x' id='1'>{payload}</iq>");
        let tree = Tree::parse_stanza(xml.into(), &Limits::default()).unwrap();
        let from = Jid::from_host(&Head::of(&tree).from.unwrap());
        let request = request::read(kind, tree.root()).unwrap();
        let done = self.engine.lock().unwrap().with(service, &from, |ctx, tx| handle(ctx, tx, &request));
        done.unwrap_or_else(|refusal| panic!("{refusal:?} for {payload}"))
    }

    /// Ed creates a node that differs from the default in these options, written without `pubsub#`.
    pub(crate) fn node(&self, service: usize, name: &str, options: &[(&str, &str)]) {
        let create = format!("<create node='{name}'/><configure>{}</configure>", form(options));
        self.send(service, Kind::Set, "ed@example.com/a", &pubsub(&create));
    }

    /// Somebody publishes a payload; it has to succeed.
    pub(crate) fn publish(&self, from: &str, node: &str, id: &str, payload: &str) {
        let publish = format!("<publish node='{node}'><item id='{id}'>{payload}</item></publish>");
        self.send(0, Kind::Set, from, &pubsub(&publish));
    }

    /// Ed publishes an entry with this inside.
    pub(crate) fn entry(&self, node: &str, id: &str, inside: &str) {
        self.publish("ed@example.com/a", node, id, &entry(inside));
    }

    /// Somebody does a command with these fields: what he is told, by the names of the fields.
    pub(crate) fn command(
        &self,
        service: usize,
        from: &str,
        node: &str,
        fields: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let fields = fields.iter().map(|(var, value)| {
            let values: String =
                value.split(' ').map(|value| format!("<value>{}</value>", escaped(value))).collect();
            format!("<field var='{var}'>{values}</field>")
        });
        let command = format!(
            "<command xmlns='http://jabber.org/protocol/commands' node='{node}'>\
             <x xmlns='jabber:x:data' type='submit'>{}</x></command>",
            fields.collect::<String>()
        );
        let Response::Stage { stage, .. } = self.send(service, Kind::Set, from, &command) else {
            panic!("{node}")
        };
        let Stage::Done { shown: Some(Shown::Sheet(sheet)), .. } = *stage else { return BTreeMap::new() };
        sheet.fields.into_iter().map(|field| (field.var.to_owned(), field.values.concat())).collect()
    }

    /// A token of somebody's, made with these fields.
    pub(crate) fn token(&self, from: &str, fields: &[(&str, &str)]) -> String {
        self.command(0, from, "atomsub#create-http-token", fields)["token"].clone()
    }

    /// Asks for something, with a token.
    pub(crate) fn with_token(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = headers.to_vec();
        headers.push(("Authorization", &bearer));
        send(self.address, method, path, &headers, body)
    }

    /// Posts an entry with this inside.
    pub(crate) fn post(&self, token: &str, node: &str, inside: &str) -> Answer {
        self.with_token(token, "POST", &format!("/app/n/{node}"), &[ENTRY], &entry(inside))
    }

    /// Romeo listens to a node.
    pub(crate) fn listen(&self, node: &str) {
        let subscribe = format!("<subscribe node='{node}' jid='romeo@example.net'/>");
        self.send(0, Kind::Set, "romeo@example.net/x", &pubsub(&subscribe));
    }

    /// What is queued for those who listen to a node, in short.
    pub(crate) fn told(&self, node: &str) -> Vec<String> {
        let id = NodeId { service: SERVICES[0].to_owned(), name: node.to_owned() };
        let mut engine = self.engine.lock().unwrap();
        let told = engine.with(0, &Jid::from_host("x"), |_, tx| {
            let key = tx.node(&id)?.unwrap().key;
            let (mut told, mut place) = (Vec::new(), 0);
            while let Some(queued) = tx.next_queued(key, place)? {
                place = queued.seq;
                told.push(match queued.notice.event {
                    Event::Published { id, publisher, .. } => {
                        format!("{} by {}", id.unwrap(), publisher.unwrap())
                    }
                    Event::Retracted { id } => format!("{id} is gone"),
                    Event::Subscription { .. } => continue,
                    other => format!("{other:?}"),
                });
            }
            Ok(told)
        });
        told.unwrap()
    }

    /// Ed deletes an item.
    pub(crate) fn retract(&self, node: &str, id: &str) {
        let retract = format!("<retract node='{node}'><item id='{id}'/></retract>");
        self.send(0, Kind::Set, "ed@example.com/a", &pubsub(&retract));
    }

    /// Ed configures a node.
    pub(crate) fn configure(&self, node: &str, options: &[(&str, &str)]) {
        self.owner(&format!("<configure node='{node}'>{}</configure>", form(options)));
    }

    /// Ed does something with a node as its owner.
    fn owner(&self, request: &str) {
        let xml = format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{request}</pubsub>");
        self.send(0, Kind::Set, "ed@example.com/a", &xml);
    }

    /// Ed deletes a node.
    pub(crate) fn delete(&self, node: &str) {
        self.owner(&format!("<delete node='{node}'/>"));
    }

    /// Ed deletes all items of a node.
    pub(crate) fn purge(&self, node: &str) {
        self.owner(&format!("<purge node='{node}'/>"));
    }

    /// Ed makes somebody something of a node.
    pub(crate) fn affiliate(&self, node: &str, jid: &str, affiliation: &str) {
        self.owner(&format!(
            "<affiliations node='{node}'><affiliation jid='{jid}' affiliation='{affiliation}'/></affiliations>"
        ));
    }

    /// A feed of the web that somebody imports.
    pub(crate) fn import(&self, feed: &Feed) {
        let keep = |store: &mut Memory| transact(store, |tx| Ok(tx.put_feed(feed)?));
        keep(&mut self.engine.lock().unwrap().store).unwrap();
    }

    /// What is known of it.
    pub(crate) fn feed(&self, url: &str) -> Feed {
        transact(&mut self.engine.lock().unwrap().store, |tx| Ok(tx.feed(url)?)).unwrap().unwrap()
    }

    /// There is no time to note what came of what the hub has sent, or again there is.
    pub(crate) fn forget(&self, is_forgetful: bool) {
        self.engine.lock().unwrap().is_forgetful = is_forgetful;
    }

    /// How often the web side has looked at the store.
    pub(crate) fn looks(&self) -> u32 {
        self.engine.lock().unwrap().looks
    }

    /// The host lets the first service read rosters from now on: all have Ines in them.
    pub(crate) fn grant_rosters(&self) {
        self.engine.lock().unwrap().rosters.grant(SERVICES[0], "example.com");
    }

    /// How often it has been waited for rosters.
    pub(crate) fn waits(&self) -> u32 {
        self.engine.lock().unwrap().waits
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.engine.lock().unwrap().now
    }

    /// Time passes.
    pub(crate) fn wait(&self, seconds: u64) {
        let mut engine = self.engine.lock().unwrap();
        engine.now = engine.now.plus_seconds(seconds);
    }

    /// Something is asked of the store.
    pub(crate) fn store<R>(&self, mut ask: impl FnMut(&mut dyn Tx) -> Result<R, Fault>) -> R {
        let anyone = Jid::from_host(reader::ANYONE);
        self.engine.lock().unwrap().with(0, &anyone, |_, tx| Ok(ask(tx)?)).unwrap()
    }

    /// The web side is told that these nodes have changed, whether they have or not.
    pub(crate) fn touch(&self, nodes: &[NodeKey]) {
        let mut engine = self.engine.lock().unwrap();
        engine.commits += 1;
        engine.web.as_ref().unwrap().changed(engine.commits, &nodes.iter().copied().collect());
    }

    /// The answer to a GET.
    pub(crate) fn get(&self, path: &str) -> Answer {
        ask(self.address, "GET", path, &[])
    }

    /// Stops the web side and waits until it is gone.
    pub(crate) fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

/// Opens a web side on a free port of loopback.
fn open(
    runtime: &Runtime,
    engine: &Arc<Mutex<Decider>>,
    news: &mpsc::Sender<News>,
    public: &str,
    allow: Option<&[&str]>,
) -> (Server, SocketAddr) {
    let (asker, questions) = Engine::new();
    let asker = asker.with_news(news.clone());
    let decider = Arc::clone(engine);
    std::thread::spawn(move || decide(&decider, questions));
    runtime.block_on(async {
        let listener = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxies = vec!["127.0.0.1".parse().unwrap()];
        let public = PublicUrl::parse(public).unwrap();
        let publish = engine.lock().unwrap().services[0].atompub.is_some();
        let allow = allow.map(|allow| allow.iter().map(|network| network.parse().unwrap()).collect());
        let settings = Settings { listen: address, public, proxies, hub: allow, publish };
        let hub = settings.hub.as_ref().map(|allow| Hub::new("atomsub/test", allow).unwrap());
        let web = Web::new(settings, SERVICES.map(str::to_owned).to_vec(), asker, hub);
        engine.lock().unwrap().web = Some(Arc::clone(&web));
        tokio::spawn(run_hub(Arc::clone(&web)));
        let stop = web.stop();
        (Server::start(listener, router(web), stop), address)
    })
}

fn decide(engine: &Mutex<Decider>, mut questions: mpsc::Receiver<Question>) {
    while let Some(question) = questions.blocking_recv() {
        engine.lock().unwrap().answer(question);
    }
}

pub(crate) fn entry(inside: &str) -> String {
    format!("<entry xmlns='http://www.w3.org/2005/Atom'>{inside}</entry>")
}

pub(crate) fn pubsub(content: &str) -> String {
    format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{content}</pubsub>")
}

/// Text as it stands in XML.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    escape_attr(&mut escaped, text);
    escaped
}

fn form(options: &[(&str, &str)]) -> String {
    let fields: String = options
        .iter()
        .map(|(name, value)| {
            let name = if name.contains(['#', '{']) { (*name).to_owned() } else { format!("pubsub#{name}") };
            format!("<field var='{name}'><value>{}</value></field>", escaped(value))
        })
        .collect();
    format!(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>http://jabber.org/protocol/pubsub#node_config</value></field>{fields}</x>"
    )
}
