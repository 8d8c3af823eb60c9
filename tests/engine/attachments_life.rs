//! Attachment and summary nodes beside what they belong to: their access, their place in discovery, their end — XEP-0470.

use std::collections::BTreeSet;

use atomsub::pubsub::atompub::token::Secret;
use atomsub::pubsub::node::NodeId;
use atomsub::pubsub::roster::{Roster, RosterContact, Rosters};
use atomsub::pubsub::{Context, Ids, Jid, handle};
use atomsub::store;
use atomsub::xml::{Limits, Tree};
use atomsub::xmpp::request;

use crate::attachments::{HAMLET, attach, attachments_of, blog, publish, retract, summary, summary_of};
use crate::stage::{ENTRY, NOW, SERVICE, Stage, ask, create, form, get, owner_get, owner_set, set, value};

const ROMEO: &str = "romeo@montague.lit/1";

fn is_there(stage: &mut Stage, name: &str) -> bool {
    let id = NodeId { service: SERVICE.to_owned(), name: name.to_owned() };
    stage.transact(|_, tx| Ok(tx.node(&id)?.is_some()))
}

/// A way in which an item may go.
struct Way {
    name: &'static str,
    /// How the node is configured.
    options: &'static [(&'static str, &'static str)],
    /// What its owner sends, unless time alone does it.
    stanza: Option<String>,
    /// Whether the whole node goes.
    ends_node: bool,
    /// Whether the other item stays.
    other_stays: bool,
}

impl Way {
    fn of(name: &'static str, stanza: String) -> Self {
        Self { name, options: &[], stanza: Some(stanza), ends_node: false, other_stays: true }
    }
}

fn ways() -> Vec<Way> {
    let by_owner = |inner: &str| owner_set(HAMLET, inner);
    let one = form(&[("max_items", "1")]);
    let redirect = "<delete node='n'><redirect uri='xmpp:a.example?;node=n'/></delete>";
    let third = publish(HAMLET, "n", &format!("<item id='3'>{ENTRY}</item>"));
    vec![
        Way::of("retract", retract(HAMLET, "n", "1")),
        Way { options: &[("max_items", "2")], ..Way::of("trim", third) },
        Way::of("configure", by_owner(&format!("<configure node='n'>{one}</configure>"))),
        Way { options: &[("item_expire", "5")], stanza: None, ..Way::of("expiry", String::new()) },
        Way { other_stays: false, ..Way::of("purge", by_owner("<purge node='n'/>")) },
        Way { other_stays: false, ends_node: true, ..Way::of("delete", by_owner("<delete node='n'/>")) },
        Way { other_stays: false, ends_node: true, ..Way::of("redirect", by_owner(redirect)) },
    ]
}

/// However an item goes, what is attached to it goes with it, and its summary.
#[test]
fn attachments_go_with_their_target() {
    for way in ways() {
        let directory = tempfile::tempdir().unwrap();
        let sled = store::open(&store::Place::Sled(directory.path().to_owned())).unwrap();
        for mut stage in [Stage::new(), Stage::over(sled)] {
            go(&mut stage, &way);
        }
    }
}

fn go(stage: &mut Stage, way: &Way) {
    let name = way.name;
    stage.node("n", &[way.options, &[("publish_model", "open")]].concat());
    for item in ["1", "2"] {
        stage.publish("n", item);
        stage.send(&attach(ROMEO, "n", item, "<noticed/>"));
        stage.pass(1);
    }
    stage.subscribe(&summary_of("n"), "romeo@montague.lit");
    stage.subscribe(&attachments_of("n", "1"), "romeo@montague.lit");
    let mut told = match &way.stanza {
        Some(stanza) => stage.send(stanza),
        None => stage.pass(3),
    };
    // What belongs to a deleted node goes once its subscribers have been told.
    told += &stage.notices();

    let gone = format!("<delete node='{}'/>", attachments_of("n", "1"));
    assert!(told.contains(&gone), "{name}: {told}");
    assert!(!is_there(stage, &attachments_of("n", "1")), "{name}");
    assert_eq!(summary(stage, "n", "1"), None, "{name}");
    assert_eq!(is_there(stage, &attachments_of("n", "2")), way.other_stays, "{name}");
    assert_eq!(summary(stage, "n", "2").is_some(), way.other_stays, "{name}");
    assert_eq!(is_there(stage, &summary_of("n")), !way.ends_node, "{name}");
    let last_words = if way.ends_node {
        format!("<delete node='{}'/>", summary_of("n"))
    } else {
        format!("<items node='{}'><retract id='1'/></items>", summary_of("n"))
    };
    assert!(told.contains(&last_words), "{name}: {told}");
    // Nothing of it is left, or comes back.
    if way.ends_node {
        stage.node("n", &[]);
    }
    stage.publish("n", "1");
    assert_eq!(summary(stage, "n", "1"), None, "{name}");
    assert!(!is_there(stage, &attachments_of("n", "1")), "{name}");
}

#[test]
fn a_post_that_is_modified_keeps_its_attachments() {
    let mut stage = blog();
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    stage.publish("blog", "1");
    assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some("<noticed count='1'/>"));
}

struct NoIds;

impl Ids for NoIds {
    fn next(&mut self) -> String {
        panic!("nothing here needs an id")
    }

    fn secret(&mut self) -> Secret {
        panic!("nor a secret")
    }
}

/// Decides about requests one after the other, before anything is delivered or swept.
fn at_once(stage: &mut Stage, stanzas: &[String]) {
    stage.transact(|service, tx| {
        for stanza in stanzas {
            let tree = Tree::parse_stanza(stanza.clone().into(), &Limits::default()).unwrap();
            let from = Jid::from_host(tree.root().attr("from").unwrap());
            let request = request::read(request::Kind::Set, tree.root()).unwrap();
            let rosters = &Rosters::default();
            handle(&mut Context { service, from: &from, now: NOW, rosters, ids: &mut NoIds }, tx, &request)
                .unwrap();
        }
        Ok(())
    });
}

/// A node is deleted and made again before what belonged to the first could be swept.
#[test]
fn nothing_of_a_deleted_node_turns_up_in_one_of_its_name() {
    let anew =
        [owner_set(HAMLET, "<delete node='n'/>"), set(HAMLET, &create("n", &[("publish_model", "open")]))];
    let post = publish(HAMLET, "n", &format!("<item id='1'>{ENTRY}</item>"));
    let attached = |who: &str| attach(who, "n", "1", "<noticed/>");
    let before = || {
        let mut stage = Stage::new();
        stage.node("n", &[("publish_model", "open")]);
        stage.publish("n", "1");
        stage.send(&attached(ROMEO));
        stage.subscribe(&summary_of("n"), "romeo@montague.lit");
        stage
    };

    let mut stage = before();
    at_once(&mut stage, &anew);
    let answer = stage.any(&get(HAMLET, &format!("<items node='{}'/>", summary_of("n"))));
    assert!(answer.contains("item-not-found"), "{answer}");

    let mut stage = before();
    at_once(&mut stage, &[&anew[..], &[post, attached("juliet@capulet.lit/1")]].concat());
    let told = stage.notices();
    assert!(told.contains("<delete node=") && !told.contains("<item "), "{told}");
    assert_eq!(summary(&mut stage, "n", "1").as_deref(), Some("<noticed count='1'/>"));
    let items = stage.send(&get(HAMLET, &format!("<items node='{}'/>", attachments_of("n", "1"))));
    assert!(items.contains("juliet@capulet.lit") && !items.contains("romeo@montague.lit"), "{items}");
}

/// A blog whose attachments and summary Romeo hears of.
struct Followed(Stage, u32);

impl Followed {
    const NODES: [fn() -> String; 2] = [|| attachments_of("blog", "1"), || summary_of("blog")];

    fn new() -> Self {
        let mut stage = blog();
        stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
        for node in Self::NODES {
            stage.subscribe(&node(), "romeo@montague.lit");
        }
        Self(stage, 0)
    }

    /// How often he hears of a reaction of the owner's.
    fn hears(&mut self) -> usize {
        self.1 += 1;
        let other = format!("<reactions><reaction>{}</reaction></reactions>", self.1);
        self.0.send(&attach(HAMLET, "blog", "1", &other)).matches("<message").count()
    }

    fn configure(&mut self, model: &str) {
        let config = form(&[("access_model", model), ("notify_config", "0")]);
        self.0.send(&owner_set(HAMLET, &format!("<configure node='blog'>{config}</configure>")));
    }

    fn affiliate(&mut self, jid: &str, word: &str) -> String {
        let row = format!("<affiliation jid='{jid}' affiliation='{word}'/>");
        self.0.send(&owner_set(HAMLET, &format!("<affiliations node='blog'>{row}</affiliations>")))
    }
}

/// The target's node says who may read, at any time.
#[test]
fn access_is_that_of_the_target() {
    let mut blog = Followed::new();
    assert_eq!(blog.hears(), 2);
    blog.configure("whitelist");
    assert_eq!(blog.hears(), 0);
    let closed = "cancel/not-allowed/closed-node";
    blog.affiliate("juliet@capulet.lit", "member");
    for node in Followed::NODES.map(|node| node()) {
        let items = format!("<items node='{node}'/>");
        blog.0.refuses(&[
            (get(ROMEO, &items), closed),
            (set(ROMEO, &format!("<subscribe node='{node}' jid='romeo@montague.lit'/>")), closed),
            (attach(ROMEO, "blog", "1", ""), closed),
        ]);
        blog.0.send(&get("juliet@capulet.lit/1", &items));
    }
    blog.configure("open");
    assert_eq!(blog.hears(), 2);
}

/// Whoever is approved there is approved here.
#[test]
fn approval_is_that_of_the_target() {
    let mut blog = Followed::new();
    blog.configure("authorize");
    for node in Followed::NODES.map(|node| node()) {
        let subscribe = format!("<subscribe node='{node}' jid='romeo@montague.lit'/>");
        blog.0.refuses(&[(set(ROMEO, &subscribe), "auth/not-authorized/not-subscribed")]);
    }
    assert_eq!(blog.hears(), 0);
    blog.0.send(&set(ROMEO, "<subscribe node='blog' jid='romeo@montague.lit'/>"));
    assert_eq!(blog.hears(), 0);
    for (word, heard) in [("subscribed", 2), ("none", 0)] {
        let row = format!("<subscription jid='romeo@montague.lit' subscription='{word}'/>");
        blog.0.send(&owner_set(HAMLET, &format!("<subscriptions node='blog'>{row}</subscriptions>")));
        assert_eq!(blog.hears(), heard, "{word}");
    }
}

/// Whoever is banned there is no subscriber here.
#[test]
fn a_ban_is_that_of_the_target() {
    let mut blog = Followed::new();
    let told = blog.affiliate("romeo@montague.lit", "outcast");
    for node in Followed::NODES.map(|node| node()) {
        assert!(told.contains(&format!("<subscription node='{node}' jid='romeo@montague.lit'")), "{told}");
    }
    assert_eq!(told.matches("subscription='none'").count(), 2, "{told}");
    blog.affiliate("romeo@montague.lit", "none");
    assert_eq!(blog.hears(), 0);
}

#[test]
fn rosters_are_those_of_the_targets_owners() {
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    let contact = RosterContact { sees_owner: true, groups: BTreeSet::new() };
    let roster = Roster([("romeo@montague.lit".to_owned(), contact)].into());
    stage.host.insert("hamlet@denmark.lit".to_owned(), roster);
    stage.node("n", &[("access_model", "presence"), ("publish_model", "open")]);
    stage.publish("n", "1");
    stage.send(&attach(ROMEO, "n", "1", "<noticed/>"));
    stage.send(&get(ROMEO, &format!("<items node='{}'/>", summary_of("n"))));
    stage.subscribe(&summary_of("n"), "romeo@montague.lit");
    assert!(stage.send(&attach(HAMLET, "n", "1", "<noticed/>")).contains("to='romeo@montague.lit'><event"));
    let items = format!("<items node='{}'/>", attachments_of("n", "1"));
    stage.refuses(&[(
        get("tybalt@capulet.lit/1", &items),
        "auth/not-authorized/presence-subscription-required",
    )]);
    // Nobody knows any more who may hear: it waits.
    stage.wait(61);
    assert!(!stage.send(&attach(HAMLET, "n", "1", "")).contains("<message"));
    assert_eq!(stage.missing(), ["hamlet@denmark.lit"]);
}

#[test]
fn the_list_of_nodes_leaves_them_out() {
    let mut stage = blog();
    for name in ["z", "urn:xmpp:pubsub-attachments:0/x", "urn:xmpp:pubsub-attachments:2/x"] {
        stage.node(name, &[]);
    }
    for n in 0..120 {
        stage.publish("blog", &format!("p{n}"));
        stage.send(&attach(ROMEO, "blog", &format!("p{n}"), "<noticed/>"));
    }
    let mut list = |rsm: &str| -> Vec<String> {
        let set = format!("<set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set>");
        let query = format!("<query xmlns='http://jabber.org/protocol/disco#items'>{set}</query>");
        let answer = stage.send(&ask("get", ROMEO, &query));
        answer.split("node='").skip(1).map(|rest| rest.split('\'').next().unwrap().to_owned()).collect()
    };
    let all = ["blog", "urn:xmpp:pubsub-attachments:0/x", "urn:xmpp:pubsub-attachments:2/x", "z"];
    for rsm in ["", "<max>4</max>", "<max>4</max><before/>"] {
        assert_eq!(list(rsm), all, "{rsm}");
    }
    assert_eq!(list("<max>2</max><after>blog</after>"), all[1..3]);
    assert_eq!(list("<max>2</max><before>z</before>"), all[1..3]);
}

/// The models that are shown are those that apply.
#[test]
fn whoever_knows_their_names_can_ask_about_them() {
    let mut stage = blog();
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    for model in ["open", "whitelist"] {
        let config = form(&[("access_model", model)]);
        stage.send(&owner_set(HAMLET, &format!("<configure node='blog'>{config}</configure>")));
        for (node, kind, publish) in [
            (attachments_of("blog", "1"), "urn:xmpp:pubsub-attachments:1", "open"),
            (summary_of("blog"), "urn:xmpp:pubsub-attachments:summary:1", "publishers"),
        ] {
            let query = format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>");
            for stanza in
                [ask("get", HAMLET, &query), owner_get(HAMLET, &format!("<configure node='{node}'/>"))]
            {
                let told = stage.send(&stanza);
                let models = ["type", "access_model", "publish_model"].map(|var| value(&told, var));
                assert_eq!(models, [kind, model, publish], "{node}");
            }
            let told = stage.send(&ask("get", HAMLET, &query));
            assert_eq!([value(&told, "creator"), value(&told, "owner")], [SERVICE, "hamlet@denmark.lit"]);
        }
    }
}
