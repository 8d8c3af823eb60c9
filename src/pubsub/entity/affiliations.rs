//! Retrieve one's own affiliations — XEP-0060 [#entity-affiliations].
//!
//! Refuses: `item-not-found` for a node that does not exist.
//! Features: `retrieve-affiliations`.

use crate::pubsub::access::find;
use crate::pubsub::affiliation::Affiliation;
use crate::pubsub::{Context, Failure, Response, Tx};

use super::subscriptions::named;

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAffiliations {
    /// Only that with this node.
    pub node: Option<String>,
}

/// Lists the affiliations of the sender, with the names of their nodes.
pub fn own_affiliations(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    request: &OwnAffiliations,
) -> Result<Response, Failure> {
    if let Some(name) = &request.node {
        let (_, affiliation) = find(ctx, tx, name)?;
        let held = (affiliation != Affiliation::None).then(|| (name.clone(), affiliation));
        let list = held.into_iter().collect();
        return Ok(Response::OwnAffiliations { node: Some(name.clone()), list });
    }
    let list = named(ctx, tx, tx.affiliations_of(ctx.from.bare())?)?;
    Ok(Response::OwnAffiliations { node: None, list })
}
