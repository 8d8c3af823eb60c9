//! Random graphs of relations — XEP-0496 — against a model that keeps what the specification says, word by word: each
//! node with its own copy of its parent, and a search of the whole graph after each change.

#![expect(clippy::indexing_slicing, reason = "a node that the model lost is a failed test")]

use std::collections::BTreeMap;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::affiliation::Affiliation;

use crate::relations::{configure, create};
use crate::stage::{Stage, get, owner_get, owner_set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const NODES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// What is known of a node: what it names, empty for nothing, and whether Francisco is on its list.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    link: String,
    parent: String,
    admits: bool,
}

type Graph = BTreeMap<&'static str, Known>;

/// The fields of a form: what it says of the link and of the parent.
type Said = [Option<&'static str>; 2];

/// The graph after a node was configured; nothing where that is refused.
fn configured(graph: &Graph, name: &'static str, [link, parent]: Said, admits: bool) -> Option<Graph> {
    let mut graph = graph.clone();
    let was = graph.get(name).cloned().unwrap_or_default();
    let mut new = Known { admits, ..was.clone() };
    for (said, field) in [(link, &mut new.link), (parent, &mut new.parent)] {
        if let Some(said) = said {
            said.clone_into(field);
        }
    }
    graph.entry(name).or_default();
    let names = [&new.link, &new.parent];
    if names
        .into_iter()
        .any(|other| !other.is_empty() && (other == name || !graph.contains_key(other.as_str())))
    {
        return None;
    }
    if !new.link.is_empty() {
        let due = graph[new.link.as_str()].parent.clone();
        let own = if parent.is_none() && !was.link.is_empty() { "" } else { &new.parent };
        if !own.is_empty() && own != due {
            return None;
        }
        new.parent = due;
    }
    graph.insert(name, new);
    // The parents of linked nodes follow, one after the other.
    for _ in 0..graph.len() {
        for node in NODES {
            let Some(known) = graph.get(node).filter(|known| !known.link.is_empty()) else { continue };
            let parent = graph[known.link.as_str()].parent.clone();
            graph.get_mut(node).unwrap().parent = parent;
        }
    }
    let is_circular = |start: &&str| reached(&graph, start).contains(start);
    (!NODES.iter().filter(|node| graph.contains_key(**node)).any(is_circular)).then_some(graph)
}

/// The nodes that are reached from one by links and parents.
fn reached<'a>(graph: &'a Graph, start: &str) -> Vec<&'a str> {
    let next = |name: &str| {
        let known = &graph[name];
        [known.link.as_str(), known.parent.as_str()].into_iter().filter(|name| !name.is_empty())
    };
    let mut found: Vec<&str> = next(start).collect();
    let mut at = 0;
    while let Some(name) = found.get(at).copied() {
        found.extend(next(name).filter(|name| !found.contains(name)).collect::<Vec<_>>());
        at += 1;
    }
    found
}

fn admits(graph: &Graph, name: &str) -> bool {
    let mut at = name;
    while !at.is_empty() {
        if !graph[at].admits {
            return false;
        }
        at = &graph[at].parent;
    }
    true
}

/// What the service shows of a node to its owner, if it is there.
fn shown(stage: &mut Stage, name: &str) -> Option<Known> {
    let form = stage.any(&owner_get(HAMLET, &format!("<configure node='{name}'/>")));
    let value = |var: &str| {
        let field = form.split("<field ").find(|field| field.contains(&format!("}}{var}'")))?;
        let value = field.split("<value>").nth(1).and_then(|rest| rest.split("</value>").next());
        Some(value.unwrap_or_default().to_owned())
    };
    let admits = stage.any(&get("francisco@denmark.lit", &format!("<items node='{name}'/>")));
    Some(Known { link: value("link")?, parent: value("parent")?, admits: !admits.contains("<error") })
}

fn said(u: &mut Unstructured<'_>) -> Arbitrary<Option<&'static str>> {
    Ok(match u.int_in_range(0..=9)? {
        0..=3 => None,
        4 => Some(""),
        _ => Some(u.choose(&NODES)?),
    })
}

fn random_graph(u: &mut Unstructured<'_>) -> Arbitrary<()> {
    let (mut stage, mut graph) = (Stage::new(), Graph::new());
    for _ in 0..u.int_in_range(1..=40)? {
        let name = *u.choose(&NODES)?;
        if u.ratio(1, 10)? {
            stage.any(&owner_set(HAMLET, &format!("<delete node='{name}'/>")));
            while !stage.notices().is_empty() {}
            let gone: Vec<&str> = graph
                .keys()
                .copied()
                .filter(|node| *node == name || reached(&graph, node).contains(&name))
                .collect();
            graph.retain(|node, _| !gone.contains(node));
        } else {
            let (said, admits) = ([said(u)?, said(u)?], u.ratio(3, 4)?);
            let mut fields: Vec<(&str, &str)> = ["link", "parent"]
                .into_iter()
                .zip(said)
                .filter_map(|(var, value)| Some((var, value?)))
                .collect();
            fields.push(("access_model", "whitelist"));
            let is_new = !graph.contains_key(name);
            let request =
                if is_new { create(HAMLET, name, &fields) } else { configure(HAMLET, name, &fields) };
            let is_refused = stage.any(&request).contains("<invalid-option ");
            let new = configured(&graph, name, said, admits);
            assert_eq!(is_refused, new.is_none(), "{name} {said:?} in {graph:?}");
            if let Some(new) = new {
                let member = if admits { Affiliation::Member } else { Affiliation::None };
                stage.affiliate(name, "francisco@denmark.lit", member);
                graph = new;
            }
        }
        for node in NODES {
            let expected =
                graph.get(node).map(|known| Known { admits: admits(&graph, node), ..known.clone() });
            assert_eq!(shown(&mut stage, node), expected, "{node} in {graph:?}");
        }
    }
    Ok(())
}

#[test]
fn relations_are_as_a_naive_model_has_them() {
    arbtest::arbtest(random_graph).budget_ms(4_000);
}
