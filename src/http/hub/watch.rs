//! Which nodes have callbacks, and which of them may have changed: commits tell here, rounds ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::pubsub::node::NodeKey;

/// The nodes with callbacks.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<Watched>);

#[derive(Debug, Default)]
struct Watched {
    /// The nodes whose feeds a change of a node may change, or hide.
    of: BTreeMap<NodeKey, BTreeSet<NodeKey>>,
    /// What each of them depends on.
    on: BTreeMap<NodeKey, Vec<NodeKey>>,
    news: BTreeSet<NodeKey>,
}

impl Watch {
    /// A commit has changed these nodes; whether that is news.
    pub(super) fn changed(&self, nodes: &BTreeSet<NodeKey>) -> bool {
        let mut watched = self.watched();
        let Watched { of, news, .. } = &mut *watched;
        news.extend(nodes.iter().filter_map(|node| of.get(node)).flatten());
        !news.is_empty()
    }

    /// A node has callbacks, and depends on these; whether that was not known. Then what has changed between the look and
    /// now was news for nobody.
    pub(super) fn follow(&self, node: NodeKey, relatives: &[NodeKey]) -> bool {
        let mut watched = self.watched();
        if watched.on.get(&node).is_some_and(|known| known == relatives) {
            return false;
        }
        watched.forget(node);
        for on in relatives.iter().chain([&node]) {
            watched.of.entry(*on).or_default().insert(node);
        }
        watched.on.insert(node, relatives.to_vec());
        true
    }

    /// A node has none any more.
    pub(super) fn forget(&self, node: NodeKey) {
        self.watched().forget(node);
    }

    /// The nodes that may have changed since this was asked last.
    pub(super) fn take(&self) -> BTreeSet<NodeKey> {
        std::mem::take(&mut self.watched().news)
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // Nobody panics while he has it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn forget(&mut self, node: NodeKey) {
        for on in self.on.remove(&node).into_iter().flatten().chain([node]) {
            if let Some(of) = self.of.get_mut(&on) {
                of.remove(&node);
                if of.is_empty() {
                    self.of.remove(&on);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use crate::pubsub::node::NodeKey;

    #[test]
    fn only_what_is_watched_is_news() {
        let watch = Watch::default();
        let [node, above, other] = [1, 2, 3].map(NodeKey);
        assert!(!watch.changed(&[node].into()));
        assert!(watch.follow(node, &[above]) && !watch.follow(node, &[above]));
        assert!(watch.changed(&[above, other].into()));
        // As long as nobody has taken it, it is news.
        assert!(watch.changed(&[node].into()));
        assert_eq!((watch.take(), watch.take()), ([node].into(), [].into()));
        assert!(watch.follow(node, &[]));
        assert!(!watch.changed(&[above].into()) && watch.changed(&[node].into()));
        watch.take();
        watch.forget(node);
        assert!(!watch.changed(&[node, above].into()));
        let watched = watch.watched();
        assert!(watched.of.is_empty() && watched.on.is_empty());
    }
}
