//! What the clients in use really send, in their order and their words, through real servers: the first try passes, and
//! what the other side receives is what that client's own reader accepts.
//!
//! The stanzas are built from the clients' sources; the readers below say what their parsers ask for.

mod converse;
mod feeds;
mod movim;

use minidom::Element;

use crate::harness::client::{Client, PATIENCE};
use crate::harness::xml::{ATOM, EVENT, attr, find};

const JULIET: &str = "juliet@capulet.example";
const ROMEO: &str = "romeo@montague.example";
const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";

/// The identities and features of a service or node, and the fields of its form.
fn info(client: &mut Client, service: &str, node: Option<&str>) -> Element {
    let node = node.map_or(String::new(), |node| format!(" node='{node}'"));
    let answer = client.ok("get", service, &format!("<query xmlns='{INFO}'{node}/>"));
    answer.get_child("query", INFO).cloned().expect("a <query/>")
}

fn has_feature(info: &Element, var: &str) -> bool {
    info.children().any(|child| child.name() == "feature" && attr(child, "var") == var)
}

/// A field of a node's metadata.
fn metadata(info: &Element, var: &str) -> Option<String> {
    let mut fields = info.children().filter(|child| child.name() == "x").flat_map(Element::children);
    let field = fields.find(|field| field.attr("var") == Some(var))?;
    find(field, &["value"]).map(Element::text)
}

/// The next event about a node: the message and what is in `<items/>`.
fn event(client: &mut Client, service: &str, node: &str) -> Element {
    let is_it = |stanza: &Element| items_of(stanza).is_some_and(|items| items.attr("node") == Some(node));
    let message = client.expect(PATIENCE, &format!("news of {node}"), is_it);
    assert_eq!(attr(&message, "from"), service, "clients trust only the bare JID of the service");
    assert!(["headline", "normal"].contains(&attr(&message, "type")));
    let items = items_of(&message).expect("just found");
    assert_eq!(items.children().count(), 1, "clients read one item or retract per message");
    items.children().next().cloned().expect("just counted")
}

fn items_of(stanza: &Element) -> Option<&Element> {
    stanza.get_child("event", EVENT)?.children().find(|child| child.name() == "items")
}

/// The items of an answer, with the cursors of the page and the number of all.
fn page(answer: &Element) -> (Vec<Element>, Option<(String, String)>, usize) {
    let pubsub = find(answer, &["pubsub"]).expect("a <pubsub/>");
    let items = find(pubsub, &["items"]).expect("<items/>").children().cloned().collect();
    let set = find(pubsub, &["set"]).expect("without a <set/> Converse turns paging off");
    let text = |name| find(set, &[name]).map(Element::text);
    let count = text("count").and_then(|count| count.parse().ok()).expect("a count");
    (items, text("first").zip(text("last")), count)
}

fn entry_of(item: &Element) -> &Element {
    item.get_child("entry", ATOM).unwrap_or_else(|| panic!("no entry in {}", String::from(item)))
}

fn child(entry: &Element, name: &str) -> Option<String> {
    entry.get_child(name, ATOM).map(Element::text)
}

/// An item as Movim reads it: "Invalid Atom" without title or updated; the author counts only if it is the publisher.
fn read_by_movim(item: &Element) -> (String, String) {
    let entry = entry_of(item);
    let title = child(entry, "title").expect("Movim: a title");
    assert!(!child(entry, "updated").expect("Movim: updated").is_empty());
    let uri = entry.get_child("author", ATOM).and_then(|author| author.get_child("uri", ATOM));
    let publisher = attr(item, "publisher");
    assert_eq!(uri.map(Element::text), Some(format!("xmpp:{publisher}")), "Movim: a verified author");
    (attr(item, "id").to_owned(), title)
}

/// An item as Converse reads it: id, who published it, and the text of one of its contents or else its title.
fn read_by_converse(item: &Element) -> (String, String) {
    let entry = entry_of(item);
    assert!(child(entry, "id").is_some_and(|id| !id.is_empty()), "Converse: an atom:id");
    assert!(child(entry, "updated").is_some(), "Converse: updated");
    let contents = || entry.children().filter(|child| child.is("content", ATOM));
    let text = contents().find(|content| content.attr("type").is_none_or(|kind| kind == "text"));
    let text = text.map(Element::text).or_else(|| child(entry, "title")).expect("Converse: a text");
    assert!(attr(item, "publisher").contains('@'), "Converse: the publisher attribute");
    (attr(item, "id").to_owned(), text)
}
