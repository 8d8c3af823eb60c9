//! Questions that Movim puts by doing: "may I publish here?" and "may I create nodes here?" — beside XEP-0060
//! [#publisher-publish] and [#owner-create].
//!
//! It publishes an empty entry of a fixed id and retracts it, or creates a node of a fixed name and deletes it. Both are
//! answered truthfully, as the permissions are, and nothing else happens: nothing is stored, nobody is told.

use crate::atom;

use super::config::{AccessModel, NodeConfig, SendLast};
use super::publisher::publish::Payload;

const ITEM: &str = "test_post";
const NODE: &str = "test_node";

/// Whether publishing this would only be the question.
pub(super) fn is_published(config: &NodeConfig, id: &str, payload: Option<&Payload>) -> bool {
    id == ITEM && atom::is_atom(&config.payload_type) && payload.is_some_and(|payload| payload.is_empty)
}

/// Whether retracting this, which is not there, would only be the end of it.
pub(super) fn is_retracted(config: &NodeConfig, id: &str) -> bool {
    id == ITEM && atom::is_atom(&config.payload_type)
}

/// Whether creating this node, which is not there, would only be the question. Movim configures it like its communities,
/// and not as it is by default, so that others can have a node of this name.
pub(super) fn is_created(name: &str, config: &NodeConfig) -> bool {
    name == NODE
        && !config.deliver_payloads
        && config.send_last == SendLast::OnSub
        && config.access_model == AccessModel::Open
}

/// Whether deleting this node, which is not there, would only be the end of it.
pub(super) fn is_deleted(name: &str) -> bool {
    name == NODE
}
