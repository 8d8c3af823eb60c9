//! Configure a node — XEP-0060 [#owner-configure].
//!
//! Refuses: `item-not-found`, `forbidden`, `bad-request` (no form), `not-acceptable + invalid-options |
//! unsupported-access-model`, `not-allowed + invalid-option` (a relation that cannot be).
//! Features: `config-node`, `config-node-max`.

use crate::limits::UPKEEP_PORTION;
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::form::Form;
use crate::pubsub::notice::Event;
use crate::pubsub::presence::ask;
use crate::pubsub::publisher::room::trim;
use crate::pubsub::{Context, Failure, Response, Tx, attachments, relations, tell};

use super::create::changed;

/// The request for the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The NodeID.
    pub node: String,
}

/// The submitted form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configure {
    /// The NodeID.
    pub node: String,
    /// What to change.
    pub form: Form,
}

/// Shows an owner the configuration.
pub fn configuration_form(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    request: &Configuration,
) -> Result<Response, Failure> {
    let (node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    let config = Box::new(attachments::shown(tx, &node)?.into_owned());
    Ok(Response::Configuration { node: Some(request.node.clone()), config })
}

/// Changes the configuration; fields that are not in the form stay as they are.
pub fn configure(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Configure) -> Result<Response, Failure> {
    let (mut node, affiliation) = find(ctx, tx, &request.node)?;
    may(ctx, tx, &node, affiliation, Action::Administer)?;
    if request.form.cancelled {
        return Ok(Response::Done);
    }
    let mut config = changed(ctx, &node, &request.form)?;
    node.ties = relations::of_known(ctx, tx, &node, &request.form, &mut config)?;
    if config == node.config {
        return Ok(Response::Done);
    }

    if config.item_expire != node.config.item_expire {
        // What is there already is looked at by the new value.
        node.expiry = config.item_expire.map(|_| ctx.now);
    }
    let needs_presence = ask::of_subscribers(&config) && !ask::of_subscribers(&node.config);
    node.config = config;
    tx.put_node(&node)?;
    if trim(tx, &node, 0, UPKEEP_PORTION)? == UPKEEP_PORTION {
        node.expiry = Some(ctx.now);
        tx.put_node(&node)?;
    }
    if needs_presence {
        ask::ask_all(tx, &node)?;
    }
    if node.config.notify_config {
        let config = relations::shown(tx, &node)?;
        let config = node.config.deliver_payloads.then(|| Box::new(config.into_owned()));
        tell::subscribers(tx, &node, Event::Configured { config })?;
    }
    Ok(Response::Done)
}
