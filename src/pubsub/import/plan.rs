//! What a fetched feed changes in the nodes that it goes to: the steps, oldest entry first, a few at a time. Each is taken
//! in a transaction of its own, and what was taken is not planned again, so that a crash in the middle repeats nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::atom::{id, uri};
use crate::limits::{
    FEED_EDITS_MAX, FEED_EDITS_SECONDS, FEED_FIRST_MAX, FEED_IMPORTS_AT_ONCE, FEED_STEPS_AT_ONCE,
};
use crate::pubsub::fault::Fault;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::time::Timestamp;
use crate::pubsub::tx::Tx;

use super::{Arrival, Document, Import, Known};

/// A change of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The service of the node.
    pub service: String,
    /// The node.
    pub node: String,
    /// The import that it is for.
    pub import: Import,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// An entry is published, or published again.
    Publish {
        /// The ItemID.
        item: String,
        /// The place of the entry in the document.
        entry: usize,
    },
    /// An item is retracted.
    Retract {
        /// The ItemID.
        item: String,
    },
    /// All else was done.
    Finish,
}

/// Some steps, and how to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Where to go on; nowhere, if these were the last.
    pub rest: Option<Rest>,
}

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// After the import into this node, or with the first.
    pub after: Option<NodeKey>,
}

/// Plans a few steps for a feed, from some import on. Nodes of services that are not there have to wait.
pub fn plan(
    tx: &dyn Tx,
    url: &str,
    document: &Document,
    now: Timestamp,
    from: Rest,
    is_there: &dyn Fn(&str) -> bool,
) -> Result<Plan, Fault> {
    let (mut steps, mut after) = (Vec::new(), from.after);
    let imports = tx.imports_of(url, from.after, FEED_IMPORTS_AT_ONCE)?;
    let is_last = imports.len() < FEED_IMPORTS_AT_ONCE;
    for import in imports {
        let key = import.node;
        // Whoever waits for all that a feed has gets it when it is fetched.
        let is_next = import.is_begun || !document.is_partial;
        let node = tx.node_by_key(key)?.filter(|node| is_next && is_there(&node.id.service));
        if let Some(node) = node {
            let room = FEED_STEPS_AT_ONCE.saturating_sub(steps.len());
            let actions = actions(tx, &node, &import, document, now)?;
            let is_whole = actions.len() < room;
            let actions = actions.into_iter().take(room).chain(is_whole.then_some(Action::Finish));
            steps.extend(actions.map(|action| Step {
                service: node.id.service.clone(),
                node: node.id.name.clone(),
                import: import.clone(),
                action,
            }));
            if !is_whole {
                return Ok(Plan { steps, rest: Some(Rest { after }) });
            }
        }
        after = Some(key);
    }
    Ok(Plan { steps, rest: (!is_last).then_some(Rest { after }) })
}

fn actions(
    tx: &dyn Tx,
    node: &Node,
    import: &Import,
    document: &Document,
    now: Timestamp,
) -> Result<Vec<Action>, Fault> {
    let known = tx.known(import.node, &import.url)?;
    let of: BTreeMap<&str, &Known> = known.iter().map(|known| (known.item.as_str(), known)).collect();
    let items = items(node, document);
    let mut actions = Vec::new();
    // What a feed had when it was added may be years of it.
    let first = if import.is_begun { 0 } else { items.len().saturating_sub(FEED_FIRST_MAX) };
    for (entry, (item, arrival)) in items.iter().zip(&document.entries).enumerate().skip(first) {
        if is_own(node, arrival) || is_void(document, arrival) {
            continue;
        }
        let is_wanted = match of.get(item.as_str()) {
            None => true,
            Some(known) => (known.is_deleted || known.print != arrival.print) && !is_held_back(known, now),
        };
        if is_wanted {
            actions.push(Action::Publish { item: item.clone(), entry });
        }
    }
    let there: BTreeSet<&String> = items.iter().collect();
    let deleted = deleted(node, document);
    for known in known.iter().filter(|known| !known.is_deleted) {
        if deleted.contains(&known.item) || document.is_complete && !there.contains(&known.item) {
            actions.push(Action::Retract { item: known.item.clone() });
        }
    }
    Ok(actions)
}

/// The ItemIDs of what a document says to be deleted and does not have all the same.
fn deleted(node: &Node, document: &Document) -> BTreeSet<String> {
    let has = |id: &str| document.entries.iter().any(|entry| entry.id == id && !is_void(document, entry));
    let deleted = document.deleted.iter().filter(|deleted| !has(&deleted.id));
    deleted.map(|deleted| item(node, &deleted.id)).collect()
}

/// The ItemIDs of all entries of a document in a node.
pub(super) fn items(node: &Node, document: &Document) -> Vec<String> {
    document.entries.iter().map(|entry| item(node, &entry.id)).collect()
}

fn item(node: &Node, atom_id: &str) -> String {
    id::generated(&node.id.service, &node.id.name, atom_id)
}

/// Whether an entry is an item of a node of the same service, which has come back to it through the web.
fn is_own(node: &Node, arrival: &Arrival) -> bool {
    let named = [&arrival.id, &arrival.source].into_iter().filter_map(|id| uri::parse(id));
    named.into_iter().any(|named| named.jid == node.id.service && named.node.is_some())
}

/// Whether an entry was deleted after it was modified last — RFC 6721, 3.
fn is_void(document: &Document, arrival: &Arrival) -> bool {
    let deleted = document.deleted.iter().find(|deleted| deleted.id == arrival.id);
    deleted.is_some_and(|deleted| arrival.date.is_none_or(|date| date <= deleted.when))
}

/// Whether an entry is edited so often that the next edit has to wait.
pub(super) fn is_held_back(known: &Known, now: Timestamp) -> bool {
    known.edits >= FEED_EDITS_MAX && now < known.counted_since.plus_seconds(FEED_EDITS_SECONDS)
}
