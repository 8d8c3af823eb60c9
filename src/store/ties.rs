//! Which nodes are tied to which, kept beside the nodes.

use super::keys;
use super::kv::Order;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::tx::Tx;

impl KvTx<'_> {
    pub(super) fn tied_nodes(
        &self,
        key: NodeKey,
        item: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Node>, Fault> {
        let span = match item {
            Some(item) => keys::tied_to_item(key, item),
            None => keys::tied_to_node(key),
        };
        let found = self.page(&span, Order::Ascending, limit)?;
        found.into_iter().filter_map(|key| self.node_by_key(key).transpose()).collect()
    }

    pub(super) fn put_ties(&mut self, node: &Node) -> Result<(), Fault> {
        node.ties.iter().try_for_each(|tie| self.put(&keys::tied(tie, node.key), &node.key))
    }

    pub(super) fn remove_ties(&mut self, node: &Node) {
        for tie in &node.ties {
            self.remove(&keys::tied(tie, node.key));
        }
    }
}
