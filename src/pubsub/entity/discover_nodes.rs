//! Discover the nodes of the service, page by page and of certain types if wanted — XEP-0060 [#entity-nodes], XEP-0059,
//! XEP-0462.
//!
//! Refuses: `item-not-found` for a cursor that names nothing.
//! Features: `meta-data` makes each of them tell about itself.
//!
//! Nodes that the sender may not see or does not want are left out, and nothing tells of them: a cursor is the NodeID of
//! a node that was listed, or, where only others were found for long, an internal key. The count is told where it costs nothing
//! to know, or where nothing else is asked for.

use crate::limits::{NODES_PAGE_MAX, NODES_READ_AT_ONCE, NODES_SCANNED_MAX, RESULT_BYTES_MAX};
use crate::pubsub::access::{affiliation, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::pages::written;
use crate::pubsub::paging::{PageInfo, Rsm, Span};
use crate::pubsub::profile::COMMENTS;
use crate::pubsub::refusal::Why;
use crate::pubsub::relations::is_doomed;
use crate::pubsub::{Context, Failure, Response, Tx, reserved};

use super::type_filter::TypeFilter;

/// The request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoverNodes {
    /// Of which types, if not of all.
    pub types: Option<TypeFilter>,
    /// Whether without the nodes for comments: there may be one for each entry.
    pub without_comments: bool,
    /// Which page.
    pub rsm: Rsm,
}

/// A node in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEntry {
    /// The NodeID.
    pub name: String,
    /// Its title, if it has one.
    pub title: String,
}

/// Lists the nodes in the order of their names.
pub fn discover_nodes(ctx: &Context<'_>, tx: &dyn Tx, request: &DiscoverNodes) -> Result<Response, Failure> {
    let rsm = &request.rsm;
    let limit = rsm.max.unwrap_or(NODES_PAGE_MAX).min(NODES_PAGE_MAX);
    if limit == 0 {
        let all = look(ctx, tx, request, None, NODES_SCANNED_MAX)?;
        let count = all.is_rest.then_some(all.nodes.len() as u64);
        return Ok(Response::Nodes(Vec::new(), PageInfo { span: None, count }));
    }
    let start = rsm.cursor().map(|cursor| resolve(ctx, tx, cursor)).transpose()?;
    let is_first = start.is_none() && !rsm.is_backward();
    let is_whole = start.is_none();
    let mut seen = look(ctx, tx, request, start, limit)?;
    fit(ctx, &mut seen);
    if rsm.is_backward() {
        seen.nodes.reverse();
    }

    let count = (is_whole && seen.is_rest).then_some(seen.nodes.len() as u64);
    let is_at_start = is_first || rsm.is_backward() && seen.is_rest;
    let span = span(&seen, rsm.is_backward(), is_at_start.then_some(0));
    let entry = |node: Node| NodeEntry { name: node.id.name, title: node.config.title };
    Ok(Response::Nodes(seen.nodes.into_iter().map(entry).collect(), PageInfo { span, count }.to_walk(rsm)))
}

/// What was found on the way from one place to another.
struct Seen {
    /// The nodes that the sender may see, in the direction of the way.
    nodes: Vec<Node>,
    /// Whether these are all in this direction.
    is_rest: bool,
    /// Where the search was given up.
    given_up: Option<NodeKey>,
}

/// Looks for up to `limit` nodes that the sender wants and may see, in the direction that is asked for.
fn look(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    request: &DiscoverNodes,
    mut start: Option<String>,
    limit: usize,
) -> Result<Seen, Failure> {
    let mut seen = Seen { nodes: Vec::new(), is_rest: false, given_up: None };
    let mut scanned = 0;
    loop {
        let nodes = if request.rsm.is_backward() {
            tx.nodes_before(&ctx.service.jid, start.as_deref(), NODES_READ_AT_ONCE)?
        } else {
            tx.nodes(&ctx.service.jid, start.as_deref(), NODES_READ_AT_ONCE)?
        };
        scanned += nodes.len();
        let is_rest = nodes.len() < NODES_READ_AT_ONCE;
        let last = nodes.last().map(|node| (node.key, node.id.name.clone()));
        for node in nodes {
            if !is_wanted(request, &node) || !is_visible(ctx, tx, &node)? {
                continue;
            }
            // One more than fits, to know whether there is one.
            if seen.nodes.len() == limit {
                return Ok(seen);
            }
            seen.nodes.push(node);
        }
        if is_rest {
            return Ok(Seen { is_rest, ..seen });
        }
        let Some((key, name)) = last else { return Ok(seen) };
        if scanned >= NODES_SCANNED_MAX {
            return Ok(Seen { given_up: Some(key), ..seen });
        }
        start = Some(past(request, name));
    }
}

/// What the names of all nodes of a kind begin with, if this name is of one that is left out.
fn left_out(request: &DiscoverNodes, name: &str) -> Option<&'static str> {
    let comments = Some(COMMENTS).filter(|comments| request.without_comments && name.starts_with(comments));
    reserved::beginning(name).or(comments)
}

/// Where to go on when this name was reached: behind all of its kind, where that is left out.
fn past(request: &DiscoverNodes, name: String) -> String {
    match left_out(request, &name) {
        None => name,
        Some(beginning) if request.rsm.is_backward() => beginning.to_owned(),
        Some(beginning) => format!("{beginning}{}", char::MAX),
    }
}

fn is_wanted(request: &DiscoverNodes, node: &Node) -> bool {
    left_out(request, &node.id.name).is_none()
        && request.types.as_ref().is_none_or(|types| types.admits(&node.config.payload_type))
}

fn is_visible(ctx: &Context<'_>, tx: &dyn Tx, node: &Node) -> Result<bool, Failure> {
    if node.moved.is_some() || is_doomed(tx, node)? {
        return Ok(false);
    }
    match may(ctx, tx, node, affiliation(ctx, tx, node)?, Action::Discover) {
        Ok(()) => Ok(true),
        // Whoever wants to know about a node whose rosters are not known yet asks about that node.
        Err(Failure::Refused(_) | Failure::Missing(_)) => Ok(false),
        Err(fault @ Failure::Faulted(_)) => Err(fault),
    }
}

/// Cuts the page where the answer would become too large.
fn fit(ctx: &Context<'_>, seen: &mut Seen) {
    const ROW: usize = "<item jid='' node='' name=''/>".len();
    let mut bytes = 0;
    let fits = seen.nodes.iter().take_while(|node| {
        bytes += ROW + ctx.service.jid.len() + written(&node.id.name) + written(&node.config.title);
        bytes <= RESULT_BYTES_MAX
    });
    let fits = fits.count().max(1);
    if fits < seen.nodes.len() {
        seen.nodes.truncate(fits);
        seen.is_rest = false;
        seen.given_up = None;
    }
}

/// The ends of a page, in the order of the names.
fn span(seen: &Seen, backward: bool, index: Option<u64>) -> Option<Span> {
    let far = seen.given_up.map(by_key);
    let first = seen.nodes.first().map(by_name).or_else(|| far.clone())?;
    let last = seen.nodes.last().map(by_name).or_else(|| far.clone())?;
    Some(match far {
        Some(far) if backward => Span { first: far, last, index: None },
        Some(far) => Span { first, last: far, index },
        None => Span { first, last, index },
    })
}

const KEY: &str = "key:";

fn by_key(key: NodeKey) -> String {
    format!("{KEY}{:x}", key.0)
}

fn by_name(node: &Node) -> String {
    if node.id.name.starts_with(KEY) { by_key(node.key) } else { node.id.name.clone() }
}

/// The name at which a cursor stands. The node need not be there any more: its name has a place all the same.
fn resolve(ctx: &Context<'_>, tx: &dyn Tx, cursor: &str) -> Result<String, Failure> {
    let Some(key) = cursor.strip_prefix(KEY) else { return Ok(cursor.to_owned()) };
    let node = match u64::from_str_radix(key, 16) {
        Ok(key) => tx.node_by_key(NodeKey(key))?.filter(|node| node.id.service == ctx.service.jid),
        Err(_) => None,
    };
    let name = node.map(|node| node.id.name);
    name.ok_or_else(|| Why::ItemNotFound.because(format!("{cursor:?} is no cursor")).into())
}
