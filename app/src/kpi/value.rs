//! Ratios as two exact counts, and what may be said of them.

use serde::{Deserialize, Serialize};

/// `part ÷ whole`; 0 of 0 is no data, never 0 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Ratio {
    /// What is counted.
    pub part: i64,
    /// Of how much; 0: no data.
    pub whole: i64,
}

impl Ratio {
    #[must_use]
    pub const fn new(part: i64, whole: i64) -> Self {
        Self { part, whole }
    }

    /// `None` where the whole is not positive.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
    pub fn value(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }

    /// The 95 % Wilson score interval of a proportion; `None` without data or where part is not within 0…whole.
    ///
    /// # Source
    /// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    #[must_use]
    pub fn wilson(self) -> Option<(f64, f64)> {
        const Z: f64 = 1.959_963_984_540_054;
        self.interval(Z)
    }

    /// The same by so many standard deviations: 2 are nearly 95 %, 3 are 99.7 %.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn interval(self, z: f64) -> Option<(f64, f64)> {
        if self.whole <= 0 || self.part < 0 || self.part > self.whole {
            return None;
        }
        let (n, p) = (self.whole as f64, self.part as f64 / self.whole as f64);
        let z2 = z * z;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let reach = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
        let low = if self.part == 0 { 0.0 } else { (centre - reach).max(0.0) };
        let high = if self.part == self.whole { 1.0 } else { (centre + reach).min(1.0) };
        Some((low, high))
    }

    /// Whether as large a part comes by chance less often than once in `one_in` times, where the share is really `share`: the tail
    /// of the binomial distribution itself. With few calls every interval that is an approximation is sure too soon: of three of 21
    /// it says what 2.8 % do by chance each fiftieth time.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn is_surely_above(self, share: f64, one_in: f64) -> bool {
        /// From here on there are so many that three standard deviations tell the same.
        const MANY: i64 = 1_000;
        if self.whole > MANY {
            return self.interval(3.0).is_some_and(|(low, _)| low > share);
        }
        if self.whole <= 0 || self.part <= 0 || self.part > self.whole {
            return false;
        }
        let n = self.whole as f64;
        let mut exactly = (1.0 - share).powf(n);
        let mut fewer = 0.0;
        for k in 0..self.part {
            fewer += exactly;
            let k = k as f64;
            exactly *= (n - k) / (k + 1.0) * share / (1.0 - share);
        }
        (1.0 - fewer) * one_in < 1.0
    }

    /// Whether `self − other`, both shares, is more than `points` percentage points; decided in integers.
    #[must_use]
    pub fn exceeds_by(self, other: Self, points: i64) -> bool {
        // p/w − q/v > k/100  ⇔  100·(p·v − q·w) > k·w·v
        let (p, w, q, v) =
            (i128::from(self.part), i128::from(self.whole), i128::from(other.part), i128::from(other.whole));
        w > 0 && v > 0 && 100 * (p * v - q * w) > i128::from(points) * w * v
    }

    /// Whether `self ≥ other × num ÷ den`, all exact.
    #[must_use]
    pub fn at_least_times(self, other: Self, num: i64, den: i64) -> bool {
        let (p, w, q, v) =
            (i128::from(self.part), i128::from(self.whole), i128::from(other.part), i128::from(other.whole));
        w > 0 && v > 0 && p * v * i128::from(den) >= q * w * i128::from(num)
    }
}

impl std::ops::AddAssign for Ratio {
    /// The ratio of the sums; never a mean of ratios.
    fn add_assign(&mut self, other: Self) {
        self.part += other.part;
        self.whole += other.whole;
    }
}

/// The delay below which `share` (a fraction of `of`) of a histogram lies, in ms: linear within its bucket.
/// `None` for an empty histogram.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn quantile(histogram: &[i64], upper_edges_ms: &[i64], share: i64, of: i64) -> Option<f64> {
    let total: i64 = histogram.iter().filter(|n| **n > 0).sum();
    if total <= 0 {
        return None;
    }
    let target = total as f64 * share as f64 / of as f64;
    let (mut below, mut low) = (0.0, 0.0);
    for (i, n) in histogram.iter().enumerate() {
        let n = (*n).max(0) as f64;
        let high = upper_edges_ms.get(i).map_or(low, |e| *e as f64);
        if n > 0.0 && below + n >= target {
            return Some(low + (high - low) * ((target - below) / n).clamp(0.0, 1.0));
        }
        below += n;
        low = high;
    }
    Some(low)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_of_nothing_is_no_data() {
        assert_eq!(Ratio::new(0, 0).value(), None);
        assert_eq!(Ratio::new(0, 0).wilson(), None);
    }

    #[test]
    fn wilson_agrees_with_a_published_example() {
        // 15 of 148: 0.0624 to 0.1605 (Newcombe 1998, Statistics in Medicine 17, table of method 3).
        let (low, high) = Ratio::new(15, 148).wilson().unwrap();
        assert!((low - 0.0624).abs() < 5e-4 && (high - 0.1605).abs() < 5e-4, "{low} {high}");
    }

    #[test]
    fn as_many_by_chance_is_counted_exactly() {
        // P(X ≥ 3) of 21 at 2.8 % is 2.002 %.
        assert_eq!([49.0, 50.0].map(|one_in| Ratio::new(3, 21).is_surely_above(0.028, one_in)), [true, false]);
        for (part, whole, sure) in [(3, 21, false), (4, 23, false), (5, 23, true), (8, 61, true), (2, 60, false)] {
            assert_eq!(Ratio::new(part, whole).is_surely_above(0.028, 1_000.0), sure, "{part} of {whole}");
        }
        assert!(Ratio::new(300, 6_000).is_surely_above(0.028, 1_000.0), "and of many");
        assert!(!Ratio::new(170, 6_000).is_surely_above(0.028, 1_000.0));
        assert!(!Ratio::new(0, 0).is_surely_above(0.028, 1_000.0));
    }

    #[test]
    fn more_than_twelve_points_is_more_than_twelve() {
        assert!(!Ratio::new(40, 100).exceeds_by(Ratio::new(28, 100), 12));
        assert!(Ratio::new(401, 1000).exceeds_by(Ratio::new(280, 1000), 12));
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_value(part in 0..500i64, rest in 0..500i64) {
            let ratio = Ratio::new(part, part + rest);
            if let (Some(v), Some((low, high))) = (ratio.value(), ratio.wilson()) {
                prop_assert!((0.0..=1.0).contains(&low) && low <= v && v <= high && high <= 1.0);
            }
        }

        #[test]
        fn a_quantile_is_total(h in prop::collection::vec(-2..50i64, 0..6)) {
            let q = quantile(&h, &[1, 2, 3, 4, 5], 95, 100);
            prop_assert!(q.is_none_or(f64::is_finite));
        }
    }
}
