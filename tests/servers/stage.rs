//! The stage for all that can share a server: each server once, with one atomsub that serves two names of it; and
//! the lines that recur in the dialogues.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use minidom::Element;

use crate::harness::COMPONENTS;
use crate::harness::client::{Client, PATIENCE};
use crate::harness::server::{Kind, Server};
use crate::harness::service::Service;
use crate::harness::xml::{ATOM, EVENT, OWNER, PUBSUB, attr, find};

/// The service's name.
pub(crate) const SERVICE: &str = COMPONENTS[0];
/// The other name of the same process.
pub(crate) const COMMENTS: &str = COMPONENTS[1];
/// How long one listens for what must not come.
pub(crate) const QUIET: Duration = Duration::from_millis(300);

/// A server and a service on it.
pub(crate) struct Stage {
    /// Prosody or ejabberd.
    pub(crate) server: Server,
    /// atomsub.
    pub(crate) service: Service,
}

impl Stage {
    /// The one of this server; none when it is not installed.
    pub(crate) fn of(kind: Kind) -> Option<&'static Self> {
        static PROSODY: LazyLock<Option<Stage>> = LazyLock::new(|| Stage::build(Kind::Prosody));
        static EJABBERD: LazyLock<Option<Stage>> = LazyLock::new(|| Stage::build(Kind::Ejabberd));
        match kind {
            Kind::Prosody => PROSODY.as_ref(),
            Kind::Ejabberd => EJABBERD.as_ref(),
        }
    }

    fn build(kind: Kind) -> Option<Self> {
        let server = Server::start(kind)?;
        let components = [SERVICE, COMMENTS].map(|jid| {
            let (address, secret) = server.component(jid);
            (jid, address, secret)
        });
        let service = Service::start(&components);
        let mut client = server.login("nurse@capulet.example", "waiting");
        service.await_answer(&mut client, SERVICE);
        service.await_answer(&mut client, COMMENTS);
        Some(Self { server, service })
    }

    /// Juliet, who owns the nodes.
    pub(crate) fn juliet(&self) -> Client {
        self.enter("juliet@capulet.example")
    }

    /// Romeo, of the other host.
    pub(crate) fn romeo(&self) -> Client {
        self.enter("romeo@montague.example")
    }

    fn enter(&self, account: &str) -> Client {
        static ENTRANCES: AtomicU32 = AtomicU32::new(0);
        self.server.login(account, &format!("r{}", ENTRANCES.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Runs each of these functions on both servers, as tests of their own.
macro_rules! on_both_servers {
    ($($name:ident),* $(,)?) => {
        mod prosody { $(#[test] fn $name() {
            if let Some(stage) = super::Stage::of(super::Kind::Prosody) { super::$name(stage); }
        })* }
        mod ejabberd { $(#[test] fn $name() {
            if let Some(stage) = super::Stage::of(super::Kind::Ejabberd) { super::$name(stage); }
        })* }
    };
}
pub(crate) use on_both_servers;

/// A valid entry with this id and title.
pub(crate) fn entry(id: &str, title: &str) -> String {
    format!(
        "<entry xmlns='{ATOM}'><title>{title}</title><id>tag:capulet.example,2024:{id}</id>\
         <updated>2024-02-14T18:30:02Z</updated><author><name>Juliet</name></author></entry>"
    )
}

/// What a user or publisher asks.
pub(crate) fn pubsub(content: &str) -> String {
    format!("<pubsub xmlns='{PUBSUB}'>{content}</pubsub>")
}

/// What an owner asks.
pub(crate) fn owner(content: &str) -> String {
    format!("<pubsub xmlns='{OWNER}'>{content}</pubsub>")
}

/// A publish of such an entry.
pub(crate) fn publish(node: &str, id: &str, title: &str) -> String {
    publish_payload(node, id, &entry(id, title))
}

/// A publish of any payload.
pub(crate) fn publish_payload(node: &str, id: &str, payload: &str) -> String {
    pubsub(&format!("<publish node='{node}'><item id='{id}'>{payload}</item></publish>"))
}

/// A publish with preconditions.
pub(crate) fn publish_with(node: &str, id: &str, payload: &str, options: &[(&str, &str)]) -> String {
    let options = submitted(&format!("{PUBSUB}#publish-options"), options);
    pubsub(&format!(
        "<publish node='{node}'><item id='{id}'>{payload}</item></publish>\
         <publish-options>{options}</publish-options>"
    ))
}

/// A form of this type, submitted; the fields of XEP-0060 may be written without `pubsub#`.
pub(crate) fn submitted(form_type: &str, fields: &[(&str, &str)]) -> String {
    let mut form = format!(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>{form_type}</value></field>"
    );
    for (var, value) in fields {
        let prefix = if form_type.starts_with(PUBSUB) && !var.contains(['#', '}']) { "pubsub#" } else { "" };
        form += &format!("<field var='{prefix}{var}'><value>{value}</value></field>");
    }
    form + "</x>"
}

/// A node configuration form, submitted.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    submitted(&format!("{PUBSUB}#node_config"), fields)
}

/// A request to create a node with this configuration.
pub(crate) fn creation(node: &str, fields: &[(&str, &str)]) -> String {
    pubsub(&format!("<create node='{node}'/><configure>{}</configure>", form(fields)))
}

/// Creates a node with this configuration.
pub(crate) fn create(client: &mut Client, node: &str, fields: &[(&str, &str)]) {
    client.ok("set", SERVICE, &creation(node, fields));
}

/// A subscription request for oneself, by bare JID.
pub(crate) fn subscription(client: &Client, node: &str) -> String {
    pubsub(&format!("<subscribe node='{node}' jid='{}'/>", client.bare()))
}

/// Subscribes oneself, by bare JID.
pub(crate) fn subscribe(client: &mut Client, node: &str) {
    let request = subscription(client, node);
    let answer = client.ok("set", SERVICE, &request);
    let subscription = find(&answer, &["pubsub", "subscription"]).expect("a <subscription/>");
    assert_eq!(attr(subscription, "subscription"), "subscribed");
    assert_eq!((attr(subscription, "node"), attr(subscription, "jid")), (node, client.bare()));
}

/// The ids of the items in an answer.
pub(crate) fn ids(answer: &Element) -> Vec<&str> {
    let items =
        find(answer, &["pubsub", "items"]).unwrap_or_else(|| panic!("no items: {}", String::from(answer)));
    items.children().filter(|child| child.name() == "item").map(|item| attr(item, "id")).collect()
}

/// What the service tells about a node in this stanza: the child of `<event/>`.
pub(crate) fn news<'a>(stanza: &'a Element, node: &str) -> Option<&'a Element> {
    let event = stanza.get_child("event", EVENT).filter(|_| stanza.name() == "message")?;
    event.children().find(|child| child.attr("node") == Some(node))
}

/// Waits for the next that is told about a node, and checks its envelope.
pub(crate) fn hear(client: &mut Client, node: &str) -> Element {
    let message = client.expect(PATIENCE, &format!("news of {node}"), |stanza| news(stanza, node).is_some());
    assert_eq!(attr(&message, "from"), SERVICE);
    assert_eq!(attr(&message, "type"), "headline", "{}", String::from(&message));
    assert_ne!(attr(&message, "id"), "", "a message carries an id");
    assert!(attr(&message, "to").starts_with(client.bare()));
    news(&message, node).cloned().expect("just found")
}

/// Waits for an item of a node: its id and title, the publisher checked to be that bare JID.
pub(crate) fn hear_item(client: &mut Client, node: &str, publisher: &str) -> (String, String) {
    let items = hear(client, node);
    let item = find(&items, &["item"]).unwrap_or_else(|| panic!("no item in {}", String::from(&items)));
    assert_eq!(attr(item, "publisher").split('/').next(), Some(publisher));
    let title = item.get_child("entry", ATOM).and_then(|entry| entry.get_child("title", ATOM));
    (attr(item, "id").to_owned(), title.map(Element::text).expect("an entry with its title"))
}

/// Makes sure that nothing is told about a node.
pub(crate) fn hear_nothing(client: &mut Client, node: &str) {
    client.never(QUIET, &format!("news of {node}"), |stanza| news(stanza, node).is_some());
}
