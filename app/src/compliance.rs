//! The abandon budget: what the law lets a campaign still abandon, in calls.
//!
//! The limit is a share of live answers per campaign and per period; operators decide about calls, so the budget is told
//! in calls. What an abandoned call is, is judged by the server's `law/contribute.rs`.
//!
//! # Source
//! 16 CFR 310.4(b)(4)(i) and 47 CFR 64.1200(a)(7): no more than 3 % of calls answered live by a person, measured over
//! each successive 30-day period of a single campaign.

use crate::domain::Span;
use crate::kpi::band::{ENOUGH, ENOUGH_LIVE};
use crate::kpi::{Band, Ratio};

/// The limit where a campaign sets none, in millionths: 3 %.
pub const DEFAULT_LIMIT_PPM: i64 = 30_000;
const WHOLE_PPM: i128 = 1_000_000;
const HOURS_OF_A_DAY: i64 = 24;
/// Days of a period.
pub const PERIOD_DAYS: i64 = 30;

/// A campaign's count over its running period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    pub abandoned: i64,
    /// Live answers of which it can be said whether they were abandoned.
    pub judged_live: i64,
    /// In millionths, above 0 and below 1,000,000.
    pub limit_ppm: i64,
}

impl Budget {
    /// Of the counts of the abandon rate over the period.
    #[must_use]
    pub const fn of(rate: Ratio, limit_ppm: i64) -> Self {
        Self { abandoned: rate.part, judged_live: rate.whole, limit_ppm }
    }

    /// Calls in a row that may still be abandoned; negative: the clean live answers owed before the rate is back at
    /// the limit. `None` where the limit is not a share.
    #[must_use]
    pub fn calls_left(self) -> Option<i64> {
        let (a, h, l) = (i128::from(self.abandoned), i128::from(self.judged_live), i128::from(self.limit_ppm));
        if l <= 0 || l >= WHOLE_PPM {
            return None;
        }
        let spare = l * h - WHOLE_PPM * a;
        let calls = if spare >= 0 { spare / (WHOLE_PPM - l) } else { -((-spare + l - 1) / l) };
        i64::try_from(calls).ok()
    }

    #[must_use]
    pub fn band(self) -> Band {
        match self.calls_left() {
            None => Band::None,
            Some(_) if self.judged_live <= 0 => Band::None,
            Some(_) if self.judged_live < ENOUGH_LIVE => Band::TooFew,
            Some(left) if left < 0 => Band::Critical,
            Some(0) => Band::Warn,
            Some(_) => Band::Ok,
        }
    }

    /// Whether too few answers to be judged by are over the limit all the same: their whole 95 % interval is.
    #[must_use]
    pub fn is_beyond_all_the_same(self) -> bool {
        let low = Ratio::new(self.abandoned, self.judged_live).wilson().map(|(low, _)| ppm_of(low));
        (ENOUGH..ENOUGH_LIVE).contains(&self.judged_live) && low.is_some_and(|low| low > i128::from(self.limit_ppm))
    }

    /// Whether the budget is nearly used up: what is left would not outlast a day of as many abandoned calls as the last hour
    /// had, were nobody else reached. The rate alone tells nothing of that.
    #[must_use]
    pub fn is_near(self, hour: Ratio) -> bool {
        self.calls_left().is_some_and(|left| left <= hour.part.saturating_mul(HOURS_OF_A_DAY))
    }

    /// How long until the budget is used up at the pace of a recent hour; `None` where that pace keeps within the limit,
    /// the budget is gone already, or the hour had too few live answers to tell a pace.
    #[must_use]
    pub fn runway(self, hour: Ratio) -> Option<Runway> {
        let (a, h, l) = (i128::from(self.abandoned), i128::from(self.judged_live), i128::from(self.limit_ppm));
        let spare = l * h - WHOLE_PPM * a;
        if hour.whole < ENOUGH_LIVE || l <= 0 || l >= WHOLE_PPM || spare < 0 {
            return None;
        }
        let lasts = |lost_an_hour: i128| {
            let ms = (lost_an_hour > 0).then(|| spare * 3_600_000 / lost_an_hour)?;
            i64::try_from(ms).ok().map(Span::millis)
        };
        // At a rate in millionths of the hour's live answers.
        let at_rate = |ppm: i128| lasts(i128::from(hour.whole) * (ppm - l));
        let (low, high) = hour.wilson()?;
        Some(Runway {
            lasts: lasts(WHOLE_PPM * i128::from(hour.part) - l * i128::from(hour.whole))?,
            shortest: at_rate(ppm_of(high))?,
            longest: at_rate(ppm_of(low)),
        })
    }
}

/// For how long a budget lasts, by the 95 % interval of the hour's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runway {
    pub lasts: Span,
    pub shortest: Span,
    /// `None`: that the hour was over the limit may be chance.
    pub longest: Option<Span>,
}

#[allow(clippy::cast_possible_truncation)] // a share is within 0 and 1
fn ppm_of(share: f64) -> i128 {
    (share * 1_000_000.0).round() as i128
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn budget(abandoned: i64, judged_live: i64) -> Budget {
        Budget { abandoned, judged_live, limit_ppm: DEFAULT_LIMIT_PPM }
    }

    #[test]
    fn thirty_of_two_thousand_leave_thirty_in_a_row() {
        assert_eq!(budget(30, 2000).calls_left(), Some(30));
        assert_eq!(budget(60, 2000).calls_left(), Some(0));
        assert_eq!(budget(61, 2000).calls_left(), Some(-34));
    }

    #[test]
    fn a_comfortable_budget_is_not_near_its_end_whatever_the_rate() {
        // 2.02 % in the hour, and thousands of calls left.
        assert!(!budget(1_000, 300_000).is_near(Ratio::new(20, 990)));
        assert!(budget(1_000, 33_333 + 480 * 32).is_near(Ratio::new(20, 990)));
        assert!(budget(60, 2_000).is_near(Ratio::new(0, 100)), "nothing is left");
    }

    #[test]
    fn at_the_pace_of_the_hour_the_rest_lasts_so_long() {
        // 30 spare at 3 %; the hour lost 8 of 200, that is 2 more than its 6.
        let run = budget(30, 2000).runway(Ratio::new(8, 200));
        assert_eq!(run.map(|run| (run.lasts, run.longest)), Some((Span::hours(15), None)), "4 % of 200 may be chance");
        assert_eq!(budget(30, 2000).runway(Ratio::new(6, 200)), None);
        let sure = budget(30, 2000).runway(Ratio::new(20, 200));
        assert!(sure.is_some_and(|r| r.shortest < r.lasts && r.longest.is_some_and(|longest| r.lasts < longest)));
    }

    fn within(a: i64, h: i64, l: i64) -> bool {
        i128::from(a) * WHOLE_PPM <= i128::from(l) * i128::from(h)
    }

    proptest! {
        #[test]
        fn the_budget_is_exact(h in 0..5_000i64, share in 0..=1_000i64, l in 1..999_999i64) {
            let a = h * share / 1_000;
            let left = Budget { abandoned: a, judged_live: h, limit_ppm: l }.calls_left().unwrap_or(0);
            if left >= 0 {
                // Each abandoned call is a live answer too.
                prop_assert!(within(a + left, h + left, l) && !within(a + left + 1, h + left + 1, l));
            } else {
                prop_assert!(within(a, h - left, l) && !within(a, h - left - 1, l));
            }
        }
    }
}
