//! The shapes in which files write a time, told apart by their text alone.

use app::domain::Moment;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// What a text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// One of the ways to say that something did not happen.
    Never,
    At(Moment),
    /// What a clock on the wall showed, wherever it hung.
    Wall(NaiveDateTime),
}

/// Why a text shows no time.
pub const NO_TIME: &str = "not a time (like 2026-11-21 14:32:08)";
pub const YEAR_LAST: &str =
    "its year comes last, so that day and month can't be told apart: say with --dates which comes first";

/// Which comes first where a date's year comes last: `30.11.2026` or `11/30/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dates {
    DayFirst,
    MonthFirst,
}

/// How databases and their exports write nothing.
const NOTHING: [&str; 3] = ["\\N", "NULL", "0"];

/// Reads what a time is written as: a date with its year first, or last where `dates` says how, parted by `-`, `/` or `.`;
/// hours and minutes, seconds and a fraction where there are any; an offset from UTC, or none; or a count since 1970.
///
/// # Errors
/// Why it is none.
pub fn read(text: &str, dates: Option<Dates>) -> Result<Shown, &'static str> {
    let text = text.trim();
    if text.is_empty() || NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing)) {
        return Ok(Shown::Never);
    }
    if let Some(at) = epoch(text) {
        // Nobody kept files of calls in 1970: it is a zero by another name.
        return Ok(if at.secs() < FIRST_DAYS { Shown::Never } else { Shown::At(at) });
    }
    let (date, rest) = text.split_once([' ', 'T', 't']).ok_or(NO_TIME)?;
    let numbers = parts(date, &['-', '/', '.']).ok_or(NO_TIME)?;
    if numbers == [0, 0, 0] {
        return Ok(Shown::Never);
    }
    let has_year_first = date.find(['-', '/', '.']) == Some(4);
    let [year, month, day] = match (numbers, dates) {
        (numbers, _) if has_year_first => numbers,
        // Nobody's calls are of the first centuries: a year of two digits.
        ([_, _, year], Some(_)) if year < 1_000 => return Err(NO_TIME),
        ([day, month, year], Some(Dates::DayFirst)) | ([month, day, year], Some(Dates::MonthFirst)) => {
            [year, month, day]
        }
        (_, None) => return Err(YEAR_LAST),
    };
    let (clock, offset) = offset(rest.trim()).ok_or(NO_TIME)?;
    let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).ok_or(NO_TIME)?;
    let wall = date.and_time(time(clock).ok_or(NO_TIME)?);
    let micros = wall.and_utc().timestamp_micros();
    Ok(match offset {
        Some(minutes) => Shown::At(Moment::from_micros(micros - minutes * 60_000_000)),
        None if micros / 1_000_000 < FIRST_DAYS => Shown::Never,
        None => Shown::Wall(wall),
    })
}

/// Two days: a zero shown by a clock of any zone.
const FIRST_DAYS: i64 = 2 * 86_400;

/// Three numbers of at most four digits, parted by one of `by`.
fn parts(text: &str, by: &[char]) -> Option<[u32; 3]> {
    let mut numbers = text.split(by).map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    });
    let read = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(read)
}

/// Parts a clock's time from its offset from UTC, in minutes: `Z`, `UTC`, `+00`, `-0430`, `+05:30`.
fn offset(text: &str) -> Option<(&str, Option<i64>)> {
    for utc in ["Z", "z", "UTC", "GMT"] {
        if let Some(clock) = text.strip_suffix(utc) {
            return Some((clock.trim_end(), Some(0)));
        }
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let (clock, signed) = text.split_at(at);
    let digits: String = signed.get(1..)?.chars().filter(|c| *c != ':').collect();
    let number = |text: &str| text.parse::<i64>().ok();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number(&digits)?, 0),
        4 => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    let minutes = hours * 60 + minutes;
    Some((clock.trim_end(), Some(if signed.starts_with('-') { -minutes } else { minutes })))
}

/// `22:41`, `6:27:28`, `10:00:54.23216`; digits finer than microseconds are cut off.
fn time(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut numbers = whole.split(':').map(|part| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if digits { part.parse::<u32>().ok() } else { None }
    });
    let (hour, minute) = (numbers.next()??, numbers.next()??);
    let second = match numbers.next() {
        Some(second) => second?,
        None => 0,
    };
    if numbers.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_micro_opt(hour, minute, second, u32::try_from(micros(fraction)?).ok()?)
}

/// The first six digits of a fraction of a second.
fn micros(fraction: &str) -> Option<i64> {
    let digits = fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| fraction.bytes().chain(std::iter::repeat(b'0')).take(6).fold(0, |n, d| n * 10 + i64::from(d - b'0')))
}

/// Seconds since 1970 with or without a fraction, or whole milliseconds or microseconds, told apart by their length. Zeros of
/// any length are 1970.
fn epoch(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros = micros(fraction)?;
    let n: i64 = whole.parse().ok()?;
    match (whole.len(), fraction.is_empty()) {
        _ if n == 0 && micros == 0 => Some(Moment::from_micros(0)),
        (9 | 10, _) => Some(Moment::from_micros(n * 1_000_000 + micros)),
        (12 | 13, true) => Some(Moment::from_millis(n)),
        (15 | 16, true) => Some(Moment::from_micros(n)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Shown, &'static str> {
        super::read(text, None)
    }

    fn at(text: &str) -> Result<Shown, &'static str> {
        Ok(Shown::At(Moment::parse(text).unwrap()))
    }

    #[test]
    fn a_time_with_its_offset_or_a_count_since_1970_is_one_moment() {
        for (text, moment) in [
            ("2026-11-29 10:00:00+00", "2026-11-29T10:00:00Z"),
            ("2026-11-29 10:00:54.23216-04", "2026-11-29T14:00:54.23216Z"),
            ("2026-11-29T10:00:00.5+05:30", "2026-11-29T04:30:00.5Z"),
            ("2026-11-29 10:00:00 -0330", "2026-11-29T13:30:00Z"),
            ("2026-11-29 10:00:00 UTC", "2026-11-29T10:00:00Z"),
            ("2026/11/29 10:00Z", "2026-11-29T10:00:00Z"),
            ("1795946400", "2026-11-29T10:00:00Z"),
            ("1795946400.25", "2026-11-29T10:00:00.25Z"),
            ("1795946400250", "2026-11-29T10:00:00.25Z"),
            ("1795946400250000", "2026-11-29T10:00:00.25Z"),
        ] {
            assert_eq!(read(text), at(moment), "{text}");
        }
    }

    #[test]
    fn a_wall_clocks_time_is_read_with_its_year_first() {
        for (text, wall) in [
            ("2024/04/30 06:27:28", "2024-04-30T06:27:28"),
            ("2020/2/10 22:41", "2020-02-10T22:41:00"),
            ("2026-11-29T10:00:00,25", "2026-11-29T10:00:00.25"),
            ("2026.11.29  9:05", "2026-11-29T09:05:00"),
        ] {
            assert_eq!(read(text), Ok(Shown::Wall(wall.parse().unwrap())), "{text}");
        }
    }

    #[test]
    fn never_has_many_names() {
        let epochs = ["0", "0.0", "0.000000", "1970-01-01 00:00:00", "1970-01-01 01:00:00", "1970-01-01 00:00:00"];
        let nothings = ["", "  ", "\\N", "NULL", "null", "0000-00-00 00:00:00", "0000-00-00 00:00:00.000000"];
        for text in epochs.into_iter().chain(nothings) {
            assert_eq!(read(text), Ok(Shown::Never), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_time_says_why() {
        for text in
            ["yesterday", "2026-13-01 10:00", "2026-11-29", "2026-11-29 25:00", "12025550142", "2026-11-29 10", "é"]
        {
            assert_eq!(read(text), Err(NO_TIME), "{text}");
        }
        assert_eq!(read("30/04/2024 06:27:28"), Err(YEAR_LAST));
    }

    #[test]
    fn a_year_that_comes_last_needs_to_be_told_what_comes_first() {
        let wall = |wall: &str| Ok(Shown::Wall(wall.parse().unwrap()));
        for (text, dates, shown) in [
            ("30.04.2024 06:27:28", Dates::DayFirst, wall("2024-04-30T06:27:28")),
            ("4/3/2024 6:27", Dates::DayFirst, wall("2024-03-04T06:27:00")),
            ("4/3/2024 6:27", Dates::MonthFirst, wall("2024-04-03T06:27:00")),
            ("30/04/2024 06:27:28", Dates::MonthFirst, Err(NO_TIME)),
            ("2024-04-30 06:27:28", Dates::MonthFirst, wall("2024-04-30T06:27:28")),
            ("4/3/24 6:27", Dates::MonthFirst, Err(NO_TIME)),
        ] {
            assert_eq!(super::read(text, Some(dates)), shown, "{text} {dates:?}");
        }
    }
}
