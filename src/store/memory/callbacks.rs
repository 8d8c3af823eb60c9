//! Callbacks of the web, in a map.

use super::State;
use crate::pubsub::fault::Fault;
use crate::pubsub::hub::{Callback, CallbackKey, Callbacks, Share};
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;

impl Callbacks for State {
    fn callback(&self, key: &CallbackKey) -> Result<Option<Callback>, Fault> {
        Ok(self.callbacks.get(key).cloned())
    }

    fn callbacks(
        &self,
        node: NodeKey,
        after: Option<&CallbackKey>,
        limit: usize,
    ) -> Result<Vec<Callback>, Fault> {
        let its = self.callbacks.values().filter(|callback| callback.key.node == node);
        let rest = its.filter(|callback| after.is_none_or(|after| callback.key > *after));
        Ok(rest.take(limit).cloned().collect())
    }

    fn callback_after(&self, node: Option<NodeKey>) -> Result<Option<Callback>, Fault> {
        let mut rest = self.callbacks.values();
        Ok(rest.find(|callback| node.is_none_or(|node| callback.key.node > node)).cloned())
    }

    fn callbacks_ended(&self, now: Timestamp, limit: usize) -> Result<Vec<CallbackKey>, Fault> {
        let ended = self.callbacks.values().filter(|callback| callback.ends <= now);
        let mut ended: Vec<_> = ended.map(|callback| (callback.ends, &callback.key)).collect();
        ended.sort();
        Ok(ended.into_iter().take(limit).map(|(_, key)| key.clone()).collect())
    }

    fn callbacks_counted(&self, of: &Share) -> Result<u64, Fault> {
        let has = |callback: &&Callback| callback.shares().any(|share| share == *of);
        Ok(self.callbacks.values().filter(has).count() as u64)
    }

    fn put_callback(&mut self, callback: &Callback) -> Result<(), Fault> {
        self.callbacks.insert(callback.key.clone(), callback.clone());
        Ok(())
    }

    fn remove_callback(&mut self, key: &CallbackKey) -> Result<bool, Fault> {
        Ok(self.callbacks.remove(key).is_some())
    }
}
