//! What subscribers may ask for beyond being subscribed, through real servers: approval, options, digests, leases, the
//! last item.

use std::time::{Duration, SystemTime};

use atomsub::pubsub::Timestamp;
use minidom::Element;

use crate::harness::client::Client;
use crate::harness::server::Kind;
use crate::harness::xml::{attr, error, find, named};
use crate::stage::{
    SERVICE, Stage, create, form, hear, hear_item, hear_nothing, news, on_both_servers, publish, pubsub,
    submitted, subscribe, subscription,
};

on_both_servers!(approval, bodies_and_subids, digests, filters, leases_end, the_last_item_comes_at_once,);

const JULIET: &str = "juliet@capulet.example";
const PATIENCE: Duration = Duration::from_secs(10);
const AUTHORIZATION: &str = "http://jabber.org/protocol/pubsub#subscribe_authorization";

/// Subscribes with options, written without `pubsub#`.
fn subscribe_with(client: &mut Client, node: &str, options: &[(&str, &str)]) -> String {
    let subscribe = format!("<subscribe node='{node}' jid='{}'/>", client.bare());
    let options = submitted("http://jabber.org/protocol/pubsub#subscribe_options", options);
    let request = pubsub(&format!("{subscribe}<options>{options}</options>"));
    let answer = client.ok("set", SERVICE, &request);
    attr(find(&answer, &["pubsub", "subscription"]).expect("a <subscription/>"), "subid").to_owned()
}

fn approval(stage: &Stage) {
    let node = "approval";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[("access_model", "authorize")]);
    let request = subscription(&romeo, node);
    let answer = romeo.ok("set", SERVICE, &request);
    assert_eq!(attr(find(&answer, &["pubsub", "subscription"]).unwrap(), "subscription"), "pending");
    assert_eq!(error(&romeo.iq("set", SERVICE, &request)), "auth/not-authorized/pending-subscription");
    let items = pubsub(&format!("<items node='{node}'/>"));
    assert_eq!(error(&romeo.iq("get", SERVICE, &items)), "auth/not-authorized/not-subscribed");

    let is_request = |stanza: &Element| {
        let form = stanza.get_child("x", "jabber:x:data").map(String::from).unwrap_or_default();
        form.contains(AUTHORIZATION) && form.contains(&format!("<value>{node}</value>"))
    };
    let asked = juliet.expect(PATIENCE, "the request for approval", is_request);
    let pending = "<command xmlns='http://jabber.org/protocol/commands' \
                   node='http://jabber.org/protocol/pubsub#get-pending'>";
    juliet.ok("set", SERVICE, &format!("{pending}{}</command>", form(&[("node", node)])));
    juliet.expect(PATIENCE, "the request for approval again", is_request);

    let fields = [("node", node), ("subscriber_jid", romeo.bare()), ("allow", "1")];
    let answer = submitted(AUTHORIZATION, &fields);
    juliet.send(&format!("<message to='{SERVICE}' id='{}'>{answer}</message>", attr(&asked, "id")));
    assert_eq!(attr(&hear(&mut romeo, node), "subscription"), "subscribed");
    romeo.ok("get", SERVICE, &items);
    juliet.ok("set", SERVICE, &publish(node, "1", "at last"));
    assert_eq!(hear_item(&mut romeo, node, JULIET), ("1".into(), "at last".into()));
}

fn bodies_and_subids(stage: &Stage) {
    let node = "bodies/and/subids";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let second = subscribe_with(&mut romeo, node, &[("include_body", "1")]);
    juliet.ok("set", SERVICE, &publish(node, "1", "What's in a name?"));
    let message = romeo.expect(PATIENCE, "the event", |stanza| news(stanza, node).is_some());
    let body = message.children().find(|child| child.name() == "body").expect("a body");
    assert_eq!(body.text(), "What's in a name?");
    let headers = message.get_child("headers", "http://jabber.org/protocol/shim").expect("SubIDs");
    let headers: Vec<String> = named(headers, "header").into_iter().map(Element::text).collect();
    assert!(headers.len() == 2 && headers.contains(&second), "{headers:?}");
    hear_nothing(&mut romeo, node);
}

fn digests(stage: &Stage) {
    let node = "digests";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe_with(&mut romeo, node, &[("digest", "1"), ("digest_frequency", "2000")]);
    for id in ["1", "2", "3"] {
        juliet.ok("set", SERVICE, &publish(node, id, id));
    }
    let items = hear(&mut romeo, node);
    let ids: Vec<&str> = named(&items, "item").into_iter().map(|item| attr(item, "id")).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    hear_nothing(&mut romeo, node);
}

fn filters(stage: &Stage) {
    let node = "filters";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    let subids = ["name rose", "sun"]
        .map(|words| subscribe_with(&mut romeo, node, &[("x-pubsub#filter_words", words)]));
    let cases: [(&str, &[usize]); 4] = [
        ("It is the nightingale", &[]),
        ("A rose by any other NAME", &[0]),
        ("Juliet is the sun", &[1]),
        ("The sun, or a rose, has a name", &[0, 1]),
    ];
    for (title, matching) in cases {
        juliet.ok("set", SERVICE, &publish(node, title, title));
        if matching.is_empty() {
            hear_nothing(&mut romeo, node);
            continue;
        }
        let message = romeo.expect(PATIENCE, title, |stanza| news(stanza, node).is_some());
        assert_eq!(find(&message, &["event", "items", "item"]).map(|item| attr(item, "id")), Some(title));
        let headers = message.get_child("headers", "http://jabber.org/protocol/shim").expect("SubIDs");
        let mut named: Vec<String> = named(headers, "header").into_iter().map(Element::text).collect();
        named.sort();
        let mut expected: Vec<&String> = matching.iter().map(|at| &subids[*at]).collect();
        expected.sort();
        assert!(named.iter().eq(expected), "{title}: {named:?}");
    }
    hear_nothing(&mut romeo, node);
}

fn leases_end(stage: &Stage) {
    let node = "leases/end";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let end = Timestamp(i64::try_from(now).unwrap()).plus_seconds(2).to_rfc3339();
    subscribe_with(&mut romeo, node, &[("expire", &end)]);
    assert_eq!(attr(&hear(&mut juliet, node), "subscription"), "subscribed", "the owner hears of it");
    assert_eq!(attr(&hear(&mut romeo, node), "subscription"), "none", "the lease has ended");
    assert_eq!(attr(&hear(&mut juliet, node), "subscription"), "none", "the owner hears of that too");
    juliet.ok("set", SERVICE, &publish(node, "1", "too late"));
    hear_nothing(&mut romeo, node);
}

fn the_last_item_comes_at_once(stage: &Stage) {
    let node = "last/item";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[("send_last_published_item", "on_sub")]);
    for id in ["first", "last"] {
        juliet.ok("set", SERVICE, &publish(node, id, id));
    }
    subscribe(&mut romeo, node);
    let message = romeo.expect(PATIENCE, "the last item", |stanza| news(stanza, node).is_some());
    assert!(message.get_child("delay", "urn:xmpp:delay").is_some(), "{}", String::from(&message));
    let item = find(news(&message, node).unwrap(), &["item"]).map(|item| attr(item, "id").to_owned());
    assert_eq!(item.as_deref(), Some("last"));
}
