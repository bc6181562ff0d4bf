//! KPIs in digits, and how they compare with another day's: sign, arrow and a word, by which way is better (ux.md U33).

use crate::kpi::band::OUT_OF_RANGE;
use crate::kpi::catalog::{Direction, KpiId, Unit};
use crate::kpi::format::{self, Digits, NO_DATA};
use crate::kpi::{Bands, Ratio};
use std::cmp::Ordering;

/// A KPI's value with its unit.
#[must_use]
pub fn value(kpi: KpiId, ratio: Ratio) -> String {
    let entry = kpi.get();
    match entry.unit {
        Unit::Share => format::percent(ratio, decimals(kpi), entry.bands()),
        Unit::Ms => time(kpi, ratio, entry.bands()),
        Unit::CallsPerMinute => format::per_minute(ratio),
        Unit::Calls | Unit::CallsPerHour | Unit::Agents | Unit::State | Unit::Money | Unit::NumbersPerDay => {
            format::count(ratio.part)
        }
    }
}

fn decimals(kpi: KpiId) -> u32 {
    if kpi == KpiId::AbandonRate { 2 } else { 1 }
}

/// Whether a time is a wait, to be told in tenths of seconds.
const fn is_wait(kpi: KpiId) -> bool {
    matches!(kpi, KpiId::Pdd | KpiId::PddP95 | KpiId::Asa)
}

/// Waits are told in seconds, conversations in minutes and seconds.
fn time(kpi: KpiId, ratio: Ratio, bands: Option<&Bands>) -> String {
    if is_wait(kpi) { format::seconds_judged(ratio, 1, bands) } else { handle_time(ratio) }
}

/// Milliseconds over calls as `m:ss`.
#[must_use]
pub fn handle_time(ratio: Ratio) -> String {
    match whole_seconds(ratio) {
        Some(secs) => format::duration(secs),
        None => NO_DATA.to_owned(),
    }
}

fn whole_seconds(ratio: Ratio) -> Option<i64> {
    let half = i128::from(ratio.whole) * 500;
    let secs = (i128::from(ratio.part) + half) / (i128::from(ratio.whole).max(1) * 1_000);
    (ratio.whole > 0).then(|| i64::try_from(secs).unwrap_or(i64::MAX))
}

/// How a figure stands to an earlier one, by what is shown of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `+2.1 pp`, `−0:12`, `+8 %`; empty where they read the same.
    pub text: String,
    pub arrow: &'static str,
    /// "better", "worse"; "more", "less" where neither is; "as before".
    pub word: &'static str,
}

impl Change {
    /// `None` where one of the two is not known.
    #[must_use]
    pub fn of(kpi: KpiId, now: Ratio, before: Ratio) -> Option<Self> {
        let entry = kpi.get();
        if now.whole <= 0 || before.whole <= 0 {
            return None;
        }
        let (by, text) = match entry.unit {
            Unit::Share => {
                let shown = |ratio| Digits::percent(ratio, decimals(kpi), entry.bands());
                let by = shown(now)?.less(shown(before)?);
                (by, format!("{} pp", by.signed()))
            }
            Unit::Ms if is_wait(kpi) => {
                let shown = |ratio| Digits::seconds(ratio, 1, entry.bands());
                let by = shown(now)?.less(shown(before)?);
                (by, format!("{} s", by.signed()))
            }
            Unit::Ms => {
                let shown = |ratio| whole_seconds(ratio).map(Digits::whole);
                let by = shown(now)?.less(shown(before)?);
                (by, by.signed_duration())
            }
            Unit::CallsPerMinute
            | Unit::CallsPerHour
            | Unit::Calls
            | Unit::Agents
            | Unit::State
            | Unit::Money
            | Unit::NumbersPerDay => {
                let by = format::relative_judged(now, before, &[OUT_OF_RANGE])?;
                (by, format!("{} %", by.signed()))
            }
        };
        let (arrow, word) = match (entry.direction, by.order()) {
            (_, Ordering::Equal) => return Some(Self { text: String::new(), arrow: "→", word: "as before" }),
            (Direction::Higher, Ordering::Greater) => ("↑", "better"),
            (Direction::Higher, Ordering::Less) => ("↓", "worse"),
            (Direction::Lower, Ordering::Greater) => ("↑", "worse"),
            (Direction::Lower, Ordering::Less) => ("↓", "better"),
            (Direction::Neither, Ordering::Greater) => ("↑", "more"),
            (Direction::Neither, Ordering::Less) => ("↓", "less"),
        };
        Some(Self { text, arrow, word })
    }

    /// Whether the two read otherwise.
    #[must_use]
    pub fn shows(&self) -> bool {
        !self.text.is_empty()
    }

    /// All of it: "↑ +3.0 pp better", "→ as before".
    #[must_use]
    pub fn said(&self) -> String {
        let words = [self.arrow, &self.text, self.word];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Where there is no room for more: "↑ +3.0 pp", "→ as before".
    #[must_use]
    pub fn short(&self) -> String {
        if self.shows() { format!("{} {}", self.arrow, self.text) } else { self.said() }
    }
}

/// What the two counts of a KPI are called, with their values: for explanations.
#[must_use]
pub fn counts(kpi: KpiId, ratio: Ratio) -> Vec<(String, String)> {
    let entry = kpi.get();
    let said = |words: &str| words.replace('_', " ").replace(" ms", " time");
    let [part, whole] = format::amounts(entry, ratio);
    vec![(said(entry.numerator), part), (said(entry.denominator), whole)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_change_is_judged_by_the_way_that_is_better() {
        let change = |kpi, now, before| Change::of(kpi, now, before).unwrap().said();
        let r = Ratio::new;
        assert_eq!(change(KpiId::ConnectRate, r(33, 100), r(30, 100)), "↑ +3.0 pp better");
        assert_eq!(change(KpiId::AbandonRate, r(33, 1000), r(30, 1000)), "↑ +0.30 pp worse");
        assert_eq!(change(KpiId::AbandonRate, r(48, 10_000), r(55, 10_000)), "↓ −0.07 pp better");
        assert_eq!(change(KpiId::Aht, r(240_000, 1), r(252_000, 1)), "↓ −0:12 less");
        assert_eq!(change(KpiId::Asa, r(24_010, 2), r(24_000, 2)), "→ as before");
        assert_eq!(change(KpiId::CallsPerMinute, r(1_080, 60), r(1_000, 60)), "↑ +8 % more");
        assert_eq!(change(KpiId::ErrorRate, r(1, 100), r(2, 200)), "→ as before");
        assert_eq!(Change::of(KpiId::Aht, r(0, 0), r(1, 1)), None);
        assert_eq!(Change::of(KpiId::CallsPerMinute, r(5, 60), r(0, 60)), None);
    }

    /// What is shown of a figure as a number, in its last unit.
    fn number(kpi: KpiId, shown: &str) -> f64 {
        let shown = shown.replace([',', '+'], "").replace('−', "-");
        let digits = shown.split(' ').next().unwrap();
        let (sign, digits) = digits.strip_prefix('-').map_or((1.0, digits), |digits| (-1.0, digits));
        let timed = kpi.get().unit == Unit::Ms && !is_wait(kpi);
        let mut parts = digits.split(':').map(|part| part.parse::<f64>().unwrap());
        sign * if timed { parts.fold(0.0, |all, part| all * 60.0 + part) } else { parts.next_back().unwrap() }
    }

    proptest! {
        /// The two figures as they are shown, and what is said of their difference, are one sum: neither a change that
        /// nobody sees in them, nor one that is none.
        #[test]
        fn a_change_is_the_difference_of_what_is_shown(
            at in 0..KpiId::ALL.len(), whole in 1..200_000i64, before_whole in 1..200_000i64, share in 0..1_000_000i64, off in -3_000..3_000i64,
        ) {
            let kpi = KpiId::ALL[at];
            let most = match kpi.get().unit {
                Unit::Share => 1,
                Unit::Ms => 400_000,
                Unit::CallsPerMinute | Unit::CallsPerHour | Unit::Calls | Unit::Agents | Unit::State | Unit::Money | Unit::NumbersPerDay => return Ok(()),
            };
            let part = |whole: i64, share: i64| {
                i64::try_from(i128::from(whole) * most * i128::from(share.clamp(0, 1_000_000)) / 1_000_000).unwrap()
            };
            let (now, before) = (Ratio::new(part(whole, share), whole), Ratio::new(part(before_whole, share + off), before_whole));
            let change = Change::of(kpi, now, before).unwrap();
            let (shown, was) = (value(kpi, now), value(kpi, before));
            let by = number(kpi, &shown) - number(kpi, &was);
            prop_assert_eq!(change.text.is_empty(), by.abs() < 1e-9, "{}: {} and {}: {:?}", kpi.get().id, shown, was, change);
            prop_assert_eq!(change.word == "as before", change.text.is_empty());
            if !change.text.is_empty() {
                prop_assert!((number(kpi, &change.text) - by).abs() < 1e-9, "{}: {} and {}: {:?}", kpi.get().id, shown, was, change);
                prop_assert_eq!(change.arrow == "↑", by > 0.0);
            }
        }
    }

    #[test]
    fn waits_are_seconds_and_never_contradict_their_target() {
        assert_eq!(value(KpiId::Asa, Ratio::new(29_960, 1)), "29.96 s");
        assert_eq!(value(KpiId::Asa, Ratio::new(30_000, 1)), "30.0 s");
        assert_eq!(value(KpiId::Aht, Ratio::new(251_600, 1)), "4:12");
        assert_eq!(value(KpiId::Aht, Ratio::new(0, 0)), NO_DATA);
    }
}
