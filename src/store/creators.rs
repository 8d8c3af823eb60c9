//! How many nodes each entity has created, kept beside the nodes.

use super::keys;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::Node;

impl KvTx<'_> {
    pub(super) fn created_by(&self, service: &str, creator: &str) -> Result<u64, Fault> {
        Ok(self.get(&keys::created(service, creator))?.unwrap_or_default())
    }

    /// Counts a node that is stored in place of another, or of none.
    pub(super) fn count_node(&mut self, old: Option<&Node>, new: Option<&Node>) -> Result<(), Fault> {
        let creator = |node: &Node| (node.id.service.clone(), node.creator.bare().to_owned());
        let (old, new) = (old.map(creator), new.map(creator));
        if old == new {
            return Ok(());
        }
        if let Some((service, creator)) = old {
            let key = keys::created(&service, &creator);
            match self.created_by(&service, &creator)?.saturating_sub(1) {
                0 => self.remove(&key),
                left => self.put(&key, &left)?,
            }
        }
        if let Some((service, creator)) = new {
            let more = self.created_by(&service, &creator)? + 1;
            self.put(&keys::created(&service, &creator), &more)?;
        }
        Ok(())
    }
}
