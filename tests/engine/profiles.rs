//! What nodes are like by their `pubsub#type` when nobody says otherwise, and what they always are — XEP-0472, XEP-0501,
//! XEP-0508, XEP-0277; XEP-0060 [#owner-create], [#publisher-publish-autocreate].

use crate::stage::{SERVICE, Stage, ask, configure, create, form, get, owner_get, set, value};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const ATOM: &str = "http://www.w3.org/2005/Atom";
const SOCIAL: &str = "urn:xmpp:pubsub-social-feed:1";
const STORIES: &str = "urn:xmpp:pubsub-social-feed:stories:0";
const OPTIONS: [&str; 9] = [
    "access_model",
    "publish_model",
    "persist_items",
    "max_items",
    "item_expire",
    "deliver_payloads",
    "notify_retract",
    "send_last_published_item",
    "itemreply",
];

/// An entry that fits every profile: a topic of a forum with one picture.
const POST: &str = "<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title><content>To be, or not</content>\
                    <link rel='enclosure' type='image/jpeg' href='https://denmark.lit/skull.jpg'/>\
                    <link rel='replies' title='comments' \
                    href='xmpp:pubsub.shakespeare.lit?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2F1'/></entry>";

/// Names of options and their values.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// What the owner's form shows.
fn shown(stage: &mut Stage, node: &str, option: &str) -> String {
    value(&stage.send(&owner_get(HAMLET, &format!("<configure node='{node}'/>"))), option)
}

/// The options of a node that are not those of a node about which nothing was said.
fn peculiar(stage: &mut Stage, node: &str) -> Vec<(&'static str, String)> {
    let plain = ["open", "publishers", "1", "max", "max", "1", "1", "never", "publisher"];
    let values = OPTIONS.map(|option| (option, shown(stage, node, option)));
    values.into_iter().zip(plain).filter(|((_, value), plain)| value != plain).map(|(own, _)| own).collect()
}

/// A stage whose host shows rosters, which stories take.
fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    stage
}

fn publish(from: &str, node: &str, options: Fields<'_>) -> String {
    let options = form(options);
    set(
        from,
        &format!(
            "<publish node='{node}'><item id='1'>{POST}</item></publish><publish-options>{options}</publish-options>"
        ),
    )
}

/// What the creator says, and what then is different from a plain node. The same for one that is made by publishing.
#[test]
fn a_profile_has_defaults_and_the_creator_has_the_last_word() {
    let silent = ("deliver_payloads", "0");
    let rows: &[(Fields<'_>, Fields<'_>)] = &[
        (&[], &[]),
        (&[("type", ATOM)], &[]),
        (&[("type", "")], &[]),
        (&[("type", "urn:example:other")], &[]),
        (&[("type", SOCIAL)], &[silent]),
        (&[("type", "urn:xmpp:pubsub-social-feed:0")], &[silent]),
        (&[("type", "urn:xmpp:pubsub-social-feed:gallery:1")], &[silent]),
        (&[("type", "urn:xmpp:pubsub-social-gallery:0")], &[silent]),
        (&[("type", "urn:xmpp:microblog:0")], &[silent]),
        (&[("type", "urn:xmpp:pubsub-social-feed:flat-forums:0")], &[silent]),
        (&[("type", "urn:xmpp:pubsub-social-feed:threaded-forums:0")], &[silent]),
        (&[("type", STORIES)], &[("access_model", "presence"), ("item_expire", "86400"), silent]),
        // What is said counts, in whatever order.
        (&[("type", SOCIAL), ("deliver_payloads", "1")], &[]),
        (&[("deliver_payloads", "1"), ("type", SOCIAL)], &[]),
        (&[("type", SOCIAL), ("max_items", "7")], &[("max_items", "7"), silent]),
        (
            &[("type", SOCIAL), ("send_last_published_item", "on_sub")],
            &[silent, ("send_last_published_item", "on_sub")],
        ),
        (&[("type", STORIES), ("access_model", "open"), ("item_expire", "max")], &[silent]),
        // Slixfeed and atomtopubsub.
        (&[("type", ATOM), ("max_items", "20"), ("deliver_payloads", "0")], &[("max_items", "20"), silent]),
        // A profile without memory is none.
        (&[("type", SOCIAL), ("persist_items", "0"), ("notify_retract", "false")], &[silent]),
        (&[("type", ATOM), ("persist_items", "0")], &[("persist_items", "0")]),
    ];
    for (said, expected) in rows {
        let mut stage = stage();
        stage.send(&set(HAMLET, &create("made", said)));
        let expected: Vec<_> = expected.iter().map(|(var, value)| (*var, (*value).to_owned())).collect();
        assert_eq!(peculiar(&mut stage, "made"), expected, "{said:?}");
        // What cannot be, or not of this entry, makes no node.
        let other = [("persist_items", "0"), ("type", "urn:example:other")];
        if !other.iter().any(|option| said.contains(option)) {
            stage.send(&publish(HAMLET, "by-publishing", said));
            assert_eq!(peculiar(&mut stage, "by-publishing"), expected, "by publishing with {said:?}");
        }
    }
}

/// An owner's form too is put right, and what is shown is what is.
#[test]
fn what_a_profile_insists_on_stays() {
    let mut stage = Stage::new();
    stage.node("n", &[("type", SOCIAL)]);
    let configure = |options: Fields<'_>| configure(HAMLET, "n", options);
    stage.send(&configure(&[("notify_retract", "0"), ("persist_items", "0"), ("deliver_payloads", "1")]));
    assert_eq!(peculiar(&mut stage, "n"), []);
    // Out of the profile, and back into it: only what it insists on changes.
    stage.send(&configure(&[("type", ATOM), ("notify_retract", "0"), ("persist_items", "0")]));
    assert_eq!(peculiar(&mut stage, "n").len(), 2);
    stage.send(&configure(&[("type", SOCIAL)]));
    assert_eq!(peculiar(&mut stage, "n"), []);
}

/// Whoever requires what a node cannot be gets an error, and no node.
#[test]
fn publishing_makes_no_node_that_is_not_as_required() {
    let refused = publish(HAMLET, "n", &[("type", SOCIAL), ("persist_items", "0")]);
    let mut stage = Stage::new();
    stage.refuses(&[
        (refused, "cancel/conflict/precondition-not-met"),
        (get(HAMLET, "<items node='n'/>"), "cancel/item-not-found/-"),
    ]);
}

/// Where the host shows no rosters, stories are for those whom their owner names in another way.
#[test]
fn stories_are_never_open_by_accident() {
    let mut stage = Stage::new();
    let stories = |options: Fields<'_>| {
        let options: Vec<_> = [("type", STORIES)].into_iter().chain(options.iter().copied()).collect();
        set(HAMLET, &create("stories", &options))
    };
    stage.refuses(&[(stories(&[]), "modify/not-acceptable/unsupported-access-model")]);
    stage.send(&stories(&[("access_model", "whitelist")]));
    assert_eq!(shown(&mut stage, "stories", "item_expire"), "86400");
}

#[test]
fn stories_are_gone_after_a_day() {
    let mut stage = stage();
    stage.node("stories", &[("type", STORIES)]);
    stage.send(&set(HAMLET, &format!("<publish node='stories'><item id='1'>{POST}</item></publish>")));
    let mut left = |seconds| {
        stage.pass(seconds);
        stage.send(&get(HAMLET, "<items node='stories'/>")).matches("<item id=").count()
    };
    assert_eq!((left(86_399), left(1)), (1, 0));
}

/// The options that clients require, on nodes that others made: those that pass at the first try, and those that do not.
#[test]
fn clients_publish_to_nodes_with_a_profile() {
    let movim: Fields<'_> = &[
        ("persist_items", "true"),
        ("max_items", "max"),
        ("itemreply", "publisher"),
        ("notify_sub", "true"),
    ];
    let movim_stories: Fields<'_> = &[
        ("persist_items", "true"),
        ("max_items", "max"),
        ("itemreply", "publisher"),
        ("notify_sub", "true"),
        ("notify_retract", "true"),
        ("access_model", "presence"),
        ("item_expire", "86400"),
    ];
    let converse: Fields<'_> = &[
        ("access_model", "open"),
        ("persist_items", "true"),
        ("max_items", "max"),
        ("send_last_published_item", "never"),
        ("notify_retract", "true"),
        ("deliver_payloads", "true"),
        ("itemreply", "publisher"),
    ];
    let rows = [
        (ATOM, movim, "result"),
        (ATOM, converse, "result"),
        (SOCIAL, movim, "result"),
        ("urn:xmpp:pubsub-social-feed:gallery:1", movim, "result"),
        ("urn:xmpp:microblog:0", movim, "result"),
        (STORIES, movim_stories, "result"),
        // Such a node delivers no payloads, and this client wants them.
        (SOCIAL, converse, "error"),
    ];
    for (kind, options, expected) in rows {
        let mut stage = stage();
        stage.node("n", &[("type", kind)]);
        let answer = stage.any(&publish(HAMLET, "n", options));
        assert!(answer.contains(&format!("type='{expected}'")), "{kind} {options:?}: {answer}");
    }
    let mut stage = Stage::new();
    for (node, options) in [("movim", movim), ("converse", converse)] {
        for _ in 0..2 {
            stage.send(&publish(HAMLET, node, options));
        }
    }
}

/// XEP-0472: the base profile and each other, on the service and on its nodes, which say of which type they are.
#[test]
fn profiles_are_advertised() {
    let mut stage = Stage::new();
    stage.node("n", &[("type", SOCIAL)]);
    for node in ["", " node='n'"] {
        let info = format!("<query xmlns='http://jabber.org/protocol/disco#info'{node}/>");
        let answer = stage.send(&ask("get", HAMLET, &info));
        let features = answer.split("<feature var='urn:xmpp:pubsub-social-feed:").skip(1);
        let features: Vec<_> = features.map(|rest| rest.split('\'').next().unwrap()).collect();
        assert_eq!(features, ["1", "flat-forums:0", "gallery:1", "stories:0", "threaded-forums:0"], "{node}");
        assert_eq!(answer.contains(&format!("<value>{SOCIAL}</value>")), !node.is_empty());
    }
}
