//! The command `remove-feed`: ends that a feed goes to a node — XEP-0050. What came from it stays.
//!
//! Refuses: `item-not-found` (no such feed goes to a node of the sender).

use crate::pubsub::command::{Field, Sheet, Stage};
use crate::pubsub::fault::Fault;
use crate::pubsub::form::Form;
use crate::pubsub::node::NodeKey;
use crate::pubsub::refusal::Why;
use crate::pubsub::{Context, Failure, Tx};

use super::list::own;

/// Asks which feed, or ends it.
pub(in crate::pubsub) fn remove_feed(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    form: Option<&Form>,
) -> Result<Stage, Failure> {
    // What the configuration says comes back with the next start.
    let mut own = own(ctx, tx)?;
    own.retain(|(import, _)| import.by.is_some());
    // A URL has no spaces.
    let choice = |url: &str, node: &str| format!("{url} {node}");
    let Some(chosen) = form.and_then(|form| form.value("feed")) else {
        if own.is_empty() {
            return Ok(Stage::note("No feed goes to a node of yours."));
        }
        let options =
            own.iter().map(|(import, node)| (format!("{} to {node}", import.url), choice(&import.url, node)));
        return Ok(Stage::Asks(Sheet {
            title: "Remove a feed",
            instructions: "What came from the feed stays in the node.".to_owned(),
            fields: vec![Field {
                var: "feed",
                kind: "list-single",
                label: "The feed",
                options: options.collect(),
                required: true,
                ..Field::default()
            }],
            ..Sheet::default()
        }));
    };
    let found = own.iter().find(|(import, node)| choice(&import.url, node) == chosen);
    let Some((import, node)) = found else {
        return Err(Why::ItemNotFound.because("no such feed goes to a node of yours").into());
    };
    end(tx, import.node, &import.url)?;
    Ok(Stage::note(format!("{} does not go to {node:?} any more.", import.url)))
}

/// Ends that a feed goes to a node; one that goes nowhere any more is not fetched any more.
pub(super) fn end(tx: &mut dyn Tx, node: NodeKey, url: &str) -> Result<(), Fault> {
    tx.remove_import(node, url)?;
    if tx.imports_of(url, None, 1)?.is_empty() {
        tx.remove_feed(url)?;
    }
    Ok(())
}

/// Ends that feeds go to a node, which goes itself.
pub(in crate::pubsub) fn end_all(tx: &mut dyn Tx, node: NodeKey) -> Result<(), Fault> {
    for import in tx.imports_into(node, usize::MAX)? {
        end(tx, node, &import.url)?;
    }
    Ok(())
}
