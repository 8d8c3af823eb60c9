//! Points in time, as data: the engine never asks a clock.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The XEP-0082 DateTime in UTC, with milliseconds only where there are some.
    pub fn to_rfc3339(self) -> String {
        self.date().to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// Reads an RFC 3339 DateTime.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text.trim()).ok().map(|date| Self(date.timestamp_millis()))
    }

    /// Later by so many seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000)))
    }

    /// The same for those who know of dates only.
    pub(super) fn date(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}
