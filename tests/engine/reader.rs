//! What anyone may read on the web: which nodes, in which parts, and what is known of what is gone.

use std::collections::BTreeSet;

use atomsub::limits::{TOMBSTONE_SECONDS_MAX, WEB_CHANGES_MAX};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::reader::changes::{Change, Changes, Since};
use atomsub::pubsub::reader::feed::{Feed, FeedPart};
use atomsub::pubsub::reader::item::{ItemSight, OneItem};
use atomsub::pubsub::reader::nodes::Nodes;
use atomsub::pubsub::reader::{ANYONE, Look, Sight};

use crate::relations;
use crate::stage::{Stage, configure, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const NODE: &str = "news";

fn stage(options: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.node(NODE, options);
    stage
}

fn part(stage: &mut Stage, archive: Option<u64>) -> Option<FeedPart> {
    let Sight::Feed(part) = stage.look(&Look::Feed(Feed { node: NODE.to_owned(), archive })) else {
        panic!()
    };
    part.map(|part| *part)
}

fn feed(stage: &mut Stage) -> FeedPart {
    part(stage, None).unwrap()
}

fn item(stage: &mut Stage, id: &str) -> Option<ItemSight> {
    let Sight::Item(item) = stage.look(&Look::Item(OneItem { node: NODE.to_owned(), id: id.to_owned() }))
    else {
        panic!()
    };
    item
}

fn changes(stage: &mut Stage, from: Option<(NodeKey, u64)>) -> Changes {
    let since = Since { node: NODE.to_owned(), from };
    let Sight::Changes(changes) = stage.look(&Look::Changes(since)) else { panic!() };
    *changes.unwrap()
}

/// Changes in short: what was published, and with a `-` what was removed.
fn told(changes: &Changes) -> String {
    let told = changes.list.iter().map(|change| match change {
        Change::Published(item) => item.id.clone(),
        Change::Removed(tombstone) => format!("-{}", tombstone.id),
    });
    told.collect::<Vec<_>>().join(" ")
}

fn ids(part: &FeedPart) -> Vec<&str> {
    part.items.iter().map(|item| item.id.as_str()).collect()
}

/// The tombstones of the feed: ItemIDs and atom:ids.
fn gone(stage: &mut Stage) -> Vec<String> {
    let tombstones = feed(stage).tombstones;
    tombstones.into_iter().map(|gone| format!("{} {}", gone.id, gone.atom_id.unwrap_or_default())).collect()
}

fn publish(stage: &mut Stage, id: &str, atom_id: &str) {
    let entry = format!("<entry xmlns='http://www.w3.org/2005/Atom'><id>{atom_id}</id></entry>");
    stage.send(&set(HAMLET, &format!("<publish node='{NODE}'><item id='{id}'>{entry}</item></publish>")));
}

fn retract(stage: &mut Stage, id: &str) {
    stage.send(&set(HAMLET, &format!("<retract node='{NODE}'><item id='{id}'/></retract>")));
}

#[test]
fn only_nodes_that_anyone_may_read_are_there() {
    let cases: [(&[(&str, &str)], bool); 9] = [
        (&[], true),
        (&[("type", "")], true),
        (&[("type", "urn:xmpp:pubsub-social-feed:1")], true),
        (&[("publish_model", "open")], true),
        (&[("access_model", "authorize")], false),
        (&[("access_model", "whitelist")], false),
        (&[("access_model", "presence")], false),
        (&[("type", "urn:example:other")], false),
        (&[("persist_items", "0")], false),
    ];
    for (options, is_there) in cases {
        let mut stage = Stage::new();
        stage.rosters.grant(crate::stage::SERVICE, "denmark.lit");
        stage.node(NODE, options);
        if options != [("persist_items", "0")] && options != [("type", "urn:example:other")] {
            stage.publish(NODE, "1");
        }
        assert_eq!(part(&mut stage, None).is_some(), is_there, "{options:?}");
        assert_eq!(item(&mut stage, "1").is_some(), is_there, "{options:?}");
        let Sight::Changes(changes) = stage.look(&Look::Changes(Since { node: NODE.to_owned(), from: None }))
        else {
            panic!()
        };
        assert_eq!(changes.is_some(), is_there, "{options:?}");
        let Sight::Nodes(page) = stage.look(&Look::Nodes(Nodes { after: None })) else { panic!() };
        assert_eq!(page.nodes.len(), usize::from(is_there), "{options:?}");
    }
    let mut stage = stage(&[]);
    stage.affiliate(NODE, "francisco@denmark.lit", Affiliation::Outcast);
    assert!(part(&mut stage, None).is_some());
    stage.affiliate(NODE, ANYONE, Affiliation::Outcast);
    assert!(part(&mut stage, None).is_none());
}

#[test]
fn a_node_is_not_there_where_one_above_it_is_not_for_everybody() {
    let mut stage = Stage::new();
    stage.node("above", &[]);
    stage.send(&relations::create(HAMLET, NODE, &[("parent", "above")]));
    assert_eq!(feed(&mut stage).public.relatives.len(), 1);
    stage.send(&configure(HAMLET, "above", &[("access_model", "whitelist")]));
    assert!(part(&mut stage, None).is_none());
}

#[test]
fn a_node_that_moved_is_not_there() {
    let mut stage = stage(&[]);
    let redirect = "<redirect uri='xmpp:pubsub.shakespeare.lit?;node=old'/>";
    stage.send(&owner_set(HAMLET, &format!("<delete node='{NODE}'>{redirect}</delete>")));
    assert!(part(&mut stage, None).is_none());
}

#[test]
fn whoever_walks_the_archives_finds_everything() {
    for (published, modified) in [(0, 0), (3, 0), (49, 1), (50, 0), (51, 0), (100, 0), (130, 60), (10, 300)] {
        let mut stage = stage(&[]);
        for number in 0..published {
            stage.publish(NODE, &format!("i{number}"));
        }
        for number in 0..modified {
            stage.publish(NODE, &format!("i{}", number % 7));
        }
        let current = feed(&mut stage);
        assert!(current.items.len() < 75 && current.newer.is_none());
        let newest_first = current.items.is_sorted_by(|one, next| one.created_seq > next.created_seq);
        assert!(newest_first);
        let mut found: BTreeSet<String> = ids(&current).into_iter().map(str::to_owned).collect();
        let (mut older, mut newer) = (current.older, None);
        while let Some(number) = older {
            let archive = part(&mut stage, Some(number)).unwrap();
            assert!(!archive.items.is_empty() && archive.tombstones.is_empty());
            assert_eq!(archive.newer, newer, "{number}");
            found.extend(ids(&archive).into_iter().map(str::to_owned));
            (older, newer) = (archive.older, Some(number));
        }
        assert_eq!(found.len(), published, "{published} and {modified}");
    }
}

#[test]
fn archives_stay_what_they_are() {
    let mut stage = stage(&[]);
    for number in 0..60 {
        stage.publish(NODE, &format!("i{number}"));
    }
    let archive = part(&mut stage, Some(1)).unwrap();
    assert_eq!(archive.items.len(), 50);
    for number in 60..300 {
        stage.publish(NODE, &format!("i{number}"));
    }
    assert_eq!(part(&mut stage, Some(1)).unwrap().items, archive.items);
    // What is modified is in the feed, whatever archive it is in.
    stage.publish(NODE, "i0");
    assert!(ids(&feed(&mut stage)).contains(&"i0"));
    for number in [0, 7, u64::MAX] {
        assert!(part(&mut stage, Some(number)).is_none(), "{number}");
    }
}

#[test]
fn what_is_retracted_leaves_a_tombstone_until_it_is_there_again() {
    let mut stage = stage(&[]);
    publish(&mut stage, "1", "tag:denmark.lit,2003:1");
    publish(&mut stage, "2", "tag:denmark.lit,2003:2");
    retract(&mut stage, "1");
    assert_eq!(gone(&mut stage), ["1 tag:denmark.lit,2003:1"]);
    assert!(matches!(item(&mut stage, "1"), Some(ItemSight::Gone(_))));
    assert!(matches!(item(&mut stage, "2"), Some(ItemSight::There(_))));
    assert!(item(&mut stage, "3").is_none());
    publish(&mut stage, "1", "tag:denmark.lit,2003:1");
    assert_eq!(gone(&mut stage), [""; 0]);
    assert!(matches!(item(&mut stage, "1"), Some(ItemSight::There(_))));
    // An entry whose atom:id is another one is another entry.
    publish(&mut stage, "1", "tag:denmark.lit,2003:new");
    assert_eq!(gone(&mut stage), ["1 tag:denmark.lit,2003:1"]);
    assert!(matches!(item(&mut stage, "1"), Some(ItemSight::There(_))));
    stage.send(&owner_set(HAMLET, &format!("<purge node='{NODE}'/>")));
    assert_eq!(gone(&mut stage), ["1 tag:denmark.lit,2003:new", "2 tag:denmark.lit,2003:2"]);
    stage.wait(TOMBSTONE_SECONDS_MAX);
    assert_eq!(gone(&mut stage), [""; 0]);
    assert!(item(&mut stage, "2").is_none());
}

#[test]
fn without_a_web_side_there_are_no_tombstones_and_none_of_what_is_there_again() {
    let mut stage = stage(&[]);
    publish(&mut stage, "1", "tag:denmark.lit,2003:1");
    publish(&mut stage, "2", "tag:denmark.lit,2003:2");
    retract(&mut stage, "1");
    stage.put_on_web(false);
    retract(&mut stage, "2");
    assert_eq!(gone(&mut stage), ["1 tag:denmark.lit,2003:1"]);
    publish(&mut stage, "1", "tag:denmark.lit,2003:1");
    stage.put_on_web(true);
    assert_eq!(gone(&mut stage), [""; 0]);
}

#[test]
fn what_expires_leaves_a_tombstone_and_what_makes_room_does_not() {
    let mut stage = stage(&[("item_expire", "60"), ("max_items", "1")]);
    publish(&mut stage, "1", "tag:denmark.lit,2003:1");
    publish(&mut stage, "2", "tag:denmark.lit,2003:2");
    assert!(item(&mut stage, "1").is_none());
    stage.wait(60);
    assert!(item(&mut stage, "2").is_none() && feed(&mut stage).items.is_empty());
    stage.pass(0);
    assert_eq!(gone(&mut stage), ["2 tag:denmark.lit,2003:2"]);
}

#[test]
fn nodes_that_nobody_sees_have_no_tombstones() {
    let mut stage = stage(&[("access_model", "whitelist")]);
    publish(&mut stage, "1", "tag:denmark.lit,2003:1");
    retract(&mut stage, "1");
    stage.send(&configure(HAMLET, NODE, &[("access_model", "open")]));
    assert_eq!(gone(&mut stage), [""; 0]);
}

#[test]
fn a_purge_of_many_leaves_the_newest_tombstones() {
    let mut stage = stage(&[]);
    for number in 0..600 {
        stage.publish(NODE, &format!("i{number}"));
    }
    let before = changes(&mut stage, None).place;
    stage.send(&owner_set(HAMLET, &format!("<purge node='{NODE}'/>")));
    assert_eq!(changes(&mut stage, None).place, before + 500);
    assert!(matches!(item(&mut stage, "i599"), Some(ItemSight::Gone(_))));
    assert!(item(&mut stage, "i0").is_none());
    assert_eq!(feed(&mut stage).tombstones.len(), 100);
}

#[test]
fn what_says_something_about_the_node_is_no_entry() {
    let mut stage = stage(&[]);
    let about = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Elsinore</title></feed>";
    stage.send(&set(HAMLET, &format!("<publish node='{NODE}'><item id='0'>{about}</item></publish>")));
    stage.publish(NODE, "1");
    let feed = feed(&mut stage);
    assert_eq!((ids(&feed), feed.about.as_ref().map(|about| about.id.as_str())), (vec!["1"], Some("0")));
    assert!(item(&mut stage, "0").is_none());
    let key = feed.public.node.key;
    assert_eq!(told(&changes(&mut stage, Some((key, 0)))), "1");
    retract(&mut stage, "0");
    assert_eq!(gone(&mut stage), [""; 0]);
}

#[test]
fn whoever_comes_back_is_told_what_he_has_missed() {
    let mut stage = stage(&[]);
    for id in ["1", "2", "3"] {
        stage.publish(NODE, id);
    }
    let now = changes(&mut stage, None);
    assert_eq!((told(&now).as_str(), now.place, now.is_reset), ("", 3, false));
    let key = now.public.node.key;
    retract(&mut stage, "2");
    stage.publish(NODE, "1");
    stage.publish(NODE, "4");
    for (after, expected) in [(0, "3 -2 1 4"), (3, "-2 1 4"), (4, "1 4"), (6, "")] {
        let since = changes(&mut stage, Some((key, after)));
        assert_eq!((told(&since).as_str(), since.place, since.is_reset), (expected, 6, false), "{after}");
    }
    // A place of another node of that name, or one that there has never been.
    for from in [(NodeKey(key.0 + 1), 3), (key, 7)] {
        let since = changes(&mut stage, Some(from));
        assert_eq!((told(&since).as_str(), since.place, since.is_reset), ("", 6, true), "{from:?}");
    }
}

#[test]
fn changes_come_in_parts_and_too_many_not_at_all() {
    let mut stage = stage(&[]);
    for number in 0..200 {
        stage.publish(NODE, &format!("i{number}"));
    }
    for number in (0..200).step_by(2) {
        retract(&mut stage, &format!("i{number}"));
    }
    let key = changes(&mut stage, None).public.node.key;
    let (mut place, mut heard) = (0, Vec::new());
    loop {
        let part = changes(&mut stage, Some((key, place)));
        assert!(part.list.len() <= 100 && part.list.is_sorted_by_key(Change::place));
        heard.extend(part.list.iter().map(Change::place));
        assert!(part.place > place);
        place = part.place;
        if !part.is_part {
            break;
        }
    }
    let odd = (1..=200).filter(|place| place % 2 == 0);
    assert_eq!(heard, odd.chain(201..=300).collect::<Vec<u64>>());
    for number in 0..=WEB_CHANGES_MAX {
        stage.publish(NODE, &format!("j{number}"));
    }
    assert!(changes(&mut stage, Some((key, 300))).is_reset);
    assert!(!changes(&mut stage, Some((key, 301))).is_reset);
}
