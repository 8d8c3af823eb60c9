//! Create a node — XEP-0060 [#owner-create].
//!
//! Refuses: `forbidden` (also of a reserved name), `conflict`, `not-acceptable + nodeid-required` (never: an instant node is made),
//! `not-acceptable + unsupported-access-model`, `not-allowed + invalid-option` (a relation that cannot be),
//! `not-acceptable` (other invalid configuration), `not-allowed + max-nodes-exceeded`.
//! Features: `create-nodes`, `create-and-configure`, `instant-nodes`. Comments nodes can be created by anybody, unless the
//! service's policy is another.

use crate::limits::{COMMENTS_CREATED_MAX, NODE_NAME_BYTES_MAX};
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::config::{NodeConfig, PublishModel};
use crate::pubsub::form::Form;
use crate::pubsub::node::Node;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{
    Context, Failure, Response, Tx, comments, options, probe, profile, relations, removal, reserved,
};

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
    let name = request.node.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| ctx.ids.next());
    if !ctx.may_create(&name) {
        let text = format!("{} may not create nodes on this service", ctx.from.bare());
        return Err(Why::Forbidden.because(text).into());
    }
    let form = request.configure.as_ref().filter(|form| !form.cancelled);
    let config = initial(ctx, &name, form)?;
    if probe::is_created(&name, &config) && tx.node(&ctx.node_id(&name))?.is_none() {
        return Ok(Response::Created { node: name });
    }
    let node = make(ctx, tx, &name, config)?;
    Ok(Response::Created { node: node.id.name })
}

/// Makes a node that the sender, who may, owns.
pub(in crate::pubsub) fn make(
    ctx: &Context<'_>,
    tx: &mut dyn Tx,
    name: &str,
    mut config: NodeConfig,
) -> Result<Node, Failure> {
    if reserved::is_of_discovery(name) {
        let text = format!("{name:?} is the name of something else in service discovery");
        return Err(Why::Forbidden.because(text).into());
    }
    if name.len() > NODE_NAME_BYTES_MAX {
        let text = format!("a NodeID has at most {NODE_NAME_BYTES_MAX} bytes");
        return Err(Why::NotAcceptable.because(text).into());
    }
    let id = ctx.node_id(name);
    if removal::make_way(tx, &id)?.is_some() {
        return Err(Why::NodeExists.because(format!("there is a node {:?} already", id.name)).into());
    }
    bound(ctx, tx, name)?;
    let creator = ctx.from.to_bare();
    let mut ties = relations::of_new(ctx, tx, &mut config)?;
    if ties.is_empty() {
        ties = comments::ties_of_new(tx, &id, &creator, ctx.now)?;
    }
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

/// Refuses whoever has filled the service with comments nodes, which need no permission.
fn bound(ctx: &Context<'_>, tx: &dyn Tx, name: &str) -> Result<(), Failure> {
    if !profile::is_comments(name) || ctx.is_admin() {
        return Ok(());
    }
    if tx.nodes_created(&ctx.service.jid, ctx.from.bare())? < COMMENTS_CREATED_MAX {
        return Ok(());
    }
    let text =
        format!("you have created {COMMENTS_CREATED_MAX} nodes: delete some that nobody needs any more");
    Err(Why::MaxNodesExceeded.because(text).into())
}

/// The configuration of a new node, as its creator wants it and this service can enforce it.
pub(in crate::pubsub) fn initial(
    ctx: &Context<'_>,
    name: &str,
    form: Option<&Form>,
) -> Result<NodeConfig, Refusal> {
    enforceable(ctx, &NodeConfig::default(), profile::initial(name, form)?)
}

/// A new configuration of a node, as its owner wants it and this service can enforce it.
pub(super) fn changed(ctx: &Context<'_>, node: &Node, form: &Form) -> Result<NodeConfig, Refusal> {
    let mut config = options::apply(&node.config, form)?;
    profile::insist(&node.id.name, &mut config);
    enforceable(ctx, &node.config, config)
}

fn enforceable(ctx: &Context<'_>, base: &NodeConfig, config: NodeConfig) -> Result<NodeConfig, Refusal> {
    if config.purge_offline && config.publish_model == PublishModel::Open {
        // Whose items are in a node is only looked up for those who have to do with it.
        let text = "purge_offline is not available where everybody may publish";
        return Err(Why::InvalidConfiguration.because(text));
    }
    let is_new = config.access_model != base.access_model;
    if is_new && config.access_model.looks_at_rosters() && !can_look(ctx) {
        let model = config.access_model.as_str();
        let text = format!(
            "the access model {model} is not available here, as the host shows no rosters: choose another"
        );
        return Err(Why::UnsupportedAccessModel.because(text));
    }
    Ok(config)
}

/// Whether the roster of the sender, who owns the node, may be read.
fn can_look(ctx: &Context<'_>) -> bool {
    ctx.rosters.may_read(&ctx.service.jid, ctx.from.domain())
}
