//! Feeds that the configuration names: what it does not name any more ends.

use crate::pubsub::{Context, Fault, Tx};

use super::address;
use super::remove::end;

/// Ends all imports at a service that the configuration wanted and wants no more; what it wants are URLs and names of
/// nodes.
pub fn end_others(ctx: &Context<'_>, tx: &mut dyn Tx, wanted: &[(String, String)]) -> Result<(), Fault> {
    for import in tx.imports_by(None, usize::MAX)? {
        let Some(node) = tx.node_by_key(import.node)?.filter(|node| node.id.service == ctx.service.jid)
        else {
            continue;
        };
        let is_this = |(url, name): &(String, String)| {
            *name == node.id.name && address::read(url).is_ok_and(|url| url.as_str() == import.url)
        };
        if !wanted.iter().any(is_this) {
            end(tx, import.node, &import.url)?;
        }
    }
    Ok(())
}
