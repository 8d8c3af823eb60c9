//! The question "may I publish here?" as Movim puts it: it publishes an empty entry of a fixed id, and retracts it — beside
//! XEP-0060 [#publisher-publish].
//!
//! It is answered truthfully, as the permissions are, and nothing else happens: nothing is stored, nobody is told.

use crate::atom;
use crate::pubsub::config::NodeConfig;

use super::publish::Payload;

const ID: &str = "test_post";

/// Whether publishing this would only be the question.
pub(super) fn is_published(config: &NodeConfig, id: &str, payload: Option<&Payload>) -> bool {
    id == ID && atom::is_atom(&config.payload_type) && payload.is_some_and(|payload| payload.is_empty)
}

/// Whether retracting this, which is not there, would only be the end of it.
pub(super) fn is_retracted(config: &NodeConfig, id: &str) -> bool {
    id == ID && atom::is_atom(&config.payload_type)
}
