//! What anyone may read, without an account: how the web side sees the nodes.
//!
//! Whoever comes over the web is [`ANYONE`], a stranger like any other, but with a stricter rule: only nodes whose access
//! model is open, which keep their items, and which hold entries are there for him. Of all others he is told that they
//! are not there. An owner who makes [`ANYONE`] an outcast keeps a node off the web.

pub mod nodes;

use nodes::{NodePage, Nodes, nodes};

use super::access::{affiliation, may};
use super::affiliation::Action;
use super::config::AccessModel;
use super::node::Node;
use super::{Context, Failure, Tx};
use crate::atom;

/// The address of whoever has none. No host has this name (RFC 6761).
pub const ANYONE: &str = "anonymous.invalid";

/// What the web side wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its use case")]
pub enum Look {
    Nodes(Nodes),
}

/// What it is shown.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is named after its use case")]
pub enum Sight {
    Nodes(NodePage),
}

/// Shows something. It changes nothing.
pub fn look(ctx: &Context<'_>, tx: &dyn Tx, look: &Look) -> Result<Sight, Failure> {
    match look {
        Look::Nodes(look) => Ok(Sight::Nodes(nodes(ctx, tx, look)?)),
    }
}

/// Whether a node can be seen on the web.
pub fn is_public(ctx: &Context<'_>, tx: &dyn Tx, node: &Node) -> Result<bool, Failure> {
    if !may_be_public(node) {
        return Ok(false);
    }
    match may(ctx, tx, node, affiliation(ctx, tx, node)?, Action::Retrieve) {
        Ok(()) => Ok(true),
        Err(Failure::Refused(_) | Failure::Missing(_)) => Ok(false),
        Err(fault @ Failure::Faulted(_)) => Err(fault),
    }
}

/// The same, but for those whom the owners keep out.
fn may_be_public(node: &Node) -> bool {
    let holds_entries = atom::is_atom(&node.config.payload_type) || node.config.payload_type.is_empty();
    let is_open = node.config.access_model == AccessModel::Open;
    is_open && holds_entries && node.config.persist_items && node.moved.is_none()
}
