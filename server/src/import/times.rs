//! Times as files tell them: with an offset, as seconds since 1970, or as a wall clock showed them in the file's zone.
//!
//! A wall clock shows one hour twice when it is set back. Of the two readings the one is taken that fits the duration or the
//! order that the record itself tells; where it tells neither, the earlier (or, asked for, the later). Each such time is
//! counted, and the first are named.

use super::Wrong;
use app::domain::{Moment, Span};
use chrono::{LocalResult, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

/// Which of two readings is taken where a record says nothing that decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Fold {
    #[default]
    Earlier,
    Later,
}

/// How a time may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readings {
    None,
    One(Moment),
    /// The earlier and the later.
    Two(Moment, Moment),
}

/// Ambiguous times named in the report at most.
const NAMED: usize = 5;

/// Reads the times of one file.
#[derive(Debug, Clone)]
pub struct Times {
    zone: Option<Tz>,
    fold: Fold,
    /// How many times were shown twice by the clock.
    pub ambiguous: u64,
    /// The first of them, as written.
    pub named: Vec<String>,
}

impl Times {
    #[must_use]
    pub const fn new(zone: Option<Tz>, fold: Fold) -> Self {
        Self { zone, fold, ambiguous: 0, named: Vec::new() }
    }

    /// How `text` may be read; nothing from an empty one.
    ///
    /// # Errors
    /// If it is no time, bears no offset where the file's zone is not known, or is one that clocks never showed.
    pub fn readings(&self, field: &'static str, text: &str) -> Result<Readings, Wrong> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Readings::None);
        }
        if let Some(at) = epoch(text) {
            return Ok(Readings::One(at));
        }
        if let Ok(at) = Moment::parse(&text.replacen(' ', "T", 1)) {
            return Ok(Readings::One(at));
        }
        let wrong = |why: String| Wrong { field: field.into(), why };
        let shown = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
            .into_iter()
            .find_map(|shape| NaiveDateTime::parse_from_str(text, shape).ok())
            .ok_or_else(|| wrong("not a time (like 2026-11-21 14:32:08)".to_owned()))?;
        let zone = self.zone.ok_or_else(|| {
            wrong(
                "bears no offset from UTC; say with --file-zone which zone's clock the file was written by".to_owned(),
            )
        })?;
        match zone.from_local_datetime(&shown) {
            LocalResult::Single(at) => Ok(Readings::One(Moment::from_micros(at.timestamp_micros()))),
            LocalResult::Ambiguous(earlier, later) => Ok(Readings::Two(
                Moment::from_micros(earlier.timestamp_micros()),
                Moment::from_micros(later.timestamp_micros()),
            )),
            LocalResult::None => {
                Err(wrong(format!("{text} never was in {}: clocks were set forward over it", zone.name())))
            }
        }
    }

    /// Takes the reading that is nearest to `near`, where that is known.
    pub fn settle(&mut self, text: &str, readings: Readings, near: Option<Moment>) -> Option<Moment> {
        match readings {
            Readings::None => None,
            Readings::One(at) => Some(at),
            Readings::Two(earlier, later) => {
                self.ambiguous += 1;
                if self.named.len() < NAMED {
                    self.named.push(text.trim().to_owned());
                }
                let distance = |at: Moment, near: Moment| (at.micros() - near.micros()).abs();
                let told = near.map(|near| distance(later, near) < distance(earlier, near));
                Some(if told.unwrap_or(self.fold == Fold::Later) { later } else { earlier })
            }
        }
    }

    /// Reads a time that does not lie before another one of the same call.
    ///
    /// # Errors
    /// See [`Times::readings`].
    pub fn after(&mut self, field: &'static str, text: &str, before: Option<Moment>) -> Result<Option<Moment>, Wrong> {
        let readings = self.readings(field, text)?;
        let near = match (readings, before) {
            (Readings::Two(earlier, later), Some(before)) if earlier < before => Some(later),
            // What went before was settled; the earlier reading that fits it is the nearest.
            (Readings::Two(earlier, _), Some(_)) => Some(earlier),
            (Readings::None | Readings::One(_) | Readings::Two(..), _) => None,
        };
        Ok(self.settle(text, readings, near))
    }

    /// Reads the begin and the end of something that took a known time.
    ///
    /// # Errors
    /// See [`Times::readings`].
    pub fn span(
        &mut self,
        (start_field, start): (&'static str, &str),
        (end_field, end): (&'static str, &str),
        took: Option<Span>,
    ) -> Result<(Option<Moment>, Option<Moment>), Wrong> {
        let (starts, ends) = (self.readings(start_field, start)?, self.readings(end_field, end)?);
        let known = match ends {
            Readings::One(at) => Some(at),
            Readings::None | Readings::Two(..) => None,
        };
        let start = self.settle(start, starts, known.zip(took).map(|(end, took)| end - took));
        let near = start.zip(took).map(|(start, took)| start + took).or(start);
        Ok((start, self.settle(end, ends, near)))
    }
}

/// Seconds since 1970 with or without a fraction, or whole milliseconds or microseconds, told apart by their length.
fn epoch(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let n: i64 = whole.parse().ok()?;
    match (whole.len(), fraction.is_empty()) {
        (9 | 10, _) => {
            let micros =
                fraction.bytes().chain(std::iter::repeat(b'0')).take(6).fold(0, |n, d| n * 10 + i64::from(d - b'0'));
            Some(Moment::from_micros(n * 1_000_000 + micros))
        }
        (12 | 13, true) => Some(Moment::from_millis(n)),
        (15 | 16, true) => Some(Moment::from_micros(n)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;

    fn at(text: &str) -> Option<Moment> {
        Some(Moment::parse(text).unwrap())
    }

    #[test]
    fn times_come_in_many_shapes() {
        let mut times = Times::new(Some(New_York), Fold::Earlier);
        for text in [
            "2026-11-21 09:32:08",
            "2026-11-21T09:32:08.000",
            "2026-11-21T14:32:08Z",
            "2026-11-21 15:32:08+01:00",
            "1795271528",
            "1795271528.000000",
            "1795271528000",
            "1795271528000000",
        ] {
            assert_eq!(times.after("t", text, None).unwrap(), at("2026-11-21T14:32:08Z"), "{text}");
        }
        assert_eq!(times.after("t", " ", None).unwrap(), None);
        assert_eq!(times.ambiguous, 0);
        let wrong = times.after("start", "yesterday", None).unwrap_err();
        assert_eq!((wrong.field.as_str(), wrong.why.as_str()), ("start", "not a time (like 2026-11-21 14:32:08)"));
        let unknown = Times::new(None, Fold::Earlier).after("t", "2026-11-21 09:32:08", None).unwrap_err();
        assert!(unknown.why.contains("--file-zone"));
    }

    #[test]
    fn an_hour_shown_twice_is_read_by_what_the_record_tells_else_as_the_earlier() {
        let mut times = Times::new(Some(New_York), Fold::Earlier);
        let (first, second) = (at("2026-11-01T05:30:00Z"), at("2026-11-01T06:30:00Z"));
        let shown = "2026-11-01 01:30:00";
        assert_eq!(times.after("t", shown, None).unwrap(), first);
        assert_eq!(times.after("t", shown, at("2026-11-01T05:40:00Z")).unwrap(), second, "not before what went before");
        assert_eq!(times.after("t", shown, at("2026-11-01T05:20:00Z")).unwrap(), first);
        // Twenty seconds over the end of the repeated hour.
        let span = times.span(("s", "2026-11-01 01:59:50"), ("e", "2026-11-01 02:00:10"), Some(Span::secs(20)));
        assert_eq!(span.unwrap(), (at("2026-11-01T06:59:50Z"), at("2026-11-01T07:00:10Z")));
        // Over the moment at which the clock was set back.
        let span = times.span(("s", "2026-11-01 01:59:50"), ("e", "2026-11-01 01:00:10"), Some(Span::secs(20)));
        assert_eq!(span.unwrap(), (at("2026-11-01T05:59:50Z"), at("2026-11-01T06:00:10Z")));
        assert_eq!(times.ambiguous, 6);
        assert_eq!(times.named.len(), 5);
        assert_eq!(Times::new(Some(New_York), Fold::Later).after("t", shown, None).unwrap(), second);
    }

    #[test]
    fn a_time_that_no_clock_showed_is_refused() {
        let wrong = Times::new(Some(New_York), Fold::Earlier).after("start", "2026-03-08 02:30:00", None).unwrap_err();
        assert_eq!(wrong.why, "2026-03-08 02:30:00 never was in America/New_York: clocks were set forward over it");
    }
}
