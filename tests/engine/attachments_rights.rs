//! Who may attach what to what, and who looks after it — XEP-0470.

use std::fmt::Write as _;

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::attachments::{
    HAMLET, NS, ROMEO, attach, attachments_of, blog, form_with, publish, retract, summary, summary_of,
};
use crate::stage::{ENTRY, SERVICE, Stage, create, form, get, owner_get, owner_set, set};

/// A blog with an attachment, from which one reader is banned, and a node that is no blog.
fn with_attachment() -> Stage {
    let mut stage = blog();
    stage.node("closed", &[]);
    stage.publish("closed", "1");
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    stage.affiliate("blog", "tybalt@capulet.lit", Affiliation::Outcast);
    stage
}

fn romeos() -> String {
    format!("<item id='romeo@montague.lit'><attachments xmlns='{NS}'><noticed/></attachments></item>")
}

#[test]
fn what_cannot_be_attached_to() {
    let to = |uri: &str| publish(ROMEO, &format!("{NS}/{uri}"), &romeos());
    let one = attachments_of("blog", "1");
    with_attachment().refuses(&[
        (to(&format!("xmpp:{SERVICE}?;node=blog;item=3")), "cancel/item-not-found/-"),
        (to(&format!("xmpp:{SERVICE}?;node=log;item=1")), "cancel/item-not-found/-"),
        (to(&format!("xmpp:{SERVICE}?;node=blog")), "cancel/item-not-found/-"),
        (to("xmpp:hamlet@denmark.lit?;node=blog;item=1"), "cancel/item-not-found/-"),
        (to("blog/1"), "cancel/item-not-found/-"),
        (get(ROMEO, &format!("<items node='{}'/>", attachments_of("blog", "2"))), "cancel/item-not-found/-"),
        (attach(ROMEO, "closed", "1", "<noticed/>"), "auth/forbidden/-"),
        (attach("tybalt@capulet.lit/1", "blog", "1", "<noticed/>"), "auth/forbidden/-"),
        // What the service keeps, and what others have attached.
        (attach(ROMEO, &summary_of("blog"), "1", "<noticed/>"), "cancel/not-allowed/-"),
        (attach(ROMEO, &one.replace(';', "%3B"), "romeo@montague.lit", ""), "cancel/not-allowed/-"),
        (publish(HAMLET, &summary_of("blog"), &romeos()), "cancel/not-allowed/-"),
        (publish(HAMLET, &summary_of("closed"), &romeos()), "cancel/not-allowed/-"),
        (retract(HAMLET, &summary_of("blog"), "1"), "cancel/not-allowed/-"),
        (retract("juliet@capulet.lit/1", &one, "romeo@montague.lit"), "auth/forbidden/-"),
    ]);
}

#[test]
fn what_is_no_attachment() {
    let with = |item: &str| publish(ROMEO, &attachments_of("blog", "1"), item);
    let (good, empty) = (romeos(), format!("<attachments xmlns='{NS}'/>"));
    with_attachment().refuses(&[
        (with(""), "modify/bad-request/item-required"),
        (with(&good.repeat(2)), "cancel/not-allowed/max-items-exceeded"),
        (with(&good.replace("romeo@", "juliet@")), "modify/bad-request/invalid-jid"),
        (with(&good.replace("montague.lit", "montague.lit/123")), "modify/bad-request/invalid-jid"),
        (with(&good.replace(" id='romeo@montague.lit'", "")), "modify/bad-request/invalid-jid"),
        (with("<item id='romeo@montague.lit'/>"), "modify/bad-request/payload-required"),
        (
            with(&format!("<item id='romeo@montague.lit'>{ENTRY}</item>")),
            "modify/bad-request/invalid-payload",
        ),
        // As the specification's examples have it, against its text.
        (with(&good.replace(&format!(" xmlns='{NS}'"), "")), "modify/bad-request/invalid-payload"),
        (with(&good.replace("</item>", &format!("{empty}</item>"))), "modify/bad-request/invalid-payload"),
        // Streams do not carry comments, though XEP-0475 shows one.
        (with(&good.replace("<noticed/>", "<!-- payload -->")), "modify/bad-request/invalid-payload"),
        (with(&good.replace("<noticed/>", &"x".repeat(1024))), "modify/not-acceptable/payload-too-big"),
    ]);
}

#[test]
fn the_service_alone_makes_configures_and_deletes_their_nodes() {
    let mut table = Vec::new();
    for name in [attachments_of("blog", "2"), summary_of("closed"), format!("{NS}/x")] {
        for who in [HAMLET, ROMEO, "bard@shakespeare.lit"] {
            table.push((set(who, &create(&name, &[])), "cancel/not-allowed/-"));
        }
    }
    for name in [attachments_of("blog", "1"), summary_of("blog")] {
        let owner = "<affiliation jid='juliet@capulet.lit' affiliation='owner'/>";
        let title = form(&[("title", "mine")]);
        for (what, inner) in [("configure", title.as_str()), ("delete", ""), ("affiliations", owner)] {
            for who in [HAMLET, ROMEO] {
                let stanza = owner_set(who, &format!("<{what} node='{name}'>{inner}</{what}>"));
                table.push((stanza, "cancel/not-allowed/-"));
            }
        }
        table.push((owner_get(ROMEO, &format!("<configure node='{name}'/>")), "auth/forbidden/-"));
    }
    let summary = summary_of("blog");
    table.push((owner_set(HAMLET, &format!("<purge node='{summary}'/>")), "cancel/not-allowed/-"));
    let below = form_with("{urn:xmpp:pubsub-relationships:0}parent", &summary);
    let below = set(HAMLET, &format!("<create node='below'/><configure>{below}</configure>"));
    table.push((below, "cancel/not-allowed/invalid-option"));
    with_attachment().refuses(&table);
}

/// Who may attach: whoever may publish, or where an owner wants it whoever may read.
#[test]
fn who_may_attach() {
    const PEOPLE: [&str; 6] = ["owner", "publisher", "publish-only", "member", "subscriber", "none"];
    let mut table = String::new();
    for access in ["open", "authorize", "whitelist"] {
        for publish in ["publishers", "subscribers", "open"] {
            for attachers in ["inherit", "readers"] {
                let mut stage = Stage::new();
                let x = form(&[("access_model", access), ("publish_model", publish)]);
                let field =
                    format!("<field var='x-pubsub#attachments'><value>{attachers}</value></field></x>");
                let x = x.replace("</x>", &field);
                stage.send(&set(HAMLET, &format!("<create node='n'/><configure>{x}</configure>")));
                stage.publish("n", "1");
                for word in &PEOPLE[..4] {
                    stage.affiliate("n", &format!("{word}@denmark.lit"), Affiliation::parse(word).unwrap());
                }
                stage.any(&set(
                    "subscriber@denmark.lit",
                    "<subscribe node='n' jid='subscriber@denmark.lit'/>",
                ));
                let approve = "<subscription jid='subscriber@denmark.lit' subscription='subscribed'/>";
                stage.any(&owner_set(HAMLET, &format!("<subscriptions node='n'>{approve}</subscriptions>")));
                write!(table, "{access:<10}{publish:<12}{attachers:<8}").unwrap();
                for who in PEOPLE {
                    let answer = stage.any(&attach(&format!("{who}@denmark.lit/1"), "n", "1", "<noticed/>"));
                    let may = if answer.contains("type='result'") { "yes" } else { "no" };
                    write!(table, " {who}:{may}").unwrap();
                }
                table.push('\n');
            }
        }
    }
    expect![[r#"
        open      publishers  inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        open      publishers  readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        open      subscribers inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:yes none:no
        open      subscribers readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        open      open        inherit  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        open      open        readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        authorize publishers  inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        authorize publishers  readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:no
        authorize subscribers inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:yes none:no
        authorize subscribers readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:no
        authorize open        inherit  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        authorize open        readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        whitelist publishers  inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        whitelist publishers  readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:no none:no
        whitelist subscribers inherit  owner:yes publisher:yes publish-only:yes member:no subscriber:no none:no
        whitelist subscribers readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:no none:no
        whitelist open        inherit  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
        whitelist open        readers  owner:yes publisher:yes publish-only:yes member:yes subscriber:yes none:yes
    "#]].assert_eq(&table);
}

#[test]
fn an_owner_moderates() {
    let mut stage = blog();
    let node = attachments_of("blog", "1");
    for who in ["romeo@montague.lit", "juliet@capulet.lit", "tybalt@capulet.lit"] {
        stage.send(&attach(&format!("{who}/1"), "blog", "1", "<noticed/>"));
    }
    stage.subscribe(&node, "nurse@capulet.lit");
    stage.subscribe(&summary_of("blog"), "nurse@capulet.lit");
    let heard = stage.send(&retract(HAMLET, &node, "tybalt@capulet.lit"));
    assert!(heard.contains("<retract id='tybalt@capulet.lit'/>") && heard.contains("count='2'"), "{heard}");
    let heard = stage.send(&owner_set(HAMLET, &format!("<purge node='{node}'/>")));
    assert!(heard.contains("<purge node=") && heard.contains("<retract id='1'/>"), "{heard}");
    assert_eq!(summary(&mut stage, "blog", "1"), None);
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some("<noticed count='1'/>"));
    let listed = stage.send(&owner_get(HAMLET, &format!("<affiliations node='{node}'/>")));
    assert!(listed.contains("<affiliation jid='hamlet@denmark.lit' affiliation='owner'/>"), "{listed}");
}
