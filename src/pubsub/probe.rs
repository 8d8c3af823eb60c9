//! Questions that Movim puts by doing: "may I publish here?" and "may I create nodes here?" — beside XEP-0060
//! [#publisher-publish] and [#owner-create].
//!
//! It publishes an empty entry of a fixed id and retracts it, or creates a node of a fixed name and deletes it. Both are
//! answered truthfully, as the permissions are, and nothing else happens: nothing is stored, nobody is told.

use crate::atom;

use super::config::NodeConfig;
use super::publisher::publish::Payload;

const ITEM: &str = "test_post";

/// Whether publishing this would only be the question.
pub(super) fn is_published(config: &NodeConfig, id: &str, payload: Option<&Payload>) -> bool {
    id == ITEM && atom::is_atom(&config.payload_type) && payload.is_some_and(|payload| payload.is_empty)
}

/// Whether retracting this, which is not there, would only be the end of it.
pub(super) fn is_retracted(config: &NodeConfig, id: &str) -> bool {
    id == ITEM && atom::is_atom(&config.payload_type)
}
