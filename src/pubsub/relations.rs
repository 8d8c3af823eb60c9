//! Relations between nodes — XEP-0496: a node is linked to another one, or is the child of another one. It goes when
//! that one goes, and whoever reads or fills a child needs the same of all nodes above it.
//!
//! Each node names at most one other. A node that is linked to another has the parent of that one: it is looked up
//! there and not kept twice, so it is a new one at once when that one gets a new parent, and following the links, then
//! the parent, leads to all that a node depends on. The names are in the configuration, and a tie holds the node that was
//! meant: another one that has its name now is not it.
//!
//! Who owns a node may relate it to a node of the same service to which he may publish: to put a node under another
//! one is to add something to it. The owner of the other one has no say, as all this restricts only the node below.

use std::borrow::Cow;

use crate::limits::{RELATIONS_MAX, TIES_SEEN_MAX};

use super::access::{find, may};
use super::affiliation::Action;
use super::config::NodeConfig;
use super::context::Context;
use super::fault::{Failure, Fault};
use super::form::Form;
use super::node::{Node, NodeId, NodeKey, Tie};
use super::options;
use super::refusal::{Refusal, Why};
use super::tx::Tx;

/// The nodes that one may depend on when it is related: one less than are looked at, for its list of subscribers.
const MOST: usize = RELATIONS_MAX - 1;

/// The nodes that a node depends on by its relations, nearest first.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    relatives: Vec<Relative>,
    /// Whether there are more than are looked at.
    is_cut: bool,
}

#[derive(Debug)]
struct Relative {
    node: Node,
    /// Whether it is above, and not beside.
    is_parent: bool,
}

impl Lineage {
    /// Follows the relations of a node; nothing where one of them is gone, because then this one is about to go.
    pub(super) fn of(tx: &dyn Tx, node: &Node) -> Result<Option<Self>, Fault> {
        let mut lineage = Self::default();
        loop {
            let last = lineage.relatives.last().map_or(node, |last| &last.node);
            let Some((name, is_parent)) = last.config.relation() else { return Ok(Some(lineage)) };
            if lineage.relatives.len() == RELATIONS_MAX {
                return Ok(Some(Self { is_cut: true, ..lineage }));
            }
            let id = NodeId { service: last.id.service.clone(), name: name.to_owned() };
            let meant = |found: &Node| last.ties.contains(&Tie::to(found));
            let Some(node) = tx.node(&id)?.filter(meant) else { return Ok(None) };
            lineage.relatives.push(Relative { node, is_parent });
        }
    }

    /// The nodes above, nearest first, if none is left out.
    pub(super) fn parents(&self) -> Option<impl Iterator<Item = &Node>> {
        let parents = self.relatives.iter().filter(|relative| relative.is_parent);
        (!self.is_cut).then(|| parents.map(|relative| &relative.node))
    }

    /// All of them, in whatever way the node depends on them.
    pub(super) fn keys(&self) -> Vec<NodeKey> {
        self.relatives.iter().map(|relative| relative.node.key).collect()
    }

    /// The name of the nearest parent.
    fn parent(self) -> String {
        let parent = self.relatives.into_iter().find(|relative| relative.is_parent);
        parent.map_or_else(String::new, |parent| parent.node.id.name)
    }
}

impl NodeConfig {
    /// The node that it names, and whether as a parent.
    pub(super) fn relation(&self) -> Option<(&str, bool)> {
        let named = [(self.link.as_str(), false), (self.parent.as_str(), true)];
        named.into_iter().find(|(name, _)| !name.is_empty())
    }
}

/// Whether something that a node is tied to is gone, so that the node is about to go too.
pub(super) fn is_doomed(tx: &dyn Tx, node: &Node) -> Result<bool, Fault> {
    let mut is_gone = false;
    look_along(tx, node, |_, other| {
        is_gone |= other.is_none();
        !is_gone
    })?;
    Ok(is_gone)
}

/// Whether a node goes when another one goes, as far as can be seen: also where that is too far off to be sure.
pub(super) fn depends_on(tx: &dyn Tx, node: &Node, other: NodeKey) -> Result<bool, Fault> {
    let mut is_found = node.key == other;
    let is_seen = look_along(tx, node, |tie, _| {
        is_found |= tie.node == other;
        !is_found
    })?;
    Ok(is_found || !is_seen)
}

/// Shows the nodes that a node is tied to, and what those are tied to in turn, as long as `see` wants more; whether there
/// were not too many of them.
fn look_along(
    tx: &dyn Tx,
    node: &Node,
    mut see: impl FnMut(&Tie, Option<&Node>) -> bool,
) -> Result<bool, Fault> {
    let mut ties: Vec<Tie> = node.ties.clone();
    for _ in 0..TIES_SEEN_MAX {
        let Some(tie) = ties.pop() else { return Ok(true) };
        let other = tx.node_by_key(tie.node)?;
        if !see(&tie, other.as_ref()) {
            return Ok(true);
        }
        ties.extend(other.into_iter().flat_map(|other| other.ties));
    }
    Ok(ties.is_empty())
}

/// The configuration as it is shown: with the parent that comes with a link.
pub(super) fn shown<'a>(tx: &dyn Tx, node: &'a Node) -> Result<Cow<'a, NodeConfig>, Fault> {
    if node.config.link.is_empty() {
        return Ok(Cow::Borrowed(&node.config));
    }
    let parent = Lineage::of(tx, node)?.map(Lineage::parent).unwrap_or_default();
    Ok(Cow::Owned(NodeConfig { parent, ..node.config.clone() }))
}

/// What a new node is tied to, if it may have the relation that its configuration says.
pub(super) fn of_new(ctx: &Context<'_>, tx: &dyn Tx, config: &mut NodeConfig) -> Result<Vec<Tie>, Failure> {
    Ok(related(ctx, tx, None, config)?.into_iter().collect())
}

/// What a node is tied to once it is configured as a form says, if it may have that relation.
pub(super) fn of_known(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    node: &Node,
    form: &Form,
    config: &mut NodeConfig,
) -> Result<Vec<Tie>, Failure> {
    if node.config.link == config.link && node.config.parent == config.parent {
        return Ok(node.ties.clone());
    }
    let was = shown(tx, node)?;
    if !was.link.is_empty() && config.link.is_empty() && !form.has(options::PARENT) {
        // The parent that came with the link stays when the link is taken away.
        config.parent.clone_from(&was.parent);
    }
    Ok(related(ctx, tx, Some((node, &was)), config)?.into_iter().collect())
}

/// The tie to the node that a configuration names, if it may be named there. The node itself, if it is there already,
/// comes with its configuration so far.
fn related(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    own: Option<(&Node, &NodeConfig)>,
    config: &mut NodeConfig,
) -> Result<Option<Tie>, Failure> {
    let Some((name, is_parent)) = config.relation() else { return Ok(None) };
    let is_known = own.is_some_and(|(_, was)| if is_parent { was.parent == name } else { was.link == name });
    let other = target(ctx, tx, name, is_known)?;
    let lineage = Lineage::of(tx, &other)?.ok_or_else(|| absent(name))?;
    if let Some((own, _)) = own
        && depends_on(tx, &other, own.key)?
    {
        return Err(refused(format!("{name:?} depends on this node: that would be a circle")).into());
    }
    if lineage.relatives.len() >= MOST {
        return Err(refused(format!("a node depends on at most {MOST} others")).into());
    }
    if !is_parent {
        let parent = lineage.parent();
        if !config.parent.is_empty() && config.parent != parent {
            let text =
                format!("a linked node has the parent of the node that it is linked to, here {parent:?}");
            return Err(refused(text).into());
        }
        config.parent.clear();
    }
    Ok(Some(Tie::to(&other)))
}

/// The node of this name. To whoever may not relate another one to it, it is as if it were not there.
fn target(ctx: &Context<'_>, tx: &dyn Tx, name: &str, is_known: bool) -> Result<Node, Failure> {
    let allowed = find(ctx, tx, name).and_then(|(node, affiliation)| {
        if !is_known {
            may(ctx, tx, &node, affiliation, Action::Publish)?;
        }
        Ok(node)
    });
    allowed.map_err(|failure| match failure {
        Failure::Refused(_) => absent(name).into(),
        other @ (Failure::Faulted(_) | Failure::Missing(_)) => other,
    })
}

fn absent(name: &str) -> Refusal {
    refused(format!("there is no node {name:?} here to which you may publish"))
}

fn refused(text: String) -> Refusal {
    Why::InvalidRelation.because(text)
}
