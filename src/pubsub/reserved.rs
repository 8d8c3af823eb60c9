//! Names that are not everybody's: of what service discovery calls otherwise, and of nodes that the service runs itself.

use super::Request;
use super::attachments;
use super::command;
use super::owner::affiliations::{Affiliations, ChangeAffiliations};
use super::owner::configure::{Configuration, Configure};
use super::owner::create::Create;
use super::owner::delete::Delete;
use super::owner::purge::Purge;
use super::owner::subscriptions::{ChangeSubscriptions, Subscriptions};
use super::publisher::publish::Publish;
use super::publisher::retract::Retract;
use super::refusal::{Refusal, Why};

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

/// Whether only the service fills a node of this name.
pub(super) fn is_of_service(name: &str) -> bool {
    name.starts_with(SUBSCRIBERS) || attachments::is_reserved(name)
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
