//! What publishers, subscribers and owners say to the service through a real server, and what they hear: XEP-0060 by
//! use case.

use minidom::Element;

use crate::harness::client::Client;
use crate::harness::server::Kind;
use crate::harness::xml::{EVENT, PUBSUB, attr, error, find, named};
use crate::stage::{
    COMMENTS, SERVICE, Stage, create, form, hear, hear_item, hear_nothing, ids, on_both_servers, owner,
    publish, pubsub, subscribe, subscription,
};

on_both_servers!(
    create_named_instant_configured,
    refuse_creation,
    publish_modify_retract,
    retrieve_items,
    subscribe_and_unsubscribe,
    delete_node,
    configure_node,
    purge_node,
    disco_service_and_node,
    own_subscriptions_and_affiliations,
    small_protocols,
    only_publishers_publish,
    whitelist_and_outcast,
    everybody_publishes,
    refuse_what_is_unknown,
    two_names_over_one_store,
);

const JULIET: &str = "juliet@capulet.example";
const ROMEO: &str = "romeo@montague.example";

fn create_named_instant_configured(stage: &Stage) {
    let mut juliet = stage.juliet();
    juliet.ok("set", SERVICE, &pubsub("<create node='create/named'/>"));

    let answer = juliet.ok("set", SERVICE, &pubsub("<create/>"));
    let instant = answer.get_child("pubsub", PUBSUB).and_then(|pubsub| find(pubsub, &["create"]));
    let instant = attr(instant.expect("the name of the instant node"), "node").to_owned();
    assert_ne!(instant, "");
    juliet.ok("set", SERVICE, &publish(&instant, "1", "Ay me"));

    create(&mut juliet, "create/configured", &[("title", "Balcony"), ("access_model", "whitelist")]);
    let answer = juliet.ok("get", SERVICE, &owner("<configure node='create/configured'/>"));
    let form = find(&answer, &["pubsub", "configure", "x"]).expect("a form");
    assert_eq!(value(form, "pubsub#title"), "Balcony");
    assert_eq!(value(form, "pubsub#access_model"), "whitelist");
}

fn refuse_creation(stage: &Stage) {
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    juliet.ok("set", SERVICE, &pubsub("<create node='refuse/creation'/>"));
    check(&mut juliet, "set", &pubsub("<create node='refuse/creation'/>"), "cancel/conflict");
    let astray = "<configure node='refuse/x'/>";
    check(&mut juliet, "set", &pubsub(&format!("<create node='refuse/x'/>{astray}")), "modify/bad-request");
    check(&mut romeo, "set", &pubsub("<create node='refuse/romeo'/>"), "auth/forbidden");
}

fn publish_modify_retract(stage: &Stage) {
    let node = "publish/modify/retract";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);

    let answer = juliet.ok("set", SERVICE, &publish(node, "ITEM-1", "O Romeo"));
    let published = find(&answer, &["pubsub", "publish"]).expect("a <publish/>");
    assert_eq!(attr(published, "node"), node);
    assert_eq!(attr(find(published, &["item"]).expect("the item's id"), "id"), "ITEM-1");
    assert_eq!(hear_item(&mut romeo, node, JULIET), ("ITEM-1".into(), "O Romeo".into()));

    juliet.ok("set", SERVICE, &publish(node, "ITEM-1", "wherefore art thou"));
    assert_eq!(hear_item(&mut romeo, node, JULIET), ("ITEM-1".into(), "wherefore art thou".into()));

    let retract =
        |id: &str| pubsub(&format!("<retract node='{node}' notify='true'><item id='{id}'/></retract>"));
    juliet.ok("set", SERVICE, &retract("ITEM-1"));
    let items = hear(&mut romeo, node);
    assert_eq!(attr(find(&items, &["retract"]).expect("a <retract/>"), "id"), "ITEM-1");
    check(&mut juliet, "set", &retract("ITEM-1"), "cancel/item-not-found");

    let nameless =
        pubsub(&format!("<publish node='{node}'><item>{}</item></publish>", crate::stage::entry("n", "N")));
    let answer = juliet.ok("set", SERVICE, &nameless);
    let id = attr(find(&answer, &["pubsub", "publish", "item"]).expect("the new item's id"), "id");
    assert_eq!(hear_item(&mut romeo, node, JULIET), (id.into(), "N".into()));
}

fn retrieve_items(stage: &Stage) {
    let node = "retrieve/items";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    assert_eq!(ids(&romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}'/>")))), [""; 0]);
    for id in ["a", "b", "c"] {
        juliet.ok("set", SERVICE, &publish(node, id, id));
    }
    let mut items = |attributes: &str, content: &str| {
        let request = pubsub(&format!("<items node='{node}'{attributes}>{content}</items>"));
        ids(&romeo.ok("get", SERVICE, &request)).join(" ")
    };
    assert_eq!(items("", ""), "a b c");
    assert_eq!(items(" max_items='1'", ""), "c");
    assert_eq!(items("", "<item id='b'/>"), "b");
    assert_eq!(items("", "<item id='nowhere'/>"), "");
    check(&mut romeo, "get", &pubsub("<items node='no/such/node'/>"), "cancel/item-not-found");

    let first =
        format!("<items node='{node}'/><set xmlns='http://jabber.org/protocol/rsm'><max>2</max></set>");
    let answer = romeo.ok("get", SERVICE, &pubsub(&first));
    let set = find(&answer, &["pubsub", "set"]).expect("a <set/> with the page");
    assert_eq!((ids(&answer), find(set, &["count"]).map(Element::text)), (vec!["a", "b"], Some("3".into())));
    let last = find(set, &["last"]).expect("the page's end").text();
    let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>2</max><after>{last}</after></set>");
    let answer = romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}'/>{set}")));
    assert_eq!(ids(&answer), ["c"]);
}

fn subscribe_and_unsubscribe(stage: &Stage) {
    let node = "subscribe/unsubscribe";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    let for_romeo = subscription(&romeo, node);
    check(&mut juliet, "set", &for_romeo, "modify/bad-request/invalid-jid");
    let unknown = subscription(&romeo, "no/such/node");
    check(&mut romeo, "set", &unknown, "cancel/item-not-found");

    let leave = pubsub(&format!("<unsubscribe node='{node}' jid='{ROMEO}'/>"));
    check(&mut romeo, "set", &leave, "cancel/unexpected-request/not-subscribed");
    subscribe(&mut romeo, node);
    check(&mut juliet, "set", &leave, "auth/forbidden");
    juliet.ok("set", SERVICE, &publish(node, "heard", "heard"));
    assert_eq!(hear_item(&mut romeo, node, JULIET).0, "heard");
    romeo.ok("set", SERVICE, &leave);
    juliet.ok("set", SERVICE, &publish(node, "unheard", "unheard"));
    hear_nothing(&mut romeo, node);
}

fn delete_node(stage: &Stage) {
    let node = "delete/node";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    let delete = owner(&format!("<delete node='{node}'/>"));
    check(&mut romeo, "set", &delete, "auth/forbidden");
    juliet.ok("set", SERVICE, &delete);
    assert!(hear(&mut romeo, node).is("delete", EVENT));
    check(&mut juliet, "set", &delete, "cancel/item-not-found");
    check(&mut romeo, "get", &pubsub(&format!("<items node='{node}'/>")), "cancel/item-not-found");
}

fn configure_node(stage: &Stage) {
    let node = "configure/node";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[("title", "Before")]);
    check(&mut romeo, "get", &owner(&format!("<configure node='{node}'/>")), "auth/forbidden");
    let set =
        |fields: &[(&str, &str)]| owner(&format!("<configure node='{node}'>{}</configure>", form(fields)));
    check(&mut romeo, "set", &set(&[("title", "Mine")]), "auth/forbidden");
    let impossible =
        error(&juliet.iq("set", SERVICE, &set(&[("title", "After"), ("access_model", "sometimes")])));
    assert!(impossible.starts_with("modify/not-acceptable"), "{impossible}");
    let mut title = || {
        let answer = juliet.ok("get", SERVICE, &owner(&format!("<configure node='{node}'/>")));
        value(find(&answer, &["pubsub", "configure", "x"]).expect("a form"), "pubsub#title")
    };
    assert_eq!(title(), "Before", "a refused change changes nothing");
    stage.juliet().ok("set", SERVICE, &set(&[("title", "After")]));
    assert_eq!(title(), "After");
    let default = juliet.ok("get", SERVICE, &owner("<default/>"));
    assert!(find(&default, &["pubsub", "default", "x"]).is_some());
}

fn purge_node(stage: &Stage) {
    let node = "purge/node";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    juliet.ok("set", SERVICE, &publish(node, "1", "one"));
    subscribe(&mut romeo, node);
    let purge = owner(&format!("<purge node='{node}'/>"));
    check(&mut romeo, "set", &purge, "auth/forbidden");
    juliet.ok("set", SERVICE, &purge);
    assert!(hear(&mut romeo, node).is("purge", EVENT));
    assert_eq!(ids(&romeo.ok("get", SERVICE, &pubsub(&format!("<items node='{node}'/>")))), [""; 0]);
}

fn disco_service_and_node(stage: &Stage) {
    let node = "disco/node";
    let mut juliet = stage.juliet();
    create(&mut juliet, node, &[("title", "Found")]);
    let answer = juliet.ok("get", SERVICE, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    assert_eq!(identity(&answer), "pubsub/service");
    let features = features(&answer);
    let has = |feature: &str| assert!(features.contains(&feature.to_owned()), "{feature} in {features:?}");
    has(PUBSUB);
    has("http://jabber.org/protocol/disco#info");
    // Of the access models it names the default one: that is what the feature means.
    for feature in "access-open config-node create-and-configure create-nodes delete-items \
                    delete-nodes instant-nodes item-ids modify-affiliations multi-items outcast-affiliation \
                    persistent-items publish purge-nodes retract-items retrieve-affiliations retrieve-items \
                    retrieve-subscriptions subscribe"
        .split_whitespace()
    {
        has(&format!("{PUBSUB}#{feature}"));
    }
    let models =
        features.iter().filter(|feature| feature.starts_with("http://jabber.org/protocol/pubsub#access-"));
    assert_eq!(models.count(), 1, "{features:?}");

    let here = format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>");
    let answer = juliet.ok("get", SERVICE, &here);
    assert_eq!(identity(&answer), "pubsub/leaf");
    let form = find(&answer, &["query", "x"]).expect("the node's meta-data");
    assert_eq!(value(form, "FORM_TYPE"), format!("{PUBSUB}#meta-data"));
    assert_eq!(value(form, "pubsub#title"), "Found");
    assert_eq!(value(form, "pubsub#type"), "http://www.w3.org/2005/Atom");

    juliet.ok("set", SERVICE, &publish(node, "entry", "An entry"));
    let here = format!("<query xmlns='http://jabber.org/protocol/disco#items' node='{node}'/>");
    let answer = juliet.ok("get", SERVICE, &here);
    assert_eq!(listed(&answer), [(SERVICE.to_owned(), String::new(), "entry".to_owned())]);
    assert!(nodes(&mut juliet).contains(&node.to_owned()));
    let nowhere = "<query xmlns='http://jabber.org/protocol/disco#info' node='no/such/node'/>";
    check(&mut juliet, "get", nowhere, "cancel/item-not-found");
}

fn own_subscriptions_and_affiliations(stage: &Stage) {
    let node = "own/subscriptions";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    subscribe(&mut romeo, node);
    for request in ["<subscriptions/>".to_owned(), format!("<subscriptions node='{node}'/>")] {
        let answer = romeo.ok("get", SERVICE, &pubsub(&request));
        let list = find(&answer, &["pubsub", "subscriptions"]).expect("a list");
        let mine: Vec<&Element> = list.children().filter(|row| row.attr("node") == Some(node)).collect();
        assert_eq!(mine.len(), 1, "{}", String::from(list));
        assert_eq!((attr(mine[0], "jid"), attr(mine[0], "subscription")), (ROMEO, "subscribed"));
    }
    let answer = juliet.ok("get", SERVICE, &pubsub("<affiliations/>"));
    let list = find(&answer, &["pubsub", "affiliations"]).expect("a list");
    let mine = list.children().find(|row| row.attr("node") == Some(node)).expect("her node");
    assert_eq!(attr(mine, "affiliation"), "owner");
    let answer = juliet.ok("get", SERVICE, &owner(&format!("<subscriptions node='{node}'/>")));
    let rows = named(find(&answer, &["pubsub", "subscriptions"]).expect("a list"), "subscription");
    assert_eq!(rows.iter().map(|row| attr(row, "jid")).collect::<Vec<_>>(), [ROMEO]);
}

fn small_protocols(stage: &Stage) {
    let mut romeo = stage.romeo();
    let version = romeo.ok("get", SERVICE, "<query xmlns='jabber:iq:version'/>");
    let name = find(&version, &["query", "name"]).expect("a name").text();
    assert!(name.to_lowercase().contains("atomsub"), "{name}");
    romeo.ok("get", SERVICE, "<ping xmlns='urn:xmpp:ping'/>");
    let time = romeo.ok("get", SERVICE, "<time xmlns='urn:xmpp:time'/>");
    assert!(find(&time, &["time", "utc"]).expect("UTC").text().ends_with('Z'));
    let last = romeo.ok("get", SERVICE, "<query xmlns='jabber:iq:last'/>");
    let seconds: u64 = attr(find(&last, &["query"]).expect("a query"), "seconds").parse().expect("seconds");
    assert!(seconds < 3600, "up for {seconds} s in a test");
}

fn only_publishers_publish(stage: &Stage) {
    let node = "only/publishers";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[]);
    check(&mut romeo, "set", &publish(node, "1", "Romeo's"), "auth/forbidden");
    affiliate(&mut juliet, node, "publisher");
    romeo.ok("set", SERVICE, &publish(node, "1", "Romeo's"));
    affiliate(&mut juliet, node, "none");
    check(&mut romeo, "set", &publish(node, "2", "Romeo's"), "auth/forbidden");
    // A foreigner may not create by publishing either; whether he is told that or that there is no such node is free.
    let refusal = error(&romeo.iq("set", SERVICE, &publish("no/such/node", "1", "x")));
    assert!(["auth/forbidden", "cancel/item-not-found"].contains(&refusal.as_str()), "{refusal}");
}

fn whitelist_and_outcast(stage: &Stage) {
    let node = "whitelist/outcast";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[("access_model", "whitelist")]);
    juliet.ok("set", SERVICE, &publish(node, "secret", "secret"));
    let (join, read) = (subscription(&romeo, node), pubsub(&format!("<items node='{node}'/>")));
    check(&mut romeo, "set", &join, "cancel/not-allowed/closed-node");
    check(&mut romeo, "get", &read, "cancel/not-allowed/closed-node");

    affiliate(&mut juliet, node, "member");
    subscribe(&mut romeo, node);
    assert_eq!(ids(&romeo.ok("get", SERVICE, &read)), ["secret"]);
    juliet.ok("set", SERVICE, &publish(node, "members", "members"));
    assert_eq!(hear_item(&mut romeo, node, JULIET).0, "members");

    affiliate(&mut juliet, node, "outcast");
    check(&mut romeo, "set", &join, "auth/forbidden");
    check(&mut romeo, "get", &read, "auth/forbidden");
    juliet.ok("set", SERVICE, &publish(node, "hidden", "hidden"));
    let heard_item = |stanza: &Element| {
        crate::stage::news(stanza, node).is_some_and(|items| find(items, &["item"]).is_some())
    };
    romeo.never(crate::stage::QUIET, "an item as an outcast", heard_item);
}

fn everybody_publishes(stage: &Stage) {
    let node = "everybody/publishes";
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    create(&mut juliet, node, &[("publish_model", "open")]);
    subscribe(&mut juliet, node);
    romeo.ok("set", SERVICE, &publish(node, "his", "his"));
    assert_eq!(hear_item(&mut juliet, node, ROMEO), ("his".into(), "his".into()));
    juliet.ok("set", SERVICE, &publish(node, "hers", "hers"));
    check(&mut romeo, "set", &publish(node, "hers", "his now"), "auth/forbidden");
    check(
        &mut romeo,
        "set",
        &pubsub(&format!("<retract node='{node}'><item id='hers'/></retract>")),
        "auth/forbidden",
    );
    romeo.ok("set", SERVICE, &publish(node, "his", "his again"));
}

fn refuse_what_is_unknown(stage: &Stage) {
    let mut romeo = stage.romeo();
    for (kind, payload) in [
        ("get", "<query xmlns='urn:example:unknown'/>"),
        ("set", "<query xmlns='urn:example:unknown'/>"),
        ("get", "<vCard xmlns='vcard-temp'/>"),
        ("get", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><unheard-of/></pubsub>"),
    ] {
        let refusal = error(&romeo.iq(kind, SERVICE, payload));
        let condition = refusal.split('/').nth(1).unwrap_or_default();
        let expected = ["service-unavailable", "feature-not-implemented", "bad-request"];
        assert!(expected.contains(&condition), "{payload}: {refusal}");
    }
}

fn two_names_over_one_store(stage: &Stage) {
    let mut juliet = stage.juliet();
    let answer = juliet.ok("get", COMMENTS, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    assert_eq!((attr(&answer, "from"), identity(&answer).as_str()), (COMMENTS, "pubsub/service"));
    juliet.ok("set", COMMENTS, &pubsub("<create node='two/names'/>"));
    let answer = juliet.ok("set", COMMENTS, &publish("two/names", "1", "a comment"));
    assert_eq!(attr(&answer, "from"), COMMENTS);
}

/// Asks, and expects this error.
fn check(client: &mut Client, kind: &str, request: &str, expected: &str) {
    assert_eq!(error(&client.iq(kind, SERVICE, request)), expected, "{request}");
}

fn affiliate(juliet: &mut Client, node: &str, affiliation: &str) {
    let row = format!("<affiliation jid='{ROMEO}' affiliation='{affiliation}'/>");
    juliet.ok("set", SERVICE, &owner(&format!("<affiliations node='{node}'>{row}</affiliations>")));
}

/// The value of a field in a form.
fn value(form: &Element, var: &str) -> String {
    let field = form.children().find(|field| field.attr("var") == Some(var));
    let field = field.unwrap_or_else(|| panic!("no field {var} in {}", String::from(form)));
    find(field, &["value"]).map(Element::text).unwrap_or_default()
}

fn identity(info: &Element) -> String {
    let identity = find(info, &["query", "identity"]).expect("an identity");
    format!("{}/{}", attr(identity, "category"), attr(identity, "type"))
}

fn features(info: &Element) -> Vec<String> {
    let query = find(info, &["query"]).expect("a query");
    named(query, "feature").into_iter().map(|feature| attr(feature, "var").to_owned()).collect()
}

/// The items of a disco#items answer: JID, node, name.
fn listed(answer: &Element) -> Vec<(String, String, String)> {
    let query = find(answer, &["query"]).expect("a query");
    let row =
        |item: &Element| ["jid", "node", "name"].map(|name| item.attr(name).unwrap_or_default().to_owned());
    let rows = named(query, "item").into_iter().map(row);
    rows.map(|[jid, node, name]| (jid, node, name)).collect()
}

/// The nodes of the service, all pages.
fn nodes(client: &mut Client) -> Vec<String> {
    let (mut nodes, mut after) = (Vec::new(), String::new());
    loop {
        let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>50</max>{after}</set>");
        let query = format!("<query xmlns='http://jabber.org/protocol/disco#items'>{set}</query>");
        let answer = client.ok("get", SERVICE, &query);
        let page = listed(&answer);
        let last = find(&answer, &["query", "set", "last"]).map(Element::text);
        match last {
            Some(last) if !page.is_empty() => after = format!("<after>{last}</after>"),
            Some(_) | None => {
                nodes.extend(page.into_iter().map(|(_, node, _)| node));
                return nodes;
            }
        }
        nodes.extend(page.into_iter().map(|(_, node, _)| node));
    }
}
