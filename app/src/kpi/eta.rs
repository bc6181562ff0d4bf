//! When a campaign will be done, at its present pace.

use super::value::Ratio;
use crate::domain::{Moment, Span};

/// The pace is that of the last…
pub const PACE: Span = Span::minutes(15);
/// A pace that leads beyond this leads nowhere: as good as at rest.
const FARTHEST: Span = Span::days(3_650);

/// Moments no finer than is known, in order, and not before now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    pub at: Moment,
    /// By the 95 % interval of the pace.
    pub earliest: Moment,
    pub latest: Option<Moment>,
    /// What they are rounded to: of a spread of hours nobody knows the minute.
    pub grain: Span,
}

/// How finely a forecast with this spread is told, and the least spread for each.
const GRAINS: [(Span, Span); 5] = [
    (Span::days(4), Span::days(1)),
    (Span::hours(12), Span::hours(1)),
    (Span::hours(2), Span::minutes(15)),
    (Span::minutes(30), Span::minutes(5)),
    (Span::ZERO, Span::minutes(1)),
];

fn grain_of(spread: Span) -> Span {
    GRAINS.iter().find(|(least, _)| spread >= *least).map_or(Span::days(1), |(_, grain)| *grain)
}

/// The stretch whose pace counts: the last 15 minutes, or those since the campaign began.
#[must_use]
pub fn paced_over(began: Option<Moment>, now: Moment) -> Span {
    let whole_minutes = |began| Span::minutes(now.since(began).as_secs() / 60);
    began.map_or(PACE, |began| whole_minutes(began).clamp(Span::minutes(1), PACE))
}

/// `pending ÷ (done ÷ the stretch they were done in)` in ms, as two counts; no data while nothing gets done.
#[must_use]
pub const fn remaining(pending: i64, done: i64, over: Span) -> Ratio {
    Ratio::new(pending.saturating_mul(over.as_millis()), done)
}

/// When `pending` destinations will be done, where `done` were over so long ([`paced_over`]). `None` at rest.
///
/// # Source
/// The interval is the score interval of a Poisson count, n + z²/2 ± z·√(n + z²/4).
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // counts stay far below 2^53
pub fn eta(pending: i64, done: i64, over: Span, now: Moment) -> Option<Eta> {
    const Z: f64 = 1.959_963_984_540_054;
    if done <= 0 || pending < 0 {
        return None;
    }
    let n = done as f64;
    let (centre, reach) = (n + Z * Z / 2.0, Z * (n + Z * Z / 4.0).sqrt());
    let after = |count: f64| {
        let ms = pending as f64 * over.as_millis() as f64 / count;
        (ms <= FARTHEST.as_millis() as f64).then(|| now + Span::millis(ms as i64))
    };
    let (at, earliest, latest) = (after(n)?, after(centre + reach)?, after(centre - reach));
    // Without an end it is as uncertain as it is far.
    let grain = grain_of(latest.unwrap_or(at + (at - now)) - earliest);
    let rounded = |moment: Moment| moment.floor(grain).max(now.floor(Span::minutes(1)));
    let up = |moment: Moment| rounded(moment + Span::millis(grain.as_millis() - 1));
    let middle = rounded(at + Span::millis(grain.as_millis() / 2));
    Some(Eta {
        at: middle,
        earliest: rounded(earliest).min(middle),
        latest: latest.map(|at| up(at).max(middle)),
        grain,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn its_range_is_in_order_and_not_past(pending in 0..2_000_000i64, done in 1..5_000i64, at in 0..4_000_000_000i64) {
            let now = Moment::from_secs(at);
            if let Some(eta) = eta(pending, done, PACE, now) {
                proptest::prop_assert!(eta.earliest <= eta.at && eta.latest.is_none_or(|latest| eta.at <= latest));
                proptest::prop_assert!(eta.earliest >= now.floor(Span::minutes(1)));
            }
        }
    }

    #[test]
    fn what_is_left_takes_as_long_as_the_pace_says() {
        let now = Moment::parse("2026-11-21T14:32:08Z").unwrap();
        let done = eta(11_700, 615, PACE, now).unwrap();
        // 11,700 at 41 a minute: 285 minutes. 615 in 15 minutes may be 568 to 666.
        assert_eq!(done.at.to_rfc3339(), "2026-11-21T19:15:00Z");
        assert_eq!(done.earliest.to_rfc3339(), "2026-11-21T18:55:00Z");
        assert_eq!(done.latest.unwrap().to_rfc3339(), "2026-11-21T19:45:00Z");
        assert_eq!(done.grain, Span::minutes(5));
        assert_eq!(remaining(11_700, 615, PACE).value(), Some(11_700.0 * 900_000.0 / 615.0));
        assert_eq!(eta(0, 1, PACE, now).unwrap().at, now.floor(Span::minutes(1)));
        let far = eta(500_000, 40, PACE, now).unwrap();
        assert_eq!((far.grain, far.at.secs() % 86_400), (Span::days(1), 0), "months away, nobody knows the hour");
        assert_eq!(eta(5, 0, PACE, now), None);
        assert_eq!(eta(i64::MAX / 1_000_000, 1, PACE, now), None);
    }

    #[test]
    fn who_began_three_minutes_ago_has_the_pace_of_three_minutes() {
        let now = Moment::parse("2026-11-21T14:32:00Z").unwrap();
        let over = paced_over(Some(now - Span::minutes(3)), now);
        // 79 in three minutes: 26 a minute, and 263 more take ten.
        assert_eq!(eta(263, 79, over, now).unwrap().at.to_rfc3339(), "2026-11-21T14:42:00Z");
        assert_eq!(paced_over(Some(now - Span::hours(3)), now), PACE);
        assert_eq!(paced_over(None, now), PACE);
        assert_eq!(paced_over(Some(now), now), Span::minutes(1), "nobody's pace is that of a moment");
    }
}
