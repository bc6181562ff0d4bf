//! Where a figure is going: a line through some days, and when it reaches a band.

use super::band::{Band, Bands, Edge};
use super::value::Ratio;

/// Fits are told in parts of a million of the KPI's unit.
pub const PARTS: i64 = 1_000_000;

/// A line: its height at 0, and what it gains by 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub at_zero: f64,
    pub slope: f64,
}

impl Line {
    /// Through points (x, y) by the median of all slopes between two of them: a third of the points may be wild without
    /// moving it. `None` for fewer than two different x.
    ///
    /// # Source
    /// H. Theil, "A rank-invariant method of linear and polynomial regression analysis" (1950); P. K. Sen, "Estimates of the
    /// regression coefficient based on Kendall's tau", JASA 63 (1968).
    #[must_use]
    pub fn through(points: &[(f64, f64)]) -> Option<Self> {
        let mut slopes = Vec::new();
        for (i, (x, y)) in points.iter().enumerate() {
            let others = points[..i].iter().filter(|(u, _)| u != x);
            slopes.extend(others.map(|(u, v)| (y - v) / (x - u)));
        }
        let slope = median(slopes)?;
        let at_zero = median(points.iter().map(|(x, y)| y - slope * x).collect())?;
        Some(Self { at_zero, slope })
    }

    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.slope.mul_add(x, self.at_zero)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = values.get(half).copied()?;
    let is_odd = values.len() % 2 == 1;
    Some(if is_odd { upper } else { f64::midpoint(values[half - 1], upper) })
}

/// A real number in parts of a million, near enough to be judged like a count.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // figures of a floor are far below 2^43
pub fn in_parts(value: f64) -> Ratio {
    Ratio::new((value * PARTS as f64).round() as i64, PARTS)
}

/// Which band a line reaches first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    pub band: Band,
    pub edge: Edge,
    /// The first whole x at which it is there.
    pub at: u32,
}

/// When a line that is at `now` reaches a band worse than it has there, at a whole x from 0 to `within`.
#[must_use]
pub fn reaches(line: Line, now: f64, within: u32, bands: &Bands) -> Option<Reach> {
    let judge = |x: f64| Bands { enough: 0, ..*bands }.judge(in_parts(line.at(x)));
    let has = judge(now);
    (0..=within).find_map(|at| {
        let band = judge(f64::from(at));
        let edges = if band == Band::Critical { bands.critical } else { bands.warn };
        let there = in_parts(line.at(f64::from(at)));
        let edge = edges.iter().copied().find(|edge| edge.holds(there)).filter(|_| band.is_out() && band > has)?;
        Some(Reach { band, edge, at })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::float_cmp)]
mod tests {
    use super::*;
    use crate::kpi::catalog::KpiId;
    use proptest::prelude::*;

    #[test]
    fn wild_days_do_not_move_the_line() {
        let mut points: Vec<(f64, f64)> = (-14..0).map(|x| (f64::from(x), 2.0 + 0.5 * f64::from(x))).collect();
        points[3].1 = 900.0;
        points[8].1 = -50.0;
        points[12].1 = 70.0;
        let line = Line::through(&points).unwrap();
        assert!((line.slope - 0.5).abs() < 1e-9 && (line.at(0.0) - 2.0).abs() < 1e-9, "{line:?}");
        assert_eq!(Line::through(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(Line::through(&[]), None);
    }

    #[test]
    fn the_first_day_in_a_worse_band_is_named() {
        let bands = KpiId::AbandonRate.get().bands().unwrap();
        let rising = Line { at_zero: 0.0150, slope: 0.001 };
        let reach = reaches(rising, -1.0, 14, bands).unwrap();
        assert_eq!((reach.band, reach.at, reach.edge.value()), (Band::Warn, 5, 0.02));
        let already = Line { at_zero: 0.0210, slope: 0.001 };
        let reach = reaches(already, -1.0, 14, bands).unwrap();
        assert_eq!((reach.band, reach.at), (Band::Critical, 8), "2.8 % itself is yellow still");
        for calm in [
            Line { at_zero: 0.0150, slope: 0.0003 },
            Line { at_zero: 0.05, slope: 0.01 },
            Line { at_zero: 0.025, slope: -0.01 },
        ] {
            assert_eq!(reaches(calm, -1.0, 14, bands), None, "{calm:?}");
        }
        let falling = Line { at_zero: 0.97, slope: -0.01 };
        let bands = KpiId::InboundAnswerRate.get().bands().unwrap();
        assert_eq!(reaches(falling, -1.0, 14, bands).map(|r| (r.band, r.at)), Some((Band::Warn, 2)));
    }

    proptest! {
        #[test]
        fn a_fit_is_total_and_follows_a_line(a in -5.0..5.0f64, b in -1.0..1.0f64, xs in prop::collection::btree_set(-14..0i32, 0..14)) {
            let points: Vec<_> = xs.iter().map(|x| (f64::from(*x), a + b * f64::from(*x))).collect();
            match Line::through(&points) {
                Some(line) => prop_assert!((line.slope - b).abs() < 1e-9 && (line.at_zero - a).abs() < 1e-7),
                None => prop_assert!(xs.len() < 2),
            }
        }
    }
}
