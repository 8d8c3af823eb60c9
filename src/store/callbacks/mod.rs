//! Callbacks of the web in records: each by its node and by when it ends, and how many there are of what.

mod verify;

pub(super) use verify::walk;

use super::keys;
use super::kv::Order;
use super::tx::KvTx;
use crate::pubsub::fault::Fault;
use crate::pubsub::hub::{Callback, CallbackKey, Callbacks, Share};
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;

impl Callbacks for KvTx<'_> {
    fn callback(&self, key: &CallbackKey) -> Result<Option<Callback>, Fault> {
        self.get(&keys::callback(key))
    }

    fn callbacks(
        &self,
        node: NodeKey,
        after: Option<&CallbackKey>,
        limit: usize,
    ) -> Result<Vec<Callback>, Fault> {
        self.page(&keys::callbacks(node, after), Order::Ascending, limit)
    }

    fn callback_after(&self, node: Option<NodeKey>) -> Result<Option<Callback>, Fault> {
        Ok(self.page(&keys::callbacks_after(node), Order::Ascending, 1)?.pop())
    }

    fn callbacks_ended(&self, now: Timestamp, limit: usize) -> Result<Vec<CallbackKey>, Fault> {
        let ended = self.page(&keys::callbacks_ended(now), Order::Ascending, limit)?;
        Ok(ended.into_iter().map(|(_, key)| key).collect())
    }

    fn callbacks_counted(&self, of: &Share) -> Result<u64, Fault> {
        Ok(self.get(&keys::callbacks_counted(of))?.unwrap_or_default())
    }

    fn put_callback(&mut self, callback: &Callback) -> Result<(), Fault> {
        let old = self.callback(&callback.key)?;
        // Most have only been told something.
        let is_listed =
            old.is_some_and(|old| old.ends == callback.ends && old.shares().eq(callback.shares()));
        if !is_listed {
            self.remove_callback(&callback.key)?;
            for share in callback.shares() {
                let counted = self.callbacks_counted(&share)?;
                self.put(&keys::callbacks_counted(&share), &(counted + 1))?;
            }
            let end = (callback.ends, callback.key.clone());
            self.put(&keys::callback_end(callback.ends, &callback.key), &end)?;
        }
        self.put(&keys::callback(&callback.key), callback)
    }

    fn remove_callback(&mut self, key: &CallbackKey) -> Result<bool, Fault> {
        let Some(old) = self.callback(key)? else { return Ok(false) };
        for share in old.shares() {
            match self.callbacks_counted(&share)?.saturating_sub(1) {
                0 => self.remove(&keys::callbacks_counted(&share)),
                left => self.put(&keys::callbacks_counted(&share), &left)?,
            }
        }
        self.remove(&keys::callback_end(old.ends, key));
        self.remove(&keys::callback(key));
        Ok(true)
    }
}
