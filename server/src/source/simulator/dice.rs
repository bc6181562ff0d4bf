//! Chance, seeded: everything random on the simulated floor is thrown here.
//!
//! The distributions are written out rather than taken from a crate, so that a seed keeps its calls when a dependency
//! is updated.

use app::domain::Span;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// A stream of chance. The same seed and stream give the same throws.
#[derive(Debug, Clone)]
pub struct Dice(Pcg64);

impl Dice {
    /// `stream` keeps apart what must not disturb one another: the live floor and each hour of its past.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(Pcg64::new(u128::from(seed) ^ 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834, u128::from(stream)))
    }

    /// Evenly spread over 0 (included) to 1 (excluded).
    #[allow(clippy::cast_precision_loss)]
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of `0..n`; 0 where `n` is 0.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    pub fn between(&mut self, low: Span, high: Span) -> Span {
        scaled(high.as_millis() - low.as_millis(), self.unit(), low)
    }

    /// The wait for the next of what comes at random, on average once in `mean`.
    pub fn wait(&mut self, mean: Span) -> Span {
        scaled(mean.as_millis(), -(1.0 - self.unit()).ln(), Span::ZERO)
    }

    /// A length that is most often short and now and then long: log-normal with this mean, at most ten times it.
    pub fn length(&mut self, mean: Span, sigma: f64) -> Span {
        let normal = (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos();
        scaled(mean.as_millis(), (sigma * normal - sigma * sigma / 2.0).exp().min(10.0), Span::ZERO)
    }

    /// One of the choices, each as often as its weight says; `None` where there is nothing to choose.
    pub fn pick<'a, T>(&mut self, choices: &'a [(T, f64)]) -> Option<&'a T> {
        let total: f64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for (choice, weight) in choices {
            left -= weight;
            if left < 0.0 {
                return Some(choice);
            }
        }
        choices.last().map(|(choice, _)| choice)
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn scaled(ms: i64, by: f64, plus: Span) -> Span {
    Span::millis(plus.as_millis() + (ms as f64 * by) as i64)
}

/// A share that is met in the long run to the single case, however small it is: what came too seldom so far comes
/// sooner. A real floor answers for hours of such calls; a simulated one must not turn yellow by bad luck alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quota {
    owed: f64,
}

/// How regularly a quota falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Like throws of a coin, but without long runs of luck.
    Loose,
    /// Nearly evenly spaced.
    Even,
}

impl Quota {
    /// Whether this case is one of the share.
    pub fn falls(&mut self, share: f64, rhythm: Rhythm, dice: &mut Dice) -> bool {
        let play = match rhythm {
            Rhythm::Loose => 1.0,
            Rhythm::Even => 0.2,
        };
        self.owed += share;
        let due = self.owed >= 1.0 - play * dice.unit();
        if due {
            self.owed -= 1.0;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_met_to_the_single_case() {
        for rhythm in [Rhythm::Loose, Rhythm::Even] {
            let (mut quota, mut dice) = (Quota::default(), Dice::new(1, 1));
            let met = (0..10_000).filter(|_| quota.falls(0.137, rhythm, &mut dice)).count();
            assert!((1_369..=1_371).contains(&met), "{met}");
        }
    }

    #[test]
    fn lengths_have_the_mean_they_were_asked_for() {
        let mut dice = Dice::new(7, 0);
        let mean = (0..20_000).map(|_| dice.length(Span::secs(80), 0.6).as_millis()).sum::<i64>() / 20_000;
        assert!((78_000..=82_000).contains(&mean), "{mean}");
    }
}
