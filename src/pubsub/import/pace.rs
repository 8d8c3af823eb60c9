//! How often a feed is fetched: half as often as it has something new, as often as its server likes, and seldom when it
//! does not answer. Chance is an argument.

use serde::{Deserialize, Serialize};

use crate::limits::{FEED_PACE_SECONDS, FEED_PACE_SECONDS_MAX};
use crate::pubsub::time::Timestamp;

use super::Document;

/// Seconds of an hour, and hours of a week.
const HOUR: u64 = 60 * 60;
const WEEK: u64 = 7 * 24;

/// The hours, from 0 on, and the days, from Sunday on, on which a feed has no news: a bit for each, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skips {
    /// The hours.
    pub hours: u32,
    /// The days.
    pub days: u8,
}

impl Skips {
    fn has(self, time: Timestamp) -> bool {
        let hour = time.0.div_euclid(3_600_000);
        // The first of all days was a Thursday.
        let day = (hour.div_euclid(24) + 4).rem_euclid(7);
        self.hours >> hour.rem_euclid(24) & 1 == 1 || self.days >> day & 1 == 1
    }

    /// The same time, or the first a number of hours later that is not skipped. Whoever is never to be asked is asked.
    pub(super) fn after(self, time: Timestamp) -> Timestamp {
        let mut hours = (0..WEEK).map(|hours| time.plus_seconds(hours * HOUR));
        hours.find(|later| !self.has(*later)).unwrap_or(time)
    }
}

/// Half the median of the seconds between entries.
pub(super) fn pace(document: &Document) -> u64 {
    let dates: Vec<Timestamp> = document.entries.iter().filter_map(|entry| entry.date).collect();
    let pairs = dates.iter().zip(dates.iter().skip(1));
    let mut gaps: Vec<u64> = pairs.map(|(one, next)| one.0.abs_diff(next.0) / 1000).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map_or(FEED_PACE_SECONDS, |gap| gap / 2)
}

/// When to come back after so many seconds, `least` at least.
pub(super) fn next(now: Timestamp, seconds: u64, least: u64, chance: u16) -> Timestamp {
    let seconds = seconds.max(least).min(FEED_PACE_SECONDS_MAX);
    // Up to a tenth more, so that those that were fetched together are not for ever.
    now.plus_seconds(seconds + seconds / 10 * u64::from(chance) / u64::from(u16::MAX))
}

/// Seconds to wait after so many failures in a row.
pub(super) fn patience(failures: u32, least: u64) -> u64 {
    let times = 1_u64 << failures.saturating_sub(1).min(20);
    least.max(1).saturating_mul(times).min(FEED_PACE_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::{Skips, next, pace, patience};
    use crate::pubsub::import::{Arrival, Document};
    use crate::pubsub::time::Timestamp;

    const MINUTE: u64 = 60;
    const HOUR: u64 = super::HOUR;

    #[test]
    fn a_feed_is_fetched_twice_as_often_as_it_has_news() {
        let feed = |hours: &[i64]| {
            let entry = |hour: &i64| Arrival {
                id: String::new(),
                source: String::new(),
                xml: String::new(),
                brief: None,
                date: Some(Timestamp(hour * 3_600_000)),
                print: 0,
            };
            Document { entries: hours.iter().map(entry).collect(), ..Document::default() }
        };
        for (hours, expected) in [
            (&[][..], HOUR),
            (&[5], HOUR),
            (&[0, 4, 8, 12], 2 * HOUR),
            (&[0, 1, 2, 30], 30 * MINUTE),
            (&[0, 0, 0], 0),
            (&[0, 1000, 2000], 500 * HOUR),
        ] {
            assert_eq!(pace(&feed(hours)), expected, "{hours:?}");
        }
    }

    #[test]
    fn nobody_is_asked_too_often_or_forgotten() {
        let after = |seconds, chance| next(Timestamp(0), seconds, 15 * MINUTE, chance).0 / 1000;
        assert_eq!(after(HOUR, 0), 3600);
        assert_eq!(after(u64::MAX, 0), 86_400);
        assert_eq!(after(0, 0), 900);
        assert_eq!(after(HOUR, u16::MAX), 3960);
    }

    #[test]
    fn some_hours_and_days_are_left_out() {
        let night = Skips { hours: 0b1111_1111, days: 0 };
        let weekend = Skips { hours: 0, days: 0b100_0001 };
        let both = Skips { hours: night.hours, days: weekend.days };
        for (skips, time, expected) in [
            (Skips::default(), "2026-11-27T03:15:00Z", "2026-11-27T03:15:00Z"),
            (night, "2026-11-27T03:15:00Z", "2026-11-27T08:15:00Z"),
            (night, "2026-11-27T23:59:59Z", "2026-11-27T23:59:59Z"),
            // A Friday and a Saturday.
            (weekend, "2026-11-27T23:59:59Z", "2026-11-27T23:59:59Z"),
            (weekend, "2026-11-28T00:00:00Z", "2026-11-30T00:00:00Z"),
            (both, "2026-11-28T12:30:00Z", "2026-11-30T08:30:00Z"),
            (Skips { hours: u32::MAX, days: 0 }, "2026-11-28T12:30:00Z", "2026-11-28T12:30:00Z"),
            (Skips { hours: 0, days: u8::MAX }, "2026-11-28T12:30:00Z", "2026-11-28T12:30:00Z"),
        ] {
            let found = skips.after(Timestamp::parse(time).unwrap());
            assert_eq!(found, Timestamp::parse(expected).unwrap(), "{skips:?} {time}");
        }
    }

    #[test]
    fn failures_make_patient() {
        let hours: Vec<u64> =
            [1, 2, 3, 7, 8, 17, u32::MAX].map(|n| patience(n, 15 * MINUTE) / MINUTE).to_vec();
        assert_eq!(hours, [15, 30, 60, 960, 1440, 1440, 1440]);
    }
}
