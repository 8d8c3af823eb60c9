//! How often somebody has asked, and whether too often.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::limits::WEB_CALLERS_MAX;

/// How often each has asked.
pub(super) struct Pace<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    next_sweep: Mutex<Instant>,
    /// Who stands for those that are too many to tell apart: they share.
    others: K,
}

impl<K: Hash + Eq + Clone> Pace<K> {
    /// One that each may ask so often, and so many times at once.
    pub(super) fn new(every: Duration, at_once: u32, others: K) -> Self {
        let at_once = NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN);
        let second = Quota::per_second(NonZeroU32::MIN);
        let quota = Quota::with_period(every).unwrap_or(second).allow_burst(at_once);
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            next_sweep: Mutex::new(Instant::now()),
            others,
        }
    }

    /// Counts one more; how long to wait where it is one too many.
    pub(super) fn count(&self, who: K) -> Result<(), Duration> {
        let is_crowded = self.limiter.len() >= WEB_CALLERS_MAX && !self.sweep();
        let who = if is_crowded { self.others.clone() } else { who };
        self.limiter.check_key(&who).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    /// Forgets those who have not asked for long, once a second; whether there is room.
    fn sweep(&self) -> bool {
        let Ok(mut next) = self.next_sweep.lock() else { return false };
        if *next > Instant::now() {
            return false;
        }
        *next = Instant::now() + Duration::from_secs(1);
        self.limiter.retain_recent();
        self.limiter.len() < WEB_CALLERS_MAX
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Pace<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("known", &self.limiter.len()).finish_non_exhaustive()
    }
}
