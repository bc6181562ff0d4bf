//! Values at even steps of time, with their gaps, and how few points of them a picture needs.

use crate::domain::{Moment, Span};
use crate::view::live::Site;

/// One value a step, oldest first; `None` where nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub from: Moment,
    pub step: Span,
    pub values: Vec<Option<f64>>,
}

/// A point of a picture: how far along (0 to 1), and its value.
pub type Point = (f64, f64);

/// The most slots a series may have: a day by 10 s. Points further apart than that are not of one picture.
const MOST: usize = 8_640;

impl Series {
    /// Places points on their steps. Points outside of `from` … `from + count · step` are not part of the picture, nor
    /// are values that are not finite.
    #[must_use]
    pub fn place(from: Moment, step: Span, count: usize, points: impl IntoIterator<Item = (Moment, f64)>) -> Self {
        let mut series = Self { from, step: step.max(Span::millis(1)), values: vec![None; count.min(MOST)] };
        for (t, value) in points {
            if let (Some(place), true) = (series.place_of(t), value.is_finite()) {
                series.values[place] = Some(value);
            }
        }
        series
    }

    /// The place of the value whose step holds a moment.
    #[must_use]
    pub fn place_of(&self, t: Moment) -> Option<usize> {
        let place = (t - self.from).as_millis().div_euclid(self.step.as_millis().max(1));
        usize::try_from(place).ok().filter(|place| *place < self.values.len())
    }

    /// Begin of the last step.
    #[must_use]
    pub fn to(&self) -> Moment {
        let last = i64::try_from(self.values.len().saturating_sub(1)).unwrap_or(0);
        self.from + Span::millis(self.step.as_millis().saturating_mul(last))
    }

    #[must_use]
    pub fn known(&self) -> impl DoubleEndedIterator<Item = f64> {
        self.values.iter().filter_map(|value| value.filter(|v| v.is_finite()))
    }

    #[must_use]
    pub fn last(&self) -> Option<f64> {
        self.known().next_back()
    }

    #[must_use]
    pub fn highest(&self) -> Option<f64> {
        self.known().reduce(f64::max)
    }

    /// The last known value and where it is.
    #[must_use]
    pub fn last_point(&self) -> Option<Point> {
        let at = self.values.iter().rposition(|value| value.is_some_and(f64::is_finite))?;
        Some((along(at, self.values.len()), self.values[at]?))
    }

    /// What to draw on `columns` pixels: runs without a gap, of at most two points a column, which are its lowest and
    /// its highest in the order of time.
    #[must_use]
    pub fn runs(&self, columns: f64) -> Vec<Vec<Point>> {
        let mut runs = Vec::new();
        let mut run: Vec<Point> = Vec::new();
        for (at, value) in self.values.iter().enumerate() {
            match value.filter(|v| v.is_finite()) {
                Some(value) => run.push((along(at, self.values.len()), value)),
                None if run.is_empty() => {}
                None => runs.push(thinned(std::mem::take(&mut run), columns)),
            }
        }
        if !run.is_empty() {
            runs.push(thinned(run, columns));
        }
        runs
    }

    /// Where it went: the newest fifth against the oldest, told from a twentieth of the larger on.
    #[must_use]
    pub fn trend(&self) -> Trend {
        let known: Vec<f64> = self.known().collect();
        let fifth = known.len().div_ceil(5);
        if known.len() < 2 {
            return Trend::Unknown;
        }
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
        let (before, now) = (mean(&known[..fifth]), mean(&known[known.len() - fifth..]));
        let told = before.abs().max(now.abs()) / 20.0;
        if now - before > told {
            Trend::Rising
        } else if before - now > told {
            Trend::Falling
        } else {
            Trend::Steady
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    Rising,
    Falling,
    Steady,
    /// Fewer than two values.
    Unknown,
}

impl Trend {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::Steady => "steady",
            Self::Unknown => "too little data for a trend",
        }
    }
}

fn along(at: usize, of: usize) -> f64 {
    if of > 1 { at as f64 / (of - 1) as f64 } else { 1.0 }
}

fn thinned(run: Vec<Point>, columns: f64) -> Vec<Point> {
    let columns = columns.max(1.0);
    if (run.len() as f64) <= columns * 2.0 {
        return run;
    }
    let column = |point: &Point| (point.0 * columns).floor() as i64;
    let mut kept = Vec::new();
    for of_one in run.chunk_by(|a, b| column(a) == column(b)) {
        let by_value = |a: &(usize, &Point), b: &(usize, &Point)| a.1.1.total_cmp(&b.1.1);
        let low = of_one.iter().enumerate().min_by(by_value).map(|(at, _)| at);
        let high = of_one.iter().enumerate().max_by(by_value).map(|(at, _)| at);
        if let (Some(low), Some(high)) = (low, high) {
            kept.push(of_one[low.min(high)]);
            if low != high {
                kept.push(of_one[low.max(high)]);
            }
        }
    }
    kept
}

/// A round step that divides `0..=top` into at most `most` parts: 1, 2 or 5 times a power of ten.
#[must_use]
pub fn round_step(top: f64, most: u32) -> f64 {
    if !(top.is_finite() && top > 0.0) {
        return 1.0;
    }
    let rough = top / f64::from(most.max(1));
    // By hand: the library's logarithm and power would be downloaded for nothing but this.
    let mut power = 1.0;
    while power * 10.0 <= rough {
        power *= 10.0;
    }
    while power > rough {
        power /= 10.0;
    }
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough * 0.999_999);
    step.unwrap_or(power * 10.0).clamp(f64::MIN_POSITIVE, f64::MAX)
}

/// The site's time of day, `14:32`.
#[must_use]
pub fn time_of_day(at: Moment, site: &Site) -> String {
    let minutes = (at.secs() + i64::from(site.utc_offset_s)).rem_euclid(86_400) / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn thinning_keeps_the_extremes_and_the_order(
            values in prop::collection::vec(prop::option::weighted(0.9, -1e6..1e6), 0..4000), columns in 1..300u32,
        ) {
            let series = Series { from: Moment::default(), step: Span::secs(1), values };
            let runs = series.runs(f64::from(columns));
            let kept: Vec<Point> = runs.concat();
            prop_assert_eq!(kept.iter().map(|p| p.1).reduce(f64::max), series.highest());
            prop_assert_eq!(kept.iter().map(|p| p.1).reduce(f64::min), series.known().reduce(f64::min));
            prop_assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
            for run in runs {
                let most = 2 * (columns as usize + 1);
                prop_assert!(run.len() <= most, "{} points on {columns} columns", run.len());
            }
        }

        #[test]
        fn steps_are_few_and_finite(top in prop::num::f64::ANY, most in 0..9u32) {
            let step = round_step(top, most);
            prop_assert!(step.is_finite() && step > 0.0);
        }
    }

    #[test]
    fn gaps_stay_gaps() {
        let at = |s| Moment::from_secs(s);
        let points = [(at(0), 1.0), (at(10), 2.0), (at(30), 4.0), (at(990), 9.0), (at(-1), 9.0), (at(20), f64::NAN)];
        let series = Series::place(at(0), Span::secs(10), 4, points);
        assert_eq!(series.values, [Some(1.0), Some(2.0), None, Some(4.0)]);
        assert_eq!(series.runs(100.0).iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((series.to(), series.trend()), (at(30), Trend::Rising));
    }

    #[test]
    fn steps_are_round() {
        for (top, step) in [(5.2, 2.0), (200.0, 50.0), (0.9, 0.5), (0.0, 1.0), (4.0, 1.0)] {
            assert_eq!(round_step(top, 4), step, "{top}");
        }
    }
}
