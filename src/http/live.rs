//! Live events: whoever listens to a node hears of each change as it is made, and after a pause of what he has missed.
//!
//! One task reads the changes of a node, once for all who listen to it, when the line tells that there are some. Whoever is
//! too slow loses his place, and takes it up again like somebody who comes back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, broadcast};

use crate::limits::{WEB_EVENTS_HELD, WEB_LISTENERS_OF_ONE_MAX};
use crate::pubsub::node::NodeKey;

use super::caller::Caller;

/// An event, written down once for all who hear it.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Its place in the node; an event that is not of an entry has that of the one before.
    pub(super) place: u64,
    pub(super) text: Bytes,
    /// Whether there is nothing to hear after it.
    pub(super) is_last: bool,
}

/// What is to be heard of one node.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) events: broadcast::Sender<Event>,
    /// There may be changes.
    pub(super) news: Notify,
}

/// All who listen.
#[derive(Debug)]
pub(super) struct Live {
    /// How many there may be.
    most: usize,
    listening: Mutex<Listening>,
}

#[derive(Debug, Default)]
struct Listening {
    /// By service, node, and whether in Atom.
    channels: HashMap<Station, Arc<Channel>>,
    /// Which of them a change of a node is news for.
    of_nodes: BTreeMap<NodeKey, Vec<Station>>,
    listeners: usize,
    of_callers: HashMap<Caller, usize>,
}

/// What one listens to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Station {
    pub(super) service: usize,
    pub(super) node: String,
    pub(super) atom: bool,
}

/// A place among those who listen, given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    live: Arc<Live>,
    caller: Option<Caller>,
}

impl Live {
    /// Nobody yet, and never more than so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, listening: Mutex::default() }
    }

    /// A place, unless there are too many, or too many of this caller.
    pub(super) fn seat(self: &Arc<Self>, caller: Option<Caller>) -> Option<Seat> {
        let mut listening = self.listening();
        if listening.listeners >= self.most {
            return None;
        }
        if let Some(caller) = caller {
            let own = listening.of_callers.entry(caller).or_default();
            if *own >= WEB_LISTENERS_OF_ONE_MAX {
                return None;
            }
            *own += 1;
        }
        listening.listeners += 1;
        Some(Seat { live: Arc::clone(self), caller })
    }

    /// Begins to listen. Where nobody did, there is a new channel, whose events somebody has to read.
    pub(super) fn tune(&self, station: &Station) -> (Arc<Channel>, broadcast::Receiver<Event>, bool) {
        let mut listening = self.listening();
        if let Some(channel) = listening.channels.get(station) {
            return (Arc::clone(channel), channel.events.subscribe(), false);
        }
        let (events, receiver) = broadcast::channel(WEB_EVENTS_HELD);
        let channel = Arc::new(Channel { events, news: Notify::new() });
        listening.channels.insert(station.clone(), Arc::clone(&channel));
        (channel, receiver, true)
    }

    /// Changes of these nodes are news for a station.
    pub(super) fn follow(&self, station: &Station, nodes: &[NodeKey]) {
        let mut listening = self.listening();
        listening.forget(station);
        for node in nodes {
            listening.of_nodes.entry(*node).or_default().push(station.clone());
        }
    }

    /// Ends a channel, if nobody listens, or whether or not somebody does; whether it has ended.
    pub(super) fn close(&self, station: &Station, channel: &Channel, anyway: bool) -> bool {
        let mut listening = self.listening();
        // Whoever tunes in does so under the same lock.
        if !anyway && channel.events.receiver_count() > 0 {
            return false;
        }
        listening.channels.remove(station);
        listening.forget(station);
        true
    }

    /// A commit has changed these nodes.
    pub(super) fn changed(&self, nodes: &BTreeSet<NodeKey>) {
        let listening = self.listening();
        if listening.of_nodes.is_empty() {
            return;
        }
        for station in nodes.iter().filter_map(|node| listening.of_nodes.get(node)).flatten() {
            if let Some(channel) = listening.channels.get(station) {
                channel.news.notify_one();
            }
        }
    }

    fn listening(&self) -> MutexGuard<'_, Listening> {
        // Whoever panicked while he had it left at worst a seat taken.
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listening {
    fn forget(&mut self, station: &Station) {
        self.of_nodes.retain(|_, stations| {
            stations.retain(|known| known != station);
            !stations.is_empty()
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut listening = self.live.listening();
        listening.listeners -= 1;
        if let Some(caller) = self.caller
            && let Some(own) = listening.of_callers.get_mut(&caller)
        {
            *own -= 1;
            if *own == 0 {
                listening.of_callers.remove(&caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Live, Station};
    use crate::http::caller::Caller;
    use crate::limits::{WEB_LISTENERS_MAX, WEB_LISTENERS_OF_ONE_MAX};
    use crate::pubsub::node::NodeKey;

    fn station(node: &str) -> Station {
        Station { service: 0, node: node.to_owned(), atom: false }
    }

    #[test]
    fn seats_are_few_and_given_back() {
        let live = Arc::new(Live::new(WEB_LISTENERS_MAX));
        let caller = Caller::at("192.0.2.1");
        let mut seats: Vec<_> = (0..WEB_LISTENERS_OF_ONE_MAX).map(|_| live.seat(caller).unwrap()).collect();
        assert!(live.seat(caller).is_none() && live.seat(Caller::at("192.0.2.2")).is_some());
        seats.pop();
        seats.push(live.seat(caller).unwrap());
        while seats.len() < WEB_LISTENERS_MAX {
            seats.push(live.seat(None).unwrap());
        }
        assert!(live.seat(None).is_none());
        drop(seats);
        assert!(live.seat(caller).is_some());
        assert_eq!(live.listening().of_callers.len(), 0);
    }

    #[test]
    fn a_channel_ends_with_its_last_listener() {
        let live = Live::new(9);
        let (channel, one, is_new) = live.tune(&station("a"));
        let (_, other, is_new_again) = live.tune(&station("a"));
        assert!(is_new && !is_new_again);
        live.follow(&station("a"), &[NodeKey(1), NodeKey(2)]);
        live.follow(&station("a"), &[NodeKey(1)]);
        drop(one);
        assert!(!live.close(&station("a"), &channel, false));
        drop(other);
        assert!(live.close(&station("a"), &channel, false));
        let listening = live.listening();
        assert!(listening.channels.is_empty() && listening.of_nodes.is_empty());
    }
}
