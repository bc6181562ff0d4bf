//! Bands: what a figure means, decided on exact counts in integers.

use super::catalog::{Direction, KpiId};
use super::format;
use super::value::Ratio;
use crate::domain::Span;
use serde::{Deserialize, Serialize};

/// The state of a figure. Ordered from calm to "act now".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// The KPI has no bands, or there is no data to judge.
    #[default]
    None,
    /// Fewer calls in the denominator than a judgement needs.
    TooFew,
    /// What it is compared with is missing or too small.
    NoBaseline,
    Ok,
    /// Well by what is known, and not by what nobody could tell: as many calls as would put it out failed without a code. After
    /// `Ok`, so that what has such a part is not called well.
    Unjudged,
    Warn,
    Critical,
}

impl Band {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::TooFew => "too_few",
            Self::NoBaseline => "no_baseline",
            Self::Ok => "ok",
            Self::Unjudged => "unjudged",
            Self::Warn => "warn",
            Self::Critical => "critical",
        }
    }

    #[must_use]
    pub const fn is_out(self) -> bool {
        match self {
            Self::Warn | Self::Critical => true,
            Self::None | Self::TooFew | Self::NoBaseline | Self::Ok | Self::Unjudged => false,
        }
    }

    /// Whether the figure is shown hatched: its digits say less than they seem to.
    #[must_use]
    pub const fn is_hatched(self) -> bool {
        match self {
            Self::TooFew | Self::Unjudged => true,
            Self::None | Self::NoBaseline | Self::Ok | Self::Warn | Self::Critical => false,
        }
    }

    /// Whether there was enough to judge.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        match self {
            Self::Ok | Self::Warn | Self::Critical => true,
            Self::None | Self::TooFew | Self::NoBaseline | Self::Unjudged => false,
        }
    }
}

/// Shares are judged from this many calls on (kpis.md, "Small numbers").
pub const ENOUGH: i64 = 20;
/// Abandon rates are judged from this many live answers on.
pub const ENOUGH_LIVE: i64 = 100;
/// Shares of agents' time are judged from this much of it on: one agent who begins with a break is no sign of anything.
pub const ENOUGH_TIME: Span = Span::minutes(30);

/// A share whose part (or the rest, where that is what is counted against it) is smaller is judged by its interval: one
/// failed call of 98 is chance, not a yellow route.
pub const SMALL: i64 = 10;

/// Gauges and shares of time move to and fro across an edge: so long past it before it is said.
pub const HELD: Span = Span::secs(30);

/// One side of a threshold, `part ÷ whole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub side: Side,
    pub part: i64,
    pub whole: i64,
    /// What was past the edge is so until it is back behind this; `None`: behind the edge itself.
    pub back: Option<(i64, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Above,
    AtLeast,
    AtMost,
    Below,
}

impl Edge {
    #[must_use]
    pub const fn new(side: Side, part: i64, whole: i64) -> Self {
        Self { side, part, whole, back: None }
    }

    /// The same, left only at `part ÷ whole`.
    #[must_use]
    pub const fn back_at(self, part: i64, whole: i64) -> Self {
        Self { back: Some((part, whole)), ..self }
    }

    /// Whether the ratio lies on this side; the ratio's whole must be positive.
    #[must_use]
    pub fn holds(self, ratio: Ratio) -> bool {
        self.holds_from(self.part, self.whole, ratio)
    }

    /// Whether a ratio that was on this side has not come back yet.
    #[must_use]
    pub fn still_holds(self, ratio: Ratio) -> bool {
        let (part, whole) = self.back.unwrap_or((self.part, self.whole));
        self.holds_from(part, whole, ratio)
    }

    /// Whether chance alone could have brought a small count to this side.
    fn may_be_chance(self, ratio: Ratio) -> bool {
        let (counted, interval) = match self.side {
            Side::Above | Side::AtLeast => (ratio.part, ratio.wilson().map(|(low, _)| low <= self.value())),
            Side::AtMost | Side::Below => {
                (ratio.whole - ratio.part, ratio.wilson().map(|(_, high)| high >= self.value()))
            }
        };
        counted < SMALL && interval.unwrap_or(false)
    }

    /// Whether the interval lies wholly on this side; of what is no proportion the value alone tells.
    fn is_beyond_chance(self, ratio: Ratio) -> bool {
        match (self.side, ratio.wilson()) {
            (_, None) => true,
            (Side::Above | Side::AtLeast, Some((low, _))) => low > self.value(),
            (Side::AtMost | Side::Below, Some((_, high))) => high < self.value(),
        }
    }

    fn holds_from(self, part: i64, whole: i64, ratio: Ratio) -> bool {
        let left = i128::from(ratio.part) * i128::from(whole);
        let right = i128::from(part) * i128::from(ratio.whole);
        match self.side {
            Side::Above => left > right,
            Side::AtLeast => left >= right,
            Side::AtMost => left <= right,
            Side::Below => left < right,
        }
    }

    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn value(self) -> f64 {
        self.part as f64 / self.whole as f64
    }

    /// When a figure that was past it is well again: "until back at 80 %", "until below 0.8 %".
    fn until(self, print: fn(Ratio) -> String) -> String {
        let (part, whole) = self.back.unwrap_or((self.part, self.whole));
        let back = print(Ratio::new(part, whole));
        match self.side {
            Side::Above | Side::Below => format!("until back at {back}"),
            Side::AtLeast => format!("until below {back}"),
            Side::AtMost => format!("until above {back}"),
        }
    }
}

/// How shares of few calls are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Small {
    /// As they are: what law counts, and what is no chance (time, room).
    Exactly,
    /// By the end of their interval that speaks for them.
    ByInterval,
}

/// A KPI's bands: in none of the edges is ok.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bands {
    pub warn: &'static [Edge],
    pub critical: &'static [Edge],
    /// Denominators below this are not judged.
    pub enough: i64,
    pub small: Small,
    /// Past an edge for this long before it is said; see [`super::held`].
    pub after: Span,
}

impl Bands {
    #[must_use]
    pub const fn new(warn: &'static [Edge], critical: &'static [Edge], enough: i64) -> Self {
        Self { warn, critical, enough, small: Small::Exactly, after: Span::ZERO }
    }

    #[must_use]
    pub const fn by_interval(self) -> Self {
        Self { small: Small::ByInterval, ..self }
    }

    #[must_use]
    pub const fn held_after(self, after: Span) -> Self {
        Self { after, ..self }
    }

    /// What a ratio is by itself, whatever it was before.
    #[must_use]
    pub fn judge(&self, ratio: Ratio) -> Band {
        self.judge_by(ratio, Edge::holds)
    }

    /// What a well figure is where so many of its whole may be of its part, and nobody can tell: well only where it were with all
    /// of them. `otherwise`: what it were then.
    #[must_use]
    pub const fn unless(said: Band, otherwise: Band) -> Band {
        if matches!(said, Band::Ok) && otherwise.is_out() { Band::Unjudged } else { said }
    }

    /// What a ratio is that has been out: as [`Self::judge`], or worse.
    #[must_use]
    pub fn still(&self, ratio: Ratio) -> Band {
        self.judge_by(ratio, Edge::still_holds)
    }

    fn judge_by(&self, ratio: Ratio, holds: fn(Edge, Ratio) -> bool) -> Band {
        let by_chance = |edge: Edge| self.small == Small::ByInterval && edge.may_be_chance(ratio);
        let within = |edges: &[Edge]| edges.iter().any(|e| holds(*e, ratio) && !by_chance(*e));
        if ratio.whole <= 0 {
            Band::None
        } else if ratio.whole < self.enough {
            Band::TooFew
        } else if within(self.critical) {
            Band::Critical
        } else if within(self.warn) {
            Band::Warn
        } else {
            Band::Ok
        }
    }

    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.warn.iter().chain(self.critical)
    }

    /// What a ratio waits for that is said to be worse than it is by itself: "red until back at 80 %". Beside the edge its
    /// digits would contradict what is said of it. `None` where it is what is said.
    #[must_use]
    pub fn waits(&self, said: Band, ratio: Ratio, print: fn(Ratio) -> String) -> Option<String> {
        if ratio.whole <= 0 || said <= self.judge(ratio) {
            return None;
        }
        let (colour, edges) = match said {
            Band::Critical => ("red", self.critical),
            Band::Warn => ("yellow", self.warn),
            Band::None | Band::TooFew | Band::NoBaseline | Band::Ok | Band::Unjudged => return None,
        };
        let edge = edges.iter().find(|edge| edge.still_holds(ratio))?;
        Some(format!("{colour} {}", edge.until(print)))
    }

    /// The red edge that a ratio of too few calls is past all the same, its whole 95 % interval: so much can be said of
    /// them. `None` where they are enough, or fewer than any share is judged by, or where it may be chance.
    #[must_use]
    pub fn beyond_all_the_same(&self, ratio: Ratio) -> Option<&Edge> {
        let past = |edge: &&Edge| edge.holds(ratio) && edge.is_beyond_chance(ratio);
        self.critical.iter().find(past).filter(|_| (ENOUGH..self.enough).contains(&ratio.whole))
    }

    /// What a ratio is whose chance is taken into account, however many calls it has: past an edge where its whole 95 %
    /// interval is. For what sounds an alarm of the last minutes, where a figure passes its edge by chance again and again.
    #[must_use]
    pub fn surely(&self, ratio: Ratio) -> Band {
        self.judge_by(ratio, |edge, ratio| edge.holds(ratio) && edge.is_beyond_chance(ratio))
    }
}

/// How full a single trunk may be: as the whole, but a trunk of some dozen channels is full for a moment again and again.
pub static TRUNK: Bands =
    Bands::new(&[], &[Edge::new(Side::Above, 85, 100).back_at(80, 100)], 1).held_after(Span::minutes(2));

/// How full a machine's processor, memory or disk may be. Of what passes a network nobody knows how much there may be.
pub static LOAD: Bands = Bands::new(
    &[Edge::new(Side::AtLeast, 85, 100).back_at(80, 100)],
    &[Edge::new(Side::Above, 95, 100).back_at(92, 100)],
    1,
)
.held_after(HELD);

/// How much of a team may be on a break; of fewer than four people nothing is said.
pub static BREAKS: Bands = Bands::new(&[Edge::new(Side::AtLeast, 50, 100).back_at(40, 100)], &[], 4).held_after(HELD);

/// Points below its own hours from which on a number is yellow, and red (kpis.md `did_answer_rate`).
pub const DID_POINTS: [i64; 2] = [12, 20];
/// Points within which one that was yellow, or red, is back.
pub const DID_BACK: [i64; 2] = [10, 18];

/// S26, kpis.md `did_answer_rate`: more than 12 points below the baseline is yellow, more than 20 red; neither where the
/// two intervals overlap: of a floor's hundreds of numbers some always fall by chance.
#[must_use]
pub fn did_health(now: Ratio, baseline: Ratio) -> Band {
    let band = did_points(now, baseline, DID_POINTS);
    if band.is_out() && !falls_beyond_chance(now, baseline) { Band::Ok } else { band }
}

/// What [`did_health`] is of a number that was out: it is back within fewer points.
#[must_use]
pub fn still_did_health(now: Ratio, baseline: Ratio) -> Band {
    did_points(now, baseline, DID_BACK)
}

fn did_points(now: Ratio, baseline: Ratio, points: [i64; 2]) -> Band {
    if now.whole <= 0 {
        Band::None
    } else if now.whole < ENOUGH {
        Band::TooFew
    } else if baseline.whole < ENOUGH {
        Band::NoBaseline
    } else if baseline.exceeds_by(now, points[1]) {
        Band::Critical
    } else if baseline.exceeds_by(now, points[0]) {
        Band::Warn
    } else {
        Band::Ok
    }
}

/// Whether the 95 % interval of `now` lies wholly below that of `before`.
fn falls_beyond_chance(now: Ratio, before: Ratio) -> bool {
    match (now.wilson(), before.wilson()) {
        (Some((_, high)), Some((low, _))) => high < low,
        (None, _) | (_, None) => false,
    }
}

/// kpis.md `pdd`: against the hour before, with at least [`ENOUGH`] calls each: 1.5 times is yellow, twice red.
#[must_use]
pub fn pdd_trend(now: Ratio, before: Ratio) -> Band {
    pdd_times(now, before, [15, 20])
}

/// What [`pdd_trend`] is of a country whose calls rang late: until under 1.4 times, or under 1.8.
#[must_use]
pub fn still_pdd_trend(now: Ratio, before: Ratio) -> Band {
    pdd_times(now, before, [14, 18])
}

/// In tenths of the hour before.
fn pdd_times(now: Ratio, before: Ratio, tenths: [i64; 2]) -> Band {
    if now.whole <= 0 {
        Band::None
    } else if now.whole < ENOUGH {
        Band::TooFew
    } else if before.whole < ENOUGH || before.part <= 0 {
        Band::NoBaseline
    } else if now.at_least_times(before, tenths[1], 10) {
        Band::Critical
    } else if now.at_least_times(before, tenths[0], 10) {
        Band::Warn
    } else {
        Band::Ok
    }
}

/// kpis.md `stalled`: at least 20 and over half of that minute's calls is red; once it is, until under a quarter are. Of fewer
/// than 20 calls it can't be: they are too few to say that they are heard.
#[must_use]
pub fn stalled(unheard: i64, started: i64) -> Band {
    if started <= 0 {
        Band::None
    } else if started < ENOUGH {
        Band::TooFew
    } else if unheard >= ENOUGH && unheard * 2 > started {
        Band::Critical
    } else {
        Band::Ok
    }
}

/// What [`stalled`] is of a route that was silent, however few it is still called by: a dialer that meets silence calls less.
#[must_use]
pub fn still_stalled(unheard: i64, started: i64) -> Band {
    if started > 0 && unheard * 4 >= started { Band::Critical } else { stalled(unheard, started) }
}

/// What a route waits for that is said to be silent, and of which half are heard again.
#[must_use]
pub fn stalled_waits(unheard: i64, started: i64) -> Option<&'static str> {
    (!stalled(unheard, started).is_out()).then_some("silent until under a quarter are not heard")
}

/// By chance as many are abandoned once in so many times: it is looked at again and again, of every campaign.
const BY_CHANCE_ONCE_IN: f64 = 100.0;

/// What is happening to people now, before it weighs in the rate of an hour: over the last minutes more are abandoned than
/// the red edge of the abandon rate allows, beyond chance.
#[must_use]
pub fn pacing(abandoned: Ratio) -> Band {
    over_the_red_edge(abandoned, |edge| abandoned.is_surely_above(edge.value(), BY_CHANCE_ONCE_IN))
}

/// What [`pacing`] is of a campaign that abandoned so many: until the last minutes are back at that edge.
#[must_use]
pub fn still_pacing(abandoned: Ratio) -> Band {
    over_the_red_edge(abandoned, |edge| edge.holds(abandoned))
}

/// What it waits for that is said to abandon so many, where the last minutes are not surely over the edge any more.
#[must_use]
pub fn pacing_waits(abandoned: Ratio) -> Option<String> {
    let red = KpiId::AbandonRate.get().bands().and_then(|bands| bands.critical.first())?;
    (pacing(abandoned) != Band::Critical).then(|| format!("red {}", red.until(|ratio| format::percent(ratio, 1, None))))
}

fn over_the_red_edge(abandoned: Ratio, is_over: impl Fn(&Edge) -> bool) -> Band {
    let red = KpiId::AbandonRate.get().bands().and_then(|bands| bands.critical.first());
    let Some(edge) = red.filter(|_| abandoned.whole > 0) else { return Band::None };
    if abandoned.whole < ENOUGH {
        Band::TooFew
    } else if is_over(edge) {
        Band::Critical
    } else {
        Band::Ok
    }
}

/// A campaign of too few live answers to tell its rate by is judged by no band. Past a limit all the same, it is named where as many
/// come by chance less than once in so many times: it is looked at for an hour, and of every campaign.
const SURELY_ONCE_IN: f64 = 1_000.0;

/// Whether so few live answers of the hour, too few to be judged, are surely past the red edge, and without the last minutes too:
/// those have a word of their own, and of some of them nobody can have told an agent yet.
#[must_use]
pub fn is_surely_past(hour: Ratio, lately: Ratio) -> bool {
    let edge = KpiId::AbandonRate.get().bands().and_then(|bands| bands.beyond_all_the_same(hour));
    let before = Ratio::new(hour.part - lately.part, hour.whole - lately.whole);
    let surely = |ratio: Ratio, edge: &Edge| ratio.is_surely_above(edge.value(), SURELY_ONCE_IN);
    edge.is_some_and(|edge| surely(hour, edge) && surely(before, edge))
}

/// Whether those of a period are surely past its limit.
#[must_use]
pub fn is_surely_past_limit(abandoned: Ratio, limit: Ratio) -> bool {
    limit.value().is_some_and(|limit| abandoned.is_surely_above(limit, SURELY_ONCE_IN))
}

/// Whether what a campaign abandons is over, though the hour shows it: the last quarter of it is well by itself, as far as so few
/// calls can be.
#[must_use]
pub fn has_eased(abandoned_15m: Ratio) -> bool {
    let mut edges = KpiId::AbandonRate.get().bands().into_iter().flat_map(Bands::edges);
    abandoned_15m.whole >= ENOUGH && !edges.any(|edge| edge.holds(abandoned_15m))
}

/// Whether so many of one's calls fail that it is that one, and not what all have in common: twice the others', beyond chance, or
/// there are hardly any others.
#[must_use]
pub fn stands_out(own: Ratio, others: Ratio) -> bool {
    others.whole < ENOUGH || (own.at_least_times(others, 2, 1) && falls_beyond_chance(others, own))
}

/// What [`stands_out`] is of one that did: until it is less than half as bad again.
#[must_use]
pub fn still_stands_out(own: Ratio, others: Ratio) -> bool {
    others.whole < ENOUGH || own.at_least_times(others, 3, 2)
}

/// Whether a route that fails over five minutes has stopped to: its last minute is judged well by itself.
#[must_use]
pub fn recovers(faults_1m: Ratio) -> bool {
    KpiId::RouteFaultRate.get().read_ratio(faults_1m).band == Band::Ok
}

/// kpis.md `connect_rate`: falling is at least 20 % under the baseline with disjoint intervals.
#[must_use]
pub fn connect_trend(now: Ratio, baseline: Ratio) -> Band {
    let band = connect_below(now, baseline, 80);
    if band.is_out() && !falls_beyond_chance(now, baseline) { Band::Ok } else { band }
}

/// What [`connect_trend`] is of a campaign that reached fewer: until it is less than 15 % under the baseline.
#[must_use]
pub fn still_connect_trend(now: Ratio, baseline: Ratio) -> Band {
    connect_below(now, baseline, 85)
}

/// At most so many percent of the baseline.
fn connect_below(now: Ratio, baseline: Ratio, percent: i64) -> Band {
    if now.whole <= 0 {
        Band::None
    } else if now.whole < ENOUGH {
        Band::TooFew
    } else if baseline.whole < ENOUGH {
        Band::NoBaseline
    } else if baseline.at_least_times(now, 100, percent) {
        Band::Warn
    } else {
        Band::Ok
    }
}

/// Standard deviations of the last minutes: they are looked at again and again, and by chance a campaign is nearly never
/// so far below.
const SURELY: f64 = 3.0;

/// Whether a list dries just now, before it weighs in the hour: the last minutes are surely a fifth under the baseline.
#[must_use]
pub fn connect_lately(now: Ratio, baseline: Ratio) -> Band {
    let falls = match (now.interval(SURELY), baseline.wilson()) {
        (Some((_, high)), Some((low, _))) => high < low * 0.8,
        (None, _) | (_, None) => false,
    };
    let band = connect_below(now, baseline, 80);
    if band.is_out() && !falls { Band::Ok } else { band }
}

/// kpis.md `connect_rate`: more are abandoned than at these hours where it is half a point more, and beyond chance: one
/// call more of two hundred is half a point, and says nothing.
#[must_use]
pub fn abandon_trend(now: Ratio, before: Ratio) -> Band {
    let band = abandoned_above(now, before, 200);
    if band.is_out() && !falls_beyond_chance(before, now) { Band::Ok } else { band }
}

/// What [`abandon_trend`] is of a campaign that abandoned more: until it is less than a quarter of a point.
#[must_use]
pub fn still_abandon_trend(now: Ratio, before: Ratio) -> Band {
    abandoned_above(now, before, 400)
}

/// At least one in so many more than before.
fn abandoned_above(now: Ratio, before: Ratio, one_in: i128) -> Band {
    let (p, w) = (i128::from(now.part), i128::from(now.whole));
    let (q, v) = (i128::from(before.part), i128::from(before.whole));
    if w <= 0 {
        Band::None
    } else if now.whole < ENOUGH_LIVE {
        Band::TooFew
    } else if before.whole < ENOUGH_LIVE {
        Band::NoBaseline
    // a − b ≥ 1 ÷ n  ⇔  n·(p·v − q·w) ≥ w·v
    } else if one_in * (p * v - q * w) >= w * v {
        Band::Warn
    } else {
        Band::Ok
    }
}

/// What a figure is judged by that is compared with what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// How often a number is picked up.
    Answers,
    /// Whom a campaign reaches.
    Connects,
    /// How long a country's calls take to ring.
    Rings,
}

impl Trend {
    /// What it is compared with, in words.
    #[must_use]
    pub const fn before(self) -> &'static str {
        match self {
            Self::Answers | Self::Connects => "against the same clock hours of the 7 days before",
            Self::Rings => "against the hour before",
        }
    }

    /// What it is by itself.
    #[must_use]
    pub fn judge(self, now: Ratio, before: Ratio) -> Band {
        match self {
            Self::Answers => did_health(now, before),
            Self::Connects => connect_trend(now, before),
            Self::Rings => pdd_trend(now, before),
        }
    }

    /// What it is once it was out.
    #[must_use]
    pub fn still(self, now: Ratio, before: Ratio) -> Band {
        match self {
            Self::Answers => still_did_health(now, before),
            Self::Connects => still_connect_trend(now, before),
            Self::Rings => still_pdd_trend(now, before),
        }
    }

    /// For how long it has to be worse before it is said.
    #[must_use]
    pub const fn after(self) -> Span {
        match self {
            Self::Answers | Self::Connects => Span::ZERO,
            Self::Rings => HELD,
        }
    }
}

/// What a figure is, for comparing it with another day's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A share of calls: its part lies within its whole, and chance moves it.
    Share,
    /// A mean over calls, its whole.
    Mean,
    /// A count of calls, its part, over a stretch of time.
    Volume,
}

/// Percent away from the day compared with from which on a day is out of range.
pub const OUT_OF_RANGE: i64 = 20;

/// S39: a day against the same day of the week before. Out of range ([`Band::Critical`]) is a fifth away from it or
/// more, to the worse where one way is worse, and of shares with disjoint intervals.
#[must_use]
pub fn against_before(now: Ratio, before: Ratio, sort: Sort, better: Direction) -> Band {
    let few = |ratio: Ratio| match sort {
        Sort::Share | Sort::Mean => ratio.whole < ENOUGH,
        Sort::Volume => ratio.part < ENOUGH,
    };
    if now.whole <= 0 {
        return Band::None;
    }
    if before.whole <= 0 {
        return Band::NoBaseline;
    }
    match (few(now), few(before)) {
        (_, true) => return Band::NoBaseline,
        (true, false) => return Band::TooFew,
        (false, false) => {}
    }
    let above = now.at_least_times(before, 100 + OUT_OF_RANGE, 100);
    let below = before.at_least_times(now, 100, 100 - OUT_OF_RANGE);
    let (higher, lower) = match (sort, now.wilson(), before.wilson()) {
        (Sort::Share, Some((now_low, now_high)), Some((low, high))) => (now_low > high, now_high < low),
        (Sort::Share | Sort::Mean | Sort::Volume, _, _) => (true, true),
    };
    let out = match better {
        Direction::Higher => below && lower,
        Direction::Lower => above && higher,
        Direction::Neither => (below && lower) || (above && higher),
    };
    if out { Band::Critical } else { Band::Ok }
}

/// S25: why a connect rate falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Diagnosis {
    /// Connect rate down, abandon rate not surely up.
    List,
    /// Connect rate down, abandon rate up by at least half a point, beyond chance.
    Pacing,
}

impl Diagnosis {
    /// `None` unless the connect rate is falling; of the two trends what is said of them ([`super::held`]).
    #[must_use]
    pub fn of(connect: Band, abandon: Band) -> Option<Self> {
        connect.is_out().then_some(if abandon.is_out() { Self::Pacing } else { Self::List })
    }

    /// What it says of the abandon rate.
    #[must_use]
    pub const fn abandon_trend(self) -> Band {
        match self {
            Self::List => Band::Ok,
            Self::Pacing => Band::Warn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that the test is the same each time (Marsaglia, "Xorshift RNGs", 2003).
    fn dice(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            #[allow(clippy::cast_precision_loss)]
            let share = (state >> 11) as f64 / (1_u64 << 53) as f64;
            share
        }
    }

    /// Calls of ten seconds of a campaign whose list is as it always was, and reaches so many.
    fn ten_seconds(calls: i64, share: f64, roll: &mut impl FnMut() -> f64) -> Ratio {
        let reached = (0..calls).filter(|_| roll() < share).count();
        Ratio::new(i64::try_from(reached).unwrap_or(0), calls)
    }

    fn sum(of: &[Ratio]) -> Ratio {
        of.iter().fold(Ratio::default(), |mut sum, one| {
            sum += *one;
            sum
        })
    }

    #[test]
    fn chance_alone_dries_no_list() {
        let (mut roll, mut alarms) = (dice(42), 0);
        // 24 campaigns of all sizes for ten hours, looked at each ten seconds, over three and over five minutes.
        for campaign in 0..24 {
            let (calls, share) = (2 + campaign % 12, 0.06 + 0.02 * f64::from(i32::try_from(campaign % 8).unwrap_or(0)));
            let baseline = Ratio::new((share * 10_000.0) as i64, 10_000);
            let all: Vec<Ratio> = (0..3_600).map(|_| ten_seconds(calls, share, &mut roll)).collect();
            let out = |window: usize| all.windows(window).filter(|w| connect_lately(sum(w), baseline).is_out()).count();
            alarms += usize::from(out(18) > 0) + usize::from(out(30) > 0);
        }
        assert_eq!(alarms, 0, "campaigns that were said to reach fewer");
    }

    #[test]
    fn a_list_that_reaches_a_quarter_is_mostly_seen_within_four_minutes() {
        let (mut roll, mut seen_after, share) = (dice(7), Vec::new(), 0.108);
        let baseline = Ratio::new(10_800, 100_000);
        for _ in 0..100 {
            let mut all: Vec<Ratio> = (0..30).map(|_| ten_seconds(13, share, &mut roll)).collect();
            let seen = (1..60).find(|_| {
                all.push(ten_seconds(13, share / 4.0, &mut roll));
                let lately = |n: usize| sum(&all[all.len() - n..]);
                [18, 30].into_iter().any(|n| connect_lately(lately(n), baseline).is_out())
            });
            seen_after.push(seen.map_or(600, |tens| tens * 10));
        }
        seen_after.sort_unstable();
        let [half, most, all] = [50, 90, 99].map(|n| seen_after[n]);
        assert!(half <= 200 && most <= 260 && all <= 360, "{half}, {most}, {all} s: {seen_after:?}");
    }

    #[test]
    fn did_boundaries_are_exact() {
        let base = Ratio::new(400, 1000);
        for (answered, band) in [(280, Band::Ok), (279, Band::Warn), (200, Band::Warn), (199, Band::Critical)] {
            assert_eq!(did_health(Ratio::new(answered, 1000), base), band, "{answered}");
        }
        assert_eq!(did_health(Ratio::new(0, 19), base), Band::TooFew);
        assert_eq!(did_health(Ratio::new(0, 20), Ratio::new(9, 19)), Band::NoBaseline);
    }

    #[test]
    fn of_a_few_calls_chance_makes_no_fall() {
        let base = Ratio::new(400, 1_000);
        assert_eq!(did_health(Ratio::new(4, 20), base), Band::Ok, "20 points below, and 4 of 20 may be 42 %");
        assert_eq!(did_health(Ratio::new(1, 20), base), Band::Critical);
    }

    #[test]
    fn too_few_live_answers_are_past_the_limit_where_no_chance_explains_it() {
        let past = [(29, 86), (3, 21), (4, 23), (5, 23), (19, 19), (99, 100)]
            .map(|(n, of)| is_surely_past(Ratio::new(n, of), Ratio::default()));
        assert!(!is_surely_past(Ratio::new(9, 39), Ratio::new(9, 39)), "of the last minutes others speak");
        assert_eq!(past, [true, false, false, true, false, false], "nor fewer than 20, nor of enough to be judged");
        assert!(is_surely_past_limit(Ratio::new(29, 86), Ratio::new(3, 100)));
        assert!(!is_surely_past_limit(Ratio::new(3, 21), Ratio::new(3, 100)));
    }

    #[test]
    fn one_of_which_twice_as_many_fail_stands_out_and_until_it_is_half_as_many_again() {
        let r = Ratio::new;
        assert!(
            stands_out(r(34, 40), r(2, 100)) && stands_out(r(8, 100), r(1, 19)),
            "or there are no others to speak of"
        );
        assert!(!stands_out(r(90, 100), r(46, 100)) && !stands_out(r(3, 30), r(2, 40)), "may be chance");
        assert!(still_stands_out(r(90, 100), r(60, 100)) && !still_stands_out(r(90, 100), r(61, 100)));
    }

    #[test]
    fn a_small_count_is_judged_by_its_interval_and_a_greater_one_exactly() {
        let of = |part, whole| KpiId::RouteFaultRate.get().read_ratio(Ratio::new(part, whole)).band;
        assert_eq!([of(1, 98), of(5, 98), of(9, 98)], [Band::Ok, Band::Warn, Band::Warn]);
        assert_eq!(
            [of(10, 1_001), of(10, 1_000), of(10, 200), of(11, 219)],
            [Band::Ok, Band::Warn, Band::Warn, Band::Critical]
        );
        let inbound = |part, whole| KpiId::InboundAnswerRate.get().read_ratio(Ratio::new(part, whole)).band;
        assert_eq!([inbound(37, 40), inbound(30, 40), inbound(190, 200)], [Band::Ok, Band::Warn, Band::Warn]);
        let law = |part, whole| KpiId::AbandonRate.get().read_ratio(Ratio::new(part, whole)).band;
        assert_eq!(
            [law(1, 100), law(2, 100), law(3, 100)],
            [Band::Ok, Band::Warn, Band::Critical],
            "law counts exactly"
        );
    }

    #[test]
    fn what_happens_to_people_now_is_told_before_it_weighs_in_the_hour() {
        assert_eq!(pacing(Ratio::new(0, 0)), Band::None);
        assert_eq!(pacing(Ratio::new(9, 19)), Band::TooFew);
        assert_eq!([pacing(Ratio::new(2, 60)), pacing(Ratio::new(8, 61))], [Band::Ok, Band::Critical]);
        assert_eq!(
            [pacing(Ratio::new(3, 21)), pacing(Ratio::new(4, 31))],
            [Band::Ok; 2],
            "as 2.8 % do by chance each fiftieth time"
        );
        assert_eq!([still_pacing(Ratio::new(1, 35)), still_pacing(Ratio::new(1, 36))], [Band::Critical, Band::Ok]);
        assert_eq!(
            [(0, 20), (1, 49), (1, 51), (0, 19)].map(|(n, of)| has_eased(Ratio::new(n, of))),
            [true, false, true, false]
        );
    }

    #[test]
    fn stalled_needs_twenty_and_over_half() {
        assert_eq!([still_stalled(10, 40), still_stalled(9, 40)], [Band::Critical, Band::Ok]);
        assert_eq!(stalled(20, 39), Band::Critical);
        assert_eq!(stalled(20, 40), Band::Ok);
        assert_eq!(stalled(0, 20), Band::Ok);
        assert_eq!(
            [stalled(19, 19), stalled(0, 1)],
            [Band::TooFew; 2],
            "so few can't be silent, nor be said to be heard"
        );
        assert_eq!(stalled(0, 0), Band::None);
        let still = [still_stalled(4, 16), still_stalled(3, 16), still_stalled(0, 0)];
        assert_eq!(still, [Band::Critical, Band::TooFew, Band::None]);
    }

    #[test]
    fn pdd_boundaries_are_exact() {
        let before = Ratio::new(20_000, 20);
        for (ms, band) in [(29_999, Band::Ok), (30_000, Band::Warn), (39_999, Band::Warn), (40_000, Band::Critical)] {
            assert_eq!(pdd_trend(Ratio::new(ms, 20), before), band, "{ms}");
        }
    }

    #[test]
    fn a_day_is_out_of_range_a_fifth_away_and_only_to_the_worse() {
        use Direction::{Higher, Lower, Neither};
        let before = Ratio::new(4_000, 10_000);
        let share = |part, better| against_before(Ratio::new(part, 10_000), before, Sort::Share, better);
        assert_eq!([3_201, 3_200].map(|part| share(part, Higher)), [Band::Ok, Band::Critical]);
        assert_eq!([4_799, 4_800].map(|part| share(part, Lower)), [Band::Ok, Band::Critical]);
        assert_eq!((share(4_800, Higher), share(3_200, Lower)), (Band::Ok, Band::Ok), "better");
        assert_eq!((share(4_800, Neither), share(3_200, Neither)), (Band::Critical, Band::Critical));
        let noise = against_before(Ratio::new(6, 20), Ratio::new(8, 20), Sort::Share, Higher);
        assert_eq!(noise, Band::Ok, "the intervals overlap");
        let volume = |now, before| against_before(Ratio::new(now, 600), Ratio::new(before, 600), Sort::Volume, Neither);
        assert_eq!((volume(480, 600), volume(481, 600), volume(720, 600)), (Band::Critical, Band::Ok, Band::Critical));
        let few = |now, before| against_before(Ratio::new(1, now), Ratio::new(1, before), Sort::Share, Lower);
        assert_eq!(
            [few(0, 50), few(19, 50), few(20, 19), few(20, 0)],
            [Band::None, Band::TooFew, Band::NoBaseline, Band::NoBaseline]
        );
    }

    #[test]
    fn more_abandoned_is_half_a_point_and_beyond_chance_and_stays_for_a_quarter() {
        let usual = Ratio::new(1_500, 100_000);
        let trend = |abandoned, live| abandon_trend(Ratio::new(abandoned, live), usual);
        assert_eq!([trend(199, 10_000), trend(200, 10_000)], [Band::Ok, Band::Warn]);
        assert_eq!(trend(4, 200), Band::Ok, "half a point, and one call");
        assert_eq!([trend(3, 99), abandon_trend(usual, Ratio::new(0, 99))], [Band::TooFew, Band::NoBaseline]);
        let still = |abandoned| still_abandon_trend(Ratio::new(abandoned, 10_000), usual);
        assert_eq!([still(175), still(174)], [Band::Warn, Band::Ok]);
    }

    #[test]
    fn what_a_falling_connect_rate_is_put_down_to() {
        assert_eq!(Diagnosis::of(Band::Warn, Band::Warn), Some(Diagnosis::Pacing));
        assert_eq!(Diagnosis::of(Band::Warn, Band::TooFew), Some(Diagnosis::List));
        assert_eq!(Diagnosis::of(Band::Ok, Band::Warn), None);
    }

    #[test]
    fn a_fall_stays_until_it_is_well_back() {
        let usual = Ratio::new(10_000, 100_000);
        let now = |reached| Ratio::new(reached, 10_000);
        assert_eq!([connect_trend(now(800), usual), connect_trend(now(801), usual)], [Band::Warn, Band::Ok]);
        let still = |reached| still_connect_trend(now(reached), usual);
        assert_eq!([still(850), still(851)], [Band::Warn, Band::Ok]);
    }
}
