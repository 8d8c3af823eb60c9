//! The keys of callbacks: by node, by when they end, and how many there are of what.

use super::{Key, Span, Table};
use crate::pubsub::hub::{Callback, CallbackKey, Share};
use crate::pubsub::node::NodeKey;
use crate::pubsub::time::Timestamp;

/// A callback.
pub fn callback(key: &CallbackKey) -> Key<Callback> {
    Key::new(Table::Callback).callback(key)
}

/// The callbacks of a node, after one.
pub fn callbacks(node: NodeKey, after: Option<&CallbackKey>) -> Span<Callback> {
    let all = Key::new(Table::Callback).number(node.0).within();
    match after {
        Some(after) => all.after(callback(after)),
        None => all,
    }
}

/// The callbacks of all nodes after one.
pub fn callbacks_after(node: Option<NodeKey>) -> Span<Callback> {
    let mut all = Key::new(Table::Callback).within();
    if let Some(node) = node {
        all.from = Key::<Callback>::new(Table::Callback).number(node.0).within().to;
    }
    all
}

/// When which callback ends.
pub type End = (Timestamp, CallbackKey);

/// A callback by when it ends.
pub fn callback_end(ends: Timestamp, key: &CallbackKey) -> Key<End> {
    Key::new(Table::CallbackEnd).time(ends).callback(key)
}

/// The callbacks that end by now.
pub fn callbacks_ended(now: Timestamp) -> Span<End> {
    let next = Timestamp(now.0.saturating_add(1));
    Key::new(Table::CallbackEnd).within().before(Key::new(Table::CallbackEnd).time(next))
}

/// When which callbacks end.
pub fn all_callbacks_end() -> Span<End> {
    Key::new(Table::CallbackEnd).within()
}

/// How many callbacks there are of something.
pub fn callbacks_counted(of: &Share) -> Key<u64> {
    let key = Key::new(Table::CallbackCount);
    match of {
        Share::All => key.text(""),
        Share::Topic(topic) => key.text("topic").text(topic),
        Share::Host(host) => key.text("host").text(host),
        Share::Caller(caller) => key.text("caller").text(caller),
        Share::TopicAndCaller(topic, caller) => key.text("topic and caller").text(topic).text(caller),
    }
}

/// How many callbacks there are of everything.
pub fn all_callbacks_counted() -> Span<u64> {
    Key::new(Table::CallbackCount).within()
}

impl<T> Key<T> {
    fn callback(self, key: &CallbackKey) -> Self {
        self.number(key.node.0).text(&key.topic).text(&key.url)
    }
}
