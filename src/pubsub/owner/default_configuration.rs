//! Retrieve the default configuration of nodes — XEP-0060 [#owner-default].
//!
//! Features: `retrieve-default`.

use crate::pubsub::Response;

/// Shows how a node is configured when its creator says nothing.
pub fn default_configuration() -> Response {
    Response::Configuration { node: None, config: Box::default() }
}
