//! Create a node — XEP-0060 [#owner-create].
//!
//! Refuses: `forbidden` (also of a reserved name), `conflict`, `not-acceptable + nodeid-required` (never: an instant node is made),
//! `not-acceptable + unsupported-access-model`, `not-allowed + invalid-option` (a relation that cannot be),
//! `not-acceptable` (other invalid configuration).
//! Features: `create-nodes`, `create-and-configure`, `instant-nodes`.

use crate::limits::NODE_NAME_BYTES_MAX;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::config::{NodeConfig, PublishModel};
use crate::pubsub::form::Form;
use crate::pubsub::node::{Node, NodeId};
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Response, Tx, options, relations, removal, reserved};

/// The request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Create {
    /// The NodeID, unless one is to be generated.
    pub node: Option<String>,
    /// The configuration, where it differs from the default.
    pub configure: Option<Form>,
}

/// Creates a node that the sender owns.
pub fn create(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Create) -> Result<Response, Failure> {
    if !ctx.may_create() {
        let text = format!("{} may not create nodes on this service", ctx.from.bare());
        return Err(Why::Forbidden.because(text).into());
    }
    let name = request.node.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| ctx.ids.next());
    let base = NodeConfig::named(&name);
    let config = match &request.configure {
        Some(form) if !form.cancelled => configuration(ctx, &base, form)?,
        _ => base,
    };
    let node = make(ctx, tx, name, config)?;
    Ok(Response::Created { node: node.id.name })
}

/// Makes a node that the sender, who may, owns.
pub(in crate::pubsub) fn make(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    name: String,
    mut config: NodeConfig,
) -> Result<Node, Failure> {
    if reserved::is_of_discovery(&name) {
        let text = format!("{name:?} is the name of something else in service discovery");
        return Err(Why::Forbidden.because(text).into());
    }
    if name.len() > NODE_NAME_BYTES_MAX {
        let text = format!("a NodeID has at most {NODE_NAME_BYTES_MAX} bytes");
        return Err(Why::NotAcceptable.because(text).into());
    }
    let id = NodeId { service: ctx.service.jid.clone(), name };
    if removal::make_way(tx, &id)?.is_some() {
        return Err(Why::NodeExists.because(format!("there is a node {:?} already", id.name)).into());
    }
    let ties = relations::of_new(ctx, tx, &mut config)?;
    let creator = ctx.from.to_bare();
    let node = Node {
        key: tx.new_node_key()?,
        id,
        creator,
        created: ctx.now,
        config,
        expiry: None,
        ties,
        moved: None,
    };
    tx.put_node(&node)?;
    tx.set_affiliation(node.key, ctx.from.bare(), Affiliation::Owner)?;
    Ok(node)
}

/// A configuration that this service can enforce.
pub(in crate::pubsub) fn configuration(
    ctx: &Context<'_>,
    base: &NodeConfig,
    form: &Form,
) -> Result<NodeConfig, Refusal> {
    let config = options::apply(base, form)?;
    if config.purge_offline && config.publish_model == PublishModel::Open {
        // Whose items are in a node is only looked up for those who have to do with it.
        let text = "purge_offline is not available where everybody may publish";
        return Err(Why::InvalidConfiguration.because(text));
    }
    let is_new = config.access_model != base.access_model;
    if is_new && config.access_model.looks_at_rosters() && !can_look(ctx) {
        let model = config.access_model.as_str();
        let text =
            format!("the access model {model} is not available here: it takes a host that shows rosters");
        return Err(Why::UnsupportedAccessModel.because(text));
    }
    Ok(config)
}

/// Whether the roster of the sender, who owns the node, may be read.
fn can_look(ctx: &Context<'_>) -> bool {
    ctx.rosters.may_read(&ctx.service.jid, ctx.from.domain())
}
