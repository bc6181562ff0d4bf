//! How busy a floor's past was, by the hour and by the day. It shapes how many calls were made, never how they went.

use app::domain::{Moment, Span};
use chrono::{Datelike, Timelike, Weekday};

/// By hour of the day in UTC: a floor that calls three continents is never quite silent.
#[rustfmt::skip]
const HOURS: [f64; 24] = [
    0.80, 0.74, 0.70, 0.68, 0.70, 0.74, 0.80, 0.88, 0.96, 1.02, 1.06, 1.08,
    1.08, 1.10, 1.16, 1.20, 1.20, 1.18, 1.14, 1.10, 1.04, 0.98, 0.92, 0.86,
];

/// How many calls an hour holds, beside an average one. `age` is how long ago it was: the last eight days, from which
/// baselines are drawn, are kept far denser than the weeks before.
#[must_use]
pub fn weight(hour: Moment, age: Span) -> f64 {
    let date = hour.to_utc();
    let day = match date.weekday() {
        Weekday::Sat => 0.80,
        Weekday::Sun => 0.70,
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => 1.0,
    };
    let density = if age <= Span::days(8) { 1.0 } else { 0.12 };
    HOURS[date.hour() as usize % 24] * day * density
}
