//! A reader of another host reacts to a post, and the owner of the blog hears of it through real servers.

use minidom::Element;

use crate::harness::client::Client;
use crate::harness::server::Kind;
use crate::harness::xml::{attr, error, find, named};
use crate::stage::{
    SERVICE, Stage, create, form, hear, hear_nothing, ids, on_both_servers, owner, publish, pubsub, subscribe,
};

on_both_servers!(a_reader_reacts);

const NS: &str = "urn:xmpp:pubsub-attachments:1";

fn attach(client: &Client, node: &str, reactions: &[&str]) -> String {
    let reactions = reactions.join("</reaction><reaction>");
    let payload = format!(
        "<attachments xmlns='{NS}'><noticed/><reactions><reaction>{reactions}</reaction></reactions></attachments>"
    );
    let item = format!("<item id='{}'>{payload}</item>", client.bare());
    pubsub(&format!("<publish node='{node}'>{item}</publish>"))
}

fn let_readers_attach(client: &mut Client, node: &str) {
    let form = form(&[("x-pubsub#attachments", "readers")]);
    client.ok("set", SERVICE, &owner(&format!("<configure node='{node}'>{form}</configure>")));
}

/// The count of each reaction in a summary.
fn counts(items: &Element) -> Vec<(String, String)> {
    let reactions = find(items, &["item", "summary", "reactions"]).unwrap();
    let each = named(reactions, "reaction").into_iter();
    each.map(|one| (one.text(), one.attr("count").unwrap_or("1").to_owned())).collect()
}

fn a_reader_reacts(stage: &Stage) {
    let blog = "urn:example:attachments/blog";
    let node = format!("{NS}/xmpp:{SERVICE}?;node=urn%3Aexample%3Aattachments%2Fblog;item=1");
    let summary = format!("urn:xmpp:pubsub-attachments:summary:1/{blog}");
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let features = juliet.ok("get", SERVICE, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    let query = find(&features, &["query"]).unwrap();
    assert!(named(query, "feature").iter().any(|feature| attr(feature, "var") == NS));
    create(&mut juliet, blog, &[]);
    juliet.ok("set", SERVICE, &publish(blog, "1", "A post"));
    let request = attach(&romeo, &node, &["👷"]);
    assert_eq!(error(&romeo.iq("set", SERVICE, &request)), "auth/forbidden");
    let_readers_attach(&mut juliet, blog);
    romeo.ok("set", SERVICE, &request);

    subscribe(&mut juliet, &summary);
    let request = attach(&romeo, &node, &["👷", "🔨"]);
    romeo.ok("set", SERVICE, &request);
    let told = hear(&mut juliet, &summary);
    assert_eq!(attr(find(&told, &["item"]).unwrap(), "id"), "1");
    assert_eq!(counts(&told), [("👷".into(), "1".into()), ("🔨".into(), "1".into())]);
    let request = attach(&juliet, &node, &["🔨"]);
    juliet.ok("set", SERVICE, &request);
    assert_eq!(counts(&hear(&mut juliet, &summary)), [("🔨".into(), "2".into()), ("👷".into(), "1".into())]);
    let items = pubsub(&format!("<items node='{}'/>", node.replace("%3A", ":").replace("%2F", "/")));
    assert_eq!(ids(&romeo.ok("get", SERVICE, &items)), [romeo.bare(), juliet.bare()]);

    let refused = romeo.iq("set", SERVICE, &pubsub(&format!("<create node='{node}'/>")));
    assert_eq!(error(&refused), "cancel/not-allowed");
    juliet.ok("set", SERVICE, &pubsub(&format!("<retract node='{blog}'><item id='1'/></retract>")));
    assert_eq!(attr(find(&hear(&mut juliet, &summary), &["retract"]).unwrap(), "id"), "1");
    assert_eq!(error(&romeo.iq("get", SERVICE, &items)), "cancel/item-not-found");
    hear_nothing(&mut juliet, &summary);
}
