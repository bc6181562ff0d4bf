//! Printing figures so that the digits never contradict the band (ux.md U13, U31).

use super::band::{Bands, Edge};
use super::value::Ratio;

/// No data.
pub const NO_DATA: &str = "—";
const MOST_DECIMALS: u32 = 6;

/// `part ÷ whole` in percent with `decimals` digits, more where rounding would cross or touch a threshold it has not
/// reached: 2.801 % stays 2.801 %.
#[must_use]
pub fn percent(ratio: Ratio, decimals: u32, bands: Option<&Bands>) -> String {
    if ratio.whole <= 0 {
        return NO_DATA.to_owned();
    }
    let edges = || bands.into_iter().flat_map(Bands::edges);
    let truthful = |d: &u32| edges().all(|e| agrees(*e, ratio, *d));
    let decimals = (decimals..=MOST_DECIMALS).find(truthful).unwrap_or(MOST_DECIMALS);
    format!("{} %", fixed(rounded(ratio, decimals), decimals))
}

/// `part ÷ whole`, parts in ms, as seconds.
#[must_use]
pub fn seconds(ratio: Ratio, decimals: u32) -> String {
    if ratio.whole <= 0 {
        return NO_DATA.to_owned();
    }
    let scale = 10_i128.pow(decimals);
    let n = half_up(i128::from(ratio.part) * scale, i128::from(ratio.whole) * 1_000);
    format!("{} s", fixed(n, decimals))
}

/// [`seconds`], with more digits where rounding would cross or touch a threshold (in ms) it has not reached.
#[must_use]
pub fn seconds_judged(ratio: Ratio, decimals: u32, bands: Option<&Bands>) -> String {
    // Three digits are whole milliseconds: finer than any threshold.
    const FINEST: u32 = 3;
    let truthful = |decimals: &u32| {
        let scale = 10_i64.pow(*decimals);
        let n = half_up(i128::from(ratio.part) * i128::from(scale), i128::from(ratio.whole.max(1)) * 1_000);
        let printed = Ratio::new(i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(1_000), scale);
        bands.into_iter().flat_map(Bands::edges).all(|edge| edge.holds(printed) == edge.holds(ratio))
    };
    seconds(ratio, (decimals..FINEST).find(truthful).unwrap_or(FINEST))
}

/// The difference of two shares in percentage points, signed: `−14.2 pp`.
#[must_use]
pub fn points(now: Ratio, before: Ratio) -> String {
    if now.whole <= 0 || before.whole <= 0 {
        return NO_DATA.to_owned();
    }
    let (w, v) = (i128::from(now.whole), i128::from(before.whole));
    let n = half_up((i128::from(now.part) * v - i128::from(before.part) * w) * 1_000, w * v);
    let sign = match n.cmp(&0) {
        std::cmp::Ordering::Less => "−",
        std::cmp::Ordering::Equal => "±",
        std::cmp::Ordering::Greater => "+",
    };
    format!("{sign}{} pp", fixed(n.abs(), 1))
}

/// Counts over minutes, a minute: whole, or one decimal below 10.
#[must_use]
pub fn per_minute(ratio: Ratio) -> String {
    if ratio.whole <= 0 {
        return NO_DATA.to_owned();
    }
    let tenths = half_up(i128::from(ratio.part) * 10, i128::from(ratio.whole));
    if tenths == 0 || tenths >= 100 {
        i64::try_from(half_up(i128::from(ratio.part), i128::from(ratio.whole)))
            .map_or_else(|_| NO_DATA.to_owned(), count)
    } else {
        fixed(tenths, 1)
    }
}

/// Thousands by comma.
#[must_use]
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('−');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Whole seconds as `m:ss` or `h:mm:ss`.
#[must_use]
pub fn duration(secs: i64) -> String {
    let s = secs.max(0);
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// Age in the words of a header: `0.4 s`, `12 s`, `3 min`, `2 h`.
#[must_use]
pub fn age(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        0..=9_999 => format!("{}.{} s", ms / 1_000, ms / 100 % 10),
        10_000..=119_999 => format!("{} s", ms / 1_000),
        120_000..=7_199_999 => format!("{} min", ms / 60_000),
        _ => format!("{} h", ms / 3_600_000),
    }
}

/// Percent times 10^decimals, half away from zero.
fn rounded(ratio: Ratio, decimals: u32) -> i128 {
    half_up(i128::from(ratio.part) * 100 * 10_i128.pow(decimals), i128::from(ratio.whole))
}

fn half_up(n: i128, d: i128) -> i128 {
    let half = d / 2;
    if n < 0 { (n - half) / d } else { (n + half) / d }
}

/// Whether the printed percent lies on the same side of the edge as the exact value.
fn agrees(edge: Edge, ratio: Ratio, decimals: u32) -> bool {
    let printed = rounded(ratio, decimals);
    let scale = 100 * 10_i128.pow(decimals);
    let (Ok(part), Ok(whole)) = (i64::try_from(printed), i64::try_from(scale)) else { return true };
    edge.holds(Ratio::new(part, whole)) == edge.holds(ratio)
}

fn fixed(n: i128, decimals: u32) -> String {
    let scale = 10_i128.pow(decimals);
    let sign = if n < 0 { "−" } else { "" };
    let n = n.abs();
    if decimals == 0 {
        format!("{sign}{n}")
    } else {
        format!("{sign}{}.{:0width$}", n / scale, n % scale, width = decimals as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::catalog::KpiId;

    #[test]
    fn digits_never_contradict_the_band() {
        let bands = KpiId::AbandonRate.get().bands;
        let p = |part, whole| percent(Ratio::new(part, whole), 1, bands);
        assert_eq!(p(28, 1000), "2.8 %");
        assert_eq!(p(2801, 100_000), "2.801 %");
        assert_eq!(p(1999, 100_000), "1.999 %");
        assert_eq!(p(2, 100), "2.0 %");
        assert_eq!(p(0, 0), NO_DATA);
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(-12), "−12");
        assert_eq!(duration(3_725), "1:02:05");
        assert_eq!(per_minute(Ratio::new(2_090, 5)), "418");
        assert_eq!(per_minute(Ratio::new(7, 5)), "1.4");
        assert_eq!(per_minute(Ratio::new(0, 5)), "0");
        assert_eq!(per_minute(Ratio::new(49_999_999, 5)), "10,000,000");
        assert_eq!(age(430), "0.4 s");
        assert_eq!(points(Ratio::new(112, 1000), Ratio::new(340, 1000)), "−22.8 pp");
        assert_eq!(seconds(Ratio::new(4_800, 1), 1), "4.8 s");
    }
}
