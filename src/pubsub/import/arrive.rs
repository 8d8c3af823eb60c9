//! Takes the steps that a fetched feed makes necessary: what comes from it is published like anything else, by the
//! service itself.

use bytes::Bytes;

use crate::atom::complete::insert;
use crate::limits::{FEED_EDITS_SECONDS, FEED_KNOWN_MAX};
use crate::pubsub::node::Node;
use crate::pubsub::publisher::publish::{NewItem, Payload, Publish, publish, publish_quietly};
use crate::pubsub::publisher::retract::{Retract, retract};
use crate::pubsub::refusal::Why;
use crate::pubsub::{Context, Failure, Fault, Refusal, Timestamp, Tx};
use crate::xml::{Limits, Tree};

use super::plan::{Action, Step, items};
use super::{Arrival, Document, Import, Known, push};

/// Takes a step; the service itself is the sender.
pub fn take(ctx: &mut Context<'_>, tx: &mut dyn Tx, document: &Document, step: &Step) -> Result<(), Failure> {
    let Some(node) = tx.node_by_key(step.import.node)? else { return Ok(()) };
    match &step.action {
        Action::Publish { item, entry } => {
            let Some(arrival) = document.entries.get(*entry) else { return Ok(()) };
            let before = known(tx, &step.import, item)?;
            // What an owner has retracted, or had no room for, does not come back because of an edit.
            let is_edit = before.as_ref().is_some_and(|known| !known.is_deleted);
            let is_gone = is_edit && node.config.persist_items && tx.item(node.key, item)?.is_none();
            let mut known = before.unwrap_or_else(|| Known::new(item, arrival.print, ctx.now));
            if !is_gone {
                publish_entry(ctx, tx, &node, step, item, arrival, known.first)?;
                not_refused(tx, &step.import)?;
                if step.import.is_begun && !document.is_partial {
                    push::missed(tx, &step.import.url)?;
                }
            }
            known.take(arrival.print, ctx.now);
            keep(tx, &step.import, known)?;
        }
        Action::Retract { item } => {
            let is_ours =
                tx.item(node.key, item)?.is_some_and(|item| item.publisher.bare() == ctx.service.jid);
            if node.config.persist_items && is_ours {
                let (node, ids) = (step.node.clone(), vec![item.clone()]);
                retract(ctx, tx, &Retract { node, ids, notify: false })?;
            }
            delete(tx, &step.import, item)?;
        }
        Action::Finish => finish(tx, &node, &step.import, document, ctx.now)?,
    }
    Ok(())
}

/// Takes note that a step was refused, so that it is not tried again with each fetch.
pub fn refused(
    tx: &mut dyn Tx,
    document: &Document,
    step: &Step,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<(), Fault> {
    let import = Import { refused: Some(refusal.text.to_string()), ..step.import.clone() };
    tx.put_import(&import)?;
    match &step.action {
        Action::Publish { item, entry } => {
            let Some(arrival) = document.entries.get(*entry) else { return Ok(()) };
            let known = known(tx, &import, item)?;
            let mut known = known.unwrap_or_else(|| Known::new(item, arrival.print, now));
            known.take(arrival.print, now);
            keep(tx, &import, known)
        }
        Action::Retract { item } => delete(tx, &import, item),
        Action::Finish => Ok(()),
    }
}

/// What was refused before is old news.
fn not_refused(tx: &mut dyn Tx, import: &Import) -> Result<(), Fault> {
    match tx.import(import.node, &import.url)? {
        Some(import) if import.refused.is_some() => tx.put_import(&Import { refused: None, ..import }),
        Some(_) | None => Ok(()),
    }
}

fn known(tx: &dyn Tx, import: &Import, item: &str) -> Result<Option<Known>, Fault> {
    Ok(tx.known(import.node, &import.url)?.into_iter().find(|known| known.item == item))
}

fn delete(tx: &mut dyn Tx, import: &Import, item: &str) -> Result<(), Fault> {
    match known(tx, import, item)? {
        Some(known) => keep(tx, import, Known { is_deleted: true, ..known }),
        None => Ok(()),
    }
}

impl Known {
    fn new(item: &str, print: u64, now: Timestamp) -> Self {
        let item = item.to_owned();
        Self { item, print, first: now, counted_since: now, edits: 0, is_deleted: false }
    }

    /// It was published as it is now.
    fn take(&mut self, print: u64, now: Timestamp) {
        if self.print != print {
            if self.counted_since.plus_seconds(FEED_EDITS_SECONDS) <= now {
                (self.counted_since, self.edits) = (now, 0);
            }
            self.edits = self.edits.saturating_add(1);
        }
        (self.print, self.is_deleted) = (print, false);
    }
}

fn keep(tx: &mut dyn Tx, import: &Import, known: Known) -> Result<(), Fault> {
    let mut all = tx.known(import.node, &import.url)?;
    match all.iter_mut().find(|other| other.item == known.item) {
        Some(place) => *place = known,
        None => all.push(known),
    }
    tx.put_known(import.node, &import.url, &all)
}

fn publish_entry(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    node: &Node,
    step: &Step,
    item: &str,
    arrival: &Arrival,
    first: Timestamp,
) -> Result<(), Failure> {
    let most = node.config.max_payload_size.and_then(|bytes| usize::try_from(bytes).ok());
    let most = most.unwrap_or(usize::MAX).min(ctx.service.payload_bytes_max);
    let whole = dated(&arrival.xml, arrival, first, ctx.now);
    // An entry that is too long is better than none with its title, its summary and its link.
    let xml = match &arrival.brief {
        Some(brief) if whole.len() > most => dated(brief, arrival, first, ctx.now),
        Some(_) | None => whole,
    };
    let tree = Tree::parse(Bytes::from(xml), &Limits::default());
    let tree = tree.map_err(|error| Why::InvalidPayload.because(error.to_string()))?;
    let items =
        vec![NewItem { id: Some(item.to_owned()), wish: None, payloads: vec![Payload::of(tree.root())] }];
    let request = Publish { node: step.node.clone(), items, options: None };
    // What a feed had when it was added is no news.
    if step.import.is_begun {
        publish(ctx, tx, &request)?
    } else {
        publish_quietly(ctx, tx, &request)?
    };
    Ok(())
}

/// An entry with dates, where the feed has none: when it was seen first, and now.
fn dated(xml: &str, arrival: &Arrival, first: Timestamp, now: Timestamp) -> String {
    if arrival.date.is_some() {
        return xml.to_owned();
    }
    let (published, updated) = (first.to_rfc3339(), now.to_rfc3339());
    let dates = format!("<published>{published}</published><updated>{updated}</updated>");
    insert(xml, &dates).map_or_else(|| xml.to_owned(), |dated| dated.xml)
}

/// All of a feed is in a node, or known; forgets what the feed has forgotten long ago.
fn finish(
    tx: &mut dyn Tx,
    node: &Node,
    import: &Import,
    document: &Document,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut known = tx.known(import.node, &import.url)?;
    let before = known.len();
    let items = items(node, document);
    if !import.is_begun {
        for (item, arrival) in items.iter().zip(&document.entries) {
            if !known.iter().any(|known| known.item == *item) {
                known.push(Known::new(item, arrival.print, now));
            }
        }
        // It may have been refused something meanwhile.
        let import = tx.import(import.node, &import.url)?.unwrap_or_else(|| import.clone());
        tx.put_import(&Import { is_begun: true, ..import })?;
    }
    let mut surplus = known.len().saturating_sub(FEED_KNOWN_MAX);
    known.retain(|known| {
        let is_forgotten = surplus > 0 && !items.contains(&known.item);
        surplus -= usize::from(is_forgotten);
        !is_forgotten
    });
    if known.len() == before { Ok(()) } else { tx.put_known(import.node, &import.url, &known) }
}
