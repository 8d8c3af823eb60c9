//! When a feed in XML wants to be left alone: how often it has news (`sy:updatePeriod`), and the hours and days on which
//! it has none (`skipHours`, `skipDays`). That it has a `ttl` is read elsewhere.

use crate::pubsub::import::Skips;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Seconds to wait at least, and when not to come, as far as that is said before the first entry.
pub(super) fn rest(xml: &str) -> (u64, Skips) {
    let (mut period, mut times, mut skips) = (None, None, Skips::default());
    let mut around = "";
    for tag in xml.split('<').skip(1) {
        let Some((tag, text)) = tag.split_once('>') else { continue };
        let name = tag.split_whitespace().next().unwrap_or_default().trim_end_matches('/');
        let (local, text) = (name.split_once(':').map_or(name, |(_, local)| local), text.trim());
        if name.starts_with('/') {
            // Hours and days are in nothing but the two.
            around = if matches!(name, "/hour" | "/day") { around } else { "" };
            continue;
        }
        match (around, local) {
            (_, "item" | "entry") => break,
            (_, "skipHours" | "skipDays") => around = local,
            ("skipHours", "hour") => skips.hours |= text.parse().map_or(0, |hour: u32| 1 << (hour % 24)),
            ("skipDays", "day") => {
                let day = DAYS.iter().position(|day| text.eq_ignore_ascii_case(day));
                skips.days |= day.map_or(0, |day| 1 << day);
            }
            ("", "updatePeriod") => period = seconds(text),
            ("", "updateFrequency") => times = text.parse().ok().filter(|times| *times > 0),
            _ => {}
        }
    }
    // Whoever says one of the two means one time, or a day.
    let is_said = period.is_some() || times.is_some();
    (if is_said { period.unwrap_or(DAY) / times.unwrap_or(1) } else { 0 }, skips)
}

fn seconds(period: &str) -> Option<u64> {
    match period.to_ascii_lowercase().as_str() {
        "hourly" => Some(60 * MINUTE),
        "daily" => Some(DAY),
        "weekly" => Some(7 * DAY),
        "monthly" => Some(30 * DAY),
        "yearly" => Some(365 * DAY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::rest;
    use crate::pubsub::import::Skips;

    #[test]
    fn feeds_say_when_they_have_no_news() {
        let none = Skips::default();
        for (channel, expected) in [
            ("", (0, none)),
            (
                "<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>",
                (3600, none),
            ),
            (
                "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency> 4 </sy:updateFrequency>",
                (21_600, none),
            ),
            ("<x:updateFrequency xmlns:x='y'>24</x:updateFrequency>", (3600, none)),
            (
                "<sy:updatePeriod>Weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
                (604_800, none),
            ),
            ("<sy:updatePeriod>now and then</sy:updatePeriod>", (0, none)),
            ("<item/><sy:updatePeriod>daily</sy:updatePeriod>", (0, none)),
            ("<hour>5</hour><day>Sunday</day>", (0, none)),
            (
                "<skipHours><hour>0</hour><hour>23</hour><hour>24</hour><hour>x</hour></skipHours><hour>5</hour>",
                (0, Skips { hours: 1 | 1 << 23, days: 0 }),
            ),
            (
                "<skipDays><day>Saturday</day><day>sunday</day><day>Someday</day></skipDays>",
                (0, Skips { hours: 0, days: 1 | 1 << 6 }),
            ),
        ] {
            let xml = format!("<rss version='2.0'><channel><title>x</title>{channel}</channel></rss>");
            assert_eq!(rest(&xml), expected, "{channel}");
        }
    }
}
