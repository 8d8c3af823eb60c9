//! Manage subscription requests — XEP-0060 [#owner-subreq].

use crate::stage::{SERVICE, Stage, ask, form, get, owner_set, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const OWNER: &str = "hamlet@denmark.lit/elsinore";

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.node("letters", &[("access_model", "authorize")]);
    stage
}

fn subscribe() -> String {
    set(FRANCISCO, "<subscribe node='letters' jid='francisco@denmark.lit'/>")
}

/// The owner's answer to the request for approval.
fn answer(from: &str, kind: &str, fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(var, value)| format!("<field var='pubsub#{var}'><value>{value}</value></field>"))
        .collect();
    format!(
        "<message from='{from}' to='{SERVICE}' id='approve1'><x xmlns='jabber:x:data' type='{kind}'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#subscribe_authorization</value></field>\
         {}</x></message>",
        fields.concat()
    )
}

fn decide(from: &str, allow: &str) -> String {
    let fields = [("node", "letters"), ("subscriber_jid", "francisco@denmark.lit"), ("allow", allow)];
    answer(from, "submit", &fields)
}

fn pending(node: &str) -> String {
    let form = match node {
        "" => String::new(),
        node => form(&[("node", node)]),
    };
    let node = "http://jabber.org/protocol/pubsub#get-pending";
    format!("<command xmlns='http://jabber.org/protocol/commands' node='{node}'>{form}</command>")
}

#[test]
fn an_owner_is_asked_and_may_approve() {
    let mut stage = stage();
    let asked = stage.send(&subscribe());
    assert!(asked.contains("subscription='pending'"), "{asked}");
    assert!(asked.contains("to='hamlet@denmark.lit'") && asked.contains("pubsub#allow"), "{asked}");
    let approved = stage.send(&decide(OWNER, "1"));
    let event =
        "<subscription node='letters' jid='francisco@denmark.lit' subid='id-1' subscription='subscribed'/>";
    assert!(approved.contains("to='francisco@denmark.lit'") && approved.contains(event), "{approved}");
    stage.send(&get(FRANCISCO, "<items node='letters'/>"));
    let another = set(FRANCISCO, &format!("<subscribe node='letters' jid='{FRANCISCO}'/>"));
    let another = stage.send(&another);
    assert!(another.contains("subscription='subscribed'"), "who was approved need not be again: {another}");
}

#[test]
fn an_owner_may_deny_or_put_it_off() {
    let mut stage = stage();
    stage.send(&subscribe());
    assert_eq!(stage.send(&answer(OWNER, "cancel", &[])), "");
    let denied = stage.send(&decide(OWNER, "false"));
    assert!(denied.contains("subscription='none'"), "{denied}");
    let asked_again = stage.send(&subscribe());
    assert!(asked_again.contains("subscription='pending'"), "{asked_again}");
}

#[test]
fn an_affiliation_decides_too() {
    let with = |word: &str| {
        let mut stage = stage();
        stage.send(&subscribe());
        let row = format!("<affiliation jid='francisco@denmark.lit' affiliation='{word}'/>");
        stage.send(&owner_set(OWNER, &format!("<affiliations node='letters'>{row}</affiliations>")))
    };
    assert!(with("publisher").contains("subscription='subscribed'"));
    assert!(with("outcast").contains("subscription='none'"));
}

#[test]
fn the_command_lists_nodes_and_sends_what_is_pending() {
    let mut stage = stage();
    stage.send(&subscribe());
    let nodes = stage.send(&ask("set", OWNER, &pending("")));
    assert!(nodes.contains("status='executing'") && nodes.contains("<value>letters</value>"), "{nodes}");
    let sent = stage.send(&ask("set", OWNER, &pending("letters")));
    assert!(sent.contains("status='completed'"), "{sent}");
    assert!(sent.contains("<message") && sent.contains("francisco@denmark.lit"), "{sent}");
    let list =
        "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>";
    assert!(stage.send(&ask("get", OWNER, list)).contains("#get-pending"));
}

#[test]
fn errors() {
    let mut stage = stage();
    stage.send(&subscribe());
    let unknown = [("node", "letters"), ("subscriber_jid", "nobody@denmark.lit"), ("allow", "1")];
    stage.refuses(&[
        (subscribe(), "auth/not-authorized/pending-subscription"),
        (get(FRANCISCO, "<items node='letters'/>"), "auth/not-authorized/not-subscribed"),
        (get("bernardo@denmark.lit/a", "<items node='letters'/>"), "auth/not-authorized/not-subscribed"),
        (decide("bernardo@denmark.lit/a", "1"), "auth/forbidden/-"),
        (answer(OWNER, "submit", &unknown), "cancel/item-not-found/-"),
        (answer(OWNER, "submit", &[("node", "letters")]), "modify/bad-request/-"),
        (ask("set", FRANCISCO, &pending("letters")), "cancel/forbidden/-"),
        (ask("set", OWNER, &pending("nowhere")), "cancel/item-not-found/-"),
        (
            ask("set", OWNER, "<command xmlns='http://jabber.org/protocol/commands' node='dance'/>"),
            "cancel/item-not-found/-",
        ),
    ]);
}
