//! Movim: a community from its gate to its deletion, with comments and a picture.

use crate::harness::server::Kind;
use crate::harness::xml::{attr, error, find};
use crate::stage::{
    COMMENTS, SERVICE, Stage, creation, form, ids, on_both_servers, owner, publish_with, pubsub,
};

use super::{ITEMS, JULIET, ROMEO, entry_of, event, has_feature, info, metadata, page, read_by_movim};

on_both_servers!(community, comments, picture);

const POST: &[(&str, &str)] = &[
    ("pubsub#persist_items", "true"),
    ("pubsub#max_items", "max"),
    ("pubsub#itemreply", "publisher"),
    ("pubsub#notify_sub", "true"),
];

const COMMUNITY: &[(&str, &str)] = &[
    ("pubsub#persist_items", "true"),
    ("pubsub#deliver_payloads", "false"),
    ("pubsub#send_last_published_item", "on_sub"),
    ("pubsub#access_model", "open"),
    ("pubsub#max_items", "max"),
    ("pubsub#title", "Verona"),
];

fn entry(node: &str, id: &str, title: &str, text: &str) -> String {
    format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><id>{id}</id><title>{title}</title>\
         <author><name>Juliet</name><uri>xmpp:{JULIET}</uri></author>\
         <link rel='alternate' href='xmpp:{SERVICE}?;node={node};item={id}'/>\
         <link rel='replies' title='comments' href='xmpp:{COMMENTS}?;node=urn:xmpp:microblog:0:comments/{id}'/>\
         <link rel='alternate' type='text/html' title='{title}' href='https://movim.example/community/{id}'/>\
         <link rel='related' href='https://a.example/' type='text/html' title='t' description='d' logo='l'/>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p onclick='x()'>{text}</p></div></content>\
         <content type='text'>{text}</content>\
         <published>2026-08-01T10:00:00+00:00</published><category term='tag'/>\
         <updated>2026-08-01T10:00:00+00:00</updated></entry>"
    )
}

fn community(stage: &Stage) {
    let node = "replay-movim";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());

    // The gate, and the list of communities, each with its picture.
    let service = info(&mut juliet, SERVICE, None);
    for feature in ["persistent-items", "multi-items", "publish-options", "create-nodes"] {
        assert!(has_feature(&service, &format!("http://jabber.org/protocol/pubsub#{feature}")), "{feature}");
    }
    juliet.ok("get", SERVICE, &format!("<query xmlns='{ITEMS}'/>"));

    // May one create here? Juliet may, and leaves no trace; Romeo, of another host, may not.
    juliet.ok("set", SERVICE, &creation("test_node", COMMUNITY));
    juliet.ok("set", SERVICE, &owner("<delete node='test_node'/>"));
    assert_eq!(error(&romeo.iq("set", SERVICE, &creation("test_node", COMMUNITY))), "auth/forbidden");

    juliet.ok("set", SERVICE, &creation(node, COMMUNITY));
    let about = info(&mut romeo, SERVICE, Some(node));
    assert_eq!(metadata(&about, "pubsub#title").as_deref(), Some("Verona"));
    for field in ["type", "creation_date", "access_model", "publish_model", "num_subscribers"] {
        assert!(metadata(&about, &format!("pubsub#{field}")).is_some(), "{field}");
    }
    romeo.ok("set", SERVICE, &pubsub(&format!("<subscribe node='{node}' jid='{ROMEO}'/>")));

    // May one publish here? Nobody hears of the question.
    let probe = "<entry xmlns='http://www.w3.org/2005/Atom'/>";
    let question = publish_with(node, "test_post", probe, &[("pubsub#persist_items", "true")]);
    juliet.ok("set", SERVICE, &question);
    let end = format!("<retract node='{node}' notify='true'><item id='test_post'/></retract>");
    juliet.ok("set", SERVICE, &pubsub(&end));
    assert_eq!(error(&romeo.iq("set", SERVICE, &question)), "auth/forbidden");

    // The first try of a post passes. A community tells that there is one, and Movim fetches it.
    juliet.ok("set", SERVICE, &publish_with(node, "3f1c-1", &entry(node, "3f1c-1", "Hello", "a"), POST));
    let told = event(&mut romeo, SERVICE, node);
    assert_eq!((attr(&told, "id"), told.children().count()), ("3f1c-1", 0));
    let one = pubsub(&format!("<items node='{node}'><item id='3f1c-1'/></items>"));
    let (items, ..) = page(&romeo.ok("get", SERVICE, &one));
    assert_eq!(read_by_movim(&items[0]), ("3f1c-1".into(), "Hello".into()));
    let contents = entry_of(&items[0]).children().filter(|child| child.name() == "content").count();
    assert_eq!(contents, 2, "both contents are kept");

    // Movim does not fetch again what it knows, so an edit brings what is new.
    juliet.ok("set", SERVICE, &publish_with(node, "3f1c-1", &entry(node, "3f1c-1", "Edited", "b"), POST));
    assert_eq!(read_by_movim(&event(&mut romeo, SERVICE, node)), ("3f1c-1".into(), "Edited".into()));

    // The way back: older than the last of the page that it knows.
    for id in ["p2", "p3", "p4"] {
        juliet.ok("set", SERVICE, &publish_with(node, id, &entry(node, id, id, id), POST));
    }
    let (items, cursors, count) =
        page(&romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}' max_items='2'/>"))));
    assert_eq!((items.iter().map(|item| attr(item, "id")).collect::<Vec<_>>(), count), (vec!["p3", "p4"], 4));
    let set = format!(
        "<set xmlns='http://jabber.org/protocol/rsm'><before>{}</before><max>2</max></set>",
        cursors.expect("cursors").1
    );
    let older = pubsub(&format!("{set}<items node='{node}'/>"));
    assert_eq!(ids(&romeo.ok("get", SERVICE, &older)), ["3f1c-1", "p2"]);

    // What an owner sees, and what Movim asks although it may not.
    let form = juliet.ok("get", SERVICE, &owner(&format!("<configure node='{node}'/>")));
    let form = find(&form, &["pubsub", "configure", "x"]).expect("the form").clone();
    let mut whole = String::from(&form);
    whole = whole.replacen("type=\"form\"", "type=\"submit\"", 1).replacen("type='form'", "type='submit'", 1);
    juliet.ok("set", SERVICE, &owner(&format!("<configure node='{node}'>{whole}</configure>")));
    for list in ["affiliations", "subscriptions"] {
        let list = owner(&format!("<{list} node='{node}'/>"));
        juliet.ok("get", SERVICE, &list);
        assert_eq!(error(&romeo.iq("get", SERVICE, &list)), "auth/forbidden");
    }
    romeo.ok("set", SERVICE, &pubsub(&format!("<unsubscribe node='{node}' jid='{ROMEO}'/>")));
    juliet.ok("set", SERVICE, &owner(&format!("<delete node='{node}'/>")));
}

/// Comments live on the other name of the service; whoever reads may write them, from wherever he is.
fn comments(stage: &Stage) {
    let node = "urn:xmpp:microblog:0:comments/replay-3f1c";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let config = [
        ("pubsub#persist_items", "true"),
        ("pubsub#max_items", "max"),
        ("pubsub#send_last_published_item", "on_sub"),
        ("pubsub#deliver_payloads", "false"),
        ("pubsub#access_model", "open"),
        ("pubsub#publish_model", "open"),
        ("pubsub#itemreply", "publisher"),
        ("pubsub#notify_retract", "true"),
    ];
    juliet.ok("set", COMMENTS, &creation(node, &config));
    juliet.ok("set", COMMENTS, &pubsub(&format!("<subscribe node='{node}' jid='{JULIET}'/>")));

    let comment = |id: &str, title: &str, who: &str| {
        format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'><id>{id}</id><title>{title}</title>\
             <author><name/><uri>xmpp:{who}</uri></author>\
             <thr:in-reply-to xmlns:thr='http://purl.org/syndication/thread/1.0' href='xmpp:{SERVICE}?;node=n;item=i'/>\
             <published>2026-08-01T10:00:00+00:00</published><updated>2026-08-01T10:00:00+00:00</updated></entry>"
        )
    };
    romeo.ok("set", COMMENTS, &publish_with(node, "c1", &comment("c1", "Nice", ROMEO), POST));
    romeo.ok("set", COMMENTS, &publish_with(node, "c2", &comment("c2", "♥", ROMEO), POST));
    for id in ["c1", "c2"] {
        assert_eq!(attr(&event(&mut juliet, COMMENTS, node), "id"), id);
    }
    let (items, ..) =
        page(&juliet.ok("get", COMMENTS, &pubsub(&format!("<items node='{node}' max_items='500'/>"))));
    let read: Vec<_> = items.iter().map(read_by_movim).collect();
    assert_eq!(read, [("c1".into(), "Nice".into()), ("c2".into(), "♥".into())]);

    // Nobody writes in somebody else's name, nobody takes back what is another's, but the blog's owner.
    let spoofed = publish_with(node, "c3", &comment("c3", "I", JULIET), POST);
    assert_eq!(error(&romeo.iq("set", COMMENTS, &spoofed)), "modify/not-acceptable");
    juliet.ok("set", COMMENTS, &publish_with(node, "c4", &comment("c4", "Thanks", JULIET), POST));
    let retract = |id| pubsub(&format!("<retract node='{node}' notify='true'><item id='{id}'/></retract>"));
    assert_eq!(error(&romeo.iq("set", COMMENTS, &retract("c4"))), "auth/forbidden");
    romeo.ok("set", COMMENTS, &retract("c2"));
    juliet.ok("set", COMMENTS, &retract("c1"));
}

/// The picture of a community is an item of its node. Its options never fit; Movim tries again without.
fn picture(stage: &Stage) {
    let node = "replay-movim-picture";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    juliet.ok("set", SERVICE, &creation(node, COMMUNITY));
    juliet.ok("set", SERVICE, &publish_with(node, "p1", &entry(node, "p1", "Hello", "a"), POST));
    let id = "urn:xmpp:avatar:metadata";
    let picture = "<metadata xmlns='urn:xmpp:avatar:metadata'>\
                   <info url='https://a.example/i.jpg' bytes='1' id='x' type='image/jpeg'/></metadata>";
    let options = [
        ("pubsub#persist_items", "true"),
        ("pubsub#access_model", "presence"),
        ("pubsub#send_last_published_item", "on_sub_and_presence"),
        ("pubsub#deliver_payloads", "true"),
        ("pubsub#max_items", "1"),
    ];
    let first = juliet.iq("set", SERVICE, &publish_with(node, id, picture, &options));
    assert_eq!(error(&first), "cancel/conflict/precondition-not-met");
    let again = |id| pubsub(&format!("<publish node='{node}'><item id='{id}'>{picture}</item></publish>"));
    juliet.ok("set", SERVICE, &again(id));
    assert_eq!(error(&juliet.iq("set", SERVICE, &again("p2"))), "modify/bad-request/invalid-payload");

    let ask = pubsub(&format!("<items node='{node}'><item id='{id}'/></items>"));
    let (items, ..) = page(&romeo.ok("get", SERVICE, &ask));
    assert!(items[0].children().any(|child| child.is("metadata", id)));
    // It pushes nothing out, and is not what a new subscriber is sent.
    juliet.ok(
        "set",
        SERVICE,
        &owner(&format!("<configure node='{node}'>{}</configure>", form(&[("pubsub#max_items", "1")]))),
    );
    romeo.ok("set", SERVICE, &pubsub(&format!("<subscribe node='{node}' jid='{ROMEO}'/>")));
    assert_eq!(attr(&event(&mut romeo, SERVICE, node), "id"), "p1");
    assert_eq!(ids(&romeo.ok("get", SERVICE, &ask)), [id]);
}
