//! When a floor calls: how much of its staff is on duty by each market's own clock, and which crew holds a seat.
//!
//! A day has its shape and weekends are quiet, but no hour is empty: somebody may look at a demo at any time, and what goes
//! wrong must show. Which hours the law allows for calls is not this floor's matter.

use app::domain::{Moment, Span};
use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};
use chrono_tz::Tz;

/// Crews that take turns on a seat: three on working days, three on weekends.
pub const CREWS: usize = 6;
/// Of its staff, what a market has on duty by the hour of its own clock on a working day.
#[rustfmt::skip]
const HOURS: [f64; 24] = [
    0.74, 0.73, 0.72, 0.72, 0.72, 0.73, 0.74, 0.77, 0.84, 0.94, 0.99, 1.00,
    0.96, 0.93, 0.97, 1.00, 1.00, 1.00, 0.99, 0.97, 0.91, 0.83, 0.78, 0.76,
];
const SATURDAY: f64 = 0.80;
const SUNDAY: f64 = 0.74;
/// A floor is never quieter than this.
const QUIETEST: f64 = 0.70;
/// A shift takes eight hours.
const SHIFT_HOURS: u32 = 8;
/// Not everybody comes and goes at once: each seat's shifts begin so much later than those of the seat before, within an hour.
const STAGGER: Span = Span::minutes(5);
const STAGGERED: usize = 12;

/// Of its staff, what a market has on duty: 0 to 1.
#[must_use]
pub fn activity(zone: Tz, at: Moment) -> f64 {
    let local = clock(zone, at);
    let (hour, part) = (local.hour() as usize % 24, f64::from(local.minute()) / 60.0);
    let shape = HOURS[hour] + (HOURS[(hour + 1) % 24] - HOURS[hour]) * part;
    let day = match local.weekday() {
        Weekday::Sat => SATURDAY,
        Weekday::Sun => SUNDAY,
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => 1.0,
    };
    (shape * day).max(QUIETEST)
}

/// The crew that holds a seat while it is staffed.
#[must_use]
pub fn crew(zone: Tz, seat: usize, at: Moment) -> usize {
    let minutes = i64::try_from(seat % STAGGERED).unwrap_or_default();
    let local = clock(zone, at - Span::millis(STAGGER.as_millis() * minutes));
    let shift = (local.hour() / SHIFT_HOURS) as usize;
    match local.weekday() {
        Weekday::Sat | Weekday::Sun => CREWS / 2 + shift,
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => shift,
    }
}

fn clock(zone: Tz, at: Moment) -> NaiveDateTime {
    at.to_utc().with_timezone(&zone).naive_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_shape_by_the_markets_own_clock() {
        // Wednesday, 18 November 2026.
        let at = |hours: i64| Moment::from_secs(1_794_960_000 + hours * 3_600);
        let (chicago, manila) = (Tz::America__Chicago, Tz::Asia__Manila);
        assert!(activity(chicago, at(17)) > 0.95 && activity(chicago, at(9)) < 0.75);
        assert!(activity(manila, at(3)) > 0.95 && activity(manila, at(17)) < 0.78);
        let saturday = activity(chicago, at(17 + 72));
        assert!((0.75..0.85).contains(&saturday), "{saturday}");
    }

    #[test]
    fn a_seat_changes_hands_every_eight_hours_and_seats_by_turns() {
        let at = |minutes: i64| Moment::from_secs(1_794_960_000 + minutes * 60);
        let crews: Vec<usize> = [0, 7, 8, 16, 24].map(|hour| crew(Tz::UTC, 0, at(hour * 60 + 1))).to_vec();
        assert_eq!(crews, [0, 0, 1, 2, 0]);
        assert_eq!((crew(Tz::UTC, 3, at(494)), crew(Tz::UTC, 3, at(495))), (0, 1));
        assert_eq!(crew(Tz::UTC, 0, at(3 * 1_440 + 601)), 4, "weekends have crews of their own");
    }
}
