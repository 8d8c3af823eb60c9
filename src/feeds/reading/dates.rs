//! Dates, in all the ways in which feeds write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// The ways of ISO 8601 that are not those of RFC 3339; those without a zone are taken to be in UTC.
const ZONED: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%d %H:%M %#z"];
const LOCAL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Zones by their names, in hours from UTC.
const ZONES: [(&str, i32); 22] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("bst", 1),
    ("cet", 1),
    ("west", 1),
    ("cest", 2),
    ("eet", 2),
    ("eest", 3),
    ("msk", 3),
    ("jst", 9),
    ("aest", 10),
];

/// Reads a date.
pub fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let found = DateTime::parse_from_rfc3339(text).ok();
    let found = found.or_else(|| ZONED.iter().find_map(|format| DateTime::parse_from_str(text, format).ok()));
    let found = found.map(|date| date.to_utc()).or_else(|| local(text)).or_else(|| spelled(text));
    // Before there was a web there were no feeds: such a date stands for none.
    found.filter(|date| date.timestamp() > 0)
}

fn local(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let time = LOCAL.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    time.or_else(day).map(|time| time.and_utc())
}

/// `Thu, 26 Nov 2026 10:00:00 +0100` as RFC 822 has it, and what people make of it.
fn spelled(text: &str) -> Option<DateTime<Utc>> {
    let text = text.replace(',', " ");
    let is_weekday = |word: &&str| {
        let start = word.get(..3).unwrap_or_default().to_ascii_lowercase();
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains(&start.as_str())
    };
    let mut words = text.split_whitespace().peekable();
    words.next_if(is_weekday);
    let (first, second, year) = (words.next()?, words.next()?, words.next()?);
    // Either may come first.
    let (day, month) = match month(second) {
        Some(month) => (first, month),
        None => (second, month(first)?),
    };
    let day = day.trim_end_matches(|c: char| !c.is_ascii_digit());
    let date = NaiveDate::from_ymd_opt(full_year(year)?, month, day.parse().ok()?)?;
    let time = words.next().map_or(Some(NaiveTime::MIN), time)?;
    let zone = words.next().map_or(Some(0), zone)?;
    let zone = FixedOffset::east_opt(zone)?;
    date.and_time(time).and_local_timezone(zone).single().map(|date| date.to_utc())
}

fn month(word: &str) -> Option<u32> {
    let start = word.get(..3)?.to_ascii_lowercase();
    (1..).zip(MONTHS).find(|(_, month)| *month == start).map(|(number, _)| number)
}

fn full_year(word: &str) -> Option<i32> {
    let year: i32 = word.parse().ok()?;
    // RFC 2822, 4.3.
    Some(match (word.len(), year) {
        (2, 0..=49) => year + 2000,
        (2 | 3, _) => year + 1900,
        _ => year,
    })
}

fn time(word: &str) -> Option<NaiveTime> {
    let mut parts = word.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    NaiveTime::from_hms_opt(hour % 24, minute, second.min(59))
}

/// Seconds from UTC.
fn zone(word: &str) -> Option<i32> {
    let word = word.to_ascii_lowercase();
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == word) {
        return Some(hours * 3600);
    }
    let sign = match word.chars().next()? {
        '+' => 1,
        '-' => -1,
        // A zone that nobody knows.
        _ => return Some(0),
    };
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i32>().ok()? };
    Some(sign * (hours.parse::<i32>().ok()? * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use chrono::SecondsFormat;

    use super::date;

    #[test]
    fn dates_are_read_however_they_are_written() {
        for (text, expected) in [
            ("2026-11-26T10:00:00Z", "2026-11-26T10:00:00Z"),
            (" 2026-11-26t10:00:00+01:00\n", "2026-11-26T09:00:00Z"),
            ("2026-11-26T10:00:00.25-0500", "2026-11-26T15:00:00Z"),
            ("2026-11-26T10:00Z", "2026-11-26T10:00:00Z"),
            ("2026-11-26T10:00:00", "2026-11-26T10:00:00Z"),
            ("2026-11-26 10:00:00", "2026-11-26T10:00:00Z"),
            ("2026-11-26 10:00:00 +0100", "2026-11-26T09:00:00Z"),
            ("2026-11-26", "2026-11-26T00:00:00Z"),
            ("Thu, 26 Nov 2026 10:00:00 GMT", "2026-11-26T10:00:00Z"),
            ("Thu, 26 Nov 2026 10:00:00 +0130", "2026-11-26T08:30:00Z"),
            ("Thursday, 26 November 2026 10:00 EST", "2026-11-26T15:00:00Z"),
            ("Mon, 26 Nov 2026 10:00:00 GMT", "2026-11-26T10:00:00Z"),
            ("26 Nov 26 1:02 PDT", "2026-11-26T08:02:00Z"),
            ("26 Nov 99 01:02:03 Z", "1999-11-26T01:02:03Z"),
            ("Nov 26, 2026 10:00:00 CEST", "2026-11-26T08:00:00Z"),
            ("26th Nov 2026", "2026-11-26T00:00:00Z"),
            ("Thu, 26 Nov 2026 24:00:00 GMT", "2026-11-26T00:00:00Z"),
            ("Thu, 26 Nov 2026 10:00:60 +01:00", "2026-11-26T09:00:59Z"),
            ("Thu, 26 Nov 2026 10:00:00 Martian", "2026-11-26T10:00:00Z"),
        ] {
            let date = date(text).map(|date| date.to_rfc3339_opts(SecondsFormat::Secs, true));
            assert_eq!(date.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "0000-00-00T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "31 Feb 2026 10:00",
            "1 2 3",
            "Thu, 26 Nov 2026 1000",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
