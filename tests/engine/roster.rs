//! Access models that look at the rosters of owners — XEP-0060 [#accessmodels], XEP-0356.

use std::collections::BTreeSet;

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::roster::{Roster, RosterContact};
use atomsub::xml::{Limits, Tree};
use atomsub::xmpp::roster::{answer, is_push, privilege, question};

use crate::stage::{SERVICE, Stage, configure, create, get, set};

const HAMLET: &str = "hamlet@denmark.lit";

fn contact(jid: &str, sees_owner: bool, groups: &[&str]) -> (String, RosterContact) {
    let groups: BTreeSet<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    (jid.to_owned(), RosterContact { sees_owner, groups })
}

/// Hamlet's host lets the service read its rosters; there are nodes of both models.
fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    let hamlets = [
        contact("horatio@denmark.lit", true, &["Friends", "Students"]),
        contact("ophelia@denmark.lit", true, &["Loves"]),
        contact("yorick@denmark.lit", false, &["Friends"]),
    ];
    stage.host.insert(HAMLET.to_owned(), Roster(hamlets.into()));
    stage.node("presence", &[("access_model", "presence")]);
    stage.node("roster", &[("access_model", "roster"), ("roster_groups_allowed", "Friends")]);
    stage
}

fn subscribe(node: &str, jid: &str) -> String {
    set(&format!("{jid}/castle"), &format!("<subscribe node='{node}' jid='{jid}'/>"))
}

#[test]
fn the_roster_decides_who_may_subscribe_and_read() {
    let mut stage = stage();
    let presence = "auth/not-authorized/presence-subscription-required";
    let group = "auth/not-authorized/not-in-roster-group";
    let table = [
        ("presence", "horatio@denmark.lit", None),
        ("presence", "ophelia@denmark.lit", None),
        ("presence", "yorick@denmark.lit", Some(presence)),
        ("presence", "fortinbras@norway.lit", Some(presence)),
        ("presence", HAMLET, None),
        ("roster", "horatio@denmark.lit", None),
        ("roster", "ophelia@denmark.lit", Some(group)),
        ("roster", "yorick@denmark.lit", None),
        ("roster", "fortinbras@norway.lit", Some(group)),
    ];
    for (node, jid, refused) in table {
        let requests = [subscribe(node, jid), get(jid, &format!("<items node='{node}'/>"))];
        for request in requests {
            match refused {
                None => drop(stage.send(&request)),
                Some(error) => stage.refuses(&[(request, error)]),
            }
        }
    }
    assert_eq!(stage.asked, [HAMLET], "a roster is good for a while");
}

#[test]
fn a_roster_is_read_again_when_it_has_changed_or_is_old() {
    let mut stage = stage();
    stage.send(&subscribe("presence", "horatio@denmark.lit"));
    stage.rosters.forget(HAMLET);
    stage.send(&subscribe("presence", "ophelia@denmark.lit"));
    stage.pass(atomsub::limits::ROSTER_SECONDS_MAX);
    stage.send(&subscribe("presence", "horatio@denmark.lit"));
    assert_eq!(stage.asked, [HAMLET; 3]);
}

#[test]
fn whoever_was_just_accepted_is_not_turned_away_by_an_old_roster() {
    let mut stage = stage();
    let fortinbras = subscribe("presence", "fortinbras@norway.lit");
    let refused = "auth/not-authorized/presence-subscription-required";
    stage.refuses(&[(fortinbras.clone(), refused)]);
    stage.host.insert(HAMLET.to_owned(), Roster([contact("fortinbras@norway.lit", true, &[])].into()));
    stage.refuses(&[(fortinbras.clone(), refused)]);
    stage.pass(atomsub::limits::ROSTER_REFUSAL_SECONDS_MAX);
    stage.send(&fortinbras);
    assert_eq!(stage.asked, [HAMLET; 2]);
}

#[test]
fn who_is_struck_off_hears_nothing_more_and_nobody_does_before_it_is_known() {
    let mut stage = stage();
    stage.send(&subscribe("presence", "horatio@denmark.lit"));
    stage.send(&subscribe("presence", "ophelia@denmark.lit"));
    let hears = |stage: &mut Stage, sent: String| {
        let sent = sent + &stage.notices();
        ["horatio", "ophelia"].map(|name| sent.contains(&format!("to='{name}@denmark.lit'>")))
    };
    stage.publish("presence", "1");
    assert_eq!(hears(&mut stage, String::new()), [false, false], "they were told already");

    stage.rosters.forget(HAMLET);
    let publish = format!("<publish node='presence'><item id='2'>{}</item></publish>", crate::stage::ENTRY);
    let sent = stage.send(&set("hamlet@denmark.lit/elsinore", &publish));
    assert_eq!(hears(&mut stage, sent), [false, false], "the roster is not there yet");
    assert_eq!(stage.missing(), [HAMLET]);
    let now = Roster([contact("ophelia@denmark.lit", true, &[])].into());
    stage.keep_roster(HAMLET, None);
    assert_eq!(hears(&mut stage, String::new()), [false, false], "the roster cannot be read");
    stage.keep_roster(HAMLET, Some(now));
    assert_eq!(hears(&mut stage, String::new()), [false, true]);
}

#[test]
fn without_the_grant_the_models_are_not_to_be_had() {
    let mut stage = Stage::new();
    stage.rosters.grant("comments.shakespeare.lit", "denmark.lit");
    stage.rosters.grant(SERVICE, "norway.lit");
    let unsupported = "modify/not-acceptable/unsupported-access-model";
    let hamlet = "hamlet@denmark.lit/elsinore";
    for model in ["presence", "roster"] {
        stage.refuses(&[(set(hamlet, &create("n", &[("access_model", model)])), unsupported)]);
    }
    stage.rosters.grant(SERVICE, "denmark.lit");
    stage.node("n", &[("access_model", "presence")]);
    stage.rosters.revoke(SERVICE, "denmark.lit");
    stage.send(&configure(hamlet, "n", &[("title", "N")]));
    let error = "auth/not-authorized/presence-subscription-required";
    stage.refuses(&[(subscribe("n", "horatio@denmark.lit"), error)]);
    assert_eq!(stage.asked, [""; 0]);
}

#[test]
fn a_roster_that_cannot_be_read_admits_nobody_for_now() {
    let mut stage = stage();
    stage.host.clear();
    stage.refuses(&[(subscribe("presence", "horatio@denmark.lit"), "wait/resource-constraint/-")]);
    stage.affiliate("presence", "horatio@denmark.lit", Affiliation::Member);
    stage.send(&subscribe("presence", "horatio@denmark.lit"));
}

fn tree(stanza: &str) -> Tree {
    Tree::parse_stanza(stanza.to_owned().into(), &Limits::default()).unwrap()
}

#[test]
fn privileges_are_read_in_both_versions() {
    let table = [
        (
            "<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='get'/></privilege>",
            Some(true),
        ),
        (
            "<privilege xmlns='urn:xmpp:privilege:1'><perm access='roster' type='both'/></privilege>",
            Some(true),
        ),
        (
            "<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='set'/></privilege>",
            Some(false),
        ),
        (
            "<privilege xmlns='urn:xmpp:privilege:2'><perm access='message' type='get'/></privilege>",
            Some(false),
        ),
        ("<privilege xmlns='urn:xmpp:privilege:9'><perm access='roster' type='get'/></privilege>", None),
        ("<body>hello</body>", None),
    ];
    for (payload, expected) in table {
        assert_eq!(privilege(tree(&format!("<message>{payload}</message>")).root()), expected, "{payload}");
    }
}

#[test]
fn rosters_are_asked_for_and_read() {
    let expected = "<iq type='get' from='s' to='o@d' id='7'><query xmlns='jabber:iq:roster'/></iq>";
    assert_eq!(question("s", "o@d", "7"), expected);
    let items = "<item jid='A@b' subscription='from'><group>One</group><group>Two</group></item>\
                 <item jid='c@d' subscription='to'/><item jid='e@f' subscription='both'/><item jid='g@h'/><item/>";
    let query = format!("<query xmlns='jabber:iq:roster'>{items}</query>");
    let read = answer(tree(&format!("<iq type='result'>{query}</iq>")).root());
    let contacts = [
        contact("a@b", true, &["One", "Two"]),
        contact("c@d", false, &[]),
        contact("e@f", true, &[]),
        contact("g@h", false, &[]),
    ];
    assert_eq!(read, Some(Roster(contacts.into())));
    let error = |kind: &str| answer(tree(&format!("<iq type='error'><error type='{kind}'/></iq>")).root());
    assert_eq!([error("wait"), error("auth")], [None, Some(Roster::default())]);
    assert_eq!(answer(tree("<iq type='result'/>").root()), None);
    assert!(is_push(tree(&format!("<iq type='set'>{query}</iq>")).root()));
    assert!(!is_push(tree(&format!("<iq type='get'>{query}</iq>")).root()));
}
