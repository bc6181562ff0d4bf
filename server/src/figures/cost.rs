//! What months cost, and what that makes for a part of one: exact decimals, rounded once at the end.
//!
//! A month's amount is spread evenly over its time at the site; the cost of a stretch is the part of it that lies within.

use crate::law::span::{Stretch, month_of};
use crate::store::write::Cost;
use app::domain::Moment;
use app::domain::outcome::CostKind;
use app::view::trend::Money;
use chrono::NaiveDate;
use chrono_tz::Tz;
use smol_str::SmolStr;

/// Money is told in parts of this.
const MICROS: i128 = 1_000_000;

/// A month's amount of one kind, as an exact fraction, and when that month is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monthly {
    pub told: Cost,
    pub month: Stretch,
    amount: Fraction,
}

/// An exact amount: `part ÷ whole`, the whole positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fraction {
    part: i128,
    whole: i128,
}

/// An amount over a stretch of time, exact, with its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expense {
    amount: Fraction,
    currency: SmolStr,
}

impl Fraction {
    /// Reads a decimal as the contract has it; `None` where it is none, or larger than can be counted.
    fn decimal(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (units, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals = decimals.trim_end_matches('0');
        let whole = 10i128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        let units: i128 = units.parse().ok()?;
        let decimals: i128 = if decimals.is_empty() { 0 } else { decimals.parse().ok()? };
        Some(Self { part: sign * units.checked_mul(whole)?.checked_add(decimals)?, whole })
    }

    fn times(self, part: i64, whole: i64) -> Option<Self> {
        let (part, whole) = (i128::from(part), i128::from(whole));
        let common = gcd(part, whole).max(1);
        let (part, whole) = (self.part.checked_mul(part / common)?, self.whole.checked_mul(whole / common)?);
        let common = gcd(part, whole).max(1);
        (whole > 0).then_some(Self { part: part / common, whole: whole / common })
    }

    /// In millionths, half away from zero.
    fn micros(self) -> Option<i64> {
        let scaled = self.part.checked_mul(MICROS)?;
        let half = self.whole / 2;
        let rounded = if scaled < 0 { scaled.checked_sub(half)? } else { scaled.checked_add(half)? } / self.whole;
        i64::try_from(rounded).ok()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Expense {
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        self.amount.micros().map(|micros| Money { micros, currency: self.currency.clone() })
    }

    /// For one of `n`, of which `scale` make a unit: one contact, or one minute of milliseconds.
    #[must_use]
    pub fn each(&self, n: i64, scale: i64) -> Option<Money> {
        if n <= 0 {
            return None;
        }
        let amount = self.amount.times(scale, n)?;
        Self { amount, currency: self.currency.clone() }.money()
    }
}

impl Monthly {
    /// `None` for what is no month, or too large an amount to be counted exactly.
    #[must_use]
    pub fn of(told: Cost, zone: Tz) -> Option<Self> {
        let first = NaiveDate::parse_from_str(&format!("{}-01", told.month), "%Y-%m-%d").ok()?;
        let amount = Fraction::decimal(&told.amount)?;
        Some(Self { month: month_of(zone, first), amount, told })
    }

    /// What of it falls into a stretch; `None` where none of the month does.
    #[must_use]
    pub fn over(&self, during: Stretch) -> Option<Expense> {
        let (from, to) = (during.from.max(self.month.from), during.to.min(self.month.to));
        if from >= to {
            return None;
        }
        let ms = |from: Moment, to: Moment| to.since(from).as_millis();
        let amount = self.amount.times(ms(from, to), ms(self.month.from, self.month.to))?;
        Some(Expense { amount, currency: self.told.currency.clone() })
    }
}

/// What one kind cost over a stretch; `None` unless every part of it lies in a month whose cost was told, all in one
/// currency.
#[must_use]
pub fn spent(months: &[Monthly], kind: CostKind, during: Stretch) -> Option<Expense> {
    let mut covered = 0;
    let mut sum: Option<Expense> = None;
    for month in months.iter().filter(|month| month.told.kind == kind) {
        let Some(part) = month.over(during) else { continue };
        let (from, to) = (during.from.max(month.month.from), during.to.min(month.month.to));
        covered += to.since(from).as_millis();
        sum = Some(match sum {
            None => part,
            Some(sum) if sum.currency == part.currency => {
                let (a, b) = (sum.amount, part.amount);
                let joined = a.part.checked_mul(b.whole)?.checked_add(b.part.checked_mul(a.whole)?)?;
                Expense { amount: Fraction { part: joined, whole: a.whole.checked_mul(b.whole)? }, ..sum }
            }
            Some(_) => return None,
        });
    }
    sum.filter(|_| covered == during.to.since(during.from).as_millis())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono_tz::America;

    fn monthly(month: &str, amount: &str, zone: Tz) -> Monthly {
        let (month, amount) = (month.into(), amount.into());
        let told =
            Cost { month, kind: CostKind::Telephony, amount, currency: "USD".into(), told_at: Moment::default() };
        Monthly::of(told, zone).unwrap()
    }

    fn days(zone: Tz, first: &str, n: u64) -> Stretch {
        crate::law::span::days_from(zone, first.parse().unwrap(), n)
    }

    #[test]
    fn amounts_are_exact_and_rounded_once() {
        let utc = Tz::UTC;
        let month = monthly("2026-11", "1250.00", utc);
        let micros = |part: Stretch| month.over(part).unwrap().money().unwrap().micros;
        assert_eq!(micros(days(utc, "2026-11-01", 30)), 1_250_000_000);
        assert_eq!(micros(days(utc, "2026-11-07", 1)), 41_666_667);
        assert_eq!(month.over(days(utc, "2026-11-01", 3)).unwrap().each(125, 1).unwrap().micros, 1_000_000);
        assert_eq!(month.over(days(utc, "2026-11-01", 3)).unwrap().each(0, 1), None);
        assert_eq!(month.over(days(utc, "2026-12-01", 3)), None);
        let minute = month.over(days(utc, "2026-11-01", 30)).unwrap().each(60_000 * 2_500, 60_000).unwrap();
        assert_eq!(minute.micros, 500_000, "1,250 over 2,500 minutes");
        assert_eq!(
            monthly("2026-11", "-0.000001", utc).over(days(utc, "2026-11-01", 30)).unwrap().money().unwrap().micros,
            -1
        );
        assert_eq!(
            monthly("2026-11", "999999999999999.5", utc).over(days(utc, "2026-11-01", 30)).unwrap().money(),
            None
        );
    }

    #[test]
    fn the_days_of_a_month_add_up_to_it_where_clocks_change() {
        let zone = America::New_York;
        let month = monthly("2026-11", "721", zone);
        let day = |n: u32| month.over(days(zone, &format!("2026-11-{n:02}"), 1)).unwrap().money().unwrap().micros;
        assert_eq!((day(1), day(2)), (25_000_000, 24_000_000), "of 721 hours the first day has 25");
        assert_eq!((1..=30).map(day).sum::<i64>(), 721_000_000);
    }

    #[test]
    fn a_stretch_over_two_months_takes_of_both_and_needs_both() {
        let utc = Tz::UTC;
        let months = [monthly("2026-11", "30", utc), monthly("2026-12", "62", utc)];
        let over = |months: &[Monthly], first, n| {
            spent(months, CostKind::Telephony, days(utc, first, n)).and_then(|s| s.money())
        };
        assert_eq!(over(&months, "2026-11-30", 3).unwrap().micros, 5_000_000);
        assert_eq!(over(&months[..1], "2026-11-30", 3), None);
        assert_eq!(over(&months, "2026-12-31", 2), None);
        assert_eq!(spent(&months, CostKind::Infrastructure, days(utc, "2026-11-01", 1)), None);
    }
}
