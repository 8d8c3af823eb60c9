//! The command `list-feeds`: the feeds that go to nodes of the sender, and how they are — XEP-0050.

use crate::limits::{FEEDS_LISTED_MAX, FEEDS_PER_NODE_MAX};
use crate::pubsub::command::{Shown, Stage, Table};
use crate::pubsub::form::Form;
use crate::pubsub::owner::subscription_requests::own_nodes;
use crate::pubsub::{Context, Failure, Fault, Timestamp, Tx};

use super::{Feed, Import};

/// Lists them.
pub(in crate::pubsub) fn list_feeds(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    _: Option<&Form>,
) -> Result<Stage, Failure> {
    let mut rows = Vec::new();
    for (import, node) in own(ctx, tx)? {
        let feed = tx.feed(&import.url)?.unwrap_or_default();
        let date = |time: Option<Timestamp>| time.map(Timestamp::to_rfc3339).unwrap_or_default();
        let state = state(&feed, &import);
        rows.push(vec![import.url, node, feed.title.clone(), state, date(feed.fetched), date(feed.next)]);
    }
    if rows.is_empty() {
        return Ok(Stage::note("No feed goes to a node of yours."));
    }
    let columns = vec![
        ("url", "Feed"),
        ("node", "Node"),
        ("title", "Title"),
        ("state", "State"),
        ("fetched", "Last fetched"),
        ("next", "To be fetched"),
    ];
    Ok(Stage::Done { note: None, shown: Some(Shown::Table(Table { title: "Feeds", columns, rows })) })
}

/// How a feed is, in words.
fn state(feed: &Feed, import: &Import) -> String {
    let trouble = &feed.trouble;
    match (feed.next, feed.failing_since, &import.refused) {
        (None, _, _) => format!("stopped: {trouble}"),
        (Some(_), Some(since), _) => format!("failing since {}: {trouble}", since.to_rfc3339()),
        (Some(_), None, Some(refused)) => format!("fine, but an entry was not taken: {refused}"),
        (Some(_), None, None) if feed.fetched.is_none() => "not fetched yet".to_owned(),
        (Some(_), None, None) => "fine".to_owned(),
    }
}

/// The feeds that the sender wanted, and those that go to his nodes; with the names of the nodes.
pub(super) fn own(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Vec<(Import, String)>, Failure> {
    let mut found = tx.imports_by(Some(ctx.from.bare()), FEEDS_LISTED_MAX)?;
    if ctx.is_admin() {
        found.extend(tx.imports_by(None, FEEDS_LISTED_MAX)?);
    }
    for name in own_nodes(ctx, tx)? {
        if found.len() >= FEEDS_LISTED_MAX {
            break;
        }
        if let Some(node) = tx.node(&ctx.node_id(&name))? {
            found.extend(tx.imports_into(node.key, FEEDS_PER_NODE_MAX)?);
        }
    }
    found.sort_by(|one, other| (one.node, &one.url).cmp(&(other.node, &other.url)));
    found.dedup_by(|one, other| (one.node, &one.url) == (other.node, &other.url));
    found.truncate(FEEDS_LISTED_MAX);
    let named = found.into_iter().filter_map(|import| named(ctx, tx, import).transpose());
    Ok(named.collect::<Result<_, Fault>>()?)
}

/// With the name of its node, if that is at the service that is asked.
fn named(ctx: &Context<'_>, tx: &dyn Tx, import: Import) -> Result<Option<(Import, String)>, Fault> {
    let node = tx.node_by_key(import.node)?.filter(|node| node.id.service == ctx.service.jid);
    Ok(node.map(|node| (import, node.id.name)))
}
