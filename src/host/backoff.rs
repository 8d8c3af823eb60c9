//! When to connect again, and when to say again that it did not work. Pure: time and chance come in as arguments.

use std::time::{Duration, Instant};

use super::Timeouts;

/// How long to wait before the next attempt: full jitter under a cap that doubles.
///
/// Full jitter spreads the components of one host evenly after it restarts.
#[derive(Clone, Debug)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    refused: Duration,
    attempts: u32,
}

/// What the last attempt says about the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It may well work in a moment.
    Soon,
    /// Someone has to change something first.
    Slow,
}

impl Backoff {
    /// Starts with short pauses.
    pub fn new(timeouts: &Timeouts) -> Self {
        Self {
            min: timeouts.retry_min,
            max: timeouts.retry_max,
            refused: timeouts.retry_refused,
            attempts: 0,
        }
    }

    /// The pause before the next attempt; `chance` is anywhere from 0 to 1.
    pub fn pause(&mut self, pace: Pace, chance: f64) -> Duration {
        let doubled = self.min.saturating_mul(1 << self.attempts.min(20));
        self.attempts = self.attempts.saturating_add(1);
        let jittered = doubled.min(self.max).mul_f64(chance.clamp(0.0, 1.0));
        match pace {
            Pace::Soon => jittered,
            Pace::Slow => (self.refused + jittered).min(self.max.max(self.refused)),
        }
    }

    /// A connection lasted this long. Only one that held for a while makes the next pause short: two components
    /// that keep throwing each other out would otherwise do so at full speed.
    pub fn held(&mut self, lasted: Duration) {
        if lasted >= self.refused {
            self.attempts = 0;
        }
    }
}

/// Says a complaint when it is new, and again only now and then.
#[derive(Clone, Debug)]
pub struct Repeat {
    every: Duration,
    last: Option<(String, Instant)>,
}

impl Repeat {
    /// Says the same thing at most once per `every`.
    pub fn new(every: Duration) -> Self {
        Self { every, last: None }
    }

    /// Whether `line` is to be said now.
    pub fn is_due(&mut self, line: &str, now: Instant) -> bool {
        let is_known = self
            .last
            .as_ref()
            .is_some_and(|(last, said)| last == line && now.duration_since(*said) < self.every);
        if !is_known {
            self.last = Some((line.to_owned(), now));
        }
        !is_known
    }

    /// It works now, so the next complaint is news.
    pub fn clear(&mut self) {
        self.last = None;
    }
}
