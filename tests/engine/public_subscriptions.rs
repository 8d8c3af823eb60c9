//! Public subscriptions — XEP-0465: who is on a list, who may see it, and that nobody else keeps it.

use std::collections::BTreeSet;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::bounce;
use atomsub::pubsub::item::{Direction, ItemRange};
use atomsub::pubsub::node::NodeId;
use atomsub::pubsub::presence::receive::Presence;
use atomsub::pubsub::presence::show::Show;
use atomsub::pubsub::subscription::State;
use atomsub::pubsub::{Jid, Timestamp};
use expect_test::expect;

use crate::stage::{ENTRY, NOW, SERVICE, Stage, ask, create, form, get, owner_get, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const ROMEO: &str = "romeo@montague.lit";
const MERCUTIO: &str = "mercutio@escalus.lit";
const NODE: &str = "princely_musings";
const LIST: &str = "urn:xmpp:pps:subscribers:0/princely_musings";
const ABSENT: &str = "cancel/item-not-found/-";

fn subscribe_with(jid: &str, node: &str, options: &[(&str, &str)], public: bool) -> String {
    let public = if public { "<public xmlns='urn:xmpp:pps:0'/>" } else { "" };
    let options =
        if options.is_empty() { String::new() } else { format!("<options>{}</options>", form(options)) };
    set(jid, &format!("<subscribe node='{node}' jid='{jid}'>{public}</subscribe>{options}"))
}

fn publicly(jid: &str) -> String {
    subscribe_with(jid, NODE, &[], true)
}

fn silently(jid: &str) -> String {
    subscribe_with(jid, NODE, &[], false)
}

fn items(from: &str, node: &str) -> String {
    get(from, &format!("<items node='{node}'/>"))
}

/// Whom the list shows to Mercutio.
fn shown(stage: &mut Stage) -> Vec<String> {
    let answer = stage.any(&items(MERCUTIO, LIST));
    let rows = answer.split("<subscriber xmlns='urn:xmpp:pps:0' jid='").skip(1);
    let shown: Vec<String> = rows.filter_map(|row| Some(row.split('\'').next()?.to_owned())).collect();
    assert_eq!(shown.is_empty(), answer.contains("<item-not-found "), "{answer}");
    shown
}

/// What one who is subscribed to the list hears: `+` who comes, `-` who goes.
fn heard(stanzas: &str) -> Vec<String> {
    let mut heard = Vec::new();
    for message in
        stanzas.split("<message ").filter(|message| message.contains(&format!("<items node='{LIST}'")))
    {
        assert!(message.contains("to='benvolio@montague.lit'"), "{message}");
        let ids = |name| message.split(name).skip(1).filter_map(|rest: &str| rest.split('\'').next());
        heard.extend(ids("<item id='").map(|id| format!("+{id}")));
        heard.extend(ids("<retract id='").map(|id| format!("-{id}")));
    }
    heard
}

/// Benvolio watches the list.
fn watched(options: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    stage.node(NODE, options);
    stage.affiliate(NODE, "benvolio@montague.lit", Affiliation::Member);
    stage.subscribe(LIST, "benvolio@montague.lit");
    stage
}

/// The examples of "Retrieving Public Subscribers to a node", and a notice.
#[test]
fn a_public_subscriber_is_on_the_list() {
    let mut stage = watched(&[]);
    stage.check(
        &publicly(ROMEO),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='romeo@montague.lit'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscription node='princely_musings' jid='romeo@montague.lit' subid='id-2' subscription='subscribed'/>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='hamlet@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <subscription node='princely_musings' jid='romeo@montague.lit' subid='id-2' subscription='subscribed'/>
              </event>
            </message>
            <message from='pubsub.shakespeare.lit' id='n1' type='headline' to='benvolio@montague.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='urn:xmpp:pps:subscribers:0/princely_musings'>
                  <item id='romeo@montague.lit'>
                    <subscriber xmlns='urn:xmpp:pps:0' jid='romeo@montague.lit'/>
                  </item>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-457a7eb98b845c52'/>
            </message>
        "#]],
    );
    stage.check(
        "<iq type='get' from='mercutio@escalus.lit/play.456' to='pubsub.shakespeare.lit' id='get_pub_sub2'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <items node='urn:xmpp:pps:subscribers:0/princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='get_pub_sub2' from='pubsub.shakespeare.lit' to='mercutio@escalus.lit/play.456'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <items node='urn:xmpp:pps:subscribers:0/princely_musings'>
                  <item id='romeo@montague.lit'>
                    <subscriber xmlns='urn:xmpp:pps:0' jid='romeo@montague.lit'/>
                  </item>
                </items>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>p1-1-1-0-1-1-a</first>
                  <last>p1-1-1-0-1-1-a</last>
                  <count>1</count>
                </set>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Whatever makes a subscription public, or ends that, the list follows, and whoever watches it hears.
#[test]
fn who_comes_and_goes() {
    type Step = fn(&mut Stage) -> String;
    let unsubscribe: Step =
        |stage| stage.send(&set(ROMEO, &format!("<unsubscribe node='{NODE}' jid='{ROMEO}'/>")));
    let bounce: Step = |stage| {
        stage.transact(|service, tx| {
            let id = NodeId { service: SERVICE.to_owned(), name: NODE.to_owned() };
            let key = tx.node(&id)?.unwrap().key;
            bounce::end(service, tx, &Jid::from_host(ROMEO), key, "gone")
        });
        stage.notices()
    };
    let banned: Step = |stage| {
        let row = format!("<affiliation jid='{ROMEO}' affiliation='outcast'/>");
        stage.send(&owner_set(HAMLET, &format!("<affiliations node='{NODE}'>{row}</affiliations>")))
    };
    let ended: Step = |stage| {
        let row = format!("<subscription jid='{ROMEO}' subscription='none'/>");
        stage.send(&owner_set(HAMLET, &format!("<subscriptions node='{NODE}'>{row}</subscriptions>")))
    };
    let ends: [(&str, Step); 6] = [
        ("subscribing again", |stage| stage.send(&silently(ROMEO))),
        ("unsubscribing", unsubscribe),
        ("a bounce", bounce),
        ("a ban", banned),
        ("an owner", ended),
        ("a second subscription", |stage| {
            stage.send(&subscribe_with(ROMEO, NODE, &[("include_body", "1")], false))
        }),
    ];
    for (what, end) in ends {
        let mut stage = watched(&[]);
        assert_eq!(heard(&stage.send(&publicly(ROMEO))), ["+romeo@montague.lit"], "{what}");
        assert_eq!(heard(&stage.send(&publicly(ROMEO))), [""; 0], "{what}: he is on it already");
        assert_eq!(shown(&mut stage), [ROMEO], "{what}");
        assert_eq!(heard(&end(&mut stage)), ["-romeo@montague.lit"], "{what}");
        assert_eq!(shown(&mut stage), [""; 0], "{what}");
    }
}

#[test]
fn a_lease_ends_and_a_temporary_subscription() {
    let mut stage = watched(&[]);
    let end = Timestamp(NOW.0 + 60_000).to_rfc3339();
    stage.send(&subscribe_with(ROMEO, NODE, &[("expire", &end)], true));
    assert_eq!(heard(&stage.pass(60)), ["-romeo@montague.lit"]);
    let juliet = "juliet@capulet.lit";
    stage.reach.presences.note_complete();
    stage.send(&subscribe_with(juliet, NODE, &[("expire", "presence")], true));
    stage.presence("juliet@capulet.lit/balcony", Presence::Available(Show::Online));
    assert_eq!(shown(&mut stage), [juliet]);
    let left = stage.presence("juliet@capulet.lit/balcony", Presence::Unavailable);
    assert_eq!(heard(&left), ["-juliet@capulet.lit"]);
}

#[test]
fn one_entity_is_on_the_list_once_as_long_as_one_of_its_subscriptions_is_public() {
    let mut stage = watched(&[]);
    let (street, orchard) = ("romeo@montague.lit/street", "romeo@montague.lit/orchard");
    let unsubscribe = |jid| set(jid, &format!("<unsubscribe node='{NODE}' jid='{jid}'/>"));
    assert_eq!(heard(&stage.send(&publicly(street))), ["+romeo@montague.lit"]);
    assert_eq!(heard(&stage.send(&publicly(orchard))), [""; 0]);
    assert_eq!(shown(&mut stage), [ROMEO]);
    assert_eq!(heard(&stage.send(&unsubscribe(street))), [""; 0]);
    assert_eq!(shown(&mut stage), [ROMEO]);
    stage.send(&publicly(street));
    assert_eq!(heard(&stage.send(&silently(orchard))), ["-romeo@montague.lit"], "what he says last counts");
    assert_eq!(heard(&stage.send(&unsubscribe(street))), [""; 0]);
}

/// A subscription that waits for approval, or to be configured, is not in force yet.
#[test]
fn only_a_complete_subscription_is_public() {
    let approve = |jid: &str, allow: &str| {
        let fields = [("node", NODE), ("subscriber_jid", jid), ("allow", allow)];
        let kind = "<field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#subscribe_authorization</value></field>";
        let form = form(&fields).replace("type='submit'>", &format!("type='submit'>{kind}"));
        format!("<message from='{HAMLET}' to='{SERVICE}'>{form}</message>")
    };
    let on_list =
        |row: &str| owner_set(HAMLET, &format!("<subscriptions node='{NODE}'>{row}</subscriptions>"));
    let mut stage = watched(&[("access_model", "authorize")]);
    stage.affiliate(NODE, MERCUTIO, Affiliation::Member);
    assert_eq!(heard(&stage.send(&publicly(ROMEO))), [""; 0]);
    stage.refuses(&[(publicly(ROMEO), "auth/not-authorized/pending-subscription")]);
    assert_eq!(heard(&stage.send(&approve(ROMEO, "true"))), ["+romeo@montague.lit"]);
    stage.send(&publicly("a@montague.lit"));
    stage.send(&publicly("b@montague.lit"));
    let answer = stage.send(&silently("b@montague.lit"));
    assert!(answer.contains("subscription='pending'"), "{answer}");
    stage.refuses(&[(silently("b@montague.lit"), "auth/not-authorized/pending-subscription")]);
    stage.send(&publicly("c@montague.lit"));
    stage.send(&publicly("d@montague.lit"));
    assert_eq!(heard(&stage.send(&approve("a@montague.lit", "false"))), [""; 0]);
    assert_eq!(heard(&stage.send(&approve("b@montague.lit", "true"))), [""; 0], "he thought better of it");
    let subscribed = "<subscription jid='c@montague.lit' subscription='subscribed'/>";
    assert_eq!(heard(&stage.send(&on_list(subscribed))), ["+c@montague.lit"]);
    let member = "<affiliation jid='d@montague.lit' affiliation='member'/>";
    let affiliate = owner_set(HAMLET, &format!("<affiliations node='{NODE}'>{member}</affiliations>"));
    assert_eq!(heard(&stage.send(&affiliate)), ["+d@montague.lit"]);
    assert_eq!(shown(&mut stage), [ROMEO, "c@montague.lit", "d@montague.lit"]);

    let config = format!(
        "<configure><x xmlns='jabber:x:data' type='submit'><field var='x-pubsub#options_required'>{}</field></x></configure>",
        "<value>1</value>"
    );
    let mut stage = Stage::new();
    stage.send(&set(HAMLET, &format!("<create node='{NODE}'/>{config}")));
    stage.subscribe(LIST, "benvolio@montague.lit");
    assert_eq!(heard(&stage.send(&publicly(ROMEO))), [""; 0]);
    let options = format!("<options node='{NODE}' jid='{ROMEO}'>{}</options>", form(&[("deliver", "1")]));
    assert_eq!(heard(&stage.send(&set(ROMEO, &options))), ["+romeo@montague.lit"]);
}

#[test]
fn nobody_keeps_a_list_by_hand() {
    let mut stage = watched(&[]);
    stage.send(&publicly(ROMEO));
    let forbidden = "auth/forbidden/-";
    let admin = "bard@shakespeare.lit/x";
    for list in [LIST, "urn:xmpp:pps:subscribers:0/nowhere", "urn:xmpp:pps:subscribers:0/"] {
        for who in [HAMLET, ROMEO, admin] {
            let item = format!("<item id='{ROMEO}'>{ENTRY}</item>");
            let affiliation = format!("<affiliation jid='{ROMEO}' affiliation='owner'/>");
            let subscription = format!("<subscription jid='{ROMEO}' subscription='none'/>");
            let requests = [
                set(who, &create(list, &[])),
                set(who, &format!("<publish node='{list}'>{item}</publish>")),
                set(who, &format!("<retract node='{list}'><item id='{ROMEO}'/></retract>")),
                owner_set(who, &format!("<purge node='{list}'/>")),
                owner_set(who, &format!("<delete node='{list}'/>")),
                owner_get(who, &format!("<configure node='{list}'/>")),
                owner_set(who, &format!("<configure node='{list}'>{}</configure>", form(&[("title", "x")]))),
                owner_get(who, &format!("<affiliations node='{list}'/>")),
                owner_set(who, &format!("<affiliations node='{list}'>{affiliation}</affiliations>")),
                owner_get(who, &format!("<subscriptions node='{list}'/>")),
                owner_set(who, &format!("<subscriptions node='{list}'>{subscription}</subscriptions>")),
            ];
            stage.refuses(&requests.map(|request| (request, forbidden)));
        }
    }
    assert_eq!(shown(&mut stage), [ROMEO]);
}

/// Everything that can be asked about a list is answered alike, whether its node is not there, nobody is on it, or it is
/// not for the sender.
#[test]
fn what_is_not_for_somebody_is_as_if_it_were_not_there() {
    let requests = |who: &str, node: &str| {
        let list = format!("urn:xmpp:pps:subscribers:0/{node}");
        let disco = |kind| format!("<query xmlns='http://jabber.org/protocol/disco#{kind}' node='{list}'/>");
        [
            items(who, &list),
            get(who, &format!("<items node='{list}'><item id='{ROMEO}'/></items>")),
            ask("get", who, &disco("info")),
            ask("get", who, &disco("items")),
            ask("set", who, &format!("<query xmlns='urn:xmpp:mam:2' node='{list}'/>")),
            get(who, &format!("<subscriptions node='{list}'/>")),
            get(who, &format!("<affiliations node='{list}'/>")),
            set(who, &format!("<unsubscribe node='{list}' jid='{who}'/>")),
        ]
    };
    let mut stage = Stage::new();
    stage.rosters.grant(SERVICE, "denmark.lit");
    for (node, access) in [
        ("nobody", "open"),
        ("once", "open"),
        ("whitelist", "whitelist"),
        ("authorize", "authorize"),
        ("presence", "presence"),
        ("some", "open"),
    ] {
        stage.node(node, &[("access_model", access)]);
        stage.affiliate(node, ROMEO, Affiliation::Member);
        if node != "nobody" {
            stage.send(&subscribe_with(ROMEO, node, &[], true));
        }
    }
    stage.send(&subscribe_with(ROMEO, "once", &[], false));
    for node in ["nobody", "nowhere", "once", "whitelist", "authorize", "presence"] {
        stage.refuses(&requests(MERCUTIO, node).map(|request| (request, ABSENT)));
    }
    for who in ["bard@shakespeare.lit", HAMLET] {
        for node in ["nobody", "nowhere", "once"] {
            stage.refuses(&requests(who, node).map(|request| (request, ABSENT)));
        }
        stage.send(&items(who, "urn:xmpp:pps:subscribers:0/whitelist"));
    }
    for request in requests(MERCUTIO, "some").into_iter().take(7) {
        stage.send(&request);
    }
    let nodes = ask("get", HAMLET, "<query xmlns='http://jabber.org/protocol/disco#items'/>");
    assert!(!stage.send(&nodes).contains("urn:xmpp:pps"));
}

#[test]
fn whoever_may_read_a_node_may_subscribe_to_its_list_also_while_nobody_is_on_it() {
    let mut stage = watched(&[]);
    stage.node("whitelist", &[("access_model", "whitelist")]);
    stage.node("authorize", &[("access_model", "authorize")]);
    let list = |node: &str| format!("urn:xmpp:pps:subscribers:0/{node}");
    stage.refuses(&[
        (subscribe_with(ROMEO, &list("nowhere"), &[], false), ABSENT),
        (subscribe_with(ROMEO, &list(LIST), &[], false), ABSENT),
        (subscribe_with(ROMEO, &list("whitelist"), &[], false), "cancel/not-allowed/closed-node"),
        (subscribe_with(ROMEO, &list("authorize"), &[], false), "auth/not-authorized/not-subscribed"),
    ]);
    let empty = stage.send(&items("benvolio@montague.lit", LIST));
    assert!(empty.contains("<count>0</count>"), "{empty}");
    stage.send(&publicly(ROMEO));
    // A list has no list, and whoever leaves the list's node hears no more of it.
    stage.send(&subscribe_with(ROMEO, LIST, &[], true));
    stage.refuses(&[(items(ROMEO, &list(LIST)), ABSENT)]);
    stage.send(&set(ROMEO, &format!("<unsubscribe node='{LIST}' jid='{ROMEO}'/>")));
    stage.send(&owner_set(
        HAMLET,
        &format!("<configure node='{NODE}'>{}</configure>", form(&[("access_model", "whitelist")])),
    ));
    assert_eq!(heard(&stage.send(&unsubscribe(ROMEO))), ["-romeo@montague.lit"]);
}

fn unsubscribe(jid: &str) -> String {
    set(jid, &format!("<unsubscribe node='{NODE}' jid='{jid}'/>"))
}

#[test]
fn a_list_goes_with_its_node_and_a_new_node_of_its_name_has_a_new_one() {
    let mut stage = watched(&[]);
    stage.send(&publicly(ROMEO));
    let mut told = stage.send(&owner_set(HAMLET, &format!("<delete node='{NODE}'/>")));
    told += &stage.notices();
    assert!(told.contains(&format!("<delete node='{LIST}'/>")), "{told}");
    stage.refuses(&[(items(MERCUTIO, LIST), ABSENT), (items("benvolio@montague.lit", LIST), ABSENT)]);
    // Also where the old list has not gone yet.
    for _ in 0..2 {
        stage.node(NODE, &[]);
        stage.send(&publicly("juliet@capulet.lit"));
        assert_eq!(shown(&mut stage), ["juliet@capulet.lit"]);
        stage.transact(|_, tx| {
            let id = NodeId { service: SERVICE.to_owned(), name: NODE.to_owned() };
            let key = tx.node(&id)?.unwrap().key;
            tx.remove_node(key)
        });
        assert_eq!(shown(&mut stage), [""; 0]);
    }
}

#[test]
fn a_long_list_comes_in_pages() {
    let mut stage = Stage::with_musings();
    for n in 0..12 {
        stage.send(&publicly(&format!("p{n:02}@montague.lit")));
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let rsm =
            format!("<set xmlns='http://jabber.org/protocol/rsm'><max>5</max><after>{after}</after></set>");
        let page = stage.send(&get(MERCUTIO, &format!("<items node='{LIST}'/>{rsm}")));
        assert!(page.contains("<count>12</count>"), "{page}");
        let ids = page.split("<item id='").skip(1).filter_map(|rest| rest.split('\'').next());
        let before = seen.len();
        seen.extend(ids.map(str::to_owned));
        if seen.len() == before {
            break;
        }
        after = page.split("<last>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    }
    let all: Vec<String> = (0..12).map(|n| format!("p{n:02}@montague.lit")).collect();
    assert_eq!(seen, all);
}

/// What somebody does, or what is done to him.
fn step(u: &mut Unstructured<'_>) -> Arbitrary<String> {
    let jid = *u.choose(&[ROMEO, "romeo@montague.lit/street", MERCUTIO, "juliet@capulet.lit"])?;
    let bare = jid.split('/').next().unwrap();
    Ok(match u.int_in_range(0..=9)? {
        0..=2 => publicly(jid),
        3 => silently(jid),
        4 => subscribe_with(jid, NODE, &[("include_body", "1")], u.arbitrary()?),
        5 => unsubscribe(jid),
        6 => {
            let word = u.choose(&["outcast", "none", "member"])?;
            let row = format!("<affiliation jid='{bare}' affiliation='{word}'/>");
            owner_set(HAMLET, &format!("<affiliations node='{NODE}'>{row}</affiliations>"))
        }
        7 | 8 => {
            let row = format!("<subscription jid='{jid}' subscription='subscribed'/>");
            owner_set(HAMLET, &format!("<subscriptions node='{NODE}'>{row}</subscriptions>"))
        }
        _ => {
            let model = form(&[("access_model", u.choose(&["open", "authorize"])?)]);
            owner_set(HAMLET, &format!("<configure node='{NODE}'>{model}</configure>"))
        }
    })
}

fn random_history(u: &mut Unstructured<'_>) -> Arbitrary<()> {
    let mut stage = watched(&[]);
    let mut told = BTreeSet::new();
    let id = |name: &str| NodeId { service: SERVICE.to_owned(), name: name.to_owned() };
    for _ in 0..u.int_in_range(1..=40)? {
        let request = step(u)?;
        for change in heard(&stage.any(&request)) {
            let jid = change[1..].to_owned();
            let is_news = if change.starts_with('+') { told.insert(jid) } else { told.remove(&jid) };
            assert!(is_news, "{change} after {request}");
        }
        let (public, shown) = stage.transact(|_, tx| {
            let (node, list) = (tx.node(&id(NODE))?.unwrap(), tx.node(&id(LIST))?.unwrap());
            let held = tx.subscriptions_page(node.key, None, 99)?.into_iter();
            let public = held.filter(|held| held.public && held.state == State::Subscribed);
            let public: BTreeSet<String> = public.map(|held| held.jid.bare().to_owned()).collect();
            let shown = tx.items(list.key, ItemRange::ALL, Direction::OldestFirst, 99)?;
            Ok((public, shown.into_iter().map(|item| item.id).collect::<BTreeSet<_>>()))
        });
        assert_eq!((&public, &shown), (&told, &told), "{request}");
    }
    Ok(())
}

#[test]
fn a_list_holds_whoever_has_a_public_subscription_and_tells_of_each_once() {
    arbtest::arbtest(random_history).budget_ms(2_000);
}
