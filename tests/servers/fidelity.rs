//! Entries are told and kept as they were published: byte for byte as they came to the service, and through real
//! servers with the same content, whatever those do to prefixes and quotes.

use std::time::{Duration, Instant};

use atomsub::xml::{Element, Limits, Tree, infoset_equal};

use crate::corpus;
use crate::harness::COMPONENTS;
use crate::harness::client::{Client, PATIENCE};
use crate::harness::fake_host::FakeHost;
use crate::harness::server::Kind;
use crate::harness::xml::{ATOM, attr};
use crate::stage::{SERVICE, Stage, create, news, on_both_servers, publish_payload, pubsub, subscribe};

on_both_servers!(keep_what_the_server_carries);

const JULIET: &str = "juliet@capulet.example";
const NODE: &str = "fidelity";

#[test]
fn entries_are_kept_byte_for_byte() {
    const JID: &str = COMPONENTS[0];
    let (mut host, _service) = FakeHost::linked(JID);
    host.ok(JULIET, "set", &pubsub(&format!("<create node='{NODE}'/>")));
    host.ok(JULIET, "set", &pubsub(&format!("<subscribe node='{NODE}' jid='{JULIET}'/>")));
    // Comments are refused, since no stream of XMPP may carry them.
    let entries = corpus::entries().into_iter().filter(|entry| !entry.contains("<!--"));
    for (number, entry) in entries.enumerate() {
        let request = publish_payload(NODE, &number.to_string(), &entry);
        let iq = format!(
            "<iq xmlns:outer='urn:outer' type='set' from='{JULIET}' to='{JID}' id='{number}'>{request}</iq>"
        );
        let tree = Tree::parse_stanza(iq.clone().into(), &Limits::default()).unwrap();
        let expected = first(tree.root(), "item").unwrap().children().next().unwrap().self_contained();
        let item = format!("<item id='{number}' publisher='{JULIET}'>{expected}</item>");

        host.send(&iq);
        let told = loop {
            let stanza = host.next(PATIENCE).unwrap_or_else(|| panic!("nothing comes of {entry}"));
            assert_ne!(attr(&stanza, "type"), "error", "{entry}: {}", host.last());
            if news(&stanza, NODE).is_some() {
                break host.last();
            }
        };
        assert!(told.contains(&item), "{item}\nis told as\n{told}");
        host.ok(JULIET, "get", &pubsub(&format!("<items node='{NODE}'><item id='{number}'/></items>")));
        assert!(host.last().contains(&item), "{item}\nis kept as\n{}", host.last());
    }
}

/// A server may change a payload on its way, or not carry it at all: what counts is what it does to the same payload
/// from one account to the other, without the service.
fn keep_what_the_server_carries(stage: &Stage) {
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, NODE, &[]);
    subscribe(&mut romeo, NODE);
    let (mut not_carried, mut changed) = (Vec::new(), Vec::new());
    let entries = corpus::entries();
    for (number, entry) in entries.iter().enumerate() {
        let Some(direct) = carry(&mut juliet, &mut romeo, &number.to_string(), entry) else {
            not_carried.push(entry);
            (juliet, romeo) = (stage.juliet(), stage.romeo());
            continue;
        };
        let sent = payload(&format!("<message>{entry}</message>"));
        if let Err(difference) = same(&sent, &direct) {
            changed.push(difference);
        }

        juliet.ok("set", SERVICE, &publish_payload(NODE, &number.to_string(), entry));
        let told = romeo.seek_raw(PATIENCE, |stanza| news(stanza, NODE).is_some());
        let told = payload(&told.unwrap_or_else(|| panic!("nobody tells of {entry}")));
        same(&direct, &told).unwrap_or_else(|difference| panic!("told: {difference} in {entry}"));

        let (id, read) =
            (romeo.next_id(), pubsub(&format!("<items node='{NODE}'><item id='{number}'/></items>")));
        romeo.send(&format!("<iq type='get' id='{id}' to='{SERVICE}'>{read}</iq>"));
        let kept = romeo.seek_raw(PATIENCE, |stanza| attr(stanza, "id") == id);
        let kept = payload(&kept.unwrap_or_else(|| panic!("nobody gives {entry}")));
        same(&direct, &kept).unwrap_or_else(|difference| panic!("kept: {difference} in {entry}"));
    }
    // It does so to very few, or this would prove nothing: Prosody ends the stream over a comment, and turns line breaks
    // in attributes into spaces.
    let few = usize::from(stage.server.kind() == Kind::Prosody);
    assert!(not_carried.len() <= few, "not carried: {not_carried:#?}");
    assert!(changed.len() <= few, "changed by the server: {changed:#?}");
}

/// Sends a payload from account to account; none when the server does not carry it.
fn carry(from: &mut Client, to: &mut Client, id: &str, sent: &str) -> Option<Tree> {
    let address = to.jid().to_owned();
    from.send(&format!("<message to='{address}' id='direct-{id}' type='headline'>{sent}</message>"));
    // What is refused ends the stream.
    let end = Instant::now() + PATIENCE;
    while !from.is_closed() && Instant::now() < end {
        let came =
            to.seek_raw(Duration::from_millis(300), |stanza| attr(stanza, "id") == format!("direct-{id}"));
        if let Some(came) = came {
            return Some(payload(&came));
        }
        from.seek(Duration::from_millis(1), |_| false);
    }
    None
}

/// A stanza as it is on a client's stream.
fn payload(stanza: &str) -> Tree {
    let head = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    let stream = format!("{head}{stanza}</stream:stream>");
    Tree::parse(stream.into(), &Limits::default()).unwrap()
}

/// Whether the entries in two stanzas are the same.
fn same(one: &Tree, other: &Tree) -> Result<(), String> {
    let entry = |tree: &Tree| {
        let root = tree.root();
        first_of(root, |element| element.is("entry", ATOM)).map(Element::self_contained)
    };
    let (one, other) = (entry(one).ok_or("no entry")?, entry(other).ok_or("no entry")?);
    let parse = |xml: String| Tree::parse(xml.into(), &Limits::default()).unwrap();
    infoset_equal(parse(one).root(), parse(other).root())
}

fn first<'a>(from: Element<'a>, name: &str) -> Option<Element<'a>> {
    first_of(from, |element| element.name() == name)
}

fn first_of<'a>(from: Element<'a>, is_it: impl Fn(Element<'a>) -> bool + Copy) -> Option<Element<'a>> {
    if is_it(from) {
        return Some(from);
    }
    from.children().find_map(|child| first_of(child, is_it))
}
