//! The publishers of feeds and the other clients: atomtopubsub, Slixfeed, Libervia.

use crate::harness::server::Kind;
use crate::harness::xml::attr;
use crate::stage::{SERVICE, Stage, creation, ids, on_both_servers, owner, publish_with, pubsub};

use super::{ROMEO, entry_of, event, info, metadata, page, read_by_converse, read_by_movim};

on_both_servers!(atomtopubsub, slixfeed, libervia);

/// No id, no published, `text/html`, and dates as e-mail has them: taken as they are, with what is missing added.
fn atomtopubsub(stage: &Stage) {
    let node = "replay-atomtopubsub";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let config = [
        ("pubsub#type", "urn:xmpp:pubsub-social-feed:1"),
        ("pubsub#persist_items", "1"),
        ("pubsub#notify_retract", "1"),
        ("pubsub#title", "News"),
        ("pubsub#description", "From the web"),
        ("pubsub#max_items", "max"),
        ("pubsub#send_last_published_item", "never"),
        ("pubsub#deliver_payloads", "0"),
    ];
    juliet.ok("set", SERVICE, &creation(node, &config));
    let about = info(&mut romeo, SERVICE, Some(node));
    assert_eq!(metadata(&about, "pubsub#type").as_deref(), Some("urn:xmpp:pubsub-social-feed:1"));
    romeo.ok("set", SERVICE, &pubsub(&format!("<subscribe node='{node}' jid='{ROMEO}'/>")));
    let entry = "<entry xmlns='http://www.w3.org/2005/Atom'><title type='text'>Plague</title>\
                 <content type='text/html'>&lt;p&gt;On both your houses&lt;/p&gt;</content>\
                 <link rel='alternate' href='https://verona.example/1'/>\
                 <updated>Sat, 01 Aug 2026 10:00:00 GMT</updated></entry>";
    juliet.ok(
        "set",
        SERVICE,
        &pubsub(&format!("<publish node='{node}'><item id='1'>{entry}</item></publish>")),
    );
    assert_eq!(attr(&event(&mut romeo, SERVICE, node), "id"), "1");
    let ask = pubsub(&format!("<items node='{node}'><item id='1'/></items>"));
    let (items, ..) = page(&romeo.ok("get", SERVICE, &ask));
    assert_eq!(read_by_movim(&items[0]).1, "Plague");
    assert_eq!(read_by_converse(&items[0]).1, "Plague");
    let content =
        entry_of(&items[0]).children().find(|child| child.name() == "content").expect("the content");
    assert_eq!(content.attr("type"), Some("text/html"), "nothing is rewritten");
}

/// The id of an item is a digest of its link; a second run finds the node by its configuration and publishes again.
fn slixfeed(stage: &Stage) {
    let node = "replay-slixfeed";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let config = [
        ("pubsub#title", "Feed"),
        ("pubsub#description", "A feed"),
        ("pubsub#notify_retract", "1"),
        ("pubsub#max_items", "20"),
        ("pubsub#persist_items", "1"),
        ("pubsub#send_last_published_item", "never"),
        ("pubsub#deliver_payloads", "0"),
        ("pubsub#type", "http://www.w3.org/2005/Atom"),
    ];
    juliet.ok("set", SERVICE, &creation(node, &config));
    juliet.ok("get", SERVICE, &owner(&format!("<configure node='{node}'/>")));
    let publish = |number: u32| {
        let entry = format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'><title type='text'>Entry {number}</title>\
             <link rel='alternate' href='https://verona.example/{number}' type='x'/>\
             <id>https://verona.example/{number}</id><updated>2026-08-01T10:00:00Z</updated></entry>"
        );
        pubsub(&format!("<publish node='{node}'><item id='{number:032x}'>{entry}</item></publish>"))
    };
    for number in 0..25 {
        juliet.ok("set", SERVICE, &publish(number));
    }
    let all = romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}'/>")));
    assert_eq!(ids(&all).len(), 20, "the oldest have gone");
    assert_eq!(ids(&all).last(), Some(&format!("{:032x}", 24).as_str()));
}

/// Several items in one request, `-1` for max, an option of Libervia's own, and two titles.
fn libervia(stage: &Stage) {
    let node = "urn:xmpp:microblog:0:comments/replay-libervia";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let config = [
        ("pubsub#access_model", "open"),
        ("pubsub#persist_items", "1"),
        ("pubsub#max_items", "-1"),
        ("pubsub#deliver_payloads", "1"),
        ("pubsub#send_item_subscribe", "1"),
        ("pubsub#publish_model", "open"),
    ];
    juliet.ok("set", SERVICE, &creation(node, &config));
    let entry = |id: &str| {
        format!(
            "<entry xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title type='text'>Title {id}</title>\
             <title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><b>Title</b> {id}</div></title>\
             <author><name>Romeo</name><uri>xmpp:{ROMEO}</uri></author>\
             <updated>2026-08-01T10:00:00Z</updated><published>2026-08-01T10:00:00Z</published>\
             <id>xmpp:{SERVICE}?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2Freplay-libervia;item={id}</id></entry>"
        )
    };
    let items: String = ["a", "b"].iter().map(|id| format!("<item id='{id}'>{}</item>", entry(id))).collect();
    romeo.ok("set", SERVICE, &pubsub(&format!("<publish node='{node}'>{items}</publish>")));
    let order = "<order xmlns='urn:xmpp:order-by:1' by='creation' desc='true'/>";
    let set = "<set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set>";
    let newest = romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}'/>{order}{set}")));
    assert_eq!(ids(&newest), ["b"]);
    // The newest item comes with the subscription.
    juliet.ok("set", SERVICE, &pubsub(&format!("<subscribe node='{node}' jid='{}'/>", juliet.bare())));
    assert_eq!(attr(&event(&mut juliet, SERVICE, node), "publisher"), ROMEO);
    romeo.ok("set", SERVICE, &publish_with(node, "a", &entry("a"), &[("pubsub#persist_items", "1")]));
    assert_eq!(attr(&event(&mut juliet, SERVICE, node), "id"), "a");
}
