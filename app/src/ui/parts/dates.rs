//! Dates of the site as people say them. They come from the frames as `2026-11-21`; what is no date stays as it is.

use chrono::{Datelike, Days, NaiveDate};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn read(date: &str) -> Option<NaiveDate> {
    date.parse().ok()
}

fn month_of(date: NaiveDate) -> &'static str {
    MONTHS.get(date.month0() as usize).copied().unwrap_or_default()
}

/// `21 Nov`
pub fn short(date: &str) -> String {
    read(date).map_or_else(|| date.to_owned(), |d| format!("{} {}", d.day(), &month_of(d)[..3]))
}

/// `Sat 21 Nov`
pub fn day(date: &str) -> String {
    read(date).map_or_else(|| date.to_owned(), |d| format!("{} {}", d.weekday(), short(date)))
}

/// `Sat 21 November 2026`
pub fn long(date: &str) -> String {
    read(date).map_or_else(|| date.to_owned(), |d| format!("{} {} {} {}", d.weekday(), d.day(), month_of(d), d.year()))
}

/// `November 2026`, of `2026-11`.
pub fn month(month: &str) -> String {
    read(&format!("{month}-01")).map_or_else(|| month.to_owned(), |d| format!("{} {}", month_of(d), d.year()))
}

/// Whether it is one, like `2026-11`.
pub fn is_month(month: &str) -> bool {
    month.len() == 7 && read(&format!("{month}-01")).is_some()
}

/// The date so many days later, or earlier.
pub fn shifted(date: &str, days: i64) -> Option<String> {
    let by = Days::new(days.unsigned_abs());
    let date = read(date)?;
    let moved = if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) };
    moved.map(|moved| moved.to_string())
}

/// `2026-W47` as `week 47`.
pub fn week(week: &str) -> String {
    week.split_once("-W").map_or_else(|| week.to_owned(), |(_, nth)| format!("week {}", nth.trim_start_matches('0')))
}

/// Seconds since midnight as `14:30`; the end of a day is `24:00`.
pub fn clock(secs: i64) -> String {
    format!("{:02}:{:02}", secs / 3_600, secs / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_said_and_moved() {
        assert_eq!(day("2026-11-21"), "Sat 21 Nov");
        assert_eq!((long("2026-03-01"), short("2026-03-01")), ("Sun 1 March 2026".into(), "1 Mar".into()));
        assert_eq!((month("2026-11"), week("2026-W07")), ("November 2026".into(), "week 7".into()));
        assert_eq!(shifted("2026-03-01", -1).as_deref(), Some("2026-02-28"));
        assert_eq!((day("tomorrow"), shifted("tomorrow", 1)), ("tomorrow".to_owned(), None));
        assert_eq!(clock(52_200), "14:30");
    }
}
