//! How often a feed is fetched: half as often as it has something new, as often as its server likes, and seldom when it
//! does not answer. Chance is an argument.

use crate::limits::{FEED_PACE_SECONDS, FEED_PACE_SECONDS_MAX};
use crate::pubsub::time::Timestamp;

use super::Document;

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
    use super::{next, pace, patience};
    use crate::pubsub::import::{Arrival, Document};
    use crate::pubsub::time::Timestamp;

    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;

    #[test]
    fn a_feed_is_fetched_twice_as_often_as_it_has_news() {
        let feed = |hours: &[i64]| {
            let entry = |hour: &i64| Arrival {
                id: String::new(),
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
    fn failures_make_patient() {
        let hours: Vec<u64> =
            [1, 2, 3, 7, 8, 17, u32::MAX].map(|n| patience(n, 15 * MINUTE) / MINUTE).to_vec();
        assert_eq!(hours, [15, 30, 60, 960, 1440, 1440, 1440]);
    }
}
