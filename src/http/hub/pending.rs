//! Wishes about which callbacks are still to be asked. They are in memory only: whoever gets no answer asks again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits::{HUB_PENDING_MAX, HUB_PENDING_OF_ONE_MAX};
use crate::pubsub::hub::{Wanted, Wish};

/// A wish.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) service: usize,
    pub(super) wish: Wish,
    pub(super) wanted: Wanted,
    /// How often the callback was asked.
    pub(super) asked: u32,
    /// Its number among all wishes; none before it is admitted.
    number: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Wishes>);

#[derive(Debug, Default)]
struct Wishes {
    /// The number of the last wish for each topic and callback: earlier ones do not count any more.
    last: HashMap<(String, String), u64>,
    of_hosts: HashMap<String, usize>,
    of_callers: HashMap<String, usize>,
    new: Vec<Pending>,
    all: usize,
    numbers: u64,
}

impl Pending {
    pub(super) fn new(service: usize, wish: Wish, wanted: Wanted) -> Self {
        Self { service, wish, wanted, asked: 0, number: 0 }
    }

    fn of(&self) -> (String, String) {
        (self.wish.topic.clone(), self.wish.url.clone())
    }
}

impl Waiting {
    /// Takes one more, unless there are too many, or too many at its host or of its caller.
    pub(super) fn admit(&self, pending: Pending) -> bool {
        let mut wishes = self.wishes();
        let (host, caller) = (&pending.wish.host, &pending.wish.caller);
        let of_caller = caller.as_ref().and_then(|caller| wishes.of_callers.get(caller)).copied();
        let of_host = wishes.of_hosts.get(host).copied().unwrap_or_default();
        if wishes.all >= HUB_PENDING_MAX
            || of_host.max(of_caller.unwrap_or_default()) >= HUB_PENDING_OF_ONE_MAX
        {
            return false;
        }
        wishes.all += 1;
        wishes.numbers += 1;
        *wishes.of_hosts.entry(host.clone()).or_default() += 1;
        if let Some(caller) = caller {
            *wishes.of_callers.entry(caller.clone()).or_default() += 1;
        }
        let number = wishes.numbers;
        wishes.last.insert(pending.of(), number);
        wishes.new.push(Pending { number, ..pending });
        true
    }

    /// Those that came since this was called last.
    pub(super) fn take(&self) -> Vec<Pending> {
        std::mem::take(&mut self.wishes().new)
    }

    /// Whether it is still the last word about its callback.
    pub(super) fn counts(&self, pending: &Pending) -> bool {
        self.wishes().last.get(&pending.of()) == Some(&pending.number)
    }

    /// Forgets one.
    pub(super) fn done(&self, pending: &Pending) {
        let mut wishes = self.wishes();
        wishes.all -= 1;
        if wishes.last.get(&pending.of()) == Some(&pending.number) {
            wishes.last.remove(&pending.of());
        }
        let Wishes { of_hosts, of_callers, .. } = &mut *wishes;
        let caller = pending.wish.caller.as_ref();
        let counts = [(of_hosts, Some(&pending.wish.host)), (of_callers, caller)];
        for (counts, of) in counts.into_iter().filter_map(|(counts, of)| Some((counts, of?))) {
            if let Some(count) = counts.get_mut(of) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(of);
                }
            }
        }
    }

    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        // Whoever panicked while he had it left at worst a wish counted.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
