//! Moments and business days. Nobody here reads a clock: `now` is always an argument.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Where the time comes from: an argument, so that a simulated run can be replayed.
pub trait Clock: Send + Sync {
    /// The register's own idea of now. Advisory: the server's time decides who was first.
    fn now(&self) -> Timestamp;
}

/// A moment in UTC, in whole milliseconds since 1970.
///
/// Its one spelling, in JSON and in digests, has exactly three decimals: `2026-11-22T14:02:13.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// Text that is not a moment in UTC with exactly three decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a UTC time like 2026-11-22T14:02:13.000Z")]
pub struct InvalidTime(pub String);

impl Timestamp {
    /// The earliest moment that has a spelling of four-digit years: 0001-01-01.
    pub const MIN_MS: i64 = -62_135_596_800_000;
    /// The last one: 9999-12-31T23:59:59.999Z.
    pub const MAX_MS: i64 = 253_402_300_799_999;

    /// A moment from milliseconds since 1970, brought within the years 1 to 9999.
    pub const fn from_ms(ms: i64) -> Self {
        if ms < Self::MIN_MS {
            Self(Self::MIN_MS)
        } else if ms > Self::MAX_MS {
            Self(Self::MAX_MS)
        } else {
            Self(ms)
        }
    }

    /// Milliseconds since 1970.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This moment moved by `ms` milliseconds.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when it is later.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The same moment as chrono's type.
    pub fn to_utc(self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0)
            .single()
            .unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidTime(text.to_owned());
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| invalid())?;
        let at = Self::from_ms(parsed.timestamp_millis());
        // One moment, one spelling: what is read and written again has the same digest.
        if at.to_string() == text {
            Ok(at)
        } else {
            Err(invalid())
        }
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

/// The trading day that a sale belongs to, `2026-11-22`. A bar's Saturday ends at 04:00 on Sunday.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDay(String);

impl BusinessDay {
    /// The day as `YYYY-MM-DD`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BusinessDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a store's days begin: its time zone and the hour at which a new business day starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRule {
    zone: Tz,
    start: NaiveTime,
}

/// A time zone or a start of day that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDayRule {
    /// Not a name of the IANA time zone database.
    #[error("“{0}” is not a time zone; write one like Europe/Berlin")]
    Zone(String),
    /// Not `HH:MM`.
    #[error("“{0}” is not a time of day; write one like 04:00")]
    Start(String),
}

impl DayRule {
    /// Parses an IANA zone (`Europe/Berlin`) and a start of day (`04:00`).
    pub fn new(zone: &str, start: &str) -> Result<Self, InvalidDayRule> {
        let zone = zone
            .parse()
            .map_err(|_| InvalidDayRule::Zone(zone.to_owned()))?;
        let start = NaiveTime::parse_from_str(start, "%H:%M")
            .map_err(|_| InvalidDayRule::Start(start.to_owned()))?;
        Ok(Self { zone, start })
    }

    /// The business day that `at` falls on: the local date, or the day before it while the local
    /// time is earlier than the start of day.
    pub fn business_day(&self, at: Timestamp) -> BusinessDay {
        let local = at.to_utc().with_timezone(&self.zone);
        let date = local.date_naive();
        let day = if local.time() < self.start {
            date.checked_sub_days(Days::new(1)).unwrap_or(date)
        } else {
            date
        };
        BusinessDay(day.format("%Y-%m-%d").to_string())
    }
}
