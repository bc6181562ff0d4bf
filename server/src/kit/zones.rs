//! Distances in time that are those of time zones.

use app::domain::Span;

/// Zones lie this far apart, but for three that few dialers stand in.
const STEP: Span = Span::minutes(30);
const FARTHEST: Span = Span::hours(14);
/// What is sent comes this much later at most, or the clocks differ by it.
const SLACK: Span = Span::secs(60);

/// Whether a distance is one of whole or half hours, as of local time that was sent as UTC.
#[must_use]
pub fn is_of_a_zone(distance: Span) -> bool {
    let (ms, step) = (distance.as_millis().abs(), STEP.as_millis());
    let steps = (ms + step / 2) / step;
    (1..=FARTHEST.as_millis() / step).contains(&steps) && (ms - steps * step).abs() <= SLACK.as_millis()
}

/// "5 h 30 min", to the minute; whole days where there are some.
#[must_use]
pub fn said(distance: Span) -> String {
    let minutes = (distance.as_millis().abs() + 30_000) / 60_000;
    match (minutes / 60, minutes % 60) {
        (hours @ 48.., _) => format!("{} days", hours / 24),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_half_hours_are_of_a_zone_and_others_are_not() {
        for zone in [Span::hours(1), Span::secs(19_840), Span::hours(14), Span::hours(-5)] {
            assert!(is_of_a_zone(zone), "{zone:?}");
        }
        for other in [Span::secs(20), Span::minutes(47), Span::minutes(122), Span::hours(15), Span::days(3)] {
            assert!(!is_of_a_zone(other), "{other:?}");
        }
        let told = [Span::minutes(47), Span::secs(18_002), Span::minutes(330), Span::days(12)];
        assert_eq!(told.map(said), ["47 min", "5 h", "5 h 30 min", "12 days"]);
    }
}
