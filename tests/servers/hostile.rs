//! What a hostile or broken client can get through a real server to the service. It must be answered where an answer
//! is due, and nothing else: the same process goes on, and the next publish is heard.

use crate::harness::COMPONENTS;
use crate::harness::client::{Client, PATIENCE};
use crate::harness::fake_host::FakeHost;
use crate::harness::server::Kind;
use crate::harness::xml::{ATOM, attr, error, find};
use crate::stage::{
    QUIET, SERVICE, Stage, create, hear_item, ids, on_both_servers, owner, publish, publish_payload, pubsub,
    subscribe,
};

on_both_servers!(
    survive_odd_stanzas,
    believe_no_spoofed_sender,
    answer_odd_requests,
    keep_long_attributes,
    refuse_longest_attributes,
    refuse_deep_nesting,
    survive_stanzas_of_the_servers_limit,
);

fn survive_odd_stanzas(stage: &Stage) {
    let mut act = Act::open(stage, "odd/stanzas");
    let asked = act.romeo.next_id();
    let error = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for stanza in [
        "<message to='@' type='wat'><body>?</body></message>".to_owned(),
        "<message to='@' type='wat'/>".into(),
        "<message to='@' type='error'/>".into(),
        format!("<message to='@' type='error' id='x'>{error}</message>"),
        "<message to='@'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='odd'/></event></message>"
            .into(),
        "<message to='@'><x xmlns='jabber:x:data' type='submit'><field/></x></message>".into(),
        "<presence to='@'><show>zzz</show></presence>".into(),
        "<presence to='@'><priority>500</priority></presence>".into(),
        "<presence to='@' type='wat'/>".into(),
        "<presence to='@' type='subscribe'/>".into(),
        "<presence to='@' type='subscribed'/>".into(),
        "<presence to='@' type='probe'/>".into(),
        "<presence to='@' type='unsubscribe'/>".into(),
        "<presence to='@' type='unavailable'/>".into(),
        format!("<iq to='@' type='result' id='{asked}'/>"),
        format!("<iq to='@' type='result' id='{asked}'><ping xmlns='urn:xmpp:ping'/></iq>"),
        format!("<iq to='@' type='error' id='{asked}'>{error}</iq>"),
        format!("<iq to='@' type='error' id='{asked}'/>"),
    ] {
        // One at a time: a server may well close the stream of whoever sends such a thing.
        let mut romeo = stage.romeo();
        romeo.send(&stanza.replace('@', SERVICE));
        romeo.never(QUIET / 10, "an answer to what is none's question", |answer| {
            answer.name() == "iq" && matches!(attr(answer, "type"), "result" | "error")
        });
        act.goes_on();
    }
}

/// Romeo writes Juliet's name over his own: whatever the server makes of it, nothing is done in her name.
fn believe_no_spoofed_sender(stage: &Stage) {
    let node = "spoofed/sender";
    let mut act = Act::open(stage, node);
    let mut romeo = stage.romeo();
    for (number, request) in
        [publish(node, "spoofed", "forged"), owner(&format!("<delete node='{node}'/>"))].iter().enumerate()
    {
        let from = "juliet@capulet.example/balcony";
        romeo.send(&format!("<iq type='set' id='s{number}' from='{from}' to='{SERVICE}'>{request}</iq>"));
    }
    romeo.never(QUIET, "a result", |answer| {
        attr(answer, "id").starts_with('s') && attr(answer, "type") == "result"
    });
    act.goes_on();
    let items = pubsub(&format!("<items node='{node}'><item id='spoofed'/></items>"));
    assert_eq!(ids(&act.romeo.ok("get", SERVICE, &items)), [""; 0]);
}

/// What no server should send, from a host of our own: no sender, no id, the service as its own sender.
#[test]
fn stanzas_without_a_sender_are_dropped() {
    const JID: &str = COMPONENTS[0];
    let (mut host, service) = FakeHost::linked(JID);
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    for from in [String::new(), format!(" from='{JID}'"), " from=''".to_owned()] {
        host.send(&format!("<iq type='get' to='{JID}' id='nobody'{from}>{ping}</iq>"));
    }
    host.send(&format!(
        "<iq type='get' to='{JID}' id='somebody' from='juliet@capulet.example/x'>{ping}</iq>"
    ));
    let answer = loop {
        let stanza = host.next(PATIENCE).expect("an answer to the one who can be answered");
        if stanza.name() == "iq" && attr(&stanza, "type") != "get" {
            break stanza;
        }
    };
    assert_eq!((attr(&answer, "id"), attr(&answer, "type")), ("somebody", "result"));
    service.insist();
}

fn answer_odd_requests(stage: &Stage) {
    let mut act = Act::open(stage, "odd/requests");
    for (kind, payload) in [
        ("get", ""),
        ("set", ""),
        ("get", "<a xmlns='urn:example:a'/><b xmlns='urn:example:b'/>"),
        ("get", "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>"),
        ("set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>"),
        ("set", "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'/>"),
        ("set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish/></pubsub>"),
        (
            "set",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='odd/requests'/></pubsub>",
        ),
        ("set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe jid='@@@' node='x'/></pubsub>"),
        ("get", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items/></pubsub>"),
        ("get", "<query xmlns='jabber:iq:register'/>"),
        ("set", "<query xmlns='jabber:iq:version'/>"),
        ("set", "<command xmlns='http://jabber.org/protocol/commands' node='unheard-of'/>"),
    ] {
        error(&act.romeo.iq(kind, SERVICE, payload));
        act.goes_on();
    }
    // A request may name several things at once, or one that means nothing; only an answer is due.
    for attributes in ["type='wat'", ""] {
        let mut romeo = stage.romeo();
        romeo.send(&format!("<iq to='{SERVICE}' id='odd' {attributes}><ping xmlns='urn:xmpp:ping'/></iq>"));
        act.goes_on();
    }
}

fn keep_long_attributes(stage: &Stage) {
    let mut act = Act::open(stage, "long/attributes");
    let href = format!("data:image/png;base64,{}", "A".repeat(9_000));
    act.juliet.ok("set", SERVICE, &publish_payload(act.node, "long", &linked(&href)));
    hear_item(&mut act.romeo, act.node, "juliet@capulet.example");
    let read = pubsub(&format!("<items node='{}'><item id='long'/></items>", act.node));
    let answer = act.romeo.ok("get", SERVICE, &read);
    let link =
        find(&answer, &["pubsub", "items", "item", "entry", "link"]).expect("the link that was published");
    assert_eq!(attr(link, "href"), href);
    act.goes_on();
}

fn refuse_longest_attributes(stage: &Stage) {
    let mut act = Act::open(stage, "longest/attributes");
    for length in [66_000, 130_000, 250_000] {
        let href = format!("data:image/png;base64,{}", "A".repeat(length));
        error(&act.juliet.iq("set", SERVICE, &publish_payload(act.node, "longest", &linked(&href))));
        act.goes_on();
    }
}

fn refuse_deep_nesting(stage: &Stage) {
    let mut act = Act::open(stage, "deep/nesting");
    // ejabberd itself does not survive much more.
    let depths: &[usize] = match stage.server.kind() {
        Kind::Prosody => &[200, 1_000, 5_000, 20_000],
        Kind::Ejabberd => &[200, 1_000],
    };
    for depth in depths {
        let nest = |name: &str| {
            format!("{}{}", format!("<{name}>").repeat(*depth), format!("</{name}>").repeat(*depth))
        };
        let payload = format!("<entry xmlns='{ATOM}'>{}</entry>", nest("x"));
        error(&act.juliet.iq("set", SERVICE, &publish_payload(act.node, "deep", &payload)));
        act.goes_on();
        let query = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{}</query>", nest("x"));
        act.romeo.iq("get", SERVICE, &query);
        act.romeo.send(&format!("<message to='{SERVICE}'><body/>{}</message>", nest("x")));
        act.goes_on();
    }
}

fn survive_stanzas_of_the_servers_limit(stage: &Stage) {
    let mut act = Act::open(stage, "servers/limit");
    for (name, filling) in [("text", "x"), ("references", "&amp;"), ("elements", "<b/>"), ("quotes", "'")] {
        let content = filling.repeat(250_000 / filling.len());
        let payload = format!(
            "<entry xmlns='{ATOM}'><title>t</title><id>urn:x:{name}</id><updated>2024-02-14T18:30:02Z</updated>\
             <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{content}</div></content></entry>"
        );
        // Whether so large an entry is welcome is a matter of configuration; an answer is not.
        act.juliet.iq("set", SERVICE, &publish_payload(act.node, name, &payload));
        act.romeo.seek(QUIET, |stanza| crate::stage::news(stanza, act.node).is_some());
        act.goes_on();
    }
}

fn linked(href: &str) -> String {
    format!(
        "<entry xmlns='{ATOM}'><title>A picture</title><id>tag:capulet.example,2024:picture</id>\
         <updated>2024-02-14T18:30:02Z</updated><author><name>J</name></author><link href='{href}'/></entry>"
    )
}

/// A node with an owner and a subscriber, to see that all goes on.
struct Act<'a> {
    stage: &'a Stage,
    pid: u32,
    node: &'a str,
    juliet: Client,
    romeo: Client,
    published: u32,
}

impl<'a> Act<'a> {
    fn open(stage: &'a Stage, node: &'a str) -> Self {
        let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
        create(&mut juliet, node, &[]);
        subscribe(&mut romeo, node);
        Self { stage, pid: stage.service.pid(), node, juliet, romeo, published: 0 }
    }

    /// The same process publishes the next item, and it is heard.
    fn goes_on(&mut self) {
        self.published += 1;
        let id = format!("item-{}", self.published);
        self.juliet.ok("set", SERVICE, &publish(self.node, &id, "and on"));
        self.romeo.expect(PATIENCE, &format!("item {id}"), |stanza| {
            let item = crate::stage::news(stanza, self.node).and_then(|items| find(items, &["item"]));
            item.is_some_and(|item| attr(item, "id") == id)
        });
        assert_eq!(self.stage.service.pid(), self.pid, "the process was replaced");
    }
}
