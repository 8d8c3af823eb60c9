//! So many users, each of whom asks again as soon as he is answered, for a while; how often, and how long each waits.

use std::time::{Duration, Instant};

use crate::host::{Heard, Host};
use crate::plan::Plan;

/// What came of a flow.
pub(crate) struct Flow {
    /// Answers a second: the median of three stretches.
    pub(crate) rate: f64,
    /// How long answers took, sorted.
    waits: Vec<Duration>,
    /// Answers in all, warm-up included.
    pub(crate) answers: u64,
}

/// A user's requests: appends the next one of the user with this number, under this id.
pub(crate) trait Ask: FnMut(&mut Vec<u8>, usize, &str) {}
impl<F: FnMut(&mut Vec<u8>, usize, &str)> Ask for F {}

impl Flow {
    /// Lets so many users ask, first to warm up, then for as long as the plan says.
    pub(crate) fn run(host: &mut Host, users: usize, plan: &Plan, mut ask: impl Ask) -> Self {
        let start = Instant::now() + plan.warm_up();
        let end = start + plan.stretch() * 3;
        let mut arrivals = Vec::new();
        let mut asked = vec![Instant::now(); users];
        let (mut out, mut answers, mut under_way) = (Vec::new(), 0, users);
        for (user, asked) in asked.iter_mut().enumerate() {
            ask(&mut out, user, &format!("{user}"));
            *asked = Instant::now();
        }
        while under_way > 0 {
            host.send(&out);
            out.clear();
            host.hear(|heard| {
                let Heard::Answer(id, _) = heard else { return };
                let (now, user) = (Instant::now(), id.parse::<usize>().unwrap());
                answers += 1;
                if now >= start && now < end {
                    arrivals.push((now, now - asked[user]));
                }
                if now < end {
                    ask(&mut out, user, id);
                    asked[user] = now;
                } else {
                    under_way -= 1;
                }
            });
        }
        Self::of(start, plan.stretch(), &arrivals, answers)
    }

    fn of(start: Instant, stretch: Duration, arrivals: &[(Instant, Duration)], answers: u64) -> Self {
        let rates = [0, 1, 2].map(|part| {
            let from = start + stretch * part;
            let within = arrivals.iter().filter(|(at, _)| *at >= from && *at < from + stretch);
            within.count() as f64 / stretch.as_secs_f64()
        });
        let mut waits: Vec<Duration> = arrivals.iter().map(|(_, wait)| *wait).collect();
        waits.sort();
        Self { rate: median(rates.to_vec()), waits, answers }
    }

    /// How long the answer took that took longer than this share of all.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        percentile(&self.waits, share)
    }
}

/// What is usual.
pub(crate) fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// The value that is above this share of all; they have to be sorted.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// So many requests, as many as a link carries in flight, as fast as they are answered.
pub(crate) fn fill(host: &mut Host, count: usize, mut payload: impl FnMut(&mut Vec<u8>, usize, &str)) {
    const IN_FLIGHT: usize = 256;
    let (mut out, mut asked, mut answered) = (Vec::new(), 0, 0);
    while answered < count {
        while asked < count && asked - answered < IN_FLIGHT {
            payload(&mut out, asked, "fill");
            asked += 1;
        }
        host.send(&out);
        out.clear();
        host.hear(|heard| answered += usize::from(matches!(heard, Heard::Answer(..))));
    }
}
