//! Where windows begin and end: from a window's name to the stretch of time and the grain that is summed.
//!
//! Pure. Owns the site's days (any zone, right over every change of its clocks) and the compliance periods. Used by the
//! writer (which day a fact falls in), the API and the live state. Windows of minutes live in memory at their own grain.

use super::change::LIVE_GRAIN;
use super::grain::Grain;
use app::compliance::PERIOD_DAYS;
use app::domain::{Moment, Span, Window};
use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike,
};
use chrono_tz::Tz;

/// A half-open stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    pub from: Moment,
    pub to: Moment,
}

impl Stretch {
    #[must_use]
    pub fn contains(&self, at: Moment) -> bool {
        self.from <= at && at < self.to
    }
}

/// Which buckets a window sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowSpan {
    /// The last minutes, kept in memory: buckets of [`LIVE_GRAIN`].
    Live(Stretch),
    Stored(Stretch, Grain),
    /// `campaign` or `period` of a campaign of which no start is known: nothing to sum.
    NoStart,
}

/// The buckets of a window at `now`. `campaign_start` is when the campaign said it started, else its first call.
#[must_use]
pub fn window_span(window: Window, now: Moment, zone: Tz, campaign_start: Option<Moment>) -> WindowSpan {
    let days = |before: i64| {
        let today = site_day(zone, now);
        WindowSpan::Stored(
            Stretch { from: day_start(zone, date_of(zone, today.from), -before), to: today.to },
            Grain::SiteDay,
        )
    };
    match window {
        Window::Minutes5 => WindowSpan::Live(live(now, 30)),
        Window::Minutes15 => WindowSpan::Live(live(now, 90)),
        Window::Minutes60 => WindowSpan::Live(live(now, 360)),
        Window::Hours24 => {
            let running = now.floor(Span::hours(1));
            WindowSpan::Stored(Stretch { from: running - Span::hours(23), to: running + Span::hours(1) }, Grain::Hour)
        }
        Window::Today => days(0),
        Window::Days7 => days(6),
        Window::Days30 => days(29),
        Window::Campaign => campaign_start.map_or(WindowSpan::NoStart, |start| {
            let from = site_day(zone, start.min(now)).from;
            WindowSpan::Stored(Stretch { from, to: site_day(zone, now).to }, Grain::SiteDay)
        }),
        Window::Period => campaign_start
            .map_or(WindowSpan::NoStart, |start| WindowSpan::Stored(period(zone, start, now), Grain::SiteDay)),
    }
}

/// The running bucket and those before it, `buckets` in all.
fn live(now: Moment, buckets: i64) -> Stretch {
    let to = now.floor(LIVE_GRAIN) + LIVE_GRAIN;
    Stretch { from: to - Span::millis(LIVE_GRAIN.as_millis() * buckets), to }
}

/// The compliance period that runs at `now`: blocks of 30 site days, the first from the site day of the start. Before
/// the start it is the first.
#[must_use]
pub fn period(zone: Tz, start: Moment, now: Moment) -> Stretch {
    let first = date_of(zone, start);
    let passed = (date_of(zone, now) - first).num_days().max(0);
    let block = passed.div_euclid(PERIOD_DAYS) * PERIOD_DAYS;
    Stretch { from: day_start(zone, first, block), to: day_start(zone, first, block + PERIOD_DAYS) }
}

/// The site's day that holds `at`.
#[must_use]
pub fn site_day(zone: Tz, at: Moment) -> Stretch {
    let date = date_of(zone, at);
    let mut day = Stretch { from: day_start(zone, date, 0), to: day_start(zone, date, 1) };
    // Where clocks are set back over midnight, a late hour bears yesterday's date again: it belongs to the new day.
    let mut ahead = 1;
    while at >= day.to && ahead < 3 {
        ahead += 1;
        day = Stretch { from: day.to, to: day_start(zone, date, ahead) };
    }
    day
}

/// The site's date at an instant.
#[must_use]
pub fn date_of(zone: Tz, at: Moment) -> NaiveDate {
    at.to_utc().with_timezone(&zone).date_naive()
}

/// The days of the site from `first` on, `days` of them; empty for dates that the site never had.
#[must_use]
pub fn days_from(zone: Tz, first: NaiveDate, days: u64) -> Stretch {
    let days = i64::try_from(days).unwrap_or_default();
    Stretch { from: day_start(zone, first, 0), to: day_start(zone, first, days) }
}

/// The site's calendar month that holds a date.
#[must_use]
pub fn month_of(zone: Tz, date: NaiveDate) -> Stretch {
    let first = date.with_day(1).unwrap_or(date);
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    Stretch { from: day_start(zone, first, 0), to: day_start(zone, next, 0) }
}

/// The Monday of the week that holds a date (ISO 8601).
#[must_use]
pub fn monday_of(date: NaiveDate) -> NaiveDate {
    date - Days::new(u64::from(date.weekday().num_days_from_monday()))
}

/// What the site's clocks show, in seconds since midnight.
#[must_use]
pub fn clock_of(zone: Tz, at: Moment) -> i64 {
    i64::from(at.to_utc().with_timezone(&zone).time().num_seconds_from_midnight())
}

/// When the site's clocks first show, on a date, what they show at `like`; where they skip that, the instant at which they
/// go on. Within the day.
#[must_use]
pub fn same_clock(zone: Tz, like: Moment, date: NaiveDate) -> Moment {
    let day = days_from(zone, date, 1);
    let time = like.to_utc().with_timezone(&zone).time();
    first_showing(zone, date.and_time(time)).clamp(day.from, day.to)
}

/// The first instant of the site's date `days` after `date` (before it where negative).
fn day_start(zone: Tz, date: NaiveDate, days: i64) -> Moment {
    let shift = Days::new(days.unsigned_abs());
    let shifted = if days < 0 { date.checked_sub_days(shift) } else { date.checked_add_days(shift) };
    let midnight = shifted.unwrap_or(date).and_time(NaiveTime::MIN);
    first_showing(zone, midnight)
}

/// When clocks first show a time, or the first quarter of an hour after it that they show: times are skipped when they go
/// forward (Samoa once skipped a whole day).
fn first_showing(zone: Tz, time: NaiveDateTime) -> Moment {
    let quarters = (0..=26 * 4).map(|n| match n {
        0 => time,
        n => quarter_of(time) + TimeDelta::minutes(15 * n),
    });
    let first = quarters.map(|local| zone.from_local_datetime(&local)).find_map(|found| match found {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at),
        LocalResult::None => None,
    });
    let micros = first.as_ref().map_or_else(|| time.and_utc().timestamp_micros(), DateTime::timestamp_micros);
    Moment::from_micros(micros)
}

/// The quarter of an hour that a time lies in.
fn quarter_of(time: NaiveDateTime) -> NaiveDateTime {
    let past = i64::from(time.num_seconds_from_midnight()) % 900;
    time - TimeDelta::seconds(past) - TimeDelta::nanoseconds(i64::from(time.nanosecond()))
}

/// Remembers the days it met last: moments come in clusters, and working out a zone's day costs more than all else.
#[derive(Debug)]
pub struct SiteDays {
    zone: Tz,
    recent: [Stretch; 4],
    next: usize,
}

impl SiteDays {
    #[must_use]
    pub const fn new(zone: Tz) -> Self {
        Self { zone, recent: [Stretch { from: Moment::MIN, to: Moment::MIN }; 4], next: 0 }
    }

    /// The site's day that holds `at`.
    pub fn of(&mut self, at: Moment) -> Stretch {
        if let Some(day) = self.recent.iter().find(|day| day.contains(at)) {
            return *day;
        }
        let day = site_day(self.zone, at);
        self.recent[self.next] = day;
        self.next = (self.next + 1) % self.recent.len();
        day
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia, Australia, Europe, Pacific, UTC};
    use proptest::prelude::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn stretch(from: &str, to: &str) -> Stretch {
        Stretch { from: at(from), to: at(to) }
    }

    #[test]
    fn minutes_end_with_the_running_bucket() {
        let now = at("2026-11-21T12:00:07Z");
        let expected = stretch("2026-11-21T11:55:10Z", "2026-11-21T12:00:10Z");
        assert_eq!(window_span(Window::Minutes5, now, UTC, None), WindowSpan::Live(expected));
    }

    #[test]
    fn days_follow_the_sites_clock_over_its_changes() {
        // New York: 25 hours on 2026-11-01, 23 on 2026-03-08.
        let day = site_day(America::New_York, at("2026-11-01T12:00:00Z"));
        assert_eq!(day, stretch("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"));
        let day = site_day(America::New_York, at("2026-03-08T12:00:00Z"));
        assert_eq!(day, stretch("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"));
        let week = window_span(Window::Days7, at("2026-11-03T12:00:00Z"), America::New_York, None);
        assert_eq!(week, WindowSpan::Stored(stretch("2026-10-28T04:00:00Z", "2026-11-04T05:00:00Z"), Grain::SiteDay));
        // São Paulo skipped midnight; the day began at one o'clock.
        let day = site_day(America::Sao_Paulo, at("2018-11-04T12:00:00Z"));
        assert_eq!(day, stretch("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"));
        // Samoa skipped a day.
        let day = site_day(Pacific::Apia, at("2011-12-30T12:00:00Z"));
        assert_eq!(day, stretch("2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"));
    }

    #[test]
    fn the_same_time_of_day_is_found_on_days_whose_clocks_change() {
        let new_york = America::New_York;
        let like = |text| at(text);
        let (back, forward) =
            (NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(), NaiveDate::from_ymd_opt(2026, 3, 8).unwrap());
        assert_eq!(same_clock(new_york, like("2026-11-08T14:35:00Z"), back), at("2026-11-01T14:35:00Z"));
        assert_eq!(
            same_clock(new_york, like("2026-11-08T06:30:00Z"), back),
            at("2026-11-01T05:30:00Z"),
            "the first 1:30"
        );
        assert_eq!(
            same_clock(new_york, like("2026-03-15T06:35:00Z"), forward),
            at("2026-03-08T07:00:00Z"),
            "2:35 was skipped"
        );
        assert_eq!(same_clock(new_york, like("2026-03-15T04:00:00Z"), forward), at("2026-03-08T05:00:00Z"));
        assert_eq!(
            (clock_of(new_york, at("2026-11-01T06:30:00Z")), clock_of(new_york, at("2026-11-01T05:30:00Z"))),
            (5_400, 5_400)
        );
        let november = month_of(new_york, back);
        assert_eq!(november, stretch("2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"));
        assert_eq!(monday_of(back), NaiveDate::from_ymd_opt(2026, 10, 26).unwrap());
    }

    #[test]
    fn a_period_is_thirty_site_days_from_the_day_of_the_start() {
        let start = at("2026-01-10T23:30:00Z");
        let now = at("2026-03-20T00:00:00Z");
        let expected = stretch("2026-03-11T00:00:00Z", "2026-04-10T00:00:00Z");
        assert_eq!(period(UTC, start, now), expected);
        assert_eq!(period(UTC, start, at("2026-02-08T23:59:59Z")).from, at("2026-01-10T00:00:00Z"));
        assert_eq!(period(UTC, start, at("2026-02-09T00:00:00Z")).from, at("2026-02-09T00:00:00Z"));
        assert_eq!(period(UTC, start, at("2025-12-01T00:00:00Z")).from, at("2026-01-10T00:00:00Z"));
        assert_eq!(window_span(Window::Period, now, UTC, None), WindowSpan::NoStart);
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_its_day_and_days_meet(secs in 946_684_800..2_000_000_000i64, zone in 0..6usize) {
            let zone = [UTC, America::New_York, Asia::Kathmandu, Australia::Lord_Howe, Europe::London, America::Sao_Paulo][zone];
            let at = Moment::from_secs(secs);
            let day = site_day(zone, at);
            prop_assert!(day.contains(at));
            prop_assert_eq!(site_day(zone, day.from), day);
            prop_assert_eq!(site_day(zone, day.to).from, day.to);
            let mut remembered = SiteDays::new(zone);
            prop_assert_eq!(remembered.of(at), day);
            prop_assert_eq!(remembered.of(day.from), day);
            let running = period(zone, at, at + Span::days(77));
            prop_assert!(running.contains(at + Span::days(77)));
        }
    }
}
