//! Random histories of all use cases: every store gives the same answers and tells the same people, and those are the
//! people that a model of a few lines says.

use std::collections::{BTreeMap, BTreeSet};

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::store::{self, Place};

use crate::attachments::{attach, attachments_of, retract};
use crate::stage::{ENTRY, Stage, ask, configure, form, get, owner_get, owner_set, set};

const NODES: [&str; 3] = ["a", "b", "c"];
const PEOPLE: [&str; 4] = ["hamlet", "francisco", "bernardo", "horatio"];
const ITEMS: [&str; 3] = ["1", "2", ""];
const OPTIONS: [(&str, &[&str]); 9] = [
    ("access_model", &["open", "whitelist", "authorize"]),
    ("publish_model", &["publishers", "subscribers", "open"]),
    ("max_items", &["1", "2", "max"]),
    ("item_expire", &["1", "5", "max"]),
    ("persist_items", &["0", "1"]),
    ("deliver_payloads", &["0", "1"]),
    ("notify_retract", &["0", "1"]),
    ("send_last_published_item", &["never", "on_sub"]),
    ("publish_node_full", &["reject", "discard-oldest", "retract-oldest"]),
];
const SUBSCRIPTION_OPTIONS: [(&str, &[&str]); 4] = [
    ("deliver", &["0", "1"]),
    ("digest", &["0", "1"]),
    ("include_body", &["0", "1"]),
    ("expire", &["2003-12-13T18:30:05Z", ""]),
];
const AFFILIATIONS: [&str; 6] = ["owner", "publisher", "publish-only", "member", "none", "outcast"];

/// Something that happens.
enum Step {
    Ask(String),
    Pass(u64),
}

fn option(u: &mut Unstructured<'_>, options: &[(&'static str, &[&'static str])]) -> Arbitrary<String> {
    let (var, values) = *u.choose(options)?;
    Ok(form(&[(var, u.choose(values)?)]))
}

fn step(u: &mut Unstructured<'_>) -> Arbitrary<Step> {
    let node = *u.choose(&NODES)?;
    let who = format!("{}@denmark.lit", u.choose(&PEOPLE)?);
    let other = format!("{}@denmark.lit", u.choose(&PEOPLE)?);
    let id = *u.choose(&ITEMS)?;
    let full = format!("{who}/x");
    Ok(Step::Ask(match u.int_in_range(0..=19)? {
        0 | 1 => set(&full, &format!("<create node='{node}'/>")),
        2 => {
            let config = option(u, &OPTIONS)?;
            owner_set(&full, &format!("<configure node='{node}'>{config}</configure>"))
        }
        3..=6 => {
            let id = if id.is_empty() { String::new() } else { format!(" id='{id}'") };
            set(&full, &format!("<publish node='{node}'><item{id}>{ENTRY}</item></publish>"))
        }
        7 => set(&full, &format!("<retract node='{node}'><item id='{id}'/></retract>")),
        8 | 9 => set(&full, &format!("<subscribe node='{node}' jid='{who}'/>")),
        10 => {
            let options = option(u, &SUBSCRIPTION_OPTIONS)?;
            let subscribe = format!("<subscribe node='{node}' jid='{who}'/>");
            set(&full, &format!("{subscribe}<options>{options}</options>"))
        }
        11 => set(&full, &format!("<unsubscribe node='{node}' jid='{who}'/>")),
        12 => {
            let word = u.choose(&AFFILIATIONS)?;
            let row = format!("<affiliation jid='{other}' affiliation='{word}'/>");
            owner_set(&full, &format!("<affiliations node='{node}'>{row}</affiliations>"))
        }
        13 => {
            let word = u.choose(&["subscribed", "none"])?;
            let row = format!("<subscription jid='{other}' subscription='{word}'/>");
            owner_set(&full, &format!("<subscriptions node='{node}'>{row}</subscriptions>"))
        }
        14 => owner_set(&full, &format!("<{} node='{node}'/>", u.choose(&["purge", "delete"])?)),
        15 => get(&full, &format!("<items node='{node}'/>")),
        16 => match u.int_in_range(0..=3)? {
            0 => get(&full, "<subscriptions/>"),
            1 => get(&full, "<affiliations/>"),
            2 => owner_get(&full, &format!("<affiliations node='{node}'/>")),
            _ => ask("get", &full, "<query xmlns='http://jabber.org/protocol/disco#items'/>"),
        },
        17 => attach(&full, node, id, "<noticed/>"),
        18 => retract(&full, &attachments_of(node, id), &who),
        _ => return Ok(Step::Pass(u.int_in_range(0..=4)?)),
    }))
}

fn happen(stage: &mut Stage, step: &Step) -> String {
    match step {
        Step::Ask(stanza) => stage.any(stanza),
        Step::Pass(seconds) => stage.pass(*seconds),
    }
}

#[test]
fn every_store_answers_and_tells_the_same() {
    arbtest::arbtest(|u| {
        let directory = tempfile::tempdir().unwrap();
        let sled = store::open(&Place::Sled(directory.path().to_owned())).unwrap();
        let (mut model, mut real) = (Stage::new(), Stage::over(sled));
        for _ in 0..u.int_in_range(1..=40)? {
            let step = step(u)?;
            let said = match &step {
                Step::Ask(stanza) => stanza.clone(),
                Step::Pass(seconds) => format!("{seconds} s"),
            };
            assert_eq!(happen(&mut model, &step), happen(&mut real, &step), "{said}");
        }
        Ok(())
    })
    .budget_ms(8_000);
}

/// Who hears of a publication: whoever is subscribed and neither banned nor kept out, once.
#[test]
fn those_who_should_hear_do_and_nobody_else() {
    arbtest::arbtest(|u| {
        let mut stage = Stage::new();
        stage.node("a", &[]);
        let mut subscribed: BTreeSet<String> = BTreeSet::new();
        let mut affiliations: BTreeMap<String, &str> = BTreeMap::new();
        let mut is_open = true;
        for _ in 0..u.int_in_range(1..=30)? {
            let who = format!("{}@denmark.lit", u.choose(&PEOPLE[1..])?);
            let affiliation = affiliations.get(&who).copied().unwrap_or("none");
            let may_read = match affiliation {
                "owner" | "publisher" | "member" => true,
                "none" => is_open,
                _ => false,
            };
            match u.int_in_range(0..=3)? {
                0 => {
                    stage.any(&set(&format!("{who}/x"), &format!("<subscribe node='a' jid='{who}'/>")));
                    if may_read {
                        subscribed.insert(who);
                    }
                }
                1 => {
                    stage.any(&set(&format!("{who}/x"), &format!("<unsubscribe node='a' jid='{who}'/>")));
                    subscribed.remove(&who);
                }
                2 => {
                    let word = *u.choose(&AFFILIATIONS[1..])?;
                    let row = format!("<affiliation jid='{who}' affiliation='{word}'/>");
                    let set = format!("<affiliations node='a'>{row}</affiliations>");
                    stage.any(&owner_set("hamlet@denmark.lit/x", &set));
                    if matches!(word, "outcast" | "publish-only") {
                        subscribed.remove(&who);
                    }
                    affiliations.insert(who, word);
                }
                _ => {
                    is_open = u.arbitrary()?;
                    let model = if is_open { "open" } else { "whitelist" };
                    let options = [("access_model", model), ("notify_config", "0")];
                    stage.any(&configure("hamlet@denmark.lit/x", "a", &options));
                }
            }
            let publish = format!("<publish node='a'><item id='1'>{ENTRY}</item></publish>");
            let heard = stage.any(&set("hamlet@denmark.lit/x", &publish));
            let heard: Vec<&str> = heard.split("<message ").skip(1).collect();
            let expected: Vec<&String> = subscribed
                .iter()
                .filter(|who| is_open || !matches!(affiliations.get(*who), None | Some(&"none")))
                .collect();
            assert_eq!(heard.len(), expected.len(), "{heard:?} instead of {expected:?}");
            for who in expected {
                assert!(heard.iter().any(|copy| copy.contains(&format!("to='{who}'"))), "{who}: {heard:?}");
            }
        }
        Ok(())
    })
    .budget_ms(3_000);
}
