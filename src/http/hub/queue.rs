//! What waits for its turn at a host. However much waits for one, nobody waits for it at another.

use std::collections::{BTreeMap, VecDeque};

use crate::limits::{HUB_AT_ONCE_PER_HOST, HUB_WAITING_OF_HOST_MAX};

/// A queue for each host.
#[derive(Debug)]
pub(super) struct Queue<T> {
    hosts: BTreeMap<String, VecDeque<T>>,
    /// The hosts for which something waits, in the order in which they have their turns.
    order: VecDeque<String>,
    /// How much is under way at which.
    busy: BTreeMap<String, usize>,
    waiting: usize,
    under_way: usize,
    at_once: usize,
}

impl<T> Queue<T> {
    /// An empty one, from which so many may be under way at once.
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            hosts: BTreeMap::new(),
            order: VecDeque::new(),
            busy: BTreeMap::new(),
            waiting: 0,
            under_way: 0,
            at_once,
        }
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether one more may wait for a host.
    pub(super) fn has_room(&self, host: &str) -> bool {
        self.hosts.get(host).is_none_or(|queue| queue.len() < HUB_WAITING_OF_HOST_MAX)
    }

    /// Puts one behind the others of its host.
    pub(super) fn put(&mut self, host: &str, one: T) {
        let queue = self.hosts.entry(host.to_owned()).or_default();
        if queue.is_empty() {
            self.order.push_back(host.to_owned());
        }
        queue.push_back(one);
        self.waiting += 1;
    }

    /// The next that may go; it is under way until that is said to be over.
    pub(super) fn take(&mut self) -> Option<(String, T)> {
        if self.under_way >= self.at_once {
            return None;
        }
        let is_free = |host: &String| self.busy.get(host).is_none_or(|busy| *busy < HUB_AT_ONCE_PER_HOST);
        let at = self.order.iter().position(is_free)?;
        let host = self.order.remove(at)?;
        let queue = self.hosts.get_mut(&host)?;
        let one = queue.pop_front()?;
        if queue.is_empty() {
            self.hosts.remove(&host);
        } else {
            self.order.push_back(host.clone());
        }
        self.waiting -= 1;
        self.under_way += 1;
        *self.busy.entry(host.clone()).or_default() += 1;
        Some((host, one))
    }

    /// One that was under way at this host is not any more.
    pub(super) fn over(&mut self, host: &str) {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(busy) = self.busy.get_mut(host) {
            *busy -= 1;
            if *busy == 0 {
                self.busy.remove(host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    fn taken(queue: &mut Queue<u32>) -> Vec<(String, u32)> {
        std::iter::from_fn(|| queue.take()).collect()
    }

    #[test]
    fn a_busy_host_keeps_nobody_from_another() {
        let mut queue = Queue::new(4);
        for one in 0..9 {
            queue.put("slow", one);
        }
        queue.put("a", 10);
        queue.put("b", 20);
        let hosts = |taken: &[(String, u32)]| {
            taken.iter().map(|(host, one)| format!("{host}{one}")).collect::<Vec<_>>()
        };
        assert_eq!(hosts(&taken(&mut queue)), ["slow0", "a10", "b20", "slow1"]);
        queue.over("a");
        assert_eq!(queue.take(), None);
        queue.put("a", 11);
        assert_eq!(hosts(&taken(&mut queue)), ["a11"]);
        for _ in 0..2 {
            queue.over("slow");
        }
        assert_eq!(hosts(&taken(&mut queue)), ["slow2", "slow3"]);
        assert_eq!(queue.waiting(), 5);
    }

    #[test]
    fn nothing_is_left_of_what_is_over() {
        let mut queue = Queue::new(9);
        for host in ["a", "b", "c"] {
            queue.put(host, 1);
        }
        for (host, _) in taken(&mut queue) {
            queue.over(&host);
        }
        assert!(queue.hosts.is_empty() && queue.order.is_empty() && queue.busy.is_empty());
        assert_eq!((queue.waiting, queue.under_way), (0, 0));
    }
}
