//! What the service learns from presence through a real server, and from what comes back to it.

use std::time::Duration;

use atomsub::http::slug;
use atomsub::limits::ROSTER_REFUSAL_SECONDS_MAX;
use minidom::Element;

use crate::atompub::command;
use crate::harness::PASSWORD;
use crate::harness::client::{Client, PATIENCE, register};
use crate::harness::server::Kind;
use crate::harness::xml::{self, attr, find};
use crate::http::ask;
use crate::stage::{
    SERVICE, Stage, create, creation, hear, hear_item, hear_nothing, on_both_servers, publish, pubsub,
    subscribe, subscription,
};

on_both_servers!(
    the_service_is_a_contact,
    last_item_when_coming_online,
    missed_while_away,
    temporary_subscription,
    temporary_subscription_by_directed_presence,
    gone_for_good,
    offline_for_a_while,
    access_by_roster,
);

const JULIET: &str = "juliet@capulet.example";

/// A Montague whom no other test knows.
fn guest(stage: &Stage, name: &str) -> Client {
    guest_of(stage, name, "montague.example")
}

fn guest_of(stage: &Stage, name: &str, host: &str) -> Client {
    let account = format!("{name}@{host}");
    register(stage.server.c2s(), &account, PASSWORD);
    stage.server.login(&account, "one")
}

fn hear_presence(client: &mut Client, kind: &str) {
    client.expect(PATIENCE, &format!("presence of type {kind:?}"), |stanza| {
        let from_service = attr(stanza, "from").split('/').next() == Some(SERVICE);
        stanza.name() == "presence" && from_service && attr(stanza, "type") == kind
    });
}

fn say_presence(client: &mut Client, kind: &str) {
    client.send(&format!("<presence to='{SERVICE}' type='{kind}'/>"));
}

/// The service asks to see presence, and is allowed to.
fn let_see(client: &mut Client) {
    hear_presence(client, "subscribe");
    say_presence(client, "subscribed");
    // What was sent before the answer to this has reached the service before.
    client.ok("get", SERVICE, "<ping xmlns='urn:xmpp:ping'/>");
}

/// The owner hears that a subscription is one of this state now.
fn hear_state(client: &mut Client, node: &str, state: &str) -> Element {
    loop {
        let news = hear(client, node);
        if news.name() == "subscription" && attr(&news, "subscription") == state {
            return news;
        }
    }
}

fn the_service_is_a_contact(stage: &Stage) {
    let mut rosaline = guest(stage, "rosaline");
    say_presence(&mut rosaline, "subscribe");
    // The approval itself is not passed on to her by every server.
    hear_presence(&mut rosaline, "");
    let_see(&mut rosaline);
    drop(rosaline);
    // Her server asks for the presence of her contacts when she comes back.
    let mut rosaline = stage.server.login("rosaline@montague.example", "two");
    hear_presence(&mut rosaline, "");
    say_presence(&mut rosaline, "unsubscribe");
    hear_presence(&mut rosaline, "unavailable");
}

fn last_item_when_coming_online(stage: &Stage) {
    let node = "last/presence";
    let (mut juliet, mut paris) = (stage.juliet(), guest(stage, "paris"));
    create(&mut juliet, node, &[("send_last_published_item", "on_sub_and_presence")]);
    subscribe(&mut paris, node);
    let_see(&mut paris);
    juliet.ok("set", SERVICE, &publish(node, "1", "Ay me"));
    assert_eq!(hear_item(&mut paris, node, JULIET), ("1".into(), "Ay me".into()));
    let mut again = stage.server.login("paris@montague.example", "two");
    let message = again.expect(PATIENCE, "the last item", |stanza| {
        find(stanza, &["event", "items", "item"]).is_some_and(|item| attr(item, "id") == "1")
    });
    assert!(find(&message, &["delay"]).is_some(), "it is stamped: {}", String::from(&message));
    assert_eq!(attr(&message, "to"), again.jid());
    hear_nothing(&mut paris, node);
}

fn missed_while_away(stage: &Stage) {
    let node = "missed/away";
    let (mut juliet, mut lawrence) = (stage.juliet(), guest(stage, "lawrence"));
    create(&mut juliet, node, &[]);
    subscribe(&mut lawrence, node);
    lawrence.send("<presence type='unavailable'/>");
    for id in ["1", "2"] {
        juliet.ok("set", SERVICE, &publish(node, id, "while he is away"));
    }
    lawrence.send(&format!("<presence to='{SERVICE}'><ago xmlns='urn:xmpp:ago:0' secs='60'/></presence>"));
    for id in ["1", "2"] {
        let message = lawrence.expect(PATIENCE, "what was missed", |stanza| {
            find(stanza, &["event", "items", "item"]).is_some_and(|item| attr(item, "id") == id)
        });
        assert!(find(&message, &["delay"]).is_some(), "it is stamped: {}", String::from(&message));
        assert_eq!(attr(&message, "to"), lawrence.jid());
    }
}

fn temporary_subscription(stage: &Stage) {
    let node = "temporary/subscription";
    let (mut juliet, mut abram) = (stage.juliet(), guest(stage, "abram"));
    create(&mut juliet, node, &[("tempsub", "1")]);
    let request = pubsub(&format!("<subscribe node='{node}' jid='{}'/>", abram.jid()));
    abram.ok("set", SERVICE, &request);
    hear_state(&mut juliet, node, "subscribed");
    let_see(&mut abram);
    abram.send("<presence type='unavailable'/>");
    let ended = hear_state(&mut juliet, node, "none");
    assert_eq!(attr(&ended, "jid"), abram.jid());
}

fn temporary_subscription_by_directed_presence(stage: &Stage) {
    let node = "temporary/directed";
    let (mut juliet, mut samson) = (stage.juliet(), guest(stage, "samson"));
    create(&mut juliet, node, &[("tempsub", "1")]);
    samson.send(&format!("<presence to='{SERVICE}'/>"));
    let request = pubsub(&format!("<subscribe node='{node}' jid='{}'/>", samson.jid()));
    samson.ok("set", SERVICE, &request);
    hear_state(&mut juliet, node, "subscribed");
    let jid = samson.jid().to_owned();
    drop(samson);
    assert_eq!(attr(&hear_state(&mut juliet, node, "none"), "jid"), jid);
}

fn gone_for_good(stage: &Stage) {
    let node = "gone/for/good";
    let (mut juliet, mut gregory) = (stage.juliet(), guest(stage, "gregory"));
    create(&mut juliet, node, &[]);
    let request = pubsub(&format!("<subscribe node='{node}' jid='{}'/>", gregory.jid()));
    gregory.ok("set", SERVICE, &request);
    subscribe(&mut gregory, node);
    // One by the full JID, one by the bare JID, which cannot be told apart by the client.
    let mut bounce = |condition: &str, id: &str| {
        juliet.ok("set", SERVICE, &publish(node, id, "?"));
        let mut copies = 0;
        while let Some(notice) = gregory.seek(crate::stage::QUIET, |stanza| {
            find(stanza, &["event", "items", "item"]).is_some_and(|item| attr(item, "id") == id)
        }) {
            copies += 1;
            gregory.send(&format!(
                "<message type='error' to='{SERVICE}' id='{}'><error type='cancel'>\
                 <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                attr(&notice, "id"),
            ));
        }
        copies
    };
    assert_eq!(bounce("remote-server-not-found", "1"), 2);
    assert_eq!(bounce("gone", "2"), 2);
    // A client's errors come from its full JID, and the other subscription is not that one's.
    assert_eq!(bounce("gone", "3"), 1);
    let ended = hear_state(&mut juliet, node, "none");
    assert_eq!(attr(&ended, "jid"), gregory.jid());
}

fn offline_for_a_while(stage: &Stage) {
    let node = "offline/for/a/while";
    let (mut juliet, mut peter) = (stage.juliet(), guest(stage, "peter"));
    create(&mut juliet, node, &[]);
    subscribe(&mut peter, node);
    drop(peter);
    for id in 0..20 {
        juliet.ok("set", SERVICE, &publish(node, &format!("unheard {id}"), "unheard"));
    }
    let mut peter = stage.server.login("peter@montague.example", "two");
    peter.ok("get", "montague.example", "<ping xmlns='urn:xmpp:ping'/>");
    juliet.ok("set", SERVICE, &publish(node, "heard", "heard"));
    assert_eq!(hear_item(&mut peter, node, JULIET), ("heard".into(), "heard".into()));
}

/// A contact of Juliet's who sees her presence, in one of her groups.
fn befriend(owner: &mut Client, friend: &mut Client, group: &str) {
    let item = format!("<item jid='{}'><group>{group}</group></item>", friend.bare());
    let roster = format!("<query xmlns='jabber:iq:roster'>{item}</query>");
    let own = owner.bare().to_owned();
    owner.ok("set", &own, &roster);
    friend.send(&format!("<presence to='{own}' type='subscribe'/>"));
    let asked = friend.bare().to_owned();
    owner.expect(PATIENCE, "the request to see presence", |stanza| {
        attr(stanza, "type") == "subscribe" && attr(stanza, "from").starts_with(&asked)
    });
    owner.send(&format!("<presence to='{asked}' type='subscribed'/>"));
    friend.expect(PATIENCE, "her presence", |stanza| {
        stanza.name() == "presence" && attr(stanza, "from").starts_with(&own)
    });
}

/// Of the two servers, ejabberd knows how to show rosters to a component, and is configured to.
fn access_by_roster(stage: &Stage) {
    let mut owner = guest_of(stage, "escalus", "capulet.example");
    let fields = |model| [("access_model", model), ("roster_groups_allowed", "Court")];
    if stage.server.kind() == Kind::Prosody {
        for model in ["presence", "roster"] {
            let answer = owner.iq("set", SERVICE, &creation("by/roster", &fields(model)));
            assert_eq!(xml::error(&answer), "modify/not-acceptable/unsupported-access-model");
        }
        return;
    }
    let (mut paris, mut laura) = (guest(stage, "county"), guest(stage, "laura"));
    befriend(&mut owner, &mut paris, "Court");
    create(&mut owner, "by/presence", &fields("presence"));
    create(&mut owner, "by/roster", &fields("roster"));
    for (node, error) in [
        ("by/presence", "auth/not-authorized/presence-subscription-required"),
        ("by/roster", "auth/not-authorized/not-in-roster-group"),
    ] {
        // His requests are answered in order, also those that wait for a roster.
        let ids = [1, 2, 3].map(|_| laura.next_id());
        let asks = [
            subscription(&laura, node),
            pubsub(&format!("<items node='{node}'/>")),
            pubsub("<subscriptions/>"),
        ];
        for (kind, (id, ask)) in ["set", "get", "get"].iter().zip(ids.iter().zip(asks)) {
            laura.send(&format!("<iq type='{kind}' id='{id}' to='{SERVICE}'>{ask}</iq>"));
        }
        let answers = ids.each_ref().map(|_| {
            laura.expect(PATIENCE, "an answer", |stanza| {
                stanza.name() == "iq" && ids.iter().any(|id| id == attr(stanza, "id"))
            })
        });
        assert_eq!(answers.each_ref().map(|answer| attr(answer, "id").to_owned()), ids);
        assert_eq!([0, 1].map(|at| xml::error(&answers[at])), [error, error]);
        assert_eq!(attr(&answers[2], "type"), "result");
        subscribe(&mut paris, node);
        owner.ok("set", SERVICE, &publish(node, "1", "To Paris"));
        assert_eq!(hear_item(&mut paris, node, owner.bare()).0, "1");
    }
    // The same over HTTP, where a stranger learns nothing by having to wait.
    create(&mut owner, "by/anybody", &[("publish_model", "open")]);
    let tokens = [&mut paris, &mut laura].map(|client| {
        // Tokens are for those who may publish somewhere.
        subscribe(client, "by/anybody");
        command(client, "atomsub#create-http-token", &[("name", "reader")], "token")
    });
    std::thread::sleep(Duration::from_secs(ROSTER_REFUSAL_SECONDS_MAX));
    for (node, statuses) in [("by/presence", [200, 404]), ("by/roster", [200, 404]), ("by/none", [404, 404])]
    {
        let found = tokens.each_ref().map(|token| {
            let bearer = format!("Bearer {token}");
            let path = format!("/app/n/{}/1", slug::of(node));
            ask(stage.service.web(), "GET", &path, &[("Authorization", &bearer)]).status
        });
        assert_eq!(found, statuses, "{node}");
    }
}
