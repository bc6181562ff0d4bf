//! Printing figures so that the digits never contradict the band (ux.md U13, U31).

use super::band::{Band, Bands, Edge};
use super::catalog::Kpi;
use super::value::Ratio;
use std::cmp::Ordering;

/// No data.
pub const NO_DATA: &str = "—";
const MOST_DECIMALS: u32 = 6;

/// A figure, or how far two are apart, in the digits that are shown of it.
///
/// A difference is that of the digits that stand beside it, so that a reader who does the sum finds it, and what lies under
/// the last of them is no change: 0.48 % and 0.55 % are 0.07 apart and not 0.1, 24.04 % and 23.96 % read the same and are.
#[derive(Debug, Clone, Copy)]
pub struct Digits {
    n: i128,
    decimals: u32,
}

impl Digits {
    const fn new(n: i128, decimals: u32) -> Self {
        Self { n, decimals }
    }

    /// A number without decimals.
    #[must_use]
    pub fn whole(n: i64) -> Self {
        Self::new(i128::from(n), 0)
    }

    /// Those of [`percent`]; `None` is no data.
    #[must_use]
    pub fn percent(ratio: Ratio, decimals: u32, bands: Option<&Bands>) -> Option<Self> {
        let edges = || bands.into_iter().flat_map(Bands::edges);
        let truthful = |d: &u32| edges().all(|e| agrees(*e, ratio, *d));
        let digits = |decimals| Self::new(rounded(ratio, decimals), decimals);
        let shown = || digits((decimals..=MOST_DECIMALS).find(truthful).unwrap_or(MOST_DECIMALS));
        (ratio.whole > 0).then(shown)
    }

    /// Those of [`seconds_judged`]; `None` is no data.
    #[must_use]
    pub fn seconds(ratio: Ratio, decimals: u32, bands: Option<&Bands>) -> Option<Self> {
        // Three digits are whole milliseconds: finer than any threshold.
        const FINEST: u32 = 3;
        let n = |decimals: u32| {
            half_up(i128::from(ratio.part) * 10_i128.pow(decimals), i128::from(ratio.whole.max(1)) * 1_000)
        };
        let truthful = |decimals: &u32| {
            let printed = i64::try_from(n(*decimals)).unwrap_or(i64::MAX).saturating_mul(1_000);
            let printed = Ratio::new(printed, 10_i64.pow(*decimals));
            bands.into_iter().flat_map(Bands::edges).all(|edge| edge.holds(printed) == edge.holds(ratio))
        };
        let shown = |decimals| Self::new(n(decimals), decimals);
        (ratio.whole > 0).then(|| shown((decimals..FINEST).find(truthful).unwrap_or(decimals.max(FINEST))))
    }

    /// How far it is from another, in the digits of whichever has more.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        let decimals = self.decimals.max(other.decimals);
        let scaled = |of: Self| of.n * 10_i128.pow(decimals - of.decimals);
        Self::new(scaled(self) - scaled(other), decimals)
    }

    /// Whether it is below nothing, nothing, or above.
    #[must_use]
    pub fn order(self) -> Ordering {
        self.n.cmp(&0)
    }

    /// As a difference reads: `−14.2`.
    #[must_use]
    pub fn signed(self) -> String {
        format!("{}{}", self.sign(), fixed(self.n.abs(), self.decimals))
    }

    /// The same of whole seconds: `−0:12`.
    #[must_use]
    pub fn signed_duration(self) -> String {
        let secs = i64::try_from(self.n.abs() / 10_i128.pow(self.decimals)).unwrap_or(i64::MAX);
        format!("{}{}", self.sign(), duration(secs))
    }

    const fn sign(self) -> &'static str {
        match self.n {
            ..0 => "−",
            0 => "±",
            1.. => "+",
        }
    }
}

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&fixed(self.n, self.decimals))
    }
}

/// `part ÷ whole` in percent with `decimals` digits, more where rounding would cross or touch a threshold it has not
/// reached: 2.801 % stays 2.801 %.
#[must_use]
pub fn percent(ratio: Ratio, decimals: u32, bands: Option<&Bands>) -> String {
    Digits::percent(ratio, decimals, bands).map_or_else(|| NO_DATA.to_owned(), |digits| format!("{digits} %"))
}

/// A figure as it is said of its band: where it is not past the edge any more, what it waits for stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub value: String,
    /// ", red until back at 80 %"; empty where the figure is past its edge.
    pub waits: String,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.value, self.waits)
    }
}

/// [`percent`] of a figure of which `said` is said, also where it holds beyond its edge: with as many digits as tell it
/// from the value at which it is well again.
#[must_use]
pub fn percent_said(ratio: Ratio, decimals: u32, bands: Option<&Bands>, said: Band) -> Said {
    let waits = bands.and_then(|bands| bands.waits(said, ratio, exactly));
    let Some(waits) = waits else {
        return Said { value: percent(ratio, decimals, bands), waits: String::new() };
    };
    let still = |edge: Edge, ratio: Ratio| edge.still_holds(ratio);
    let edges = || bands.into_iter().flat_map(Bands::edges);
    let truthful = |d: &u32| edges().all(|edge| agrees(*edge, ratio, *d) && agrees_by(still, *edge, ratio, *d));
    let decimals = (decimals..=MOST_DECIMALS).find(truthful).unwrap_or(MOST_DECIMALS);
    Said { value: percent(ratio, decimals, None), waits: format!(", {waits}") }
}

/// An edge in percent, with as many digits as it has.
fn exactly(edge: Ratio) -> String {
    let fits = |d: &u32| (i128::from(edge.part) * 100 * 10_i128.pow(*d)) % i128::from(edge.whole) == 0;
    percent(edge, (0..MOST_DECIMALS).find(fits).unwrap_or(MOST_DECIMALS), None)
}

/// [`seconds_judged`] of a figure of which `said` is said.
#[must_use]
pub fn seconds_said(ratio: Ratio, decimals: u32, bands: Option<&Bands>, said: Band) -> Said {
    let waits = bands.and_then(|bands| bands.waits(said, ratio, |edge| seconds(edge, 0)));
    let waits = waits.map_or_else(String::new, |waits| format!(", {waits}"));
    Said { value: seconds_judged(ratio, decimals, bands), waits }
}

/// `part ÷ whole`, parts in ms, as seconds.
#[must_use]
pub fn seconds(ratio: Ratio, decimals: u32) -> String {
    seconds_judged(ratio, decimals, None)
}

/// [`seconds`], with more digits where rounding would cross or touch a threshold (in ms) it has not reached.
#[must_use]
pub fn seconds_judged(ratio: Ratio, decimals: u32, bands: Option<&Bands>) -> String {
    Digits::seconds(ratio, decimals, bands).map_or_else(|| NO_DATA.to_owned(), |digits| format!("{digits} s"))
}

/// The decimals of shares that are shown beside a difference in points.
const BESIDE_POINTS: u32 = 1;

/// The difference of two shares in percentage points, signed: `−14.2 pp`. As the two are shown: see [`Digits`].
#[must_use]
pub fn points(now: Ratio, before: Ratio) -> String {
    points_judged(now, before, &[])
}

/// [`points`], with more digits where rounding would cross or touch one of these points in either direction that the
/// difference has not reached: −20.02 is printed so, for it is more than 20.
#[must_use]
pub fn points_judged(now: Ratio, before: Ratio, edges: &[i64]) -> String {
    if now.whole <= 0 || before.whole <= 0 {
        return NO_DATA.to_owned();
    }
    let (w, v) = (i128::from(now.whole), i128::from(before.whole));
    let (by, of) = (i128::from(now.part) * v - i128::from(before.part) * w, w * v);
    let shown =
        |decimals| Digits::new(rounded(now, decimals), decimals).less(Digits::new(rounded(before, decimals), decimals));
    let truthful = |decimals: &u32| {
        let (printed, scale) = (shown(*decimals).n.abs(), 10_i128.pow(*decimals));
        edges.iter().all(|edge| (by.abs() * 100 > i128::from(*edge) * of) == (printed > i128::from(*edge) * scale))
    };
    let decimals = (BESIDE_POINTS..MOST_DECIMALS).find(truthful).unwrap_or(MOST_DECIMALS);
    format!("{} pp", shown(decimals).signed())
}

/// How much more or less than before in percent; with more digits where rounding would cross or touch one of these percents
/// that it has not reached. `None` where there was nothing before.
#[must_use]
pub fn relative_judged(now: Ratio, before: Ratio, edges: &[i64]) -> Option<Digits> {
    let base = i128::from(before.part) * i128::from(now.whole);
    if base <= 0 || before.whole <= 0 {
        return None;
    }
    let by = i128::from(now.part) * i128::from(before.whole) - base;
    let printed = |decimals: u32| half_up(by * 100 * 10_i128.pow(decimals), base);
    let truthful = |decimals: &u32| {
        let (printed, scale) = (printed(*decimals).abs(), 10_i128.pow(*decimals));
        edges.iter().all(|edge| (by.abs() * 100 >= i128::from(*edge) * base) == (printed >= i128::from(*edge) * scale))
    };
    let decimals = (0..MOST_DECIMALS).find(truthful).unwrap_or(MOST_DECIMALS);
    Some(Digits::new(printed(decimals), decimals))
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

/// "1 call", "2,047 calls".
#[must_use]
pub fn calls(n: i64) -> String {
    counted(n, "call", "calls")
}

/// A number of something, with the word for one or for many.
#[must_use]
pub fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Of a route's calls, that so many failed and nobody can tell by whose fault; `None` where none did.
#[must_use]
pub fn without_a_code(unjudged: i64, resolved: i64, said: Band) -> Option<String> {
    let (failed, all) = (count(unjudged), count(resolved));
    let so = if said == Band::Unjudged {
        ": were it the network’s, this would be out, so that it is not judged"
    } else {
        ""
    };
    (unjudged > 0).then(|| format!("{failed} of {all} failed without a code that says whose fault it is{so}."))
}

/// What passes a network: `12.4 MB/s`.
#[must_use]
pub fn bytes_a_second(n: i64) -> String {
    let n = n.max(0);
    match n {
        0..=999 => format!("{n} B/s"),
        1_000..=999_999 => format!("{}.{} kB/s", n / 1_000, n / 100 % 10),
        1_000_000..=999_999_999 => format!("{}.{} MB/s", n / 1_000_000, n / 100_000 % 10),
        _ => format!("{}.{} GB/s", count(n / 1_000_000_000), n / 100_000_000 % 10),
    }
}

/// Said of a rate of too few calls: no digits of it, and what it is past all the same.
#[must_use]
pub fn too_few(beyond: Option<Ratio>) -> String {
    beyond.map_or_else(|| "too few".to_owned(), |edge| format!("over {}", percent(edge, 1, None)))
}

/// A KPI's two counts in digits: times as hours, minutes and seconds.
#[must_use]
pub fn amounts(kpi: &Kpi, ratio: Ratio) -> [String; 2] {
    let [part, whole] = kpi.are_times();
    let said = |is_time: bool, n: i64| if is_time { duration(n / 1_000) } else { count(n) };
    [said(part, ratio.part), said(whole, ratio.whole)]
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

/// The same in whole seconds: of figures that come every few minutes.
#[must_use]
pub fn whole_age(ms: i64) -> String {
    if ms < 10_000 { format!("{} s", ms.max(0) / 1_000) } else { age(ms) }
}

/// What is bound to the number before it.
const UNITS: [&str; 10] = ["%", "pp", "s", "ms", "min", "h", "B/s", "kB/s", "MB/s", "GB/s"];

/// A text of the page whose lines never break between a number and its unit, nor before the dot that parts two of them.
#[must_use]
pub fn kept(text: String) -> String {
    if !text.contains(' ') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(if belongs(&out, word) { '\u{a0}' } else { ' ' });
        }
        out.push_str(word);
    }
    out
}

/// Whether a word stands on the line of what is before it.
fn belongs(before: &str, word: &str) -> bool {
    let unit = word.trim_end_matches(['.', ',', ';', ':', ')', '\u{2026}']);
    let is_money = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    word == "·" || before.ends_with(|c: char| c.is_ascii_digit()) && (is_money || UNITS.contains(&unit))
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
    agrees_by(Edge::holds, edge, ratio, decimals)
}

fn agrees_by(holds: fn(Edge, Ratio) -> bool, edge: Edge, ratio: Ratio, decimals: u32) -> bool {
    let printed = rounded(ratio, decimals);
    let scale = 100 * 10_i128.pow(decimals);
    let (Ok(part), Ok(whole)) = (i64::try_from(printed), i64::try_from(scale)) else { return true };
    holds(edge, Ratio::new(part, whole)) == holds(edge, ratio)
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
    fn a_number_stays_with_its_unit_and_a_dot_with_what_it_follows() {
        let kept = |text: &str| kept(text.to_owned()).replace('\u{a0}', "_");
        assert_eq!(kept("Route beta: 44 % of 312 calls, 0.4 s."), "Route beta: 44_% of 312 calls, 0.4_s.");
        assert_eq!(kept("0 · 0.0 %"), "0_· 0.0_%");
        assert_eq!(
            kept("−5.7 pp against Sat 14 Nov, 12 min (2.50 EUR)"),
            "−5.7_pp against Sat 14 Nov, 12_min (2.50_EUR)"
        );
        assert_eq!(kept("95 % within 30 s; until 14:31"), "95_% within 30_s; until 14:31");
        assert_eq!(
            [kept("row out crit"), kept("4 shown of 12"), kept(" "), kept("")],
            ["row out crit", "4 shown of 12", " ", ""]
        );
    }

    #[test]
    fn one_is_no_plural() {
        let words = |n| counted(n, "more campaign", "more campaigns");
        assert_eq!([0, 1, 2_047].map(words), ["0 more campaigns", "1 more campaign", "2,047 more campaigns"]);
        assert_eq!(calls(1), "1 call");
    }

    #[test]
    fn digits_never_contradict_the_band() {
        let bands = KpiId::AbandonRate.get().bands();
        let p = |part, whole| percent(Ratio::new(part, whole), 1, bands);
        assert_eq!(p(28, 1000), "2.8 %");
        assert_eq!(p(2801, 100_000), "2.801 %");
        assert_eq!(p(1999, 100_000), "1.999 %");
        assert_eq!(p(2, 100), "2.0 %");
        assert_eq!(p(0, 0), NO_DATA);
    }

    #[test]
    fn what_is_said_beyond_its_edge_says_what_it_waits_for() {
        let said =
            |id: KpiId, part, whole, said| percent_said(Ratio::new(part, whole), 0, id.get().bands(), said).to_string();
        let channels = |part, said_| said(KpiId::ChannelUtilisation, part, 1_000, said_);
        assert_eq!(channels(900, Band::Critical), "90 %");
        assert_eq!(channels(820, Band::Critical), "82 %, red until back at 80 %");
        assert_eq!(channels(804, Band::Critical), "80.4 %, red until back at 80 %", "not 80 % yet");
        assert_eq!(said(KpiId::RouteFaultRate, 9, 1_000, Band::Warn), "0.9 %, yellow until below 0.8 %");
        assert_eq!(said(KpiId::OnCallShare, 8_050_000, 10_000_000, Band::Warn), "80.5 %, yellow until back at 81 %");
        assert_eq!(said(KpiId::OnCallShare, 8_950_000, 10_000_000, Band::Warn), "90 %, yellow until back at 89 %");
        let asa = KpiId::Asa.get().bands();
        assert_eq!(seconds_said(Ratio::new(28_000, 1), 0, asa, Band::Warn).waits, ", yellow until below 25 s");
    }

    #[test]
    fn digits_of_differences_never_contradict_the_band_either() {
        let fall = |now, before| points_judged(Ratio::new(now, 10_000), Ratio::new(before, 10_000), &[12, 20]);
        assert_eq!(fall(1_998, 4_000), "−20.02 pp");
        assert_eq!(fall(2_000, 4_000), "−20.0 pp");
        assert_eq!(fall(2_002, 4_000), "−20.0 pp", "no more than 20, as it reads");
        assert_eq!(fall(2_799, 4_000), "−12.01 pp");
        assert_eq!(fall(4_000, 4_000), "±0.0 pp");
        assert_eq!(fall(2_404, 2_396), "±0.0 pp", "24.0 % both");
        assert_eq!(fall(2_406, 2_404), "+0.1 pp", "24.1 % and 24.0 %");
        let less = |now| relative_judged(Ratio::new(now, 60), Ratio::new(10_000, 60), &[20]).map(Digits::signed);
        assert_eq!(less(8_001).as_deref(), Some("−19.99"), "not a fifth yet");
        assert_eq!((less(8_000).as_deref(), less(7_960).as_deref()), (Some("−20"), Some("−20")));
        assert!(relative_judged(Ratio::new(1, 1), Ratio::new(0, 60), &[20]).is_none());
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
        assert_eq!([12, 12_400, 12_400_000].map(bytes_a_second), ["12 B/s", "12.4 kB/s", "12.4 MB/s"]);
        assert_eq!(age(430), "0.4 s");
        assert_eq!(points(Ratio::new(112, 1000), Ratio::new(340, 1000)), "−22.8 pp");
        assert_eq!(seconds(Ratio::new(4_800, 1), 1), "4.8 s");
    }
}
