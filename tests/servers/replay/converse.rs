//! Converse: browse, follow, page back, publish, edit, comment.

use crate::harness::server::Kind;
use crate::harness::xml::{attr, error, find};
use crate::stage::{SERVICE, Stage, creation, form, ids, on_both_servers, owner, publish_with, pubsub};

use super::{ITEMS, JULIET, ROMEO, event, has_feature, info, metadata, page, read_by_converse};

on_both_servers!(follow, short_and_rich_posts, a_node_that_is_configured_otherwise, comment);

const OPTIONS: &[(&str, &str)] = &[
    ("pubsub#access_model", "open"),
    ("pubsub#persist_items", "true"),
    ("pubsub#max_items", "max"),
    ("pubsub#send_last_published_item", "never"),
    ("pubsub#notify_retract", "true"),
    ("pubsub#deliver_payloads", "true"),
    ("pubsub#itemreply", "publisher"),
];

fn short(id: &str, title: &str, updated: &str) -> String {
    format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><title type='text'>{title}</title>\
         <link rel='replies' title='comments' \
         href='xmpp:{SERVICE}?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2F{id}'/>\
         <id>tag:capulet.example,2026-08-01:posts-{id}</id>\
         <published>{updated}</published><updated>{updated}</updated></entry>"
    )
}

fn rich(id: &str, text: &str) -> String {
    format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><content type='text'>{text}</content>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>{text}</p></div></content>\
         <link rel='enclosure' href='https://a.example/i.png' type='image/png' title=''/><category term='balcony'/>\
         <link rel='replies' title='comments' \
         href='xmpp:{SERVICE}?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2F{id}'/>\
         <id>tag:capulet.example,2026-08-01:posts-{id}</id>\
         <published>2026-08-01T10:00:00Z</published><updated>2026-08-01T10:00:00Z</updated></entry>"
    )
}

fn follow(stage: &Stage) {
    let node = "replay-converse-follow";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    for number in 0..5 {
        let date = format!("2026-08-0{}T10:00:00Z", number + 1);
        let id = format!("c{number}");
        juliet.ok("set", SERVICE, &publish_with(node, &id, &short(&id, &id, &date), OPTIONS));
    }

    // Browse: pages of the list, then what each node says of itself.
    let (mut after, mut found) = (String::new(), false);
    loop {
        let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>100</max>{after}</set>");
        let answer = romeo.ok("get", SERVICE, &format!("<query xmlns='{ITEMS}'>{set}</query>"));
        let query = answer.get_child("query", ITEMS).expect("a <query/>");
        let nodes: Vec<_> = query.children().filter_map(|child| child.attr("node")).collect();
        found |= nodes.contains(&node);
        let Some(last) = find(query, &["set", "last"]).filter(|_| nodes.len() == 100) else { break };
        after = format!("<after>{}</after>", last.text());
    }
    assert!(found, "the node is listed");
    let about = info(&mut romeo, SERVICE, Some(node));
    assert_eq!(metadata(&about, "pubsub#type").as_deref(), Some("http://www.w3.org/2005/Atom"));

    // Follow by address: the node must not be empty.
    assert_eq!(
        ids(&romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}' max_items='1'/>")))).len(),
        1
    );
    romeo.ok("set", SERVICE, &pubsub(&format!("<subscribe node='{node}' jid='{ROMEO}'/>")));

    // The newest page, then back from its oldest by date.
    let (items, cursors, count) =
        page(&romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}' max_items='2'/>"))));
    let mut read: Vec<_> = items.iter().map(read_by_converse).collect();
    assert_eq!(count, 5);
    let mut cursor = cursors.expect("cursors").0;
    while read.len() < 5 {
        let set = format!(
            "<set xmlns='http://jabber.org/protocol/rsm'><max>2</max><before>{cursor}</before></set>"
        );
        let request = pubsub(&format!("<items node='{node}'/>{set}"));
        let (items, cursors, _) = page(&romeo.ok("get", SERVICE, &request));
        read.splice(0..0, items.iter().map(read_by_converse));
        cursor = cursors.expect("cursors").0;
    }
    let texts: Vec<_> = read.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["c0", "c1", "c2", "c3", "c4"]);
}

fn short_and_rich_posts(stage: &Stage) {
    let node = "replay-converse-posts";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let service = info(&mut juliet, SERVICE, None);
    assert!(has_feature(&service, "http://jabber.org/protocol/pubsub#publish-options"));
    juliet.ok(
        "set",
        SERVICE,
        &publish_with(node, "a", &short("a", "First", "2026-08-01T10:00:00Z"), OPTIONS),
    );
    romeo.ok("set", SERVICE, &pubsub(&format!("<subscribe node='{node}' jid='{ROMEO}'/>")));
    juliet.ok("set", SERVICE, &publish_with(node, "b", &rich("b", "Second"), OPTIONS));
    assert_eq!(read_by_converse(&event(&mut romeo, SERVICE, node)), ("b".into(), "Second".into()));
    // An edit: the same id, a new date.
    juliet.ok(
        "set",
        SERVICE,
        &publish_with(node, "a", &short("a", "Edited", "2026-08-02T10:00:00Z"), OPTIONS),
    );
    assert_eq!(read_by_converse(&event(&mut romeo, SERVICE, node)), ("a".into(), "Edited".into()));
    juliet.ok(
        "set",
        SERVICE,
        &pubsub(&format!("<retract node='{node}' notify='1'><item id='b'/></retract>")),
    );
    let gone = event(&mut romeo, SERVICE, node);
    assert_eq!((gone.name(), attr(&gone, "id")), ("retract", "b"));
}

/// Where the options do not fit, an owner's Converse configures the node and publishes again.
fn a_node_that_is_configured_otherwise(stage: &Stage) {
    let node = "replay-converse-otherwise";
    let mut juliet = stage.juliet();
    juliet.ok("set", SERVICE, &creation(node, &[("pubsub#deliver_payloads", "false")]));
    let post = publish_with(node, "a", &short("a", "First", "2026-08-01T10:00:00Z"), OPTIONS);
    assert_eq!(error(&juliet.iq("set", SERVICE, &post)), "cancel/conflict/precondition-not-met");
    let answer = juliet.ok("get", SERVICE, &owner(&format!("<configure node='{node}'/>")));
    let shown = find(&answer, &["pubsub", "configure", "x"]).expect("the form");
    // The whole form, empty fields left out, booleans as words.
    let mut values = Vec::new();
    for field in shown.children().filter(|field| field.name() == "field") {
        let var = attr(field, "var").to_owned();
        let value = find(field, &["value"]).map(minidom::Element::text).unwrap_or_default();
        let wanted = OPTIONS.iter().find(|(name, _)| *name == var).map(|(_, value)| (*value).to_owned());
        let value = wanted.unwrap_or(match (field.attr("type"), value.as_str()) {
            (Some("boolean"), "1") => "true".to_owned(),
            (Some("boolean"), "0") => "false".to_owned(),
            _ => value,
        });
        if var != "FORM_TYPE" && !value.is_empty() {
            values.push((var, value));
        }
    }
    let values: Vec<_> = values.iter().map(|(var, value)| (var.as_str(), value.as_str())).collect();
    let configure = format!("<configure node='{node}'>{}</configure>", form(&values));
    juliet.ok("set", SERVICE, &owner(&configure));
    juliet.ok("set", SERVICE, &post);
}

fn comment(stage: &Stage) {
    let node = "urn:xmpp:microblog:0:comments/replay-converse";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let entry = |id: &str, who: &str, title: &str| {
        format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'><author><name>x</name><uri>xmpp:{who}</uri></author>\
             <title type='text'>{title}</title><id>tag:x,2026:{id}</id>\
             <published>2026-08-01T10:00:00Z</published><updated>2026-08-01T10:00:00Z</updated></entry>"
        )
    };
    let open = [&[("pubsub#publish_model", "open")], OPTIONS].concat();
    juliet.ok("set", SERVICE, &publish_with(node, "1", &entry("1", JULIET, "Hear, hear"), &open));
    romeo.ok("set", SERVICE, &publish_with(node, "2", &entry("2", ROMEO, "♥"), OPTIONS));
    let (items, ..) =
        page(&juliet.ok("get", SERVICE, &pubsub(&format!("<items node='{node}' max_items='200'/>"))));
    let read: Vec<_> = items.iter().map(read_by_converse).collect();
    assert_eq!(read, [("1".into(), "Hear, hear".into()), ("2".into(), "♥".into())]);
}
