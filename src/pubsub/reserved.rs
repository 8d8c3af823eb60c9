//! What is not everybody's: names that service discovery gives to something else, and nodes that the service runs itself.
//!
//! The service makes such a node beside one of somebody when it is first needed, and the node goes with what it is beside.

use super::attachments;
use super::command;
use super::config::NodeConfig;
use super::jid::Jid;
use super::node::{Node, NodeId, Tie};
use super::owner::affiliations::{Affiliations, ChangeAffiliations};
use super::owner::configure::{Configuration, Configure};
use super::owner::create::Create;
use super::owner::delete::Delete;
use super::owner::purge::Purge;
use super::owner::subscriptions::{ChangeSubscriptions, Subscriptions};
use super::publisher::publish::Publish;
use super::publisher::retract::Retract;
use super::refusal::{Refusal, Why};
use super::{Fault, Request, Timestamp, Tx, removal};

/// What XEP-0050 calls the list of commands.
const COMMANDS: &str = "http://jabber.org/protocol/commands";

/// What the names of lists of public subscribers begin with; the name of the node follows — XEP-0465.
pub(super) const SUBSCRIBERS: &str = "urn:xmpp:pps:subscribers:0/";

/// What the names of nodes begin with that the service runs itself, and that are in no list of nodes: there may be as many of
/// them as there are items, or other nodes.
const OURS: [&str; 3] = [attachments::ATTACHMENTS, attachments::SUMMARIES, SUBSCRIBERS];

/// What the name of a node begins with, if the service runs the node itself.
pub(super) fn beginning(name: &str) -> Option<&'static str> {
    OURS.into_iter().find(|beginning| name.starts_with(beginning))
}

/// Whether a name means something else in service discovery, so that no node can have it.
pub(super) fn is_of_discovery(name: &str) -> bool {
    name == COMMANDS || command::find(name).is_some()
}

/// Refuses what only the service may do with a node that it runs itself, whether the node is there or not.
pub(super) fn guard(request: &Request) -> Result<(), Refusal> {
    match changed(request) {
        Some(name) if name.starts_with(SUBSCRIBERS) => {
            Err(Why::Forbidden.because("the service itself keeps the lists of public subscribers"))
        }
        Some(name) => attachments::guard(request, name),
        None => Ok(()),
    }
}

/// The node of this name that the service runs beside another one, if it is there.
pub(super) fn found(tx: &dyn Tx, beside: &Node, name: String) -> Result<Option<Node>, Fault> {
    let id = NodeId { service: beside.id.service.clone(), name };
    Ok(tx.node(&id)?.filter(|node| node.ties.contains(&Tie::to(beside))))
}

/// The node of this name that the service runs beside another one, and that goes with what it is tied to. It is made
/// where it is not there yet.
pub(super) fn found_or_made(
    tx: &mut dyn Tx,
    beside: &Node,
    name: String,
    tie: Tie,
    config: NodeConfig,
    now: Timestamp,
) -> Result<Node, Fault> {
    let id = NodeId { service: beside.id.service.clone(), name };
    if let Some(node) = removal::make_way(tx, &id)? {
        return Ok(node);
    }
    let node = Node {
        key: tx.new_node_key()?,
        // Nobody's number of nodes grows because of what others do with them.
        creator: Jid::from(id.service.clone()),
        id,
        created: now,
        config,
        expiry: None,
        ties: vec![tie],
        moved: None,
    };
    tx.put_node(&node)?;
    Ok(node)
}

/// The node that a request wants to make, fill, clear or administer.
fn changed(request: &Request) -> Option<&str> {
    if let Request::Create(Create { node: Some(node), .. })
    | Request::Publish(Publish { node, .. })
    | Request::Retract(Retract { node, .. })
    | Request::Purge(Purge { node })
    | Request::Delete(Delete { node, .. })
    | Request::Configuration(Configuration { node })
    | Request::Configure(Configure { node, .. })
    | Request::Affiliations(Affiliations { node })
    | Request::ChangeAffiliations(ChangeAffiliations { node, .. })
    | Request::Subscriptions(Subscriptions { node })
    | Request::ChangeSubscriptions(ChangeSubscriptions { node, .. }) = request
    {
        return Some(node);
    }
    if let Request::Execute(command) = request { command.about() } else { None }
}
