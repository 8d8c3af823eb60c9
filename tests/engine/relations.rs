//! Relations between nodes — XEP-0496: what may be related, what goes with what, and who has access to what is below.

use std::collections::BTreeSet;

use atomsub::limits::RELATIONS_MAX;
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::node::NodeId;
use atomsub::pubsub::roster::{Roster, RosterContact};

use crate::stage::{self, ENTRY, SERVICE, Stage, ask, form, get, owner_get, owner_set, set, value};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const FRANCISCO: &str = "francisco@denmark.lit";
const NOT_ALLOWED: &str = "cancel/not-allowed/invalid-option";
const ABSENT: &str = "cancel/item-not-found/-";

/// The name of an option in full, if it is `link` or `parent`.
fn name(option: &str) -> &str {
    match option {
        "link" => "{urn:xmpp:pubsub-relationships:0}link",
        "parent" => "{urn:xmpp:pubsub-relationships:0}parent",
        other => other,
    }
}

fn full<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(option, value)| (name(option), *value)).collect()
}

pub fn create(from: &str, node: &str, fields: &[(&str, &str)]) -> String {
    set(from, &stage::create(node, &full(fields)))
}

pub fn configure(from: &str, node: &str, fields: &[(&str, &str)]) -> String {
    stage::configure(from, node, &full(fields))
}

fn publish(from: &str, node: &str) -> String {
    set(from, &format!("<publish node='{node}'><item id='1'>{ENTRY}</item></publish>"))
}

fn items(from: &str, node: &str) -> String {
    get(from, &format!("<items node='{node}'/>"))
}

fn subscribe(from: &str, node: &str) -> String {
    set(from, &format!("<subscribe node='{node}' jid='{from}'/>"))
}

/// Hamlet's nodes with the relations of each.
fn stage(nodes: &[(&str, &[(&str, &str)])]) -> Stage {
    let mut stage = Stage::new();
    for (node, fields) in nodes {
        stage.send(&create(HAMLET, node, fields));
    }
    stage
}

/// The value of an option as an owner or admin sees it.
fn option(stage: &mut Stage, node: &str, var: &str) -> String {
    let form = stage.send(&owner_get("bard@shakespeare.lit/x", &format!("<configure node='{node}'/>")));
    value(&form, name(var))
}

/// The nodes that are listed to their owner.
fn listed(stage: &mut Stage) -> BTreeSet<String> {
    let list = stage.send(&ask("get", HAMLET, "<query xmlns='http://jabber.org/protocol/disco#items'/>"));
    let nodes = list.split(" node='").skip(1).filter_map(|rest| rest.split('\'').next());
    nodes.map(str::to_owned).collect()
}

/// The nodes of which is told that they are gone.
fn deleted(heard: &str) -> Vec<&str> {
    heard.split("<delete node='").skip(1).filter_map(|rest| rest.split('\'').next()).collect()
}

/// The two examples of the specification.
#[test]
fn relations_are_set_and_shown_as_options() {
    let blog = "urn:xmpp:microblog:0";
    let comments = "urn:xmpp:microblog:0:comments/some-item-id";
    let mut stage = stage(&[(blog, &[]), ("template", &[]), ("submitted", &[]), (comments, &[])]);
    stage.send(&configure(HAMLET, comments, &[("parent", blog)]));
    stage.send(&configure(HAMLET, "submitted", &[("link", "template")]));
    assert_eq!(option(&mut stage, comments, "parent"), blog);
    assert_eq!(option(&mut stage, "submitted", "link"), "template");
    stage.send(&configure(HAMLET, comments, &[("parent", "")]));
    stage.send(&owner_set(HAMLET, &format!("<delete node='{blog}'/>")));
    assert_eq!(listed(&mut stage), ["submitted", "template", comments].map(str::to_owned).into());
    let options = form(&full(&[("link", "template")]));
    let item = format!("<publish node='made'><item id='1'>{ENTRY}</item></publish>");
    let published = format!("{item}<publish-options>{options}</publish-options>");
    stage.send(&set(HAMLET, &published));
    assert_eq!(option(&mut stage, "made", "link"), "template");
    stage.send(&set(HAMLET, &published));
}

#[test]
fn a_linked_node_has_the_parent_of_the_node_that_it_is_linked_to() {
    let mut stage =
        stage(&[("top", &[]), ("other", &[]), ("a", &[("parent", "top")]), ("b", &[("link", "a")])]);
    stage.send(&create(HAMLET, "c", &[("link", "b"), ("parent", "top")]));
    stage.send(&create(HAMLET, "d", &[("link", "b"), ("parent", "")]));
    let parents = |stage: &mut Stage| ["b", "c", "d"].map(|node| option(stage, node, "parent"));
    assert_eq!(parents(&mut stage), ["top"; 3]);
    stage.subscribe("c", FRANCISCO);
    stage.send(&configure(HAMLET, "a", &[("parent", "other")]));
    assert_eq!(parents(&mut stage), ["other"; 3]);
    let told = stage.send(&configure(HAMLET, "c", &[("title", "C"), ("link", "b"), ("parent", "other")]));
    assert!(
        told.contains("}parent' type='text-single' label") && told.contains("<value>other</value>"),
        "{told}"
    );
    stage.send(&configure(HAMLET, "c", &[("link", "")]));
    assert_eq!(option(&mut stage, "c", "parent"), "other", "it stays when the link goes");
    stage.send(&configure(HAMLET, "d", &[("link", ""), ("parent", "")]));
    stage.send(&configure(HAMLET, "a", &[("parent", "")]));
    assert_eq!(parents(&mut stage), ["", "other", ""]);
    let options = form(&full(&[("link", "a"), ("parent", "")]));
    let publish = format!("<publish node='b'><item id='1'>{ENTRY}</item></publish>");
    stage.send(&set(HAMLET, &format!("{publish}<publish-options>{options}</publish-options>")));
}

#[test]
fn errors() {
    let mut stage = stage(&[
        ("top", &[]),
        ("other", &[]),
        ("open", &[("publish_model", "open")]),
        ("child", &[("parent", "top")]),
        ("grandchild", &[("parent", "child")]),
        ("linked", &[("link", "child")]),
    ]);
    stage.send(&create("horatio@denmark.lit", "horatios", &[]));
    stage.send(&create("horatio@denmark.lit", "open to all", &[("parent", "open")]));
    stage.send(&owner_set(HAMLET, "<delete node='other'><redirect uri='xmpp:there?;node=x'/></delete>"));
    let to = |node, var, other| (configure(HAMLET, node, &[(var, other)]), NOT_ALLOWED);
    stage.refuses(&[
        // What would be a circle, over links and parents alike.
        to("top", "parent", "top"),
        to("top", "link", "top"),
        to("top", "parent", "child"),
        to("top", "link", "grandchild"),
        to("top", "parent", "linked"),
        to("child", "link", "linked"),
        to("child", "parent", "linked"),
        // What is not there, or not for him.
        to("top", "parent", "nowhere"),
        to("top", "link", "nowhere"),
        to("top", "parent", "other"),
        to("top", "parent", "horatios"),
        (create(HAMLET, "new", &[("link", "new")]), NOT_ALLOWED),
        (create(HAMLET, "new", &[("parent", "nowhere")]), NOT_ALLOWED),
        (create("horatio@denmark.lit", "new", &[("parent", "top")]), NOT_ALLOWED),
        // A parent beside a link.
        to("linked", "parent", "grandchild"),
        to("grandchild", "link", "top"),
        to("grandchild", "link", "linked"),
        (create(HAMLET, "new", &[("link", "child"), ("parent", "child")]), NOT_ALLOWED),
        (configure(HAMLET, "grandchild", &[("link", "top"), ("parent", "top")]), NOT_ALLOWED),
    ]);
    for fields in [[("link", "child"), ("parent", "")], [("link", "child"), ("parent", "top")]] {
        stage.send(&configure(HAMLET, "grandchild", &fields));
        stage.send(&configure(HAMLET, "grandchild", &[("link", ""), ("parent", "child")]));
    }
}

#[test]
fn a_relation_that_was_made_stays_when_the_right_to_make_it_is_gone() {
    let horatio = "horatio@denmark.lit";
    let mut stage = stage(&[("top", &[("publish_model", "open")]), ("beside", &[("publish_model", "open")])]);
    stage.send(&create(horatio, "child", &[("parent", "top")]));
    stage.send(&create(horatio, "linked", &[("link", "beside")]));
    stage.send(&configure(HAMLET, "beside", &[("parent", "top"), ("publish_model", "publishers")]));
    stage.send(&configure(HAMLET, "top", &[("publish_model", "publishers")]));
    stage.send(&configure(horatio, "child", &[("parent", "top"), ("title", "x")]));
    stage.send(&configure(horatio, "linked", &[("link", "beside"), ("parent", "top"), ("title", "x")]));
    stage.send(&configure(horatio, "linked", &[("link", "")]));
    assert_eq!(option(&mut stage, "linked", "parent"), "top");
}

#[test]
fn what_is_linked_or_below_goes_with_a_node() {
    let all: [(&str, &[(&str, &str)]); 7] = [
        ("top", &[]),
        ("child", &[("parent", "top")]),
        ("grandchild", &[("parent", "child")]),
        ("linked", &[("link", "child")]),
        ("below the linked", &[("parent", "linked")]),
        ("linked to that", &[("link", "below the linked")]),
        ("beside", &[]),
    ];
    for (node, left) in [
        ("top", vec!["beside"]),
        ("child", vec!["top", "beside"]),
        ("grandchild", vec!["top", "child", "linked", "below the linked", "linked to that", "beside"]),
        ("linked", vec!["top", "child", "grandchild", "beside"]),
        ("linked to that", vec!["top", "child", "grandchild", "linked", "below the linked", "beside"]),
    ] {
        let mut stage = stage(&all);
        for (name, _) in all {
            stage.subscribe(name, FRANCISCO);
        }
        let mut heard = stage.send(&owner_set(HAMLET, &format!("<delete node='{node}'/>")));
        while deleted(&heard).len() < all.len() - left.len() {
            let more = stage.notices();
            assert_ne!(more, "", "{node}: {heard}");
            heard += &more;
        }
        assert_eq!(deleted(&heard).len(), all.len() - left.len(), "{node}: {heard}");
        assert_eq!(listed(&mut stage), left.into_iter().map(str::to_owned).collect(), "{node}");
    }
}

/// Thousands of children go in portions, and nobody sees them meanwhile.
#[test]
fn a_node_whose_parent_is_gone_is_as_if_it_were_gone() {
    let mut stage = stage(&[
        ("top", &[("access_model", "whitelist")]),
        ("child", &[("parent", "top"), ("publish_model", "open")]),
        ("grandchild", &[("parent", "child")]),
        ("linked", &[("link", "grandchild")]),
    ]);
    stage.subscribe("grandchild", "hamlet@denmark.lit");
    let id = |name: &str| NodeId { service: SERVICE.to_owned(), name: name.to_owned() };
    stage.transact(|_, tx| {
        let top = tx.node(&id("top"))?.unwrap();
        tx.remove_node(top.key)
    });
    for node in ["child", "grandchild", "linked"] {
        stage.refuses(&[
            (items(HAMLET, node), ABSENT),
            (subscribe(FRANCISCO, node), ABSENT),
            (publish("fortinbras@norway.lit", node), ABSENT),
            (configure(HAMLET, node, &[("parent", "")]), ABSENT),
            (
                ask(
                    "get",
                    HAMLET,
                    &format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>"),
                ),
                ABSENT,
            ),
        ]);
    }
    assert_eq!(listed(&mut stage), BTreeSet::new());
    stage.send(&create(HAMLET, "top", &[]));
    stage.refuses(&[(items(HAMLET, "child"), ABSENT)]);
    let heard = stage.send(&create(HAMLET, "grandchild", &[]));
    assert_eq!(deleted(&heard), ["grandchild"]);
    assert_eq!(listed(&mut stage), ["grandchild", "top"].map(str::to_owned).into());
}

/// Above an open node: what the model of the upper one says about each way to the lower one.
#[test]
fn whoever_uses_a_node_needs_the_same_of_all_above() {
    let closed = "cancel/not-allowed/closed-node";
    let unapproved = "auth/not-authorized/not-subscribed";
    let presence = "auth/not-authorized/presence-subscription-required";
    let forbidden = "auth/forbidden/-";
    for (access, publish_model, read, write) in [
        ("open", "open", None, None),
        ("open", "publishers", None, Some(forbidden)),
        ("open", "subscribers", None, Some(forbidden)),
        ("whitelist", "open", Some(closed), None),
        ("authorize", "open", Some(unapproved), None),
        ("presence", "open", Some(presence), None),
    ] {
        let mut stage = Stage::new();
        stage.rosters.grant(SERVICE, "denmark.lit");
        let horatio = RosterContact { sees_owner: true, ..RosterContact::default() };
        let roster = Roster([("horatio@denmark.lit".to_owned(), horatio)].into());
        stage.host.insert("hamlet@denmark.lit".to_owned(), roster);
        stage.send(&create(HAMLET, "top", &[("access_model", access), ("publish_model", publish_model)]));
        stage.send(&create(HAMLET, "middle", &[("parent", "top"), ("publish_model", "open")]));
        stage.send(&create(HAMLET, "beside", &[("link", "middle"), ("publish_model", "open")]));
        stage.send(&create(HAMLET, "low", &[("parent", "beside"), ("publish_model", "open")]));
        stage.publish("low", "0");
        stage.affiliate("top", "bernardo@denmark.lit", Affiliation::Publisher);
        let low = "http://jabber.org/protocol/disco#items";
        let disco = ask("get", FRANCISCO, &format!("<query xmlns='{low}' node='low'/>"));
        for node in ["low", "middle", "beside"] {
            let table = [
                (items(FRANCISCO, node), read),
                (subscribe(FRANCISCO, node), read),
                (ask("set", FRANCISCO, &format!("<query xmlns='urn:xmpp:mam:2' node='{node}'/>")), read),
                (publish(FRANCISCO, node), write),
            ];
            for (request, refused) in table {
                match refused {
                    None => drop(stage.send(&request)),
                    Some(error) => stage.refuses(&[(request, error)]),
                }
            }
            // Those who have the rights above have them below, whatever the models are.
            let bernardo = "bernardo@denmark.lit";
            stage.send(&items(bernardo, node));
            stage.send(&subscribe(bernardo, node));
        }
        let seen = stage.any(&disco);
        assert_eq!(seen.contains("name='0'"), read.is_none(), "{access}: {seen}");
        assert_eq!(seen.contains("item-not-found"), ["whitelist", "presence"].contains(&access), "{seen}");
        if access == "authorize" {
            stage.subscribe("top", FRANCISCO);
            stage.refuses(&[(items(FRANCISCO, "low"), read.unwrap())]);
            let allow = "<subscriptions node='top'><subscription jid='francisco@denmark.lit' subscription='subscribed'/></subscriptions>";
            stage.send(&owner_set(HAMLET, allow));
            stage.send(&items(FRANCISCO, "low"));
        }
        if access == "presence" {
            stage.send(&items("horatio@denmark.lit", "low"));
        }
    }
}

#[test]
fn what_is_ones_own_can_be_taken_back_and_put_elsewhere_whatever_is_above() {
    let horatio = "horatio@denmark.lit";
    let mut stage = stage(&[("top", &[("publish_model", "open")])]);
    stage.send(&create(horatio, "child", &[("parent", "top"), ("publish_model", "open")]));
    stage.send(&publish(horatio, "child"));
    stage.send(&set(FRANCISCO, &format!("<publish node='child'><item id='2'>{ENTRY}</item></publish>")));
    stage.affiliate("top", horatio, Affiliation::Outcast);
    stage.affiliate("top", FRANCISCO, Affiliation::Outcast);
    stage.refuses(&[
        (publish(horatio, "child"), "auth/forbidden/-"),
        (items(horatio, "child"), "auth/forbidden/-"),
    ]);
    stage.send(&set(FRANCISCO, "<retract node='child'><item id='2'/></retract>"));
    stage.send(&set(horatio, "<retract node='child'><item id='1'/></retract>"));
    stage.send(&configure(horatio, "child", &[("parent", "")]));
    stage.send(&publish(horatio, "child"));
}

/// The models above are asked again when a notice goes out.
#[test]
fn notices_reach_only_those_who_have_access_to_all_above() {
    let mut stage =
        stage(&[("top", &[]), ("middle", &[("parent", "top")]), ("low", &[("parent", "middle")])]);
    let people = ["francisco@denmark.lit", "bernardo@denmark.lit", "horatio@denmark.lit"];
    for jid in people {
        stage.subscribe("low", jid);
    }
    stage.affiliate("top", people[1], Affiliation::Member);
    let hears = |stage: &mut Stage, id: &str| {
        let publish = format!("<publish node='low'><item id='{id}'>{ENTRY}</item></publish>");
        let heard = stage.send(&set(HAMLET, &publish));
        people.map(|jid| heard.contains(&format!("to='{jid}'")))
    };
    assert_eq!(hears(&mut stage, "1"), [true; 3]);
    stage.send(&configure(HAMLET, "top", &[("access_model", "whitelist")]));
    assert_eq!(hears(&mut stage, "2"), [false, true, false]);
    stage.send(&configure(HAMLET, "top", &[("access_model", "authorize")]));
    assert_eq!(hears(&mut stage, "3"), [false, true, false]);
    stage.subscribe("top", people[2]);
    assert_eq!(hears(&mut stage, "4"), [false, true, false], "he only asked");
    let allow = format!("<subscription jid='{}' subscription='subscribed'/>", people[2]);
    stage.send(&owner_set(HAMLET, &format!("<subscriptions node='top'>{allow}</subscriptions>")));
    assert_eq!(hears(&mut stage, "5"), [false, true, true]);
    stage.affiliate("middle", people[1], Affiliation::Outcast);
    assert_eq!(hears(&mut stage, "6"), [false, false, true]);
}

#[test]
fn notices_wait_for_the_rosters_above() {
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    stage.node("top", &[("access_model", "presence")]);
    stage.send(&create(HAMLET, "low", &[("parent", "top")]));
    stage.affiliate("top", FRANCISCO, Affiliation::Member);
    stage.subscribe("low", FRANCISCO);
    let publish = format!("<publish node='low'><item id='1'>{ENTRY}</item></publish>");
    let heard = stage.send(&set(HAMLET, &publish));
    assert!(!heard.contains("<message"), "{heard}");
    assert_eq!(stage.missing(), ["hamlet@denmark.lit"]);
    stage.keep_roster("hamlet@denmark.lit", Some(Roster::default()));
    assert!(stage.notices().contains("<item id='1'"));
}

#[test]
fn only_so_many_nodes_are_above_another() {
    let mut stage = stage(&[("0", &[])]);
    for n in 1..RELATIONS_MAX {
        stage.send(&create(HAMLET, &n.to_string(), &[("parent", &(n - 1).to_string())]));
    }
    let last = (RELATIONS_MAX - 1).to_string();
    stage.send(&items(FRANCISCO, &last));
    stage.refuses(&[(create(HAMLET, "one more", &[("parent", &last)]), NOT_ALLOWED)]);
    // A whole branch can be moved, and what is too deep then waits for a better place.
    stage.subscribe(&last, FRANCISCO);
    stage.send(&create(HAMLET, "above", &[]));
    stage.send(&create(HAMLET, "high above", &[]));
    stage.send(&configure(HAMLET, "above", &[("parent", "high above")]));
    stage.send(&configure(HAMLET, "0", &[("parent", "above")]));
    stage.refuses(&[
        (items(FRANCISCO, &last), "wait/resource-constraint/-"),
        (publish(HAMLET, &last), "wait/resource-constraint/-"),
    ]);
    stage.send(&configure(HAMLET, "1", &[("parent", "above")]));
    stage.send(&items(FRANCISCO, &last));
    stage.send(&publish(HAMLET, &last));
}
