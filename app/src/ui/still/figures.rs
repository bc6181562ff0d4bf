//! KPIs in digits, and how they compare with another day's: sign, arrow and a word, by which way is better (ux.md U33).

use crate::kpi::band::OUT_OF_RANGE;
use crate::kpi::catalog::{Direction, KpiId, Unit};
use crate::kpi::format::{self, NO_DATA};
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

/// How a figure stands to an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `+2.1 pp`, `−0:12`, `+8 %`.
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
        let text = match entry.unit {
            Unit::Share => format::points(now, before),
            Unit::Ms => longer(kpi, now, before),
            Unit::CallsPerMinute
            | Unit::CallsPerHour
            | Unit::Calls
            | Unit::Agents
            | Unit::State
            | Unit::Money
            | Unit::NumbersPerDay => format::relative_judged(now, before, &[OUT_OF_RANGE])?,
        };
        let left = i128::from(now.part) * i128::from(before.whole);
        // What reads as no difference is none.
        let order = match text.starts_with('±') {
            true => Ordering::Equal,
            false => left.cmp(&(i128::from(before.part) * i128::from(now.whole))),
        };
        let arrow = match order {
            Ordering::Less => "↓",
            Ordering::Equal => "→",
            Ordering::Greater => "↑",
        };
        let word = match (entry.direction, order) {
            (_, Ordering::Equal) => "as before",
            (Direction::Higher, Ordering::Greater) | (Direction::Lower, Ordering::Less) => "better",
            (Direction::Higher, Ordering::Less) | (Direction::Lower, Ordering::Greater) => "worse",
            (Direction::Neither, Ordering::Greater) => "more",
            (Direction::Neither, Ordering::Less) => "less",
        };
        Some(Self { text, arrow, word })
    }
}

/// The difference of two mean times, of what is shown of them.
fn longer(kpi: KpiId, now: Ratio, before: Ratio) -> String {
    let tenths =
        |ratio: Ratio| (i128::from(ratio.part) + i128::from(ratio.whole) * 50) / (i128::from(ratio.whole) * 100);
    let sign = |less: bool, zero: bool| match (zero, less) {
        (true, _) => "±",
        (false, true) => "−",
        (false, false) => "+",
    };
    if is_wait(kpi) {
        let by = tenths(now) - tenths(before);
        format!("{}{}.{} s", sign(by < 0, by == 0), by.abs() / 10, by.abs() % 10)
    } else {
        let by = whole_seconds(now).unwrap_or(0) - whole_seconds(before).unwrap_or(0);
        format!("{}{}", sign(by < 0, by == 0), format::duration(by.abs()))
    }
}

/// What the two counts of a KPI are called, with their values: for explanations.
#[must_use]
pub fn counts(kpi: KpiId, ratio: Ratio) -> Vec<(String, String)> {
    let entry = kpi.get();
    let said = |words: &str| words.replace('_', " ").replace(" ms", " time");
    let n = |words: &str, n: i64| {
        if words.contains("_ms") { format::duration(n / 1_000) } else { format::count(n) }
    };
    vec![
        (said(entry.numerator), n(entry.numerator, ratio.part)),
        (said(entry.denominator), n(entry.denominator, ratio.whole)),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_judged_by_the_way_that_is_better() {
        let change = |kpi, now, before| {
            let Change { text, arrow, word } = Change::of(kpi, now, before).unwrap();
            format!("{arrow} {text} {word}")
        };
        let r = Ratio::new;
        assert_eq!(change(KpiId::ConnectRate, r(33, 100), r(30, 100)), "↑ +3.0 pp better");
        assert_eq!(change(KpiId::AbandonRate, r(33, 1000), r(30, 1000)), "↑ +0.3 pp worse");
        assert_eq!(change(KpiId::Aht, r(240_000, 1), r(252_000, 1)), "↓ −0:12 less");
        assert_eq!(change(KpiId::Asa, r(24_010, 2), r(24_000, 2)), "→ ±0.0 s as before");
        assert_eq!(change(KpiId::CallsPerMinute, r(1_080, 60), r(1_000, 60)), "↑ +8 % more");
        assert_eq!(change(KpiId::ErrorRate, r(1, 100), r(2, 200)), "→ ±0.0 pp as before");
        assert_eq!(Change::of(KpiId::Aht, r(0, 0), r(1, 1)), None);
        assert_eq!(Change::of(KpiId::CallsPerMinute, r(5, 60), r(0, 60)), None);
    }

    #[test]
    fn waits_are_seconds_and_never_contradict_their_target() {
        assert_eq!(value(KpiId::Asa, Ratio::new(29_960, 1)), "29.96 s");
        assert_eq!(value(KpiId::Asa, Ratio::new(30_000, 1)), "30.0 s");
        assert_eq!(value(KpiId::Aht, Ratio::new(251_600, 1)), "4:12");
        assert_eq!(value(KpiId::Aht, Ratio::new(0, 0)), NO_DATA);
    }
}
