//! Instants and spans. Everything is UTC microseconds; zones matter only where days begin.
//!
//! Time is an argument everywhere in the domain: nothing here reads a clock.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::{Add, Sub};

/// An instant: microseconds since 1970-01-01T00:00:00Z. In JSON an RFC 3339 string in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(i64);

/// A length of time in whole milliseconds; may be negative between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

/// Why a text is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time with its offset (like 2026-11-21T14:32:08.250Z, or …T09:32:08-05:00)")]
pub struct TimeError;

impl Moment {
    pub const MIN: Self = Self(i64::MIN / 4);
    pub const MAX: Self = Self(i64::MAX / 4);

    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis * 1_000)
    }

    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// The same of a number that may be anything; `None` where there is no such moment.
    #[must_use]
    pub const fn try_from_secs(secs: i64) -> Option<Self> {
        match secs.checked_mul(1_000_000) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads RFC 3339 with any offset; digits finer than microseconds are cut off.
    ///
    /// # Errors
    /// If `text` is not an RFC 3339 time.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if let Some(moment) = Self::parse_utc(text.as_bytes()) {
            return Ok(moment);
        }
        DateTime::parse_from_rfc3339(text).map(|t| Self(t.timestamp_micros())).map_err(|_| TimeError)
    }

    /// The shape in which nearly all come, `2026-11-21T14:32:08.250Z` with up to nine digits of a second; `None` for others,
    /// leap seconds included.
    fn parse_utc(text: &[u8]) -> Option<Self> {
        let number = |from: usize, to: usize| {
            text.get(from..to)?.iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
        };
        let separated =
            [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')].iter().all(|(i, b)| text.get(*i) == Some(b));
        let (seconds, rest) = text.split_at_checked(19)?;
        let fraction = rest.strip_suffix(b"Z")?;
        let micros = match fraction.strip_prefix(b".") {
            None if fraction.is_empty() => 0,
            Some(digits) if (1..=9).contains(&digits.len()) => {
                let fine = number(20, 19 + fraction.len())?;
                if digits.len() <= 6 {
                    fine * 10u32.pow(6 - digits.len() as u32)
                } else {
                    fine / 10u32.pow(digits.len() as u32 - 6)
                }
            }
            _ => return None,
        };
        if !separated || seconds.len() != 19 {
            return None;
        }
        let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
        let time = date.and_hms_micro_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?, micros)?;
        Some(Self(time.and_utc().timestamp_micros()))
    }

    /// RFC 3339 in UTC, with as many digits as are needed (none, 3 or 6).
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// Start of the bucket of length `grain` (counted from the epoch) that holds this instant.
    #[must_use]
    pub const fn floor(self, grain: Span) -> Self {
        let g = grain.0 * 1_000;
        Self(self.0.div_euclid(g) * g)
    }

    /// This instant less the other, never negative: durations between moments in an odd order are 0 (contract.md).
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        (self - earlier).max(Span::ZERO)
    }
}

impl Span {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn millis(ms: i64) -> Self {
        Self(ms)
    }

    #[must_use]
    pub const fn secs(s: i64) -> Self {
        Self(s * 1_000)
    }

    #[must_use]
    pub const fn minutes(m: i64) -> Self {
        Self(m * 60_000)
    }

    #[must_use]
    pub const fn hours(h: i64) -> Self {
        Self(h * 3_600_000)
    }

    #[must_use]
    pub const fn days(d: i64) -> Self {
        Self(d * 86_400_000)
    }

    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000)
    }
}

impl Add<Span> for Moment {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0.saturating_mul(1_000)))
    }
}

impl Sub<Span> for Moment {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0.saturating_mul(1_000)))
    }
}

impl Sub for Moment {
    type Output = Span;
    fn sub(self, other: Self) -> Span {
        Span(self.0.saturating_sub(other.0).div_euclid(1_000))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::ids::read_text(from, Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_read_and_fine_digits_are_cut() {
        let a = Moment::parse("2026-11-21T14:32:08.2500009+08:00").unwrap_or_default();
        assert_eq!(a.to_rfc3339(), "2026-11-21T06:32:08.250Z");
        assert!(Moment::parse("yesterday").is_err());
    }

    proptest::proptest! {
        #[test]
        fn the_usual_shape_is_read_as_any_other(
            y in 1..9999u32, mo in 0..14u32, d in 0..33u32, h in 0..26u32, mi in 0..62u32, s in 0..62u32, part in "|[.][0-9]{1,10}"
        ) {
            let text = format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}{part}");
            proptest::prop_assert_eq!(Moment::parse(&format!("{text}Z")), Moment::parse(&format!("{text}+00:00")));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9TZ:.-]{0,30}") {
            let _ = Moment::parse(&text);
        }
    }

    #[test]
    fn buckets_are_half_open_before_the_epoch_too() {
        assert_eq!(Moment::from_secs(-1).floor(Span::secs(10)), Moment::from_secs(-10));
        assert_eq!(Moment::from_secs(10).floor(Span::secs(10)), Moment::from_secs(10));
    }
}
