//! Attachments: what people attach to items of others, such as reactions, and a summary of it for each node — XEP-0470,
//! XEP-0475, beside XEP-0060 [#publisher-publish-autocreate].
//!
//! An *attachment node* holds what is attached to one item, the *target*: one item for each person, whose bare JID is
//! its id. A *summary node* holds one item for each item of a node that has attachments. The service makes them with the
//! first attachment, and nobody else makes, configures or deletes them. They go with what they belong to.
//!
//! Who may do what with them is not copied from the target's node but asked of it each time (`rights`), so the two
//! cannot come apart. A summary is kept by differences (`share`, `tally`): a person's last attachments are taken off it
//! and the new ones put on, so what it costs does not depend on how many there are.
//!
//! Where its author has signed an item, it is given as it was published from then on: with what the service added to it,
//! the signature would not be valid.
//!
//! The nodes are left out of the list of nodes: there may be as many as there are items, and people look there for something to
//! read. Whoever knows their name can ask about them.
//!
//! Features: `urn:xmpp:pubsub-attachments:1`.

mod attach;
mod detach;
mod names;
mod nodes;
mod rights;
mod share;
mod summary;
mod tally;

use super::Request;
use super::refusal::{Refusal, Why};

pub(super) use attach::attach;
pub(super) use detach::{banned, detached, purged, target_is_gone};
use names::Kind;
pub(super) use names::{ATTACHMENTS, SUMMARIES, canonical, is_reserved};
pub(super) use rights::{Ruler, may, ruler, shown};

/// The namespace of attachments.
const NS: &str = "urn:xmpp:pubsub-attachments:1";
/// The namespace of summaries.
const SUMMARY_NS: &str = "urn:xmpp:pubsub-attachments:summary:1";
/// The namespace of signatures — XEP-0475.
const SIGNING_NS: &str = "urn:xmpp:pubsub-signing:0";

/// Why nobody publishes to a summary node.
const SUMMARY_IS_OURS: &str = "the service itself keeps the summary of attachments";

/// Refuses that somebody makes, changes or deletes what the service itself looks after. To publish to an attachment node
/// is to attach, and owners may moderate.
pub(super) fn guard(request: &Request, name: &str) -> Result<(), Refusal> {
    let text = match (Kind::of(name), request) {
        (
            Some(_),
            Request::Create(_) | Request::Delete(_) | Request::Configure(_) | Request::ChangeAffiliations(_),
        ) => {
            "the service itself makes, configures and deletes the nodes of attachments; who may do what is said of the \
             node of the item"
        }
        (Some(Kind::Summary), Request::Publish(_) | Request::Retract(_) | Request::Purge(_)) => {
            SUMMARY_IS_OURS
        }
        (_, _) => return Ok(()),
    };
    Err(Why::NotAllowed.because(text))
}
