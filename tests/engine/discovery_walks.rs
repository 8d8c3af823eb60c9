//! Walks over the nodes of the service — XEP-0059 over XEP-0060 [#entity-nodes] — compared with a sorted list.

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};

use crate::stage::{Stage, ask, owner_set, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const HAMLET: &str = "hamlet@denmark.lit/elsinore";
/// Some hard to write, some that look like cursors.
const NAMES: [&str; 9] = ["a", "a ", " a", "b&amp;c", "key:1", "key:", "z", "ä", "ab"];

/// A page: names, first, last, index and count.
#[derive(Debug)]
struct Page {
    names: Vec<String>,
    first: Option<String>,
    last: Option<String>,
    index: Option<String>,
    count: Option<usize>,
}

fn page(stage: &mut Stage, rsm: &str) -> Page {
    let set = if rsm.is_empty() {
        String::new()
    } else {
        format!("<set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set>")
    };
    let query = format!("<query xmlns='http://jabber.org/protocol/disco#items'>{set}</query>");
    let answer = stage.send(&ask("get", FRANCISCO, &query));
    let (items, set) = answer.split_once("<set ").unwrap();
    let text = |start: &str| Some(set.split_once(start)?.1.split('<').next().unwrap().to_owned());
    Page {
        names: items
            .split(" node='")
            .skip(1)
            .map(|rest| rest.split('\'').next().unwrap().to_owned())
            .collect(),
        first: text("<first").map(|first| first.split_once('>').unwrap().1.to_owned()),
        last: text("<last>"),
        index: set.split_once("index='").map(|(_, rest)| rest.split('\'').next().unwrap().to_owned()),
        count: text("<count>").map(|count| count.parse().unwrap()),
    }
}

fn random_walk(u: &mut Unstructured<'_>) -> Arbitrary<()> {
    let mut stage = Stage::new();
    let mut visible = Vec::new();
    for name in NAMES {
        let kind = u.int_in_range(0..=2)?;
        if kind > 0 {
            let access = if kind == 1 { "open" } else { "whitelist" };
            stage.node(name, &[("access_model", access), ("title", "A &lt; B")]);
        }
        if kind == 1 {
            visible.push(name);
        }
    }
    visible.sort_unstable();
    let count = visible.len();
    assert_eq!(page(&mut stage, "<max>0</max>").count, Some(count));
    let whole = page(&mut stage, "");
    assert_eq!(
        (whole.names.iter().map(String::as_str).collect(), whole.count),
        (visible.clone(), Some(count))
    );

    let (backward, max) = (u.arbitrary::<bool>()?, u.int_in_range(1..=4)?);
    let mut ask = if backward { "<before/>".to_owned() } else { String::new() };
    let mut came: Vec<String> = Vec::new();
    loop {
        let Page { mut names, first, last, index, count: told } =
            page(&mut stage, &format!("<max>{max}</max>{ask}"));
        assert!(names.len() <= max && told.is_none_or(|told| told == count), "{names:?} {told:?}");
        assert!(
            index.is_none_or(|index| index == "0"
                && names.first().is_some_and(|name| visible.first() == Some(&name.as_str())))
        );
        let (Some(first), Some(last)) = (first, last) else { break };
        // Where a node is does not depend on its being there.
        if u.ratio(1, 4)? {
            let gone = names.last().unwrap();
            let by_name = !gone.starts_with("key:");
            if by_name {
                stage.send(&owner_set(HAMLET, &format!("<delete node='{gone}'/>")));
            }
        }
        ask = if backward { format!("<before>{first}</before>") } else { format!("<after>{last}</after>") };
        if backward {
            names.reverse();
        }
        came.append(&mut names);
    }
    if backward {
        came.reverse();
    }
    assert_eq!(came, visible);
    Ok(())
}

#[test]
fn every_node_that_may_be_seen_comes_once_and_no_other() {
    arbtest::arbtest(random_walk).budget_ms(2_000);
}

#[test]
fn a_search_among_hidden_nodes_goes_on_where_it_was_given_up() {
    let mut stage = Stage::new();
    for number in 10_000..20_150 {
        stage.node(&format!("hidden-{number}"), &[("access_model", "whitelist")]);
    }
    stage.node("a", &[]);
    stage.node("seen", &[]);
    let first = page(&mut stage, "");
    assert_eq!((first.names.as_slice(), first.count), (["a".to_owned()].as_slice(), None));
    let cursor = first.last.unwrap();
    assert!(!cursor.contains("hidden"), "{cursor}");
    let next = page(&mut stage, &format!("<after>{cursor}</after>"));
    assert_eq!(next.names, ["seen"]);

    let last = page(&mut stage, "<before/>");
    assert_eq!((last.names.as_slice(), last.index), (["seen".to_owned()].as_slice(), None));
    let previous = page(&mut stage, &format!("<before>{}</before>", last.first.unwrap()));
    assert_eq!(
        (previous.names.as_slice(), previous.index.as_deref()),
        (["a".to_owned()].as_slice(), Some("0"))
    );
    assert_eq!(page(&mut stage, "<max>0</max>").count, None);
}

#[test]
fn an_answer_is_bounded_whatever_the_titles_are() {
    let mut stage = Stage::new();
    let title = "'".repeat(50_000);
    for number in 0..20 {
        stage.node(&format!("n{number}"), &[("title", &title)]);
    }
    let mut came = 0;
    let mut ask = String::new();
    loop {
        let page = page(&mut stage, &ask);
        assert!(page.names.len() <= 1, "{} nodes with 300,000 bytes each", page.names.len());
        let Some(last) = page.last else { break };
        came += page.names.len();
        ask = format!("<after>{last}</after>");
    }
    assert_eq!(came, 20);
}

#[test]
fn errors() {
    let ask_for = |cursor: &str| {
        let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><after>{cursor}</after></set>");
        ask("get", FRANCISCO, &format!("<query xmlns='http://jabber.org/protocol/disco#items'>{set}</query>"))
    };
    Stage::with_musings().refuses(&[
        (ask_for("key:99"), "cancel/item-not-found/-"),
        (ask_for("key:musings"), "cancel/item-not-found/-"),
    ]);
}

/// There may be as many as there are items, and as there are other nodes: a walk goes past all of them at once.
#[test]
fn what_the_service_runs_itself_is_passed_over() {
    let mut stage = Stage::new();
    for name in ["a", "urn:xmpp:pubsub-attachments:0", "urn:xmpp:pps:subscribers:0", "zeal"] {
        stage.node(name, &[]);
    }
    for number in 0..130 {
        stage.publish("a", &number.to_string());
        let to = format!("urn:xmpp:pubsub-attachments:1/xmpp:pubsub.shakespeare.lit?;node=a;item={number}");
        let noticed = "<attachments xmlns='urn:xmpp:pubsub-attachments:1'><noticed/></attachments>";
        let item = format!("<item id='hamlet@denmark.lit'>{noticed}</item>");
        stage.send(&set(HAMLET, &format!("<publish node='{to}'>{item}</publish>")));
        stage.node(&format!("n{number}"), &[]);
        let public = "<public xmlns='urn:xmpp:pps:0'/>";
        let subscribe =
            format!("<subscribe node='n{number}' jid='francisco@denmark.lit'>{public}</subscribe>");
        stage.send(&set(FRANCISCO, &subscribe));
    }
    let after = page(&mut stage, "<after>urn:x</after>");
    let before = page(&mut stage, "<before>zeal</before><max>3</max>");
    assert_eq!(after.names, ["urn:xmpp:pps:subscribers:0", "urn:xmpp:pubsub-attachments:0", "zeal"]);
    assert_eq!(before.names, ["n99", "urn:xmpp:pps:subscribers:0", "urn:xmpp:pubsub-attachments:0"]);
}
