//! What belongs together, through real servers: comments that go with their entry, also those on another service of the
//! same process, and subscribers who are known to everybody.

use crate::harness::client::{Client, PATIENCE};
use crate::harness::server::Kind;
use crate::harness::xml::{ATOM, attr, error, find};
use crate::stage::{
    COMMENTS, SERVICE, Stage, create, hear, hear_nothing, ids, news, on_both_servers, publish_payload,
    pubsub, subscribe,
};

on_both_servers!(comments_go_with_their_entry, a_public_subscriber_shows_and_withdraws);

fn items(node: &str) -> String {
    pubsub(&format!("<items node='{node}'/>"))
}

fn comments_go_with_their_entry(stage: &Stage) {
    let (blog, comments) = ("relations/blog", "urn:xmpp:microblog:0:comments/relations");
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, blog, &[]);
    let entry = format!(
        "<entry xmlns='{ATOM}'><title>Now with comments</title><id>tag:capulet.example,2024:relations</id>\
         <updated>2024-02-14T18:30:02Z</updated><author><name>Juliet</name></author>\
         <link rel='replies' href='xmpp:{COMMENTS}?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2Frelations'/></entry>"
    );
    juliet.ok("set", SERVICE, &publish_payload(blog, "1", &entry));
    juliet.ok("set", COMMENTS, &pubsub(&format!("<create node='{comments}'/>")));
    let request = pubsub(&format!("<subscribe node='{comments}' jid='{}'/>", romeo.bare()));
    romeo.ok("set", COMMENTS, &request);
    romeo.ok("get", COMMENTS, &items(comments));

    juliet.ok("set", SERVICE, &pubsub(&format!("<retract node='{blog}'><item id='1'/></retract>")));
    let told = romeo.expect(PATIENCE, "the end of the comments", |stanza| news(stanza, comments).is_some());
    assert_eq!((attr(&told, "from"), news(&told, comments).unwrap().name()), (COMMENTS, "delete"));
    assert_eq!(error(&romeo.iq("get", COMMENTS, &items(comments))), "cancel/item-not-found");
}

fn a_public_subscriber_shows_and_withdraws(stage: &Stage) {
    let (node, list) = ("relations/public", "urn:xmpp:pps:subscribers:0/relations/public");
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    assert_eq!(error(&juliet.iq("get", SERVICE, &items(list))), "cancel/item-not-found");
    subscribe(&mut juliet, list);
    subscribe_publicly(&mut romeo, node);
    assert_eq!(find(&hear(&mut juliet, list), &["item"]).map(|item| attr(item, "id")), Some(romeo.bare()));
    assert_eq!(ids(&romeo.ok("get", SERVICE, &items(list))), [romeo.bare()]);

    subscribe(&mut romeo, node);
    assert_eq!(find(&hear(&mut juliet, list), &["retract"]).map(|gone| attr(gone, "id")), Some(romeo.bare()));
    assert_eq!(error(&romeo.iq("get", SERVICE, &items(list))), "cancel/item-not-found");
    subscribe_publicly(&mut romeo, node);
    hear(&mut juliet, list);
    romeo.ok("set", SERVICE, &pubsub(&format!("<unsubscribe node='{node}' jid='{}'/>", romeo.bare())));
    hear(&mut juliet, list);
    hear_nothing(&mut juliet, list);
    let purge = format!("<purge xmlns='http://jabber.org/protocol/pubsub#owner' node='{list}'/>");
    let purge = format!("<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{purge}</pubsub>");
    assert_eq!(error(&juliet.iq("set", SERVICE, &purge)), "auth/forbidden");
}

fn subscribe_publicly(client: &mut Client, node: &str) {
    let public = "<public xmlns='urn:xmpp:pps:0'/>";
    let subscribe = format!("<subscribe node='{node}' jid='{}'>{public}</subscribe>", client.bare());
    client.ok("set", SERVICE, &pubsub(&subscribe));
}
