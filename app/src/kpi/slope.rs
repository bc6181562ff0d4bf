//! Whether a line through some days goes somewhere, or is what noise makes of a steady figure.
//!
//! A t-test of the slope of least squares, one-sided, with days that hang together counted as fewer days. It is strict,
//! because a floor of fifty campaigns asks it some hundred times a day.
//!
//! # Source
//! The effective number of observations, n (1 − r) ÷ (1 + r) with r the lag-1 autocorrelation of the residuals: B. D.
//! Santer and others, "Statistical significance of trends and trend differences in layer-average atmospheric temperature
//! time series", JGR 105 (2000). Residuals of short series show less of it than there is: r is taken 2 ÷ n higher for that
//! and by one standard error, 1 ÷ √n.

/// Fewer days than this tell no direction.
pub const FEWEST: usize = 14;
/// Of a thousand steady figures at most one is said to be on its way, also where each day takes 0.3 of the day before along.
pub const ALPHA: f64 = 0.001;

/// What Student's t exceeds by a chance of [`ALPHA`], for 1, 2, … degrees of freedom; more count as the last.
const CRITICAL: [f64; 30] = [
    318.309, 22.327, 10.215, 7.173, 5.893, 5.208, 4.785, 4.501, 4.297, 4.144, 4.025, 3.930, 3.852, 3.787, 3.733, 3.686,
    3.646, 3.610, 3.579, 3.552, 3.527, 3.505, 3.485, 3.467, 3.450, 3.435, 3.421, 3.408, 3.396, 3.385,
];
/// Days that hang together more than this are no longer worth a judgement.
const MOST_TOGETHER: f64 = 0.9;

/// Whether the slope of points (x, y), in order of x, is one that noise around a steady figure hardly makes.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a month of days
pub fn is_no_noise(points: &[(f64, f64)]) -> bool {
    if points.len() < FEWEST {
        return false;
    }
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let slope = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / spread;
    let residuals: Vec<f64> = points.iter().map(|(x, y)| y - y_mean - slope * (x - x_mean)).collect();
    let squares: f64 = residuals.iter().map(|r| r * r).sum();
    if !slope.is_finite() || slope == 0.0 {
        return false;
    }
    // A line without any noise: nothing else could have made it.
    if squares <= f64::EPSILON * points.iter().map(|(_, y)| y * y).sum::<f64>() {
        return true;
    }
    let together = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / squares;
    let together = (together + 2.0 / n + n.sqrt().recip()).clamp(0.0, MOST_TOGETHER);
    let times = (1.0 + together) / (1.0 - together);
    let freedom = ((n / times).floor() as usize).saturating_sub(2).clamp(1, CRITICAL.len());
    let error = (squares / (n - 2.0) / spread * times).sqrt();
    slope.abs() / error > CRITICAL[freedom - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normal noise from a seed: a sum of twelve uniform numbers, by xorshift (Marsaglia, 2003).
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> f64 {
            let mut uniform = || {
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 7;
                self.0 ^= self.0 << 17;
                (self.0 >> 11) as f64 / (1_u64 << 53) as f64
            };
            (0..12).map(|_| uniform()).sum::<f64>() - 6.0
        }

        /// A steady figure of so many days, each of which takes a share of the day before along.
        fn series(&mut self, days: usize, along: f64, slope: f64) -> Vec<(f64, f64)> {
            let mut level = 0.0;
            (0..20).for_each(|_| level = along * level + self.next());
            let day = |n: usize| {
                level = along * level + self.next();
                (n as f64, 100.0 + level * (1.0 - along * along).sqrt() + slope * n as f64)
            };
            (0..days).map(day).collect()
        }
    }

    fn share(days: usize, along: f64, slope: f64, series: u32) -> f64 {
        let mut noise = Noise(0x2545_f491_4f6c_dd1d);
        // Both directions are looked at: half of them are the one that somebody would be warned of.
        let said = (0..series).filter(|_| is_no_noise(&noise.series(days, along, slope))).count();
        said as f64 / f64::from(series) / if slope == 0.0 { 2.0 } else { 1.0 }
    }

    #[test]
    fn noise_is_called_a_trend_no_more_often_than_the_named_rate() {
        for days in [14, 21, 28] {
            for along in [0.0, 0.15, 0.3] {
                let rate = share(days, along, 0.0, 20_000);
                // Three standard errors of a rate counted on as many series.
                let chance = 3.0 * (ALPHA / 40_000.0).sqrt();
                assert!(rate <= ALPHA + chance, "{days} days, {along} taken along: {rate}");
            }
        }
    }

    #[test]
    fn a_real_slope_is_found() {
        assert!(share(28, 0.0, 0.3, 2_000) > 0.9);
        assert!(share(28, 0.3, 0.3, 2_000) > 0.7);
        assert!(share(21, 0.0, 0.5, 2_000) > 0.8);
    }

    #[test]
    fn too_few_days_tell_nothing_and_a_clean_line_tells_all() {
        let line = |days: usize| (0..days).map(|n| (n as f64, 2.0 + 0.25 * n as f64)).collect::<Vec<_>>();
        assert!(!is_no_noise(&line(FEWEST - 1)) && is_no_noise(&line(FEWEST)));
        assert!(!is_no_noise(&(0..20).map(|n| (f64::from(n), 5.0)).collect::<Vec<_>>()));
        assert!(!is_no_noise(&(0..20).map(|_| (1.0, 5.0)).collect::<Vec<_>>()), "one day only");
    }
}
