//! The words that show something: `list` and `last`.

use crate::atom::summary::{self, shortened};
use crate::limits::{
    CHAT_ANSWER_CHARS_MAX, CHAT_ITEMS_MAX, CHAT_NODES_MAX, CHAT_TITLE_CHARS_MAX, NODE_NAME_BYTES_MAX,
};
use crate::pubsub::access::find;
use crate::pubsub::companion;
use crate::pubsub::entity::discover_nodes::{DiscoverNodes, NodeEntry, discover_nodes};
use crate::pubsub::paging::{PageInfo, Rsm};
use crate::pubsub::subscriber::items::{Items, items};
use crate::pubsub::{Context, Failure, Fault, Response, Tx};

use super::line;

/// What comes before the name from which a list goes on.
const MORE: &str = "There may be more. Write: list ";

/// The nodes that the sender may see, a few at a time.
pub(super) fn list(ctx: &Context<'_>, tx: &dyn Tx, after: Option<&str>) -> Result<String, Failure> {
    let (mut nodes, mut info) = page(ctx, tx, after, CHAT_NODES_MAX)?;
    // The last line may hold the longest name once more.
    let mut fits = room(CHAT_ANSWER_CHARS_MAX - MORE.len() - NODE_NAME_BYTES_MAX);
    let fits = nodes.iter().map(row).take_while(|row| fits(row)).count();
    if (1..nodes.len()).contains(&fits) {
        (nodes, info) = page(ctx, tx, after, fits)?;
    }
    let next = info.span.map(|span| span.last);
    let next = match next {
        Some(last) if page(ctx, tx, Some(&last), 1)?.1.span.is_some() => Some(last),
        Some(_) | None => None,
    };

    let mut lines: Vec<String> = nodes.iter().map(row).collect();
    if lines.is_empty() {
        lines.push(
            if after.is_none() { "There is no node yet that you may see." } else { "That is all." }
                .to_owned(),
        );
    }
    if let Some(last) = next {
        lines.push(format!("{MORE}{}", line(&last)));
    }
    Ok(lines.join("\n"))
}

fn page(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    after: Option<&str>,
    max: usize,
) -> Result<(Vec<NodeEntry>, PageInfo), Failure> {
    let rsm = Rsm { max: Some(max), after: after.map(str::to_owned), before: None };
    let request = DiscoverNodes { types: None, without_comments: true, rsm };
    let Response::Nodes(nodes, info) = discover_nodes(ctx, tx, &request)? else {
        return Err(Fault::Bug("a list of nodes that is none".to_owned()).into());
    };
    Ok((nodes, info))
}

fn row(node: &NodeEntry) -> String {
    let name = line(&node.name);
    if node.title.is_empty() {
        return name;
    }
    format!("{name}: {}", shortened(&line(&node.title), CHAT_TITLE_CHARS_MAX))
}

/// The newest entries of a node in a few words each, the newest last, as in any conversation.
pub(super) fn last(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<String, Failure> {
    let (node, _) = find(ctx, tx, name)?;
    // Whoever has several subscriptions has to name one, and any will do.
    let own = tx.subscriptions(node.key, ctx.from.bare())?;
    let request = Items {
        node: name.to_owned(),
        subid: own.into_iter().next().map(|subscription| subscription.subid),
        ids: Vec::new(),
        max_items: Some(CHAT_ITEMS_MAX + companion::MOST),
        order: None,
        rsm: None,
    };
    let Response::Items { items: newest, .. } = items(ctx, tx, &request)? else {
        return Err(Fault::Bug("items that are none".to_owned()).into());
    };
    let mut fits = room(CHAT_ANSWER_CHARS_MAX);
    let entries = newest.into_iter().rev().filter(|item| !item.companion).take(CHAT_ITEMS_MAX);
    let texts = entries.map(|item| {
        let text = item.payload.as_deref().and_then(summary::body);
        text.unwrap_or_else(|| format!("{} (nothing to be read)", line(&item.id)))
    });
    let mut texts: Vec<String> = texts.take_while(|text| fits(text)).collect();
    if texts.is_empty() {
        return Ok(format!("Nothing is published in {} yet.", line(name)));
    }
    texts.reverse();
    Ok(texts.join("\n\n"))
}

/// Whether there still is room for a text and what parts it from the next.
fn room(mut chars: usize) -> impl FnMut(&str) -> bool {
    move |text| {
        let left = chars.checked_sub(text.chars().count() + 2);
        chars = left.unwrap_or(0);
        left.is_some()
    }
}
