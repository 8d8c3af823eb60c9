//! ItemIDs and atom:ids: which item an entry without an ItemID is.

use crate::stage::{Stage, configure, set};

const HAMLET: &str = "hamlet@denmark.lit/blogbot";
const OPHELIA: &str = "ophelia@denmark.lit/garden";
const NODE: &str = "open";

fn publish(from: &str, id: Option<&str>, atom_id: &str) -> String {
    let id = id.map(|id| format!(" id='{id}'")).unwrap_or_default();
    let entry = format!("<entry xmlns='http://www.w3.org/2005/Atom'><id>{atom_id}</id></entry>");
    set(from, &format!("<publish node='{NODE}'><item{id}>{entry}</item></publish>"))
}

fn stage(options: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.node(NODE, &[&[("publish_model", "open")], options].concat());
    stage
}

/// Publishes, and gives the ItemID of the answer.
fn id(stage: &mut Stage, stanza: &str) -> String {
    let answer = stage.send(stanza);
    let (_, after) = answer.split_once("<item id='").unwrap();
    after.split_once('\'').unwrap().0.to_owned()
}

/// SHA-1 of `pubsub.shakespeare.lit`, `open` and `tag:denmark.lit,2003:1`.
const GENERATED: &str = "42b1377e9431d6560d2c762302fd54bd605ef15e";

#[test]
fn who_publishes_an_entry_again_modifies_it() {
    let mut stage = stage(&[]);
    let again = publish(HAMLET, None, "tag:denmark.lit,2003:1");
    assert_eq!(id(&mut stage, &again), GENERATED);
    assert_eq!(id(&mut stage, &again), GENERATED);
    // White space around an atom:id is none of it.
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "\n tag:denmark.lit,2003:1 ")), GENERATED);
    // The item may have another id.
    stage.send(&publish(HAMLET, Some("own"), "tag:denmark.lit,2003:2"));
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:2")), "own");
    // Of several it is the one that was published last.
    stage.send(&publish(HAMLET, Some("later"), "tag:denmark.lit,2003:2"));
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:2")), "later");
    // That it had the atom:id once does not count.
    stage.send(&publish(HAMLET, Some("own"), "tag:denmark.lit,2003:3"));
    stage.send(&publish(HAMLET, Some("later"), "tag:denmark.lit,2003:3"));
    let fresh = id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:2"));
    assert!(!["own", "later"].contains(&fresh.as_str()), "{fresh}");
}

#[test]
fn nobody_modifies_what_somebody_else_published() {
    let mut stage = stage(&[]);
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:1")), GENERATED);
    let ophelias = id(&mut stage, &publish(OPHELIA, None, "tag:denmark.lit,2003:1"));
    assert_ne!(ophelias, GENERATED);
    assert_eq!(id(&mut stage, &publish(OPHELIA, None, "tag:denmark.lit,2003:1")), ophelias);
    // However many copies others make.
    for copy in 0..40 {
        stage.send(&publish(OPHELIA, Some(&format!("!{copy}")), "tag:denmark.lit,2003:1"));
    }
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:1")), GENERATED);
}

/// E23: nobody gets into an entry of one node by using its atom:id in another.
#[test]
fn an_atom_id_says_nothing_in_another_node() {
    let mut stage = stage(&[]);
    stage.node("other", &[("publish_model", "open")]);
    stage.send(&publish(HAMLET, Some("own"), "tag:denmark.lit,2003:1"));
    for from in [HAMLET, OPHELIA] {
        let elsewhere = publish(from, None, "tag:denmark.lit,2003:1").replace("'open'", "'other'");
        assert_ne!(id(&mut stage, &elsewhere), "own", "{from}");
    }
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:1")), "own");
}

#[test]
fn where_the_node_says_so_each_publication_is_an_item() {
    let mut stage = stage(&[("x-pubsub#upsert", "0")]);
    let again = publish(HAMLET, None, "tag:denmark.lit,2003:1");
    let ids: Vec<String> = (0..3).map(|_| id(&mut stage, &again)).collect();
    assert_eq!(ids, [GENERATED, "id-1", "id-2"]);
}

#[test]
fn an_id_is_generated_anew_once_the_item_is_gone() {
    let mut stage = stage(&[("item_expire", "60")]);
    let again = publish(HAMLET, None, "tag:denmark.lit,2003:1");
    assert_eq!(id(&mut stage, &again), GENERATED);
    stage.wait(61);
    assert_eq!(id(&mut stage, &again), GENERATED);
    stage.send(&set(HAMLET, &format!("<retract node='{NODE}'><item id='{GENERATED}'/></retract>")));
    assert_eq!(id(&mut stage, &again), GENERATED);
}

#[test]
fn a_node_that_keeps_nothing_generates_ids_too() {
    let mut stage = stage(&[]);
    stage.send(&publish(HAMLET, Some("kept"), "tag:denmark.lit,2003:1"));
    stage.send(&configure("hamlet@denmark.lit/elsinore", NODE, &[("persist_items", "0")]));
    // What it has kept before is nothing to it.
    assert_eq!(id(&mut stage, &publish(HAMLET, None, "tag:denmark.lit,2003:1")), GENERATED);
    assert_eq!(id(&mut stage, &publish(OPHELIA, Some("kept"), "tag:denmark.lit,2003:1")), "kept");
}

/// An entry with nothing or too much to be known by is kept all the same.
#[test]
fn odd_atom_ids_do_no_harm() {
    let mut stage = stage(&[]);
    stage.payload_bytes_max(10_000);
    for odd in [String::new(), " ".to_owned()] {
        assert!(id(&mut stage, &publish(HAMLET, None, &odd)).starts_with("id-"), "{odd:?}");
    }
    let long = format!("tag:{}", "x".repeat(3000));
    let generated = id(&mut stage, &publish(HAMLET, None, &long));
    assert_eq!(generated.len(), 40);
    assert_ne!(id(&mut stage, &publish(HAMLET, None, &long)), generated, "it is not looked for");
}
